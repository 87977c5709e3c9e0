-- Where a bounded walk ended, if it was cut off at all.
SELECT walked.at, walked.id FROM ({walk}) AS walked ORDER BY walked.at DESC {nulls}, walked.id DESC OFFSET %(limit)s - 1 LIMIT 1

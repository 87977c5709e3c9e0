-- Those of a bounded walk whose detail holds some words; the walk stops when the page is full.
-- In the order of the walk itself, so that nothing is sorted.
SELECT walked.* FROM ({walk}) AS walked
WHERE walked.detail::text ILIKE %(words)s
ORDER BY walked.at DESC {nulls}, walked.id DESC
LIMIT %(page)s

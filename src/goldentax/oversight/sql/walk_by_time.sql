-- A page of the trail by time alone, the newest first. No time is empty: NULLS LAST names the index by time.
SELECT a.id, a.at, a.category, a.actor, a.action, a.subject, a.request_id, a.detail
FROM kernel_audit AS a
WHERE {conditions}
ORDER BY a.at DESC NULLS LAST, a.id DESC
LIMIT %(limit)s

-- A page of the trail for some values of one column: each value's index is walked from the newest, the walks are merged.
-- By its order the index by time cannot serve here, however few rows PostgreSQL thinks it would have to pass.
SELECT found.*
FROM unnest(%(values)s::text[]) AS one(value)
CROSS JOIN LATERAL (
    SELECT a.id, a.at, a.category, a.actor, a.action, a.subject, a.request_id, a.detail
    FROM kernel_audit AS a
    WHERE a.{column} = one.value AND {conditions}
    ORDER BY a.at DESC, a.id DESC
    LIMIT %(limit)s
) AS found
ORDER BY found.at DESC, found.id DESC
LIMIT %(limit)s

-- Privileged actions and grants of a period, by action.
SELECT action, count(*) AS count, count(DISTINCT split_part(split_part(actor, ':', 2), '@', 1)) AS people,
       max(at) AS last_at
FROM kernel_audit
WHERE category IN ('privileged', 'grant') AND category <> 'change' AND at >= %(from)s AND at < %(to)s
GROUP BY action ORDER BY count DESC, action LIMIT %(limit)s

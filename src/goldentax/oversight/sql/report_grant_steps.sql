-- Steps of granting in a period, by step.
SELECT action, count(*) AS count,
       count(DISTINCT coalesce(nullif(detail ->> 'person', ''), subject)) AS people, max(at) AS last_at
FROM kernel_audit
WHERE category = 'grant' AND category <> 'change' AND at >= %(from)s AND at < %(to)s
GROUP BY action ORDER BY count DESC, action LIMIT %(limit)s

-- What segregation of duties refused in a period.
SELECT at, actor, coalesce(nullif(detail ->> 'person', ''), split_part(subject, 'person:', 2)) AS person,
       coalesce(detail ->> 'refusal', '') AS rule, coalesce(detail ->> 'tried', action) AS action
FROM kernel_audit
WHERE category = 'grant' AND category <> 'change' AND at >= %(from)s AND at < %(to)s
  AND action = 'oversight.segregation.near-miss'
ORDER BY at DESC LIMIT %(limit)s

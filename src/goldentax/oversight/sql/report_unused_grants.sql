-- Grants given in a period whose holder has done nothing since, as far as the trail knows.
WITH given AS (
    SELECT coalesce(nullif(detail ->> 'person', ''), nullif(split_part(subject, 'person:', 2), '')) AS person,
           action || coalesce(' ' || nullif(concat_ws(' ', detail ->> 'kind', detail ->> 'code', detail ->> 'duty'), ''), '')
               AS what,
           at AS granted_at, actor AS granted_by
    FROM kernel_audit
    WHERE category = 'grant' AND category <> 'change' AND at >= %(from)s AND at < %(to)s
      AND action ~ '\.(approve|appoint|grant|give|add)$'
)
SELECT person, what, granted_at, granted_by
FROM given
WHERE person IS NOT NULL
  AND NOT EXISTS (
      SELECT FROM unnest(ARRAY['web:', 'api:', 'cli:']) AS door
      JOIN LATERAL (
          SELECT FROM kernel_audit AS used
          WHERE used.actor >= door || given.person AND used.actor < door || given.person || U&'\+10FFFF'
            AND used.at > given.granted_at
          LIMIT 1
      ) AS any_use ON true
  )
ORDER BY granted_at DESC LIMIT %(limit)s

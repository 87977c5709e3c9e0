-- Looks at personal data in a period, by person.
WITH looked AS (
    SELECT split_part(split_part(actor, ':', 2), '@', 1) AS person, subject, at
    FROM kernel_audit
    WHERE category = 'look' AND category <> 'change' AND at >= %(from)s AND at < %(to)s
      AND action = 'kernel.personal-data.look'
)
SELECT person, count(*) AS count, count(DISTINCT subject) AS subjects,
       (
           SELECT coalesce(max(looks), 0) FROM oversight_look_hour AS hours
           WHERE hours.person_id = looked.person AND hours.hour >= %(from)s AND hours.hour < %(to)s
       ) AS busiest,
       max(at) AS last_at
FROM looked GROUP BY person ORDER BY count DESC, person LIMIT %(limit)s

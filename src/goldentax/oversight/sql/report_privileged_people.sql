-- Privileged actions of a period, by person; night is 20:00 to 7:00 by the clock on the wall.
SELECT split_part(split_part(actor, ':', 2), '@', 1) AS person, count(*) AS count, count(DISTINCT action) AS actions,
       count(*) FILTER (
           WHERE extract(isodow FROM at AT TIME ZONE %(zone)s) > 5
              OR extract(hour FROM at AT TIME ZONE %(zone)s) NOT BETWEEN 7 AND 19
       ) AS off_hours,
       max(at) AS last_at
FROM kernel_audit
WHERE category = 'privileged' AND category <> 'change' AND at >= %(from)s AND at < %(to)s
GROUP BY 1 ORDER BY count DESC, person LIMIT %(limit)s

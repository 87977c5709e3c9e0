-- Networks with refused sign-ins in a period, and how many got in from there afterwards.
WITH failed AS (
    SELECT network, count(*) AS count, count(DISTINCT login_digest) AS logins, min(at) AS first_at, max(at) AS last_at
    FROM oversight_sign_in
    WHERE NOT has_succeeded AND at >= %(from)s AND at < %(to)s
    GROUP BY network ORDER BY count DESC, network LIMIT %(limit)s
)
SELECT failed.network, failed.count, failed.logins, coalesce(later.succeeded, 0) AS succeeded, failed.last_at
FROM failed
LEFT JOIN (
    SELECT network, count(*) AS succeeded FROM oversight_sign_in
    WHERE has_succeeded AND at >= %(from)s AND at < %(to)s GROUP BY network
) AS later ON later.network = failed.network
ORDER BY failed.count DESC, failed.network

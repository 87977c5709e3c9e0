-- All that a sign-in is judged by, in one row: known device, known network, last success, own hours, attacks around it.
SELECT
    EXISTS (
        SELECT FROM oversight_device
        WHERE person_id = %(person_id)s AND device = %(device)s AND device <> '' AND forgotten_at IS NULL
    ),
    EXISTS (
        SELECT FROM oversight_sign_in
        WHERE person_id = %(person_id)s AND at > %(habit_from)s AND has_succeeded AND network = %(network)s
    ),
    last.network,
    last.at,
    (
        SELECT array_agg(ARRAY[hour, times]) FROM (
            SELECT extract(hour FROM at AT TIME ZONE %(zone)s)::int AS hour, count(*)::int AS times
            FROM oversight_sign_in
            WHERE person_id = %(person_id)s AND at > %(habit_from)s AND has_succeeded
            GROUP BY 1
        ) AS own
    ),
    (
        SELECT count(DISTINCT login_digest) FROM (
            SELECT login_digest FROM oversight_sign_in
            WHERE network = %(network)s AND at > %(spray_from)s AND at <= %(at)s AND NOT has_succeeded
            ORDER BY at DESC LIMIT %(spray_max)s
        ) AS failed
    ),
    (
        SELECT count(DISTINCT network) FROM (
            SELECT network FROM oversight_sign_in
            WHERE login_digest = %(login_digest)s AND at > %(stuff_from)s AND at <= %(at)s AND NOT has_succeeded
              AND network <> %(network)s
            ORDER BY at DESC LIMIT %(spray_max)s
        ) AS tried
    )
FROM (SELECT 1) AS one
LEFT JOIN LATERAL (
    SELECT network, at FROM oversight_sign_in
    WHERE person_id = %(person_id)s AND person_id <> '' AND at <= %(at)s AND has_succeeded
    ORDER BY at DESC LIMIT 1
) AS last ON true

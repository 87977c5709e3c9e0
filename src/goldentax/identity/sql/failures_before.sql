-- What failed within the window before an attempt: of its device, its login name here and everywhere, its network.
SELECT
    count(*) FILTER (WHERE is_login AND device_digest <> '' AND device_digest = %(device_digest)s) AS of_device,
    count(*) FILTER (WHERE is_login AND is_here AND device_digest = '') AS of_login_here,
    count(*) FILTER (WHERE is_here AND device_digest = '') AS of_network,
    count(*) FILTER (WHERE is_login AND device_digest = '') AS of_login,
    min(at) FILTER (WHERE is_login AND is_here AND device_digest = '') AS first_of_login_here,
    min(at) FILTER (WHERE is_here AND device_digest = '') AS first_of_network,
    max(at) FILTER (WHERE is_login AND device_digest = '') AS last_of_login
FROM (
    SELECT device_digest, at, login_digest = %(login_digest)s AS is_login, network = %(network)s AS is_here
    FROM identity_sign_in_attempt
    WHERE (login_digest = %(login_digest)s OR network = %(network)s)
        AND at > %(since)s AND has_failed AND id < %(attempt_id)s
) AS earlier

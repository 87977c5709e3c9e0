-- Count an attempt to sign in before it is looked at.
INSERT INTO identity_sign_in_attempt (login_digest, network, device_digest, at, has_failed)
VALUES (%(login_digest)s, %(network)s, %(device_digest)s, %(at)s, true)
RETURNING id

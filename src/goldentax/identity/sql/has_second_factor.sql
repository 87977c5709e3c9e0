-- Whether a person has anything that may be asked for besides a password.
SELECT
    EXISTS (
        SELECT FROM identity_authenticator
        WHERE person_id = %(person)s AND removed_at IS NULL AND confirmed_at IS NOT NULL
    )
    OR EXISTS (SELECT FROM identity_passkey WHERE person_id = %(person)s AND removed_at IS NULL)
    OR EXISTS (SELECT FROM identity_mobile_number WHERE person_id = %(person)s AND removed_at IS NULL)

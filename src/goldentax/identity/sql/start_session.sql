-- Begin a session, and note with its person that they signed in.
WITH signed_in AS (
    UPDATE identity_person SET last_login = %(now)s WHERE id = %(person)s
)
INSERT INTO identity_session (
    public_id, person_id, key_digest, device_digest, network, user_agent, started_at, seen_at, end_reason,
    assurance, raised_assurance, methods, acting_for
)
VALUES (
    %(public_id)s, %(person)s, %(key_digest)s, %(device_digest)s, %(network)s, %(user_agent)s, %(now)s, %(now)s, '',
    %(assurance)s, 0, %(methods)s, %(acting_for)s
)

-- Grants of a generated world, in bulk.
COPY authority_grant (public_id, person_id, kind, code, title, office_code, taxpayers, fields, scope_key, valid_from,
                      valid_to, state, reason, note, requested_at, decided_at, granted_at, ended_by, revision)
FROM STDIN

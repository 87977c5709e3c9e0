-- Everything that was ever granted to some persons.
SELECT id, person_id::text, kind, code, office_code, taxpayers, fields, valid_from, valid_to, granted_at, ended_at,
       public_id::text
FROM authority_grant
WHERE granted_at IS NOT NULL AND person_id = ANY(%(persons)s::uuid[])

-- Everything that was granted and had not ended by a moment.
SELECT id, person_id::text, kind, code, office_code, taxpayers, fields, valid_from, valid_to, granted_at, ended_at,
       public_id::text
FROM authority_grant
WHERE granted_at IS NOT NULL AND (ended_at IS NULL OR ended_at > %(since)s)

-- The same of the persons of whose grants one changed after a version; a person who holds nothing any more has one row
-- without a grant.
WITH changed AS (SELECT DISTINCT person_id FROM authority_grant WHERE revision > %(known)s)
SELECT held.id, changed.person_id::text, held.kind, held.code, held.office_code, held.taxpayers, held.fields,
       held.valid_from, held.valid_to, held.granted_at, held.ended_at, held.public_id::text
FROM changed
LEFT JOIN authority_grant held
       ON held.person_id = changed.person_id
      AND held.granted_at IS NOT NULL AND (held.ended_at IS NULL OR held.ended_at > %(since)s)

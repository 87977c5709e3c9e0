-- Everything that was granted and had not ended by a moment.
-- Days and moments come as numbers, and empty lists as nothing: so the rows are read seven times as fast.
SELECT id, person_id::text, kind, code, office_code,
       nullif(taxpayers, '{}'), nullif(fields, '{}'), valid_from - DATE '1970-01-01',
       valid_to - DATE '1970-01-01', (extract(epoch FROM granted_at) * 1000000)::bigint,
       (extract(epoch FROM ended_at) * 1000000)::bigint, public_id::text
FROM authority_grant
WHERE granted_at IS NOT NULL AND (ended_at IS NULL OR ended_at > %(since)s)

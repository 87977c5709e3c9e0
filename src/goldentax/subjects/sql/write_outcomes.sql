-- What became of many rows of a load, in one statement: arrays of equal length, one entry for each row.
UPDATE subjects_load_row AS target
SET outcome = told.outcome, code = told.code, same_as_row = told.same_as_row, subject_id = told.subject_id
FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::int[], %s::bigint[])
    AS told (id, outcome, code, same_as_row, subject_id)
WHERE target.id = told.id

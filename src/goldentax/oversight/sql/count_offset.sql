-- The trail's count of transactions, moved on: for a database restored into another cluster.
CREATE OR REPLACE FUNCTION kernel_audit_offset() RETURNS bigint LANGUAGE sql STABLE AS $$ SELECT {offset}::bigint $$;

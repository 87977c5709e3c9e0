-- The trail's count of transactions, moved on: for a database restored into another cluster.
CREATE OR REPLACE FUNCTION kernel_audit_tx() RETURNS bigint LANGUAGE sql STABLE
AS $$ SELECT pg_current_xact_id()::text::bigint + {offset} $$;
CREATE OR REPLACE FUNCTION kernel_audit_horizon() RETURNS bigint LANGUAGE sql VOLATILE
AS $$ SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint + {offset} $$;

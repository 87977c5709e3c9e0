-- Rows whose transaction, by their own word, has not begun yet.
SELECT id FROM kernel_audit
WHERE tx >= kernel_audit_horizon()
  AND tx >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint + kernel_audit_offset()
ORDER BY tx, id
LIMIT %(limit)s

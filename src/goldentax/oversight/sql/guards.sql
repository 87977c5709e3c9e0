-- Tables whose trigger against changes is in place and on ("O": fires in ordinary sessions, "A": always).
SELECT t.tgrelid::regclass::text
FROM pg_trigger t
JOIN pg_proc p ON p.oid = t.tgfoid
WHERE p.proname = 'kernel_refuse_change' AND t.tgenabled IN ('O', 'A')
  AND t.tgtype & 16 <> 0 AND t.tgtype & 8 <> 0

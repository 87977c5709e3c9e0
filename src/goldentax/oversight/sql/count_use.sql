-- A privileged function was used by a person once more.
INSERT INTO oversight_function_use (person_id, function, first_at, last_at, uses)
VALUES (%(person_id)s, %(function)s, %(at)s, %(at)s, 1)
ON CONFLICT (person_id, function) DO UPDATE SET
    last_at = greatest(oversight_function_use.last_at, excluded.last_at), uses = oversight_function_use.uses + 1

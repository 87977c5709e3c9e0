-- Looks of a person in an hour, counted up; gives the number so far.
INSERT INTO oversight_look_hour (person_id, hour, looks) VALUES (%(person_id)s, %(hour)s, %(looks)s)
ON CONFLICT (person_id, hour) DO UPDATE SET looks = oversight_look_hour.looks + excluded.looks
RETURNING looks

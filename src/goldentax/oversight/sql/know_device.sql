-- A device got in: it is known from now on, also where it was forgotten before.
INSERT INTO oversight_device
    (public_id, person_id, device, user_agent, first_at, last_at, last_network, forgotten_at)
VALUES (%(public_id)s, %(person_id)s, %(device)s, %(user_agent)s, %(at)s, %(at)s, %(network)s, NULL)
ON CONFLICT (person_id, device) DO UPDATE SET
    user_agent = excluded.user_agent,
    first_at = CASE WHEN oversight_device.forgotten_at IS NULL THEN oversight_device.first_at ELSE excluded.first_at END,
    last_at = greatest(oversight_device.last_at, excluded.last_at),
    last_network = excluded.last_network,
    forgotten_at = NULL

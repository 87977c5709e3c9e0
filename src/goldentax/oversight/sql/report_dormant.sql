-- People known by a device whose last sign-in lies before a moment.
SELECT person_id AS person, max(last_at) AS last_at,
       extract(day FROM %(to)s - max(last_at))::int AS days
FROM oversight_device
GROUP BY person_id HAVING max(last_at) < %(before)s
ORDER BY last_at LIMIT %(limit)s

-- The median of looks an hour over everybody since a moment, and the median of the distances from it.
WITH hours AS (SELECT person_id, looks FROM oversight_look_hour WHERE hour > %(since)s AND hour <= %(at)s),
middle AS (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY looks) AS looks FROM hours)
SELECT
    (SELECT count(DISTINCT person_id) FROM hours),
    (SELECT count(*) FROM hours),
    middle.looks,
    (SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY abs(hours.looks - middle.looks)) FROM hours)
FROM middle

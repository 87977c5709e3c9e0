-- How often each rule counted in the judgements of a period, and what they led to.
SELECT reason ->> 'code' AS rule, count(*) AS count,
       count(*) FILTER (WHERE verdict = 'warn') AS warned,
       count(*) FILTER (WHERE verdict = 'step_up') AS stepped_up,
       count(*) FILTER (WHERE verdict = 'block') AS blocked,
       count(DISTINCT person_id) AS people
FROM oversight_assessment, jsonb_array_elements(reasons) AS reason
WHERE at >= %(from)s AND at < %(to)s
GROUP BY 1 ORDER BY count DESC, rule LIMIT %(limit)s

-- The distinct values of an indexed column that begin alike: one step into the index for each ("loose index scan").
WITH RECURSIVE found AS (
    (SELECT {column} AS value FROM kernel_audit
     WHERE {column} >= %(beginning)s AND {column} < %(end)s ORDER BY {column} LIMIT 1)
    UNION ALL
    SELECT (
        SELECT {column} FROM kernel_audit WHERE {column} > found.value AND {column} < %(end)s ORDER BY {column} LIMIT 1
    ) FROM found WHERE found.value IS NOT NULL
)
SELECT value FROM found WHERE value IS NOT NULL LIMIT %(limit)s

-- When somebody was last given power: authority names the person in the detail, identity in the subject.
SELECT max(at) FROM (
    (SELECT at FROM kernel_audit
     WHERE category = 'grant' AND detail ->> 'person' = %(person_id)s AND at > %(since)s AND at <= %(at)s
       AND action ~ '\.(approve|appoint|grant|give|add)$'
     ORDER BY at DESC LIMIT 1)
    UNION ALL
    (SELECT at FROM kernel_audit
     WHERE subject = 'person:' || %(person_id)s AND category = 'grant' AND at > %(since)s AND at <= %(at)s
       AND action ~ '\.(approve|appoint|grant|give|add)$'
     ORDER BY at DESC LIMIT 1)
) AS given

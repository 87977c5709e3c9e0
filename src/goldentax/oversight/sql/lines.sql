-- The rows of the trail between two places, in the order in which they are sealed, as canonical lines.
-- The time is whole microseconds since 1970, so that no setting of the session can change the bytes.
COPY (
    SELECT tx, id, (extract(epoch FROM at) * 1000000)::bigint, category, actor, action, subject, request_id, detail
    FROM kernel_audit
    WHERE (tx, id) > (%(after_tx)s, %(after_id)s) AND (tx, id) <= (%(until_tx)s, %(until_id)s)
    ORDER BY tx, id
    LIMIT %(limit)s
) TO STDOUT

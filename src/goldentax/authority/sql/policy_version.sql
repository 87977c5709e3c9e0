-- The version of the policy, nothing where nobody changed it yet, and the time by this database's clock.
SELECT coalesce(version, 0), stamp, epoch, coalesce(offices_version, 0), clock_timestamp()
FROM (VALUES (1)) AS the_one (id)
LEFT JOIN authority_policy_version USING (id)

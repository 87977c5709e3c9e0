-- The policy is changed: the next version, after every other change that is under way.
INSERT INTO authority_policy_version (id, version, stamp, epoch, offices_version)
VALUES (1, 1, %(stamp)s, %(epoch)s, CASE WHEN %(offices)s THEN 1 ELSE 0 END)
ON CONFLICT (id) DO UPDATE SET
    version = authority_policy_version.version + 1,
    stamp = excluded.stamp,
    offices_version = CASE WHEN %(offices)s THEN authority_policy_version.version + 1
                           ELSE authority_policy_version.offices_version END
RETURNING version

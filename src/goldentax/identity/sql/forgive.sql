-- Take back the failures of somebody who proved who they are: of their network, or of their known device.
UPDATE identity_sign_in_attempt SET has_failed = false
WHERE login_digest = %(login_digest)s AND network = %(network)s AND device_digest = %(device_digest)s AND has_failed

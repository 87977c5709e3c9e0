"""Why certificates are revoked (吊销原因, RFC 5280 §5.3.1): the reasons that may be given here."""

from goldentax.kernel.text import Text

REASONS: dict[str, Text] = {
    "unspecified": Text("未说明", "Not said"),
    "key_compromise": Text("私钥泄露或丢失", "The private key was lost or leaked"),
    "affiliation_changed": Text("所属单位变更", "The holder changed where they belong"),
    "superseded": Text("已换用新证书", "Another certificate takes its place"),
    "cessation_of_operation": Text("不再使用", "It is no longer used"),
    "privilege_withdrawn": Text("资格终止", "What it stood for was withdrawn"),
    "ca_compromise": Text("签发机构密钥泄露", "The authority's key was leaked"),
}
"""A hold (certificate_hold) is left out: a certificate of ours is revoked for good."""

HOLDERS = ("key_compromise", "superseded", "cessation_of_operation", "affiliation_changed", "unspecified")
"""What holders may say themselves."""

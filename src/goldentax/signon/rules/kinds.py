"""What a client may be, and how it may prove itself."""

from goldentax.kernel.text import Text

PORTAL, OUTSIDE, NATIVE = "portal", "outside", "native"
KINDS: dict[str, Text] = {
    PORTAL: Text("本局门户", "Our own portal"),
    OUTSIDE: Text("外部系统", "Outside system"),
    NATIVE: Text("原生应用", "Native app"),
}

SECRET_BASIC, SECRET_POST = "client_secret_basic", "client_secret_post"
PRIVATE_KEY, NONE = "private_key_jwt", "none"
AUTH_METHODS: dict[str, Text] = {
    SECRET_BASIC: Text(
        "密钥，放在请求头（client_secret_basic）", "Secret in the header (client_secret_basic)"
    ),
    SECRET_POST: Text("密钥，放在表单（client_secret_post）", "Secret in the form (client_secret_post)"),
    PRIVATE_KEY: Text("私钥签名（private_key_jwt，ES256）", "Signed with a key (private_key_jwt, ES256)"),
    NONE: Text("无密钥，只凭 PKCE（none）", "No secret, PKCE alone (none)"),
}
SECRET_METHODS = (SECRET_BASIC, SECRET_POST)

TAXPAYER, OFFICE = "taxpayer", "office"
OWNERS: dict[str, Text] = {TAXPAYER: Text("纳税人", "Taxpayer"), OFFICE: Text("税务机关", "Tax office")}


def is_fitting(*, kind: str, auth_method: str) -> bool:
    """Tell whether a kind of client may prove itself this way: an app on people's devices can keep no secret."""
    return auth_method in AUTH_METHODS and (kind == NATIVE) == (auth_method == NONE)

"""Refusals of those who register clients."""

from goldentax.kernel.refusals import Refusal
from goldentax.kernel.text import Text


class NoSuchClient(Refusal):
    """There is no client of this id."""

    code = "SGN-CLI-02"
    status = 404
    title = Text("没有这个应用", "There is no such client")
    way_out = Text("请在接入清单中查找", "Look it up in the list of clients")


class BadClientName(Refusal):
    """A client has a name in both languages, as people will read it when they consent."""

    code = "SGN-CLI-03"
    title = Text(
        "请填写应用的{which}名称（不超过 80 字）", "Give the name in {which} (80 characters at most)"
    )
    way_out = Text("本人同意授权时看到的就是这个名称", "It is what people read when they consent")


class BadKind(Refusal):
    """The kind of a client is one of three."""

    code = "SGN-CLI-04"
    title = Text("应用类型须为 {known}", "The kind is one of {known}")
    way_out = Text("请选择应用类型", "Choose the kind")


class BadRedirectUri(Refusal):
    """An address to return to is https (or loopback for a native app), whole, without wildcard or fragment."""

    code = "SGN-CLI-05"
    title = Text("回调地址 {uri} 不能登记：{reason}", "The address {uri} cannot be registered: {reason}")
    way_out = Text(
        "须为完整的 https 地址；原生应用可用 http://127.0.0.1/… 或 http://[::1]/…",
        "Give a whole https address; native apps may use http://127.0.0.1/… or http://[::1]/…",
    )


class BadLogoutUri(Refusal):
    """An address that is told of sign-outs is https or loopback, whole, without fragment."""

    code = "SGN-CLI-06"
    title = Text(
        "退出地址 {uri} 不能登记：{reason}", "The sign-out address {uri} cannot be registered: {reason}"
    )
    way_out = Text("须为完整的 https 地址，或本机地址", "Give a whole https address, or a loopback one")


class BadAuthMethod(Refusal):
    """How a client proves itself must fit what it is."""

    code = "SGN-CLI-07"
    title = Text("该类应用不能使用认证方式 {method}", "This kind of client cannot use {method}")
    way_out = Text(
        "原生应用用 none（只凭 PKCE）；有服务器的应用用密钥或 private_key_jwt",
        "Native apps use none (PKCE alone); those with a server use a secret or private_key_jwt",
    )


class BadPublicKeys(Refusal):
    """A client that signs needs its public keys here: EC keys on P-256, each with its own kid, nothing private."""

    code = "SGN-CLI-08"
    title = Text("公钥无效：{reason}", "The public keys are not valid: {reason}")
    way_out = Text(
        "请粘贴 JWK 集：P-256 公钥，每把带不同的 kid，不含私钥",
        "Paste a JWK set: public P-256 keys, each with a kid of its own, no private part",
    )


class BadSigningAlgorithm(Refusal):
    """Identity tokens are signed with ES256 or SM2SM3."""

    code = "SGN-CLI-09"
    title = Text("签名算法须为 {known}", "The algorithm is one of {known}")
    way_out = Text("请选择签名算法", "Choose the algorithm")


class BadClientScopes(Refusal):
    """A client may ask for known scopes that fit its kind, openid among them."""

    code = "SGN-CLI-10"
    title = Text("不能给予权限 {scope}", "The scope {scope} cannot be given")
    way_out = Text("可选：{known}；openid 必选", "Choose from {known}; openid always")


class BadSector(Refusal):
    """Addresses on several hosts share one sector only when somebody says so."""

    code = "SGN-CLI-11"
    title = Text(
        "回调地址分属多个域名，须填写标识分区",
        "The addresses lie on several hosts; say which sector they share",
    )
    way_out = Text(
        "同一分区的应用得到同一人员标识", "Clients of one sector get the same identifier of a person"
    )


class BadOwner(Refusal):
    """Somebody answers for every client: a taxpayer or an office."""

    code = "SGN-CLI-12"
    title = Text("请填写负责单位的代码和名称", "Give the code and name of who answers for it")
    way_out = Text(
        "纳税人填纳税人识别号，税务机关填 11 位机关代码；门户须由税务机关负责",
        "A taxpayer's tax id, or an office's code of 11 digits; a portal belongs to an office",
    )


class BadResource(Refusal):
    """A resource is named by a whole address, once."""

    code = "SGN-CLI-13"
    title = Text("资源标识 {uri} 无效", "The resource {uri} is not valid")
    way_out = Text(
        "须为未被占用的 https 地址；申请访问的资源须已登记",
        "Give an https address that nobody has taken; what the client may ask for must be registered",
    )


class SecretAlreadyShown(Refusal):
    """The request was done before; a secret is shown once, so it is not in the repeated answer."""

    code = "SGN-CLI-14"
    status = 409
    title = Text("该请求已办理，密钥只显示一次", "This request was done before; a secret is shown only once")
    way_out = Text("如未记下，请更换密钥", "If you did not keep it, renew the secret")


class ClientIsStopped(Refusal):
    """A stopped client is not changed before it is started again."""

    code = "SGN-CLI-15"
    status = 409
    title = Text("应用已停用", "The client is stopped")
    way_out = Text("请先启用", "Start it first")


class NoSecretInUse(Refusal):
    """This client proves itself without a secret."""

    code = "SGN-CLI-16"
    title = Text("该应用不使用密钥", "This client uses no secret")
    way_out = Text("请查看它的认证方式", "See how it proves itself")


class NoSuchConsent(Refusal):
    """There is no such consent, or it is not yours to withdraw."""

    code = "SGN-CON-01"
    status = 404
    title = Text("没有这项授权", "There is no such consent")
    way_out = Text("请刷新清单", "Reload the list")


class RequestUsedTwice(Refusal):
    """A request id names one request."""

    code = "SGN-CLI-17"
    status = 409
    title = Text("请求号已用于另一项办理", "The request id was used for something else")
    way_out = Text("请换一个请求号", "Take another request id")

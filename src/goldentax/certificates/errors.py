"""How certificates say no. Codes are never used again."""

from goldentax.kernel.refusals import Refusal
from goldentax.kernel.text import Text


class BadRequestId(Refusal):
    """The request id is missing or malformed."""

    code = "CRT-REQ-01"
    title = Text(
        "请求号 request_id 须为 8–64 位字母、数字、“-”、“_”、“.”或“:”",
        "request_id must be 8–64 letters, digits, “-”, “_”, “.” or “:”",
    )
    way_out = Text(
        "每次新的办理用一个新的请求号，例如 UUID", "Use a fresh id, such as a UUID, for each new request"
    )


class RequestIdReused(Refusal):
    """The request id was used before, with another content."""

    code = "CRT-REQ-02"
    status = 409
    title = Text(
        "请求号 {request_id} 已用于内容不同的办理", "request_id {request_id} was used with another content"
    )
    way_out = Text(
        "如为新的办理，请换一个请求号；如要取回原结果，请原样重发",
        "For something new use a new id; to get the first answer back, send the first content",
    )


class UnreadableRequest(Refusal):
    """The certificate request is no PKCS#10, or more than one thing."""

    code = "CRT-CSR-01"
    title = Text("证书请求无法读取", "The certificate request cannot be read")
    way_out = Text(
        "请提交 PEM 或 DER 格式的 PKCS#10 请求（“goldentax certificate request” 可生成）",
        "Send a PKCS#10 request in PEM or DER; “goldentax certificate request” makes one",
    )


class PossessionNotProven(Refusal):
    """Whoever asks did not sign with the key the certificate would name."""

    code = "CRT-CSR-02"
    title = Text(
        "证书请求的签名不正确，不能证明持有私钥", "The request does not prove that you hold its private key"
    )
    way_out = Text(
        "请用同一私钥重新生成请求", "Make the request again with the private key that belongs to it"
    )


class UnsupportedKey(Refusal):
    """The key is of a kind, curve or point we do not certify."""

    code = "CRT-CSR-03"
    title = Text("不支持此类密钥", "Keys of this kind are not supported")
    way_out = Text(
        "请使用 SM2 密钥，或 P-256 曲线的 ECDSA 密钥", "Use an SM2 key, or an ECDSA key on the curve P-256"
    )


class KeyTaken(Refusal):
    """The key is certified for somebody else, or was revoked as compromised."""

    code = "CRT-CSR-04"
    status = 409
    title = Text(
        "此密钥已用于其他主体的证书，或曾因泄露被吊销",
        "This key has a certificate of somebody else, or was revoked",
    )
    way_out = Text("请生成新的密钥对后重新申请", "Make a fresh key pair and ask again")


class UnknownKind(Refusal):
    """There is no such kind of certificate, or it is not issued on request."""

    code = "CRT-ISS-01"
    title = Text(
        "没有“{kind}”这种证书，或它不接受申请", "There is no certificate of the kind “{kind}” to ask for"
    )
    way_out = Text("可申请的种类：{known}", "The kinds are: {known}")


class BadSubject(Refusal):
    """The holder's name or id cannot stand in a certificate."""

    code = "CRT-ISS-02"
    title = Text("证书主体的名称或标识无效", "The holder's name or id cannot stand in a certificate")
    way_out = Text(
        "名称为 1–200 个可打印字符，标识为 1–64 个字母、数字或“-”",
        "Names have 1–200 printable signs, ids 1–64 letters, digits or “-”",
    )


class WrongAlgorithm(Refusal):
    """The key is not of the algorithm that was asked for."""

    code = "CRT-ISS-03"
    title = Text("请求中的密钥不是 {algorithm} 密钥", "The key in the request is not one of {algorithm}")
    way_out = Text("请选择与密钥相符的算法", "Choose the algorithm of your key")


class TooManyCertificates(Refusal):
    """A holder has as many valid certificates of one kind as one may have."""

    code = "CRT-ISS-04"
    status = 409
    title = Text(
        "同一主体的此类有效证书最多 {limit} 张", "A holder has at most {limit} valid certificates of one kind"
    )
    way_out = Text("请先吊销不再使用的证书", "Revoke one that is no longer used")


class UnknownCertificate(Refusal):
    """There is no such certificate, or it is not the actor's."""

    code = "CRT-FND-01"
    status = 404
    title = Text("没有序列号为 {serial} 的证书", "There is no certificate with the serial number {serial}")
    way_out = Text("请核对序列号", "Check the serial number")


class AlreadyRevoked(Refusal):
    """The certificate was revoked before."""

    code = "CRT-REV-01"
    status = 409
    title = Text("证书 {serial} 已被吊销", "The certificate {serial} is revoked already")
    way_out = Text("如需使用，请重新申请证书", "To have one again, ask for a new certificate")


class UnknownReason(Refusal):
    """The reason is none of RFC 5280 that may be given here."""

    code = "CRT-REV-02"
    title = Text("吊销原因“{reason}”无效", "“{reason}” is not a reason for a revocation")
    way_out = Text("可用的原因：{known}", "The reasons are: {known}")


class NotRenewable(Refusal):
    """The certificate cannot be renewed: it ended, was revoked, or it is too early."""

    code = "CRT-REN-01"
    status = 409
    title = Text(
        "证书 {serial} 现在不能更新：{why}",
        "The certificate {serial} cannot be renewed now: {why}",
    )
    way_out = Text(
        "到期前 {days} 天内可以更新；已失效的证书请重新申请",
        "Renew within the last {days} days; for one that has ended, ask for a new certificate",
    )


class UnreadableCertificate(Refusal):
    """What was given is not one certificate."""

    code = "CRT-VER-01"
    title = Text("证书无法读取", "The certificate cannot be read")
    way_out = Text("请提供一张 PEM 或 DER 格式的 X.509 证书", "Give one X.509 certificate in PEM or DER")


class UnknownIssuer(Refusal):
    """The certificate does not come from an authority of this node, or was altered."""

    code = "CRT-VER-02"
    title = Text(
        "证书不是本系统签发的，或内容被改动", "The certificate was not issued here, or it was altered"
    )
    way_out = Text("请使用本系统签发的有效证书", "Use a valid certificate that was issued here")


class NotInForce(Refusal):
    """The certificate is not valid yet, or no longer."""

    code = "CRT-VER-03"
    title = Text("证书不在有效期内（{from_} 至 {to}）", "The certificate is not in force ({from_} to {to})")
    way_out = Text("请更新或重新申请证书", "Renew it, or ask for a new one")


class Revoked(Refusal):
    """The certificate was revoked."""

    code = "CRT-VER-04"
    title = Text("证书 {serial} 已于 {at} 被吊销", "The certificate {serial} was revoked at {at}")
    way_out = Text("请换用有效证书，或重新申请", "Use another certificate, or ask for a new one")


class WrongUsage(Refusal):
    """The certificate is not made for this."""

    code = "CRT-VER-05"
    title = Text("此证书不能用于{use_zh}", "This certificate may not be used for {use_en}")
    way_out = Text("请使用相应种类的证书", "Use a certificate of the kind that may")


class WrongSignature(Refusal):
    """The signature is not the certificate holder's over this."""

    code = "CRT-VER-06"
    title = Text("签名与证书或内容不符", "The signature is not that of the certificate over this content")
    way_out = Text(
        "请用证书对应的私钥对页面显示的原文重新签名",
        "Sign exactly what the page shows, with the key of the certificate",
    )


class BadEnvelope(Refusal):
    """The envelope is not ours to open, or was altered."""

    code = "CRT-ENV-01"
    title = Text(
        "信封无法打开：不是发给此证书的，或内容被改动",
        "The envelope does not open: it is not for this certificate, or it was altered",
    )
    way_out = Text(
        "请核对收件证书和私钥，或请发件人重新发送",
        "Check the certificate and key it was sent to, or have it sent again",
    )


class BadKeyFile(Refusal):
    """The key file or its passphrase is wrong."""

    code = "CRT-KEY-01"
    title = Text("私钥文件无法读取，或口令不正确", "The key file cannot be read, or its passphrase is wrong")
    way_out = Text(
        "请提供 PKCS#8 格式（PEM）的 SM2 或 P-256 私钥及其口令",
        "Give an SM2 or P-256 key in PKCS#8 (PEM), with its passphrase",
    )


class AuthorityMissing(Refusal):
    """This node has no issuing authority yet."""

    code = "CRT-CA-01"
    status = 503
    title = Text("本节点尚无签发机构", "This node has no issuing authority")
    way_out = Text(
        "请运行“goldentax certificate authority make”，或安装总局签发的机构证书",
        "Run “goldentax certificate authority make”, or install the one the headquarters signed",
    )


class WrongAuthorityCertificate(Refusal):
    """The certificate does not belong to the authority request of this node, or to this root."""

    code = "CRT-CA-02"
    title = Text("机构证书与本节点的请求或根证书不符", "It fits neither this node's request nor this root")
    way_out = Text(
        "请安装总局按本节点请求签发的证书，并附根证书",
        "Install what the headquarters signed for this node's request, with the root",
    )

"""Refusals of the factors people sign in with. None tells whether a person, number or key is known."""

from goldentax.kernel.refusals import Refusal
from goldentax.kernel.text import Text

_TRY_ANOTHER = Text(
    "请核对后重试，或换一种验证方式", "Check it and try again, or prove who you are in another way"
)


class WrongCode(Refusal):
    """The code is wrong, used, or too old: one answer for all."""

    code = "IDN-FAC-01"
    status = 401
    title = Text("验证码不正确或已失效", "The code is not right, or no longer good")
    way_out = Text(
        "请输入最新的验证码；每个验证码只能使用一次", "Type the newest code; each is good only once"
    )


class TooManyFactorTries(Refusal):
    """The factor failed too often."""

    code = "IDN-FAC-02"
    status = 429
    title = Text("验证失败次数过多", "Too many failed attempts")
    way_out = Text(
        "请在 {minutes} 分钟后重试，或换一种验证方式",
        "Try again in {minutes} minutes, or prove who you are in another way",
    )


class TooManyMessages(Refusal):
    """Codes were asked for too often, for a number or from a network."""

    code = "IDN-FAC-03"
    status = 429
    title = Text("获取短信验证码过于频繁", "SMS codes were asked for too often")
    way_out = Text("请在 {seconds} 秒后再获取", "Ask again in {seconds} seconds")


class BadMobile(Refusal):
    """That is no mainland mobile number."""

    code = "IDN-FAC-04"
    title = Text("手机号格式不正确", "That is not a mobile number")
    way_out = Text("请输入 11 位手机号", "Type the 11 digits of a mainland mobile number")


class MobileTaken(Refusal):
    """The number belongs to another account; told only to who proved to hold the number."""

    code = "IDN-FAC-05"
    status = 409
    title = Text("该手机号已绑定其他账户", "This number belongs to another account")
    way_out = Text(
        "请先在原账户解除绑定；原账户无法登录的，请携带身份证件到主管税务机关办理",
        "Remove it there first; if you cannot sign in there, your tax office does it with your identity card",
    )


class NoSmsProvider(Refusal):
    """The node has no way to send messages."""

    code = "IDN-FAC-06"
    status = 503
    title = Text("本站尚未开通短信服务", "This site does not send messages")
    way_out = Text("请换一种登录方式", "Sign in another way")


class ChallengeOver(Refusal):
    """The challenge is unknown here, used, or too old: one answer for all."""

    code = "IDN-FAC-07"
    status = 401
    title = Text("验证已过期或已使用", "This request is over, or was used already")
    way_out = Text("请在本页重新开始验证", "Begin again on this page")


class PasskeyRefused(Refusal):
    """The passkey's answer does not hold, or nobody here has it: one answer for all."""

    code = "IDN-FAC-08"
    status = 401
    title = Text("通行密钥验证未通过", "The passkey was not accepted")
    way_out = _TRY_ANOTHER


class PasskeyCopied(Refusal):
    """The passkey's counter went back: somebody may hold a copy."""

    code = "IDN-FAC-09"
    status = 401
    title = Text(
        "通行密钥的计数异常，可能已被复制", "The passkey's counter went back; it may have been copied"
    )
    way_out = Text(
        "请换一种方式登录，并在安全中心移除该通行密钥",
        "Sign in another way and remove this passkey in your security centre",
    )


class PasskeysNeedAName(Refusal):
    """The site is opened by a bare address, where browsers make no passkeys."""

    code = "IDN-FAC-10"
    status = 409
    title = Text("当前网址不支持通行密钥", "Passkeys do not work at this address")
    way_out = Text(
        "请用域名（https）打开本站；在本机试用请用 localhost",
        "Open the site by its name over https; on this machine, by localhost",
    )


class PasskeyKnown(Refusal):
    """This passkey is enrolled already."""

    code = "IDN-FAC-11"
    status = 409
    title = Text("该通行密钥已登记", "This passkey is enrolled already")
    way_out = Text("请使用另一个设备或密钥", "Use another device or key")


class NoFactorName(Refusal):
    """A factor needs a name to be told apart."""

    code = "IDN-FAC-12"
    title = Text("请填写名称", "Give it a name")
    way_out = Text("例如“办公电脑”，不超过 40 字", "For instance “office desk”, up to 40 characters")


class NoSuchFactor(Refusal):
    """The person has no such factor."""

    code = "IDN-FAC-13"
    status = 404
    title = Text("没有这种验证方式", "You have no such factor")
    way_out = Text("请在安全中心查看您的验证方式", "See your factors in your security centre")


class LastFactor(Refusal):
    """An officer must keep a second factor."""

    code = "IDN-FAC-14"
    status = 409
    title = Text("税务人员须保留至少一种第二验证方式", "An officer keeps at least one second factor")
    way_out = Text("请先添加另一种，再移除此项", "Add another factor first, then remove this one")


class FactorNotOffered(Refusal):
    """The person cannot use this way, or there is none."""

    code = "IDN-FAC-15"
    status = 409
    title = Text("此验证方式当前不可用", "This way is not open to you at the moment")
    way_out = Text("请换一种验证方式", "Choose another way")


class TicketOver(Refusal):
    """The ticket is unknown, used, refused or too old: one answer for all."""

    code = "IDN-FAC-16"
    status = 401
    title = Text("二维码已失效", "This code to scan is no longer good")
    way_out = Text("请在电脑上刷新二维码后重新扫描", "Make a new one on the desk and scan it again")


class WrongMatchNumber(Refusal):
    """The number typed on the phone is not the one on the desk."""

    code = "IDN-FAC-17"
    status = 401
    title = Text("数字与电脑屏幕上显示的不一致", "That is not the number on the desk's screen")
    way_out = Text(
        "请查看您面前电脑上的数字；如果屏幕不在您面前，请点“不是我”",
        "Look at the number on the screen before you; if there is none before you, choose “Not me”",
    )


class NotThisPerson(Refusal):
    """The key or certificate belongs to somebody else than who is signing in."""

    code = "IDN-FAC-18"
    status = 403
    title = Text("该凭据不属于当前登录的人", "This credential belongs to somebody else")
    way_out = Text("请使用您本人的凭据", "Use your own")


class NotAPersonsCertificate(Refusal):
    """The certificate was not issued to a person of this site."""

    code = "IDN-FAC-19"
    status = 403
    title = Text("该证书不是本站个人用户的证书", "This certificate was not issued to a person of this site")
    way_out = Text("请使用签发给您本人的证书", "Use the certificate that was issued to you")


class BadAnswer(Refusal):
    """What was sent cannot be read as a credential, certificate or signature."""

    code = "IDN-FAC-20"
    title = Text("提交的内容无法识别", "What was sent cannot be read")
    way_out = Text(
        "请提交 PEM 格式的证书与 Base64 格式的签名；通行密钥请在浏览器提示中完成",
        "Send the certificate as PEM and the signature as Base64; with a passkey, follow the browser",
    )


class NoFaceProvider(Refusal):
    """The node has no provider of face verification."""

    code = "IDN-FAC-21"
    status = 503
    title = Text("本站未接入人脸核验服务", "This site offers no face verification")
    way_out = Text("请换一种验证方式", "Choose another way")


class FaceNotPassed(Refusal):
    """The provider did not confirm the face."""

    code = "IDN-FAC-22"
    status = 401
    title = Text("人脸核验未通过", "The face was not confirmed")
    way_out = _TRY_ANOTHER


class FaceNotYet(Refusal):
    """The provider has no result yet."""

    code = "IDN-FAC-23"
    status = 409
    title = Text("人脸核验尚未完成", "The face verification is not finished")
    way_out = Text("请先在核验页面完成，再回到本页", "Finish it with the provider, then come back")


class ProviderSilent(Refusal):
    """The provider of face verification does not answer."""

    code = "IDN-FAC-24"
    status = 503
    title = Text("核验服务暂时没有响应", "The provider does not answer at the moment")
    way_out = Text("请稍后重试，或换一种验证方式", "Try later, or choose another way")


class TooManyChallenges(Refusal):
    """Too many challenges were asked for from one network."""

    code = "IDN-FAC-25"
    status = 429
    title = Text("请求过于频繁", "Too many requests from your network")
    way_out = Text("请在 {seconds} 秒后重试", "Try again in {seconds} seconds")


class CodesAlreadyShown(Refusal):
    """The same request already made a list of recovery codes; they are shown once only."""

    code = "IDN-FAC-26"
    status = 409
    title = Text(
        "此请求已生成恢复码，恢复码只显示一次", "This request has already made codes; they are shown once"
    )
    way_out = Text("如未保存，请重新生成", "If you did not keep them, make new ones")


class TicketRefused(Refusal):
    """The holder of the phone said that it was not them."""

    code = "IDN-FAC-27"
    status = 403
    title = Text("手机端已拒绝本次登录", "The phone refused this sign-in")
    way_out = Text("如需登录，请刷新二维码后重新扫描", "To sign in, make a new code and scan it again")


class SealedFactor(Refusal):
    """The factor is set up already; it is removed before another takes its place."""

    code = "IDN-FAC-28"
    status = 409
    title = Text("您已设置验证器", "Your authenticator is set up already")
    way_out = Text("更换手机请先移除原验证器", "To change phones, remove the present one first")

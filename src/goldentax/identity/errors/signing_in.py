"""Refusals of signing in. No answer here tells whether a login name exists."""

from goldentax.kernel.refusals import Refusal
from goldentax.kernel.text import Text


class WrongCredentials(Refusal):
    """The login name or the password is wrong, or the account is closed: one answer for all."""

    code = "IDN-SIGN-01"
    status = 401
    title = Text("登录名或密码不正确", "The login name or the password is not right")
    way_out = Text(
        "请检查后重试；忘记密码请到主管税务机关办理重置",
        "Check them and try again; your tax office resets a password you have forgotten",
    )


class TooManyAttempts(Refusal):
    """Sign-in failed too often from this network."""

    code = "IDN-SIGN-02"
    status = 429
    title = Text("从您的网络尝试登录次数过多", "Too many attempts to sign in from your network")
    way_out = Text("请在 {minutes} 分钟后重试", "Try again in {minutes} minutes")


class SessionOver(Refusal):
    """The session ended by idleness or age."""

    code = "IDN-SIGN-03"
    status = 401
    title = Text("登录已过期", "Your session has ended")
    way_out = Text("请重新登录，之后回到原来的页面", "Sign in again; you will come back to the same page")


class NotPending(Refusal):
    """The sign-in was begun too long ago to be finished."""

    code = "IDN-SIGN-04"
    status = 401
    title = Text("验证已超时", "The sign-in was begun too long ago")
    way_out = Text("请重新登录", "Sign in again")


class NoFactorToStepUp(Refusal):
    """The sign-in looks unusual and the person has no second factor to settle it."""

    code = "IDN-SIGN-05"
    status = 403
    title = Text(
        "此次登录异常，而您尚未设置第二验证方式",
        "This sign-in looks unusual, and you have no second factor to settle it",
    )
    way_out = Text(
        "请在常用设备登录后设置验证器、通行密钥或证书，或到主管税务机关领取激活码",
        "Sign in from your usual device and add an authenticator, passkey or certificate,"
        " or get an activation code from your tax office",
    )


class SessionEnded(Refusal):
    """The session was ended by somebody: the person elsewhere, or an officer."""

    code = "IDN-SIGN-06"
    status = 401
    title = Text("此次登录已被结束：{reason}", "This session was ended: {reason}")
    way_out = Text(
        "请重新登录；如非本人所为，请立即修改密码", "Sign in again; change your password if it was not you"
    )


class NoSuchSession(Refusal):
    """The person has no such session."""

    code = "IDN-SIGN-07"
    status = 404
    title = Text("没有这个登录会话", "There is no such session")
    way_out = Text("请刷新会话列表", "Look at the list of sessions again")


class LoginGuarded(Refusal):
    """Too many networks guess at this login: devices that never signed in as it must wait."""

    code = "IDN-SIGN-08"
    status = 429
    title = Text(
        "未登录过的设备暂时需要等待", "Devices that have not signed in here before must wait a little"
    )
    way_out = Text(
        "请在 {seconds} 秒后重试，或使用常用设备、通行密钥、证书登录",
        "Try again in {seconds} seconds, or use a device you have signed in from, a passkey or a certificate",
    )


class NoSuchDevice(Refusal):
    """The person has no such device."""

    code = "IDN-SIGN-09"
    status = 404
    title = Text("没有这台设备", "You have no such device")
    way_out = Text("请在安全中心查看您的设备", "See your devices in your security centre")

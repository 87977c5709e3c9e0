"""Refusals of identity. No answer here tells whether a login name exists."""

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


class UnknownToken(Refusal):
    """The Authorization header holds no token of this node."""

    code = "IDN-TOK-01"
    status = 401
    title = Text("令牌无效", "The token is not valid")
    way_out = Text(
        "请以“Authorization: Bearer gt_…”发送在账户页面创建的令牌",
        "Send a token made on your account page as “Authorization: Bearer gt_…”",
    )


class ExpiredToken(Refusal):
    """The token's time is over."""

    code = "IDN-TOK-02"
    status = 401
    title = Text("令牌已于 {at} 过期", "The token expired at {at}")
    way_out = Text("请在账户页面创建新令牌", "Make a new token on your account page")


class RevokedToken(Refusal):
    """The token was revoked by its holder."""

    code = "IDN-TOK-03"
    status = 401
    title = Text("令牌已撤销", "The token has been revoked")
    way_out = Text("请在账户页面创建新令牌", "Make a new token on your account page")


class TokenWithoutDuty(Refusal):
    """The person behind the token no longer acts for the taxpayer."""

    code = "IDN-TOK-04"
    status = 401
    title = Text(
        "令牌持有人已不再为 {tax_id} 办税",
        "The token's holder no longer acts for {tax_id}",
    )
    way_out = Text(
        "请由企业管理员重新授权，再创建新令牌",
        "Have the company's administrator grant the duty again, then make a new token",
    )


class TokenAlreadyShown(Refusal):
    """The same request already made a token; its text is shown once only."""

    code = "IDN-TOK-05"
    status = 409
    title = Text(
        "此请求已创建令牌 {prefix}…，令牌全文只显示一次",
        "This request has already made the token {prefix}…; its text is shown only once",
    )
    way_out = Text("如未保存，请撤销它并重新创建", "If you did not keep it, revoke it and make another")


class BadTokenLifetime(Refusal):
    """A token must live between a day and a year."""

    code = "IDN-TOK-06"
    title = Text("有效期应为 1 至 {days_max} 天", "A token lives between 1 and {days_max} days")
    way_out = Text("请更正有效期", "Choose another number of days")


class BadScope(Refusal):
    """A token needs at least one known scope."""

    code = "IDN-TOK-07"
    title = Text("权限范围“{scope}”无效", "“{scope}” is not something a token may do")
    way_out = Text("可选的权限范围：{known}", "Choose from: {known}")


class NoSuchToken(Refusal):
    """The person has no such token."""

    code = "IDN-TOK-08"
    status = 404
    title = Text("没有这个令牌", "You have no such token")
    way_out = Text("请在账户页面查看您的令牌", "See your tokens on your account page")


class NoLabel(Refusal):
    """A token needs a label."""

    code = "IDN-TOK-09"
    title = Text("请填写令牌用途", "Say what the token is for")
    way_out = Text("例如“ERP 开票接口”，不超过 60 字", "For instance “ERP invoicing”, up to 60 characters")


class LoginTaken(Refusal):
    """The login name belongs to another person. Only people who register others see this."""

    code = "IDN-PER-01"
    status = 409
    title = Text("登录名 {login} 已被使用", "The login name {login} is taken")
    way_out = Text("请换一个登录名", "Choose another one")


class BadLogin(Refusal):
    """The login name has the wrong form."""

    code = "IDN-PER-02"
    title = Text("登录名格式不正确", "That cannot be a login name")
    way_out = Text(
        "3 至 64 位：手机号，或字母、数字、汉字及 . _ @ -",
        "3 to 64 characters: a mobile number, or letters, digits, Chinese characters and . _ @ -",
    )


class WeakPassword(Refusal):
    """The password is too easy to guess."""

    code = "IDN-PER-03"
    title = Text("密码过于简单：{reason_zh}", "The password is too easy to guess: {reason_en}")
    way_out = Text(
        "至少 10 位，不与姓名或登录名相近，不用常见密码",
        "At least 10 characters, unlike your name and login, and not a common one",
    )


class BadIdCard(Refusal):
    """The identity card number fails its check character."""

    code = "IDN-PER-04"
    title = Text("居民身份证号码校验不通过", "The identity card number fails its check character")
    way_out = Text("请核对 18 位号码", "Check the 18 characters")


class NoSuchPerson(Refusal):
    """There is no such person."""

    code = "IDN-PER-05"
    status = 404
    title = Text("没有这个人员", "There is no such person")
    way_out = Text("请检查人员编号", "Check the person's id")


class NoName(Refusal):
    """A person needs a name."""

    code = "IDN-PER-06"
    title = Text("请填写姓名", "Say the person's name")
    way_out = Text("不超过 80 字", "Up to 80 characters")


class PasswordsDiffer(Refusal):
    """The new password was typed in two ways."""

    code = "IDN-PER-07"
    title = Text("两次输入的新密码不一致", "The new password was typed in two different ways")
    way_out = Text("请重新输入", "Type it again")


class UnknownDuty(Refusal):
    """There is no such duty."""

    code = "IDN-DUTY-01"
    title = Text("没有代码为“{duty}”的人员类型", "There is no duty with the code “{duty}”")
    way_out = Text("可选：{known}", "Choose from: {known}")


class DutyOverlaps(Refusal):
    """The person already has that duty in that time."""

    code = "IDN-DUTY-02"
    status = 409
    title = Text(
        "此人在该期间已是 {tax_id} 的{duty_zh}",
        "This person already is {duty_en} of {tax_id} in that time",
    )
    way_out = Text("请先终止原授权，或更改起止日期", "End the earlier one first, or choose other days")


class NotYourIdentity(Refusal):
    """The person may not act for that taxpayer today."""

    code = "IDN-DUTY-03"
    status = 403
    title = Text("您目前不能以此身份办税", "You may not act in that identity today")
    way_out = Text(
        "请选择列表中的身份，或请企业管理员授权",
        "Choose one from the list, or ask the company's administrator for the duty",
    )


class NoSuchMembership(Refusal):
    """There is no such membership."""

    code = "IDN-DUTY-04"
    status = 404
    title = Text("没有这项授权", "There is no such membership")
    way_out = Text("请检查授权编号", "Check its id")


class BadTerm(Refusal):
    """A term must begin before it ends."""

    code = "IDN-DUTY-05"
    title = Text("起始日期应早于终止日期", "The first day must come before the end")
    way_out = Text(
        "请更正日期；终止日期当天不再有效", "Correct the days; the end day itself is no longer valid"
    )


class DemoOnly(Refusal):
    """Only a demo world gives tokens away."""

    code = "IDN-DEMO-01"
    status = 403
    title = Text("只有演示环境可用此命令", "Only a demo world does this")
    way_out = Text("请登录后在账户页面创建令牌", "Sign in and make a token on your account page")


class NoDemoSeller(Refusal):
    """The demo world has nobody who could issue under these conditions."""

    code = "IDN-DEMO-02"
    status = 404
    title = Text("没有符合条件的演示开票人员", "No demo person with the duty to issue fits")
    way_out = Text(
        "请检查 --login 与 --taxpayer，并先运行 goldentax run 建立演示数据",
        "Check --login and --taxpayer, and start the world once so that it has its people",
    )

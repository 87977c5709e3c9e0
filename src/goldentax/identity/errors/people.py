"""Refusals about people and their passwords."""

from goldentax.kernel.refusals import Refusal
from goldentax.kernel.text import Text


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
    title = Text("密码过于简单：{reason}", "The password is too easy to guess: {reason}")
    way_out = Text(
        "至少 {length_min} 位，不用姓名、登录名、企业名称、年份、键盘连续键和常见密码",
        "At least {length_min} characters; no name, login, company, year, keyboard walk or common password",
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


class PasswordUsedBefore(Refusal):
    """The new password is one of the last the person had."""

    code = "IDN-PER-08"
    title = Text("不能使用最近 {count} 次用过的密码", "That is one of your last {count} passwords")
    way_out = Text("请换一个新密码", "Choose a new one")


class IdCardTaken(Refusal):
    """Another account has the identity card number: one person, one account."""

    code = "IDN-PER-09"
    status = 409
    title = Text("该身份证号码已有账户", "There is an account with this identity card number")
    way_out = Text(
        "请使用原账户登录；忘记登录信息请到主管税务机关办理",
        "Sign in with that account; your tax office helps if its login is lost",
    )


class NoPurpose(Refusal):
    """Whoever looks at sealed data says what for."""

    code = "IDN-PER-10"
    title = Text("请填写查看用途", "Say what you need it for")
    way_out = Text(
        "至少 {length_min} 个字，例如受理事项编号；用途会被记录",
        "At least {length_min} characters, such as the number of the matter; it is recorded",
    )


class WrongActivation(Refusal):
    """The activation code is wrong, used or old, or belongs to another login: one answer for all."""

    code = "IDN-PER-11"
    status = 401
    title = Text(
        "登录名或激活码不正确，或激活码已失效", "The login name or the code is not right, or no longer good"
    )
    way_out = Text(
        "请核对后重试，或到主管税务机关重新领取", "Check them, or get another code from your tax office"
    )


class CodeAlreadyShown(Refusal):
    """The same request already made an activation code; its text is shown once only."""

    code = "IDN-PER-12"
    status = 409
    title = Text("此请求已生成激活码，只显示一次", "This request has already made a code; it is shown once")
    way_out = Text("如未记下，请重新生成", "If you did not keep it, make another")


class OfficersAlways(Refusal):
    """Officers show their second factor at every sign-in."""

    code = "IDN-PER-13"
    title = Text("税务人员每次登录均须第二因子验证", "Officers show their second factor at every sign-in")
    way_out = Text("此选项仅供纳税人用户", "This choice is for other people")


class NotRecovered(Refusal):
    """What was shown does not prove whose account it is: one answer, whether there is such an account or not."""

    code = "IDN-PER-14"
    status = 401
    title = Text("登录名或验证方式不正确", "The login name or the proof is not right")
    way_out = Text(
        "请核对后重试，或携带身份证件到主管税务机关领取激活码",
        "Check them and try again, or show your identity card at your tax office for an activation code",
    )


class NotYourself(Refusal):
    """An officer cannot use this on their own account."""

    code = "IDN-PER-15"
    status = 403
    title = Text("不能对自己的账户执行此操作", "You cannot do this to your own account")
    way_out = Text("请由另一名有权限的税务人员办理", "Ask another officer who may")

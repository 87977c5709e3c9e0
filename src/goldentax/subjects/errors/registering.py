"""Refusals of registration, and what sources say. Strangers get one answer: see :class:`CannotRegister`."""

from goldentax.kernel.refusals import Refusal
from goldentax.kernel.text import Text


class SourceAway(Refusal):
    """The source of truth does not answer at present."""

    code = "SUB-SRC-01"
    status = 503
    title = Text("{source}数据源暂时没有应答", "{source} does not answer at present")
    way_out = Text(
        "已保存您填写的内容，请稍后再试",
        "What you wrote is kept; try again later",
    )


class SourceDisagrees(Refusal):
    """The source has other facts on record than were claimed of a company."""

    code = "SUB-SRC-02"
    title = Text("{source}登记的{fields}与填写的不一致", "{source} has another {fields} on record")
    way_out = Text(
        "请按营业执照填写；如登记信息有误，请先到登记机关变更",
        "Write it as on the business licence; if the register is wrong, have it put right there first",
    )


class NotOnRecord(Refusal):
    """The source knows no company with that number."""

    code = "SUB-SRC-03"
    status = 404
    title = Text("{source}没有该统一社会信用代码的登记", "{source} has no company with that code")
    way_out = Text(
        "请核对代码；新设企业通常在领照次日可查",
        "Check the code; a new company can be found the day after its licence",
    )


class CompanyClosed(Refusal):
    """The company is cancelled or revoked at its source."""

    code = "SUB-SRC-04"
    title = Text(
        "该企业在{source}已注销或吊销", "At {source} that company is cancelled or its licence revoked"
    )
    way_out = Text(
        "已注销的企业不能办理；如有疑问请咨询登记机关",
        "It cannot register; ask the registration authority if that is wrong",
    )


class CannotRegister(Refusal):
    """A person cannot register: not on record so, or registered already. One answer for all."""

    code = "SUB-REG-01"
    title = Text(
        "无法以所填身份注册：姓名与证件号码核验未通过，或该身份已注册",
        "You cannot register so: name and number do not agree, or there is an account already",
    )
    way_out = Text(
        "请核对姓名和身份证号码；已有账户请直接登录，忘记密码请到主管税务机关重置",
        "Check both; if you have an account sign in, and have a lost password reset at your tax office",
    )


class TooManyQuestions(Refusal):
    """Too many questions in a short time."""

    code = "SUB-REG-02"
    status = 429
    title = Text("查询过于频繁", "Too many questions in a short time")
    way_out = Text("请在 {minutes} 分钟后再试", "Try again in {minutes} minutes")


class BadMobile(Refusal):
    """The text is not a mobile number."""

    code = "SUB-REG-03"
    title = Text("手机号码应为 11 位数字", "A mobile number has 11 digits")
    way_out = Text("请检查后重填", "Check it")


class NotItsRepresentative(Refusal):
    """The person signed in is not the company's legal representative."""

    code = "SUB-REG-04"
    status = 403
    title = Text("您不是该企业登记的法定代表人", "You are not that company's legal representative")
    way_out = Text(
        "请由法定代表人本人登录办理，登记后可邀请您为办税人员",
        "Its legal representative must register it, and can invite you then",
    )


class AlreadyRegisteredHere(Refusal):
    """The company is on the register of taxpayers."""

    code = "SUB-REG-05"
    status = 409
    title = Text("该企业已办理税务登记", "That company is registered already")
    way_out = Text(
        "请由企业的法定代表人或管理员邀请您为办税人员",
        "Have its legal representative or administrator invite you",
    )

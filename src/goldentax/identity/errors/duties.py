"""Refusals about duties."""

from goldentax.kernel.refusals import Refusal
from goldentax.kernel.text import Text


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


class EndInThePast(Refusal):
    """A membership cannot end on a day that has passed."""

    code = "IDN-DUTY-06"
    title = Text("终止日期不能早于今天（{today}）", "It cannot end before today ({today})")
    way_out = Text(
        "请选择今天（立即终止）或以后的日期；过去的授权记录不能改写",
        "Choose today, which ends it at once, or a later day; the record of past days is not rewritten",
    )

"""Refusals of relations and invitations. Who guesses gets one answer: see :class:`CannotAccept`."""

from goldentax.kernel.refusals import Refusal
from goldentax.kernel.text import Text


class UnknownRelation(Refusal):
    """There is no such kind of relation."""

    code = "SUB-REL-01"
    title = Text("没有“{kind}”这种关系", "There is no kind of relation “{kind}”")
    way_out = Text("可选：{known}", "Choose from: {known}")


class RelationDoesNotFit(Refusal):
    """Subjects of these kinds do not stand in that relation."""

    code = "SUB-REL-02"
    title = Text(
        "这两类主体之间不能建立“{relation}”关系", "Subjects of these kinds cannot be joined as “{relation}”"
    )
    way_out = Text("请检查双方主体的类别", "Check what kind each of them is")


class RelationOverlaps(Refusal):
    """That relation holds already on one of the days."""

    code = "SUB-REL-03"
    status = 409
    title = Text("该期间已存在“{relation}”关系", "“{relation}” holds already in that time")
    way_out = Text("请先终止原关系，或改选起止日期", "End the earlier one first, or choose other days")


class UnknownRelationId(Refusal):
    """There is no such relation, or not with this company."""

    code = "SUB-REL-04"
    status = 404
    title = Text("没有这项授权关系", "There is no such relation with your company")
    way_out = Text("请刷新人员列表", "Reload the list of people")


class BadTerm(Refusal):
    """A term must begin today or later and end after it begins."""

    code = "SUB-REL-05"
    title = Text(
        "起始日期不能早于今天，终止日期应晚于起始日期",
        "A term begins today or later and ends after it begins",
    )
    way_out = Text(
        "请更正日期；终止日期当天不再有效", "Correct the days; the end day itself is no longer valid"
    )


class TermTooLong(Refusal):
    """A duty that somebody gives must end, and not too late."""

    code = "SUB-REL-06"
    title = Text("终止日期必填，且最晚为 {latest}", "Say when it ends, {latest} at the latest")
    way_out = Text("到期前可再次授权", "You can give it again before it ends")


class MayNotGive(Refusal):
    """Nobody gives what they do not hold."""

    code = "SUB-REL-07"
    status = 403
    title = Text("您无权授予或变更“{duty}”", "You may not give or change “{duty}”")
    way_out = Text(
        "您可授予：{allowed}；其他身份请由法定代表人办理",
        "You may give: {allowed}; for others ask the legal representative",
    )


class OnlySelf(Refusal):
    """The legal representative follows the market regulator, and nobody ends it here."""

    code = "SUB-REL-08"
    status = 403
    title = Text(
        "法定代表人以市场监管登记为准，不能在此终止",
        "The legal representative follows the company register and is not ended here",
    )
    way_out = Text(
        "请先在市场监管部门变更法定代表人", "Change the legal representative at the market regulator first"
    )


class UnknownInvitation(Refusal):
    """There is no such invitation of this company."""

    code = "SUB-INV-01"
    status = 404
    title = Text("没有这个邀请", "There is no such invitation")
    way_out = Text("请刷新邀请列表", "Reload the list of invitations")


class CannotAccept(Refusal):
    """An invitation cannot be accepted: unknown, used, over, or for somebody else. One answer for all."""

    code = "SUB-INV-02"
    status = 403
    title = Text(
        "邀请无效、已使用、已过期，或不是发给您的",
        "That invitation is not valid, used, over, or for somebody else",
    )
    way_out = Text(
        "请核对邀请码，并请邀请人核对您的姓名和证件号码后四位；必要时重新邀请",
        "Check the code, and have the inviter check your name and the last four of your card; or be invited again",
    )


class AlreadySettled(Refusal):
    """The invitation was accepted, declined or withdrawn before."""

    code = "SUB-INV-03"
    status = 409
    title = Text("该邀请已办结", "That invitation is settled already")
    way_out = Text("如仍需要，请重新邀请", "Invite again if it is still wanted")


class BadInvitee(Refusal):
    """An invitation must say whom it is for."""

    code = "SUB-INV-04"
    title = Text(
        "请填写被邀请人姓名和身份证号码后四位",
        "Give the person's name and the last four characters of their card",
    )
    way_out = Text("接受邀请时将与其实名信息核对", "They are held against the person's own when accepting")


class CodeAlreadyShown(Refusal):
    """The same request already made an invitation; its code is shown once only."""

    code = "SUB-INV-05"
    status = 409
    title = Text(
        "此请求已发出邀请，邀请码只显示一次", "This request has already invited; a code is shown only once"
    )
    way_out = Text(
        "如未保存，请撤回后重新邀请", "If you did not keep it, withdraw the invitation and invite again"
    )

"""Refusals of authority: offices (AUT-OFF), posts and sets (AUT-CAT), grants (AUT-GRT), segregation (AUT-SOD)."""

from goldentax.kernel.refusals import Refusal
from goldentax.kernel.text import Text


class UnknownOffice(Refusal):
    """There is no such office."""

    code = "AUT-OFF-01"
    title = Text("没有代码为 {office} 的税务机关", "There is no tax office {office}")
    way_out = Text("请从税务机关列表中选择 11 位代码", "Choose an 11-digit code from the list of offices")


class OfficeCodeTaken(Refusal):
    """Another office has the code."""

    code = "AUT-OFF-02"
    status = 409
    title = Text("税务机关代码 {office} 已用于“{name}”", "The code {office} belongs to the office “{name}”")
    way_out = Text("请核对税务机关代码", "Check the code of the office")


class BadOffice(Refusal):
    """What an office says of itself contradicts itself."""

    code = "AUT-OFF-03"
    title = Text("税务机关 {office} 的资料有误：{reason}", "The office {office} is wrong: {reason}")
    way_out = Text(
        "代码为 11 位数字，级别为 hq、province、city、county、branch 之一，上级须先存在",
        "The code has 11 digits; the level is hq, province, city, county or branch; the parent comes first",
    )


class OfficeClosed(Refusal):
    """The office is no more."""

    code = "AUT-OFF-06"
    status = 409
    title = Text("“{name}”已于 {closed} 撤销", "“{name}” was closed on {closed}")
    way_out = Text("请选择仍在运行的机关", "Choose an office that still works")


class BadRequestId(Refusal):
    """The request id is malformed."""

    code = "AUT-REQ-01"
    title = Text(
        "请求号 request_id 须为 8–64 位字母、数字、“-”、“_”、“.”或“:”",
        "request_id must be 8–64 letters, digits, “-”, “_”, “.” or “:”",
    )
    way_out = Text(
        "每次新的办理用一个新的请求号，例如 UUID", "Use a fresh id, such as a UUID, for each new request"
    )


class RequestIdReused(Refusal):
    """The request id was used before, with another content."""

    code = "AUT-REQ-02"
    status = 409
    title = Text(
        "请求号 {request_id} 已用于内容不同的办理", "request_id {request_id} was used with another content"
    )
    way_out = Text(
        "如为新的办理，请换一个请求号；如要取回原结果，请原样重发",
        "For something new use a new id; to get the first answer back, send the first content",
    )


class UnknownPost(Refusal):
    """There is no such post that day."""

    code = "AUT-CAT-01"
    title = Text("没有代码为 {post} 的岗位", "There is no post {post}")
    way_out = Text("请从岗位目录中选择", "Choose one from the catalogue of posts")


class UnknownFunctionSet(Refusal):
    """There is no such function set that day."""

    code = "AUT-CAT-02"
    title = Text("没有代码为 {function_set} 的功能集", "There is no function set {function_set}")
    way_out = Text("请从功能集目录中选择", "Choose one from the catalogue of function sets")


class UnknownFunction(Refusal):
    """There is no such function that day."""

    code = "AUT-CAT-03"
    status = 404
    title = Text("功能树中没有 {function}", "There is no function {function} in the tree")
    way_out = Text("请从功能树中选择", "Choose one from the tree of functions")


class PostNotAtLevel(Refusal):
    """Offices of that level do not have the post."""

    code = "AUT-CAT-04"
    title = Text("{level}不设“{post}”岗位", "An office of the level “{level}” has no post “{post}”")
    way_out = Text("请选择该级机关设置的岗位", "Choose a post that offices of this level have")


class BrokenCatalogue(Refusal):
    """The catalogue of the lawbook contradicts itself."""

    code = "AUT-CAT-05"
    status = 500
    title = Text("岗责目录有误：{problems}", "The catalogue contradicts itself: {problems}")
    way_out = Text("请更正 lawbook/authority 下的文件", "Correct the files below lawbook/authority")


class UnknownPerson(Refusal):
    """The text is not the public id of a person."""

    code = "AUT-GRT-01"
    title = Text("“{person}”不是人员编号", "“{person}” is not the id of a person")
    way_out = Text("请从人员列表中选择", "Choose a person from the list")


class BadTerm(Refusal):
    """The term ends before it begins, has passed, or is longer than such terms may be."""

    code = "AUT-GRT-02"
    title = Text("期限 {begins} 至 {ends} 不成立", "The term from {begins} to {ends} is impossible")
    way_out = Text("截止日须晚于起始日，且不得早于今天", "It must end after it begins, and not before today")


class HeldAlready(Refusal):
    """The person holds this, or has asked for it, for some of the days."""

    code = "AUT-GRT-03"
    status = 409
    title = Text(
        "该人员在此期间已持有或已申请“{what}”",
        "The person holds or has asked for “{what}” on some of these days",
    )
    way_out = Text(
        "请核对现有授权；如需延长，请从现有截止日起申请",
        "Look at the present grants; to prolong one, ask from its last day on",
    )


class UnknownGrant(Refusal):
    """There is no such grant."""

    code = "AUT-GRT-04"
    status = 404
    title = Text("未找到该授权", "There is no such grant")
    way_out = Text("请从授权列表中选择", "Choose one from the list of grants")


class WrongState(Refusal):
    """The grant is past this step."""

    code = "AUT-GRT-05"
    status = 409
    title = Text("该授权的状态为“{state}”，不能办理此步骤", "The grant is {state}; this step is not open")
    way_out = Text("请刷新后查看最新状态", "Look at its present state again")


class NotAllowed(Refusal):
    """The actor may not do this step in this office."""

    code = "AUT-GRT-06"
    status = 403
    title = Text("您无权在该机关办理：{reason}", "You may not do this in that office: {reason}")
    way_out = Text(
        "请由管辖该机关的岗责管理人员办理", "Ask somebody who administers posts and grants of that office"
    )


class AboveOneself(Refusal):
    """An administrator gives what they neither hold nor may hand on."""

    code = "AUT-GRT-07"
    status = 403
    title = Text(
        "“{function_set}”不在您持有或可授予的范围内",
        "“{function_set}” is not among what you hold or may give",
    )
    way_out = Text("请由持有该功能集的上级机关授予", "It is given by a higher office that holds it")


class OutsideOwnOffice(Refusal):
    """An administrator gives something for a place, taxpayer or field they do not administer."""

    code = "AUT-GRT-08"
    status = 403
    title = Text(
        "“{function_set}”：授权范围超出您自己的范围",
        "“{function_set}”: the scope reaches beyond your own",
    )
    way_out = Text(
        "请缩小到您管辖的机关、纳税人和字段", "Keep to the offices, taxpayers and fields you administer"
    )


class BeyondOwnEnd(Refusal):
    """An administrator gives something for longer than they hold it."""

    code = "AUT-GRT-09"
    status = 403
    title = Text(
        "“{function_set}”：您自己的期限只到 {ends}，不能授予更久",
        "“{function_set}”: you hold it until {ends} yourself and cannot give it for longer",
    )
    way_out = Text("请把截止日提前到 {ends} 或之前", "Let the grant end on {ends} or before")


class BadScope(Refusal):
    """A scope names too many taxpayers or fields, or what cannot be one."""

    code = "AUT-GRT-10"
    title = Text(
        "授权范围有误：纳税人最多 {taxpayers} 户，字段最多 {fields} 个，且须为有效代码",
        "The scope is wrong: at most {taxpayers} taxpayers and {fields} fields, each a valid code",
    )
    way_out = Text(
        "请核对纳税人识别号和字段代码", "Check the taxpayer identifiers and the codes of the fields"
    )


class OwnRequest(Refusal):
    """Who asked for a grant, or gets it, may not decide on it."""

    code = "AUT-SOD-01"
    status = 403
    title = Text("申请人和被授权人不得审批该授权", "Who asks for a grant, or receives it, may not approve it")
    way_out = Text("请由另一位审批人办理", "Another approver must decide")


class WouldBreakSegregation(Refusal):
    """The grant and what the person holds must not be in one hand."""

    code = "AUT-SOD-02"
    status = 409
    title = Text(
        "与该人员已持有的“{other}”不相容：{rule}",
        "It cannot stand beside “{other}”, which the person holds: {rule}",
    )
    way_out = Text(
        "请先终止不相容的岗位或授权，或授予他人", "End the other one first, or give this to somebody else"
    )


class ContradictsItself(Refusal):
    """One post or set alone holds both sides of a segregation rule."""

    code = "AUT-SOD-03"
    status = 409
    title = Text(
        "“{what}”自身含有不相容的职责：{rule}", "“{what}” holds both sides of a rule in itself: {rule}"
    )
    way_out = Text("请拆分该岗位或功能集", "Split the post or the set")


class BadMoment(Refusal):
    """A moment came without its time zone."""

    code = "AUT-REQ-03"
    title = Text("时刻须带时区", "The moment has no time zone")
    way_out = Text("请写成 2026-11-21T09:00:00+08:00 的形式", "Write it like 2026-11-21T09:00:00+08:00")


class DemoOnly(Refusal):
    """Generated grants are wanted outside a demo world."""

    code = "AUT-GEN-01"
    status = 403
    title = Text("只有演示环境可以装入生成的授权", "Only a demo world takes generated grants")
    way_out = Text(
        "请在演示环境（GOLDENTAX_DEMO=true）中装入", "Load them in a demo world (GOLDENTAX_DEMO=true)"
    )


class NotGenerated(Refusal):
    """A folder holds no generated world."""

    code = "AUT-GEN-02"
    title = Text("目录 {folder} 中没有生成的数据", "The folder {folder} holds no generated world")
    way_out = Text(
        "请先运行 goldentax authority generate --out {folder}",
        "Run goldentax authority generate --out {folder} first",
    )

"""
How subjects say no.

Codes are never used again. Pages that strangers reach give one answer for everything that would tell whether
somebody is on record (:class:`CannotRegister`, :class:`CannotAccept`).
"""

from goldentax.kernel.refusals import Refusal
from goldentax.kernel.text import Text


class BadRequestId(Refusal):
    """The request id is missing or malformed."""

    code = "SUB-REQ-01"
    title = Text(
        "请求号 request_id 须为 8–64 位字母、数字、“-”、“_”、“.”或“:”",
        "request_id must be 8–64 letters, digits, “-”, “_”, “.” or “:”",
    )
    way_out = Text(
        "每次新的办理用一个新的请求号，例如 UUID", "Use a fresh id, such as a UUID, for each new request"
    )


class RequestIdReused(Refusal):
    """The request id was used before, with another content."""

    code = "SUB-REQ-02"
    status = 409
    title = Text(
        "请求号 {request_id} 已用于内容不同的办理", "request_id {request_id} was used with another content"
    )
    way_out = Text(
        "如为新的办理，请换一个请求号；如要取回原结果，请原样重发",
        "For something new use a new id; to get the first answer back, send the first content",
    )


class UnknownSubject(Refusal):
    """There is no such subject, or none that the actor may see."""

    code = "SUB-SUB-01"
    status = 404
    title = Text("未找到该主体", "There is no such subject")
    way_out = Text("请核对编号，或重新搜索", "Check the number, or search again")


class WrongStation(Refusal):
    """A subject cannot go on to that station of its life."""

    code = "SUB-SUB-02"
    status = 409
    title = Text(
        "主体当前为“{present}”，不能转为“{wanted}”", "The subject is “{present}” and cannot become “{wanted}”"
    )
    way_out = Text("请刷新页面，按当前状态办理", "Reload the page and go on from the present state")


class AlreadyOnRecord(Refusal):
    """A living subject has that credential. Only officers and loads see this."""

    code = "SUB-SUB-03"
    status = 409
    title = Text("已有主体使用该{credential}", "Another living subject has that {credential}")
    way_out = Text(
        "请打开已有主体办理变更，不要重复采集", "Open that subject and change it; do not collect it twice"
    )


class SeriesUsedUp(Refusal):
    """A series of network identity numbers has no further number."""

    code = "SUB-SUB-04"
    status = 503
    title = Text(
        "省份 {province} 的网络身份标识已用完", "Province {province} has no network identity number left"
    )
    way_out = Text("请运维人员加长顺序号位数", "Operations must lengthen the series in the lawbook")


class UnknownKind(Refusal):
    """There is no such kind of subject."""

    code = "SUB-SUB-05"
    title = Text("没有“{kind}”这种主体", "There is no kind of subject “{kind}”")
    way_out = Text("可选：{known}", "Choose from: {known}")


class NotVerified(Refusal):
    """A subject must be verified, and not disputed, before it may do this."""

    code = "SUB-SUB-06"
    status = 409
    title = Text(
        "身份尚未核验或存疑，不能办理（当前：{status}）",
        "The subject must be verified first; it is: {status}",
    )
    way_out = Text(
        "核验完成后可继续办理；长时间未完成请联系主管税务机关",
        "Go on when it is verified; if that takes long, ask your tax office",
    )


class NothingChanged(Refusal):
    """A change says what is on record already."""

    code = "SUB-SUB-07"
    title = Text("变更内容与现有登记相同", "The change says what is on record already")
    way_out = Text("无需办理", "Nothing needs to be done")


class BadEffectiveDay(Refusal):
    """A change cannot take effect that day."""

    code = "SUB-SUB-08"
    title = Text(
        "变更不能自 {on} 起生效：现有版本自 {since} 起",
        "The change cannot begin on {on}: the present version holds from {since}",
    )
    way_out = Text(
        "生效日期须晚于现有版本的起始日，且不晚于今天", "Choose a later day than that, and not after today"
    )


class BadName(Refusal):
    """A name is empty, too long, or cannot be printed."""

    code = "SUB-SUB-09"
    title = Text("名称（姓名）须为 1–{longest} 个可打印字符", "A name has 1–{longest} printable characters")
    way_out = Text("请按证照填写", "Write it as it stands on the licence or card")


class CredentialDoesNotFit(Refusal):
    """That kind of subject has no such credential."""

    code = "SUB-CRE-01"
    title = Text("{kind}不使用{credential}", "A {kind} has no {credential}")
    way_out = Text(
        "单位、中介用统一社会信用代码；自然人用身份证或护照；设备用序列号",
        "Companies and agencies have a credit code, people an identity card or passport, devices a serial number",
    )


class BadCredential(Refusal):
    """A number has a wrong form, or fails its check character."""

    code = "SUB-CRE-02"
    rule = "GB 32100-2015, GB 11643-1999"
    title = Text(
        "{credential}不正确：格式或校验码有误",
        "That is no {credential}: its form or check character is wrong",
    )
    way_out = Text(
        "请与证照逐位核对；常见错误是 0 与 O、1 与 I 混淆",
        "Compare it sign by sign; 0 and O, 1 and I are often mistaken",
    )


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


class UnreadableFile(Refusal):
    """The file is no table that can be read."""

    code = "SUB-LOD-01"
    title = Text("无法读取文件：{reason_zh}", "The file cannot be read: {reason_en}")
    way_out = Text(
        "请上传 UTF-8 或 GB18030 编码的 CSV，或 XLSX；首行为列名",
        "Send CSV in UTF-8 or GB18030, or XLSX, with column names in the first row",
    )


class FileTooLarge(Refusal):
    """The file has too many bytes or rows."""

    code = "SUB-LOD-02"
    status = 413
    title = Text(
        "文件过大：最多 {rows_max} 行、{mib_max} MiB",
        "The file is too large: {rows_max} rows and {mib_max} MiB at most",
    )
    way_out = Text("请分成几个文件", "Split it into several files")


class MissingColumns(Refusal):
    """A file lacks columns that every row needs."""

    code = "SUB-LOD-03"
    title = Text("文件缺少列：{columns}", "The file lacks the columns {columns}")
    way_out = Text("首行须含：{needed}", "Its first row must hold: {needed}")


class UnknownLoad(Refusal):
    """There is no such load."""

    code = "SUB-LOD-04"
    status = 404
    title = Text("没有这个批次", "There is no such load")
    way_out = Text("请从批次列表中选择", "Choose one from the list")


class LoadNotReady(Refusal):
    """The load is not where it can do that."""

    code = "SUB-LOD-05"
    status = 409
    title = Text("批次当前为“{state}”，不能办理", "The load is “{state}” and cannot do that")
    way_out = Text("请等待处理完成后再试", "Wait until it is done with what it does")


class RowLacks(Refusal):
    """A row of a load lacks a value."""

    code = "SUB-LOD-11"
    title = Text("缺少{columns}", "The row lacks {columns}")
    way_out = Text("请补全后重新提交该行", "Complete the row and send it again")


class RowIsRepeated(Refusal):
    """A person decided that a row is not taken: it says again, and wrongly, what is there."""

    code = "SUB-LOD-12"
    title = Text("人工复核退回：与已有记录重复", "Rejected in review: it repeats what is on record")
    way_out = Text(
        "如应为另一主体，请更正后重新提交该行", "If it is another subject, correct the row and send it again"
    )


class UnknownReview(Refusal):
    """There is no such entry in the review list."""

    code = "SUB-REV-01"
    status = 404
    title = Text("没有这个复核事项", "There is no such entry in the review list")
    way_out = Text("请刷新复核列表", "Reload the review list")


class AlreadyDecided(Refusal):
    """The entry was decided before."""

    code = "SUB-REV-02"
    status = 409
    title = Text("该事项已判定为“{decision}”", "That entry was decided already: “{decision}”")
    way_out = Text("如判定有误，请在主体页面办理变更", "If the decision was wrong, change the subject itself")


class BadDecision(Refusal):
    """The decision is none of those the entry offers."""

    code = "SUB-REV-03"
    title = Text("请选择一种判定", "Choose one of the decisions")
    way_out = Text("可选：{known}", "Choose from: {known}")


class NoPurpose(Refusal):
    """Personal data is looked at for a purpose that is written down."""

    code = "SUB-LOOK-01"
    rule = "个人信息保护法 §6"
    title = Text("请填写查看完整号码的事由", "Say for what purpose you look at the whole number")
    way_out = Text("4–200 字，将记入审计", "4–200 characters; it is written into the audit trail")


class BadCursor(Refusal):
    """The cursor of a page was not made by this list."""

    code = "SUB-LST-01"
    status = 400
    title = Text("翻页标记无效", "The cursor is not one of this list")
    way_out = Text("请从第一页开始", "Start again at the first page")

"""Refusals of subjects themselves: their life, their credentials, requests and lists."""

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

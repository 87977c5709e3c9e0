"""
How the registry says no.

Codes are never used again. The order of the checks stands in ``rules/registration.py`` and
``rules/catalogue.py``: the repeat question comes first, then form, then what the register holds.
"""

from goldentax.kernel.refusals import Refusal
from goldentax.kernel.text import Text


class BadRequestId(Refusal):
    """The request id is missing or malformed."""

    code = "REG-REQ-01"
    title = Text(
        "请求号 request_id 须为 8–64 位字母、数字、“-”、“_”、“.”或“:”",
        "request_id must be 8–64 letters, digits, “-”, “_”, “.” or “:”",
    )
    way_out = Text(
        "每次新的办理用一个新的请求号，例如 UUID", "Use a fresh id, such as a UUID, for each new request"
    )


class RequestIdReused(Refusal):
    """The request id was used before, with another content."""

    code = "REG-REQ-02"
    status = 409
    title = Text(
        "请求号 {request_id} 已用于内容不同的办理", "request_id {request_id} was used with another content"
    )
    way_out = Text(
        "如为新的办理，请换一个请求号；如要取回原结果，请原样重发",
        "For something new use a new id; to get the first answer back, send the first content",
    )


class BadCursor(Refusal):
    """The cursor of a page was not made by this list."""

    code = "REG-LST-01"
    status = 400
    title = Text("翻页标记无效", "The cursor is not one of this list")
    way_out = Text(
        "请使用上一页返回的 next_cursor，或从第一页开始", "Use next_cursor of the page before, or start again"
    )


class BatchTooLarge(Refusal):
    """A batch has more entries than are taken at once."""

    code = "REG-LST-02"
    status = 413
    title = Text("一次最多 {limit} 条，收到 {count} 条", "At most {limit} entries at once, {count} came")
    way_out = Text("请分批提交", "Send them in smaller batches")


class WrongCheckCharacter(Refusal):
    """The check character of an 18-character identifier does not fit."""

    code = "REG-TAX-01"
    rule = "GB 32100-2015"
    title = Text(
        "纳税人识别号 {tax_id} 的校验码不正确（GB 32100）",
        "The check character of the taxpayer identifier {tax_id} is wrong (GB 32100)",
    )
    way_out = Text(
        "请与营业执照上的统一社会信用代码逐位核对；常见错误是 0 与 O、1 与 I、2 与 Z 混淆",
        "Compare it sign by sign with the business licence; 0 and O, 1 and I, 2 and Z are often mistaken",
    )


class BadIdentifier(Refusal):
    """The text has not the form of any taxpayer identifier."""

    code = "REG-TAX-02"
    rule = "GB 32100-2015"
    title = Text("“{tax_id}”不是纳税人识别号", "“{tax_id}” is not a taxpayer identifier")
    way_out = Text(
        "请填写 18 位统一社会信用代码，或 15、17、20 位纳税人识别号（大写字母与数字）",
        "Give the 18-character unified social credit code, or a number of 15, 17 or 20 capitals and digits",
    )


class TestTaxpayerNotAllowed(Refusal):
    """A flagged test taxpayer is wanted outside a demo world."""

    code = "REG-TAX-03"
    title = Text("只有演示环境可以登记测试纳税人", "Only a demo world registers test taxpayers")
    way_out = Text(
        "请填写真实有效的纳税人识别号，或在演示环境（GOLDENTAX_DEMO=true）中办理",
        "Give a real, valid identifier, or do this in a demo world (GOLDENTAX_DEMO=true)",
    )


class AlreadyRegistered(Refusal):
    """The identifier is on the register."""

    code = "REG-TAX-04"
    status = 409
    title = Text("纳税人识别号 {tax_id} 已登记", "The taxpayer {tax_id} is registered already")
    way_out = Text("如需修改，请办理变更登记", "To correct what is registered, ask for a change")


class BadText(Refusal):
    """A text is missing, too long, or holds signs that cannot be printed."""

    code = "REG-TAX-05"
    title = Text(
        "{label_zh}须为 {shortest}–{longest} 个可打印字符",
        "{label_en} must be {shortest}–{longest} printable characters",
    )
    way_out = Text(
        "请检查是否为空、过长或含有换行等控制字符",
        "Look for an empty or too long text, or control characters",
    )


class UnknownTaxpayerKind(Refusal):
    """There is no such kind of taxpayer."""

    code = "REG-TAX-06"
    title = Text("没有“{kind}”这种纳税人类型", "There is no kind of taxpayer “{kind}”")
    way_out = Text(
        "可选：general 一般纳税人、small 小规模纳税人、person 自然人",
        "The kinds are general, small (small-scale) and person (natural person)",
    )


class KindDoesNotFit(Refusal):
    """Kind and identifier contradict each other."""

    code = "REG-TAX-07"
    title = Text(
        "识别号 {tax_id} 的形式与纳税人类型“{kind}”不符",
        "The form of {tax_id} does not fit the kind “{kind}”",
    )
    way_out = Text(
        "自然人使用居民身份证号或自然人纳税人识别号，且不登记为一般纳税人；单位使用统一社会信用代码",
        "A natural person has an identity card or natural-person number and is never a general taxpayer; "
        "an organisation has a unified social credit code",
    )


class UnknownStatus(Refusal):
    """There is no such state of a registration."""

    code = "REG-TAX-08"
    title = Text("没有代码为“{status_code}”的纳税人状态", "There is no taxpayer status “{status_code}”")
    way_out = Text("可用代码：01–13、99，正常为 03", "The codes are 01 to 13 and 99; 03 is normal")


class UnknownTaxpayer(Refusal):
    """Nobody with that identifier is on the register."""

    code = "REG-TAX-10"
    status = 404
    title = Text("未找到纳税人 {tax_id}", "There is no taxpayer {tax_id} on this register")
    way_out = Text("请核对纳税人识别号", "Check the identifier")


class BadKindChange(Refusal):
    """The change of kind cannot take effect that day."""

    code = "REG-TAX-11"
    title = Text(
        "不能自 {on} 起变更：现有类型自 {since} 起生效",
        "The kind cannot change on {on}: the present one holds from {since}",
    )
    way_out = Text("生效日期须晚于现有类型的起始日", "Choose a day after the present kind began")


class SameKind(Refusal):
    """The taxpayer is of that kind already."""

    code = "REG-TAX-12"
    title = Text("纳税人已是该类型（{kind}）", "The taxpayer is of that kind already ({kind})")
    way_out = Text("无需办理", "Nothing needs to be done")


class BadPhone(Refusal):
    """The text is not a telephone number."""

    code = "REG-TAX-13"
    title = Text("“{phone}”不是电话号码", "“{phone}” is not a telephone number")
    way_out = Text(
        "请填写数字，可含区号与“-”，例如 0771-5601234",
        "Give digits with area code and “-”, such as 0771-5601234",
    )


class BadBankAccount(Refusal):
    """The text is not a bank account."""

    code = "REG-TAX-14"
    title = Text("银行账号须为 6–40 位数字、字母或“-”", "A bank account has 6–40 digits, letters or “-”")
    way_out = Text("请与开户许可证或银行回单核对", "Compare it with the bank's certificate or a statement")


class UnknownIndustry(Refusal):
    """There is no such industry."""

    code = "REG-TAX-15"
    rule = "GB/T 4754-2017"
    title = Text("没有代码为 {industry} 的国民经济行业", "There is no industry {industry} in GB/T 4754")
    way_out = Text("请从行业代码表中选择", "Choose a code from the table of industries")


class BadTaxKind(Refusal):
    """A tax kind has an impossible period or an unknown tax."""

    code = "REG-TAX-16"
    title = Text("税费种认定有误：{reason}", "The tax kind is wrong: {reason}")
    way_out = Text(
        "请检查征收项目、有效期与纳税期限（month、quarter、half-year、year、once）",
        "Check tax, dates and filing period (month, quarter, half-year, year, once)",
    )


class UnknownCustomer(Refusal):
    """The taxpayer keeps no such customer."""

    code = "REG-CUS-01"
    status = 404
    title = Text("未找到该客户", "There is no such customer in your list")
    way_out = Text("请从客户信息列表中选择", "Choose one from the list of customers")


class CustomerNameTaken(Refusal):
    """The taxpayer keeps another customer under that name and number."""

    code = "REG-CUS-02"
    status = 409
    title = Text("客户“{name}”已在列表中", "The customer “{name}” is in your list already")
    way_out = Text("请修改已有的客户", "Change the one that is there")


class UnknownGood(Refusal):
    """The taxpayer keeps no such item."""

    code = "REG-GDS-01"
    status = 404
    title = Text("未找到该项目", "There is no such item in your list")
    way_out = Text("请从项目信息列表中选择", "Choose one from the list of goods and services")


class GoodTaken(Refusal):
    """The taxpayer keeps another item with that name, specification and unit."""

    code = "REG-GDS-02"
    status = 409
    title = Text(
        "项目“{name}”（同规格、同单位）已在列表中",
        "“{name}” with that specification and unit is in your list",
    )
    way_out = Text("请修改已有的项目", "Change the one that is there")


class UnknownTaxCode(Refusal):
    """The tax classification code does not exist, or is a heading."""

    code = "REG-GDS-03"
    title = Text(
        "商品和服务税收分类编码 {tax_code} 不存在或不是末级",
        "The tax classification code {tax_code} does not exist or is only a heading",
    )
    way_out = Text(
        "请按名称搜索并选择末级编码（19 位）",
        "Search by name and choose a code of the lowest level (19 digits)",
    )


class BadRate(Refusal):
    """The text is not a rate."""

    code = "REG-GDS-04"
    title = Text("“{rate}”不是税率", "“{rate}” is not a tax rate")
    way_out = Text("请填写比率，例如 13% 填 0.13，免税填 0", "Give a ratio: 0.13 for 13%, 0 for exempt")


class BadUnitPrice(Refusal):
    """The text is not a unit price."""

    code = "REG-GDS-05"
    title = Text("“{unit_price}”不是单价", "“{unit_price}” is not a unit price")
    way_out = Text(
        "请填写大于零的数，最多 13 位小数；可留空",
        "Give a number above zero with at most 13 decimals, or nothing",
    )

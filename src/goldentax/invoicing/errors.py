"""
How invoicing says no. Codes are never used again; the order of the checks stands in ``rules/issuing.py``.

Sources: FACTS of the e-invoice reference, sections 1.6 (field lengths), 1.7 (rates, preferences), 1.8 (arithmetic),
3 (limit), 4.5 (verification).
"""

from goldentax.kernel.refusals import Refusal
from goldentax.kernel.text import Text


class BadRequestId(Refusal):
    """The request id is missing or malformed."""

    code = "INV-REQ-01"
    title = Text(
        "请求号 request_id 须为 8–64 位字母、数字、- 或 _", "request_id must be 8–64 letters, digits, - or _"
    )
    way_out = Text(
        "每次新的开票请求用一个新的请求号，例如 UUID", "Use a fresh id, such as a UUID, for each new invoice"
    )


class RequestIdReused(Refusal):
    """The request id was used before, with another content."""

    code = "INV-REQ-02"
    status = 409
    title = Text(
        "请求号 {request_id} 已用于内容不同的发票 {number}",
        "request_id {request_id} was used for invoice {number} with another content",
    )
    way_out = Text(
        "如要开具新发票，请换一个请求号；如要取回原结果，请原样重发",
        "For a new invoice use a new id; to get the first answer back, send the first content",
    )


class Unreadable(Refusal):
    """The draft is not in the documented form."""

    code = "INV-REQ-03"
    title = Text("请求内容不符合格式：{reason}", "The request is not in the documented form: {reason}")
    way_out = Text(
        "请对照 docs/examples/invoice.json 与 /api/openapi.json",
        "Compare it with docs/examples/invoice.json and /api/openapi.json",
    )


class BadUtf8(Refusal):
    """The body is not UTF-8 text."""

    code = "INV-REQ-04"
    status = 400
    title = Text("请求不是有效的 UTF-8 文本", "The request is not valid UTF-8 text")
    way_out = Text("请以 UTF-8 编码提交 JSON", "Send JSON in UTF-8")


class UnknownKind(Refusal):
    """The invoice kind cannot be issued here."""

    code = "INV-KND-01"
    title = Text("不能开具票种“{kind}”", "Invoices of kind “{kind}” cannot be issued")
    way_out = Text(
        "可开票种：81 电子发票（增值税专用发票）、82 电子发票（普通发票）",
        "Kinds are 81 (special VAT) and 82 (ordinary)",
    )


class SellerUnknown(Refusal):
    """The seller is not on this node's register."""

    code = "INV-SEL-01"
    title = Text("销售方 {tax_id} 未在本局登记", "The seller {tax_id} is not registered here")
    way_out = Text("请在登记地税务机关办理", "Turn to the bureau where the seller is registered")


class SellerMismatch(Refusal):
    """The draft names a seller other than the taxpayer acted for."""

    code = "INV-SEL-02"
    status = 403
    title = Text("不能以 {tax_id} 的名义开票", "You do not issue for {tax_id}")
    way_out = Text(
        "请切换办税身份，或删去 seller_tax_id", "Switch to that taxpayer, or leave seller_tax_id out"
    )


class SellerMayNotIssue(Refusal):
    """The seller's state or kind forbids issuing."""

    code = "INV-SEL-03"
    title = Text("{name} 当前不能自行开票：{reason_zh}", "{name} may not issue at present: {reason_en}")
    way_out = Text(
        "请到主管税务机关办理；自然人可申请代开",
        "Turn to your tax office; natural persons may ask the office to issue for them",
    )


class NotAnIssuingNode(Refusal):
    """This node does not issue invoices."""

    code = "INV-SEL-04"
    title = Text("本节点（{node}）不办理开票", "This node ({node}) does not issue invoices")
    way_out = Text("请在省级税务局办理", "Use the node of your province")


class BuyerNameMissing(Refusal):
    """The buyer has no name."""

    code = "INV-BUY-01"
    title = Text("请填写购买方名称", "The buyer's name is missing")
    way_out = Text(
        "填写营业执照上的全称；个人填写姓名或“个人”",
        "Give the full registered name; for a person, the name or 个人",
    )


class BuyerIdMissing(Refusal):
    """A special invoice needs the buyer's number."""

    code = "INV-BUY-02"
    title = Text(
        "专用发票须填写购买方纳税人识别号", "A special VAT invoice needs the buyer's taxpayer number"
    )
    way_out = Text(
        "补填购买方识别号，或改开普通发票（82）", "Add the number, or issue an ordinary invoice (82)"
    )
    rule = "FACTS 1.1"


class BuyerIdWrong(Refusal):
    """The buyer's number is malformed or its check character is wrong."""

    code = "INV-BUY-03"
    title = Text(
        "购买方识别号 {tax_id} 有误：长度或校验码不符",
        "The buyer's number {tax_id} is wrong: its length or check character",
    )
    way_out = Text(
        "请与购买方核对；统一社会信用代码末位是校验码（GB 32100）",
        "Check it with the buyer; the last character is a check (GB 32100)",
    )
    rule = "GB 32100 / GB 11643"


class SpecialToPerson(Refusal):
    """A special invoice may not go to a natural person."""

    code = "INV-BUY-04"
    title = Text("不得向自然人开具专用发票", "A special VAT invoice may not be issued to a natural person")
    way_out = Text("请改开普通发票（82）", "Issue an ordinary invoice (82)")
    rule = "增值税法实施条例 37"


class TooLong(Refusal):
    """A text is longer than the official record carries."""

    code = "INV-LEN-01"
    title = Text("“{label}”超过 {limit} 个字符", "“{label}” is longer than {limit} characters")
    way_out = Text("请缩短后重试", "Shorten it")


class BadCharacters(Refusal):
    """A text holds control characters, which no form of the invoice can carry."""

    code = "INV-LEN-02"
    title = Text("“{label}”含有不可见的控制字符", "“{label}” holds control characters")
    way_out = Text("请删去后重新输入", "Remove them and type the text again")


class NoLines(Refusal):
    """The invoice has no line."""

    code = "INV-LIN-01"
    title = Text("发票没有明细行", "The invoice has no lines")
    way_out = Text("至少填写一行", "Give at least one line")


class TooManyLines(Refusal):
    """The invoice has more lines than allowed."""

    code = "INV-LIN-02"
    title = Text("明细 {count} 行，超过上限 {limit} 行", "{count} lines are more than {limit}")
    way_out = Text(
        "请拆分为多张发票；折扣行也计入行数", "Split it into several invoices; discount lines count"
    )


class LineNameMissing(Refusal):
    """A line has no name."""

    code = "INV-LIN-03"
    title = Text("第 {line} 行没有项目名称", "Line {line} has no name")
    way_out = Text("请填写项目名称", "Give the goods or service a name")


class AmountMissing(Refusal):
    """A line has neither an amount nor quantity and price."""

    code = "INV-LIN-04"
    title = Text("第 {line} 行缺少金额", "Line {line} has no amount")
    way_out = Text("填写金额，或同时填写数量与单价", "Give the amount, or both quantity and unit price")


class ProductDiffers(Refusal):
    """Quantity times price is not the amount."""

    code = "INV-LIN-05"
    title = Text(
        "第 {line} 行数量×单价为 {expected}，与金额 {given} 不符",
        "Line {line}: quantity × price is {expected}, the amount says {given}",
    )
    way_out = Text(
        "请更正其中一项；可只填两项，由系统算出第三项",
        "Correct one of them; give two and the third is worked out",
    )


class NegativeLine(Refusal):
    """A negative amount on a line that is no discount."""

    code = "INV-LIN-06"
    title = Text("第 {line} 行金额为负，但不是折扣行", "Line {line} is negative but is not a discount line")
    way_out = Text(
        "折扣请用折扣行，紧跟被折扣的那一行（接口中为 is_discount）；退货请开红字发票",
        "A discount is a discount line right after its line (is_discount in the API); a return, a red invoice",
    )


class ZeroLine(Refusal):
    """A line is worth nothing."""

    code = "INV-LIN-07"
    title = Text("第 {line} 行金额为零", "Line {line} has the amount zero")
    way_out = Text("请填写金额或删去该行", "Give an amount or remove the line")


class DiscountMisplaced(Refusal):
    """A discount line does not follow the line it discounts."""

    code = "INV-DIS-01"
    title = Text(
        "第 {line} 行折扣须紧跟一条正常行，且每行只有一条折扣",
        "The discount in line {line} must follow one normal line, and only one each",
    )
    way_out = Text("把折扣行移到被折扣行之后", "Move it behind the line it discounts")


class DiscountDiffers(Refusal):
    """A discount line is for other goods or another rate than its line."""

    code = "INV-DIS-02"
    title = Text(
        "第 {line} 行折扣的名称、编码、税率须与上一行相同",
        "The discount in line {line} must have the name, code and rate of the line before",
    )
    way_out = Text("请照抄上一行的名称、税收分类编码和税率", "Copy them from the line before")


class DiscountTooLarge(Refusal):
    """A discount is above its line."""

    code = "INV-DIS-03"
    title = Text("第 {line} 行折扣额大于被折扣行金额", "The discount in line {line} is larger than its line")
    way_out = Text("折扣额不得超过被折扣行", "A discount cannot exceed its line")


class DiscountShape(Refusal):
    """A discount line has a quantity or price, or is not negative."""

    code = "INV-DIS-04"
    title = Text(
        "第 {line} 行折扣须为负数金额，且不填数量、单价",
        "The discount in line {line} must be a negative amount without quantity or price",
    )
    way_out = Text("只填负数金额", "Give only a negative amount")


class BadNumber(Refusal):
    """A quantity, price or amount has a form the record cannot carry."""

    code = "INV-NUM-01"
    title = Text("第 {line} 行“{label}”的值 {value} 无效", "Line {line}: “{label}” cannot be {value}")
    way_out = Text(
        "金额最多两位小数；数量、单价须为正数，最多 13 位小数、总长 25 位",
        "Amounts have at most two decimals; quantity and price are above zero, with at most 13 decimals",
    )


class UnknownTaxCode(Refusal):
    """The tax classification code does not exist on the day."""

    code = "INV-COD-01"
    title = Text(
        "第 {line} 行的税收分类编码 {tax_code} 不存在或已停用",
        "Line {line}: the tax code {tax_code} does not exist or is not in use",
    )
    way_out = Text("请在商品编码查询中选择 19 位编码", "Pick a 19-digit code from the code search")


class TaxCodeIsGroup(Refusal):
    """The tax classification code is a heading, not an item."""

    code = "INV-COD-02"
    title = Text(
        "第 {line} 行的编码 {tax_code} 是汇总项，不能开票",
        "Line {line}: {tax_code} is a heading and cannot be invoiced",
    )
    way_out = Text("请选择其下的明细编码", "Pick an item below it")


class WrongShortName(Refusal):
    """The short name given belongs to another code."""

    code = "INV-COD-03"
    title = Text(
        "第 {line} 行的简称“{given}”与编码不符，应为“{expected}”",
        "Line {line}: the short name “{given}” is not that of the code, “{expected}”",
    )
    way_out = Text("不填简称时由系统按编码带出", "Leave it out and the code's own is taken")


class BadRate(Refusal):
    """The rate is no ratio."""

    code = "INV-RAT-01"
    title = Text("第 {line} 行税率“{rate}”不是有效的比率", "Line {line}: “{rate}” is not a rate")
    way_out = Text("请写成小数，例如 0.13", "Write it as a ratio, such as 0.13")


class RateNotAllowed(Refusal):
    """The rate is not open to this kind of taxpayer on this day."""

    code = "INV-RAT-02"
    title = Text(
        "{kind_zh}不能使用第 {line} 行的税率 {rate}", "Line {line}: a {kind_en} may not use the rate {rate}"
    )
    way_out = Text("可用税率：{allowed}", "The rates open to you are {allowed}")
    rule = "lawbook invoicing/rates"


class RateNeedsPreference(Refusal):
    """The rate is a levy rate that needs its preference mark."""

    code = "INV-RAT-03"
    title = Text(
        "第 {line} 行征收率 {rate} 须选择优惠政策标识 {needed}",
        "Line {line}: the levy rate {rate} needs the preference mark {needed}",
    )
    way_out = Text(
        "一般纳税人选择简易计税的，请选择对应标识",
        "A general taxpayer under the simple method chooses the mark",
    )


class RateNotForCode(Refusal):
    """The rate does not go with the goods or service of the line."""

    code = "INV-RAT-04"
    title = Text(
        "第 {line} 行的编码 {tax_code} 不适用税率 {rate}",
        "Line {line}: the rate {rate} does not go with the code {tax_code}",
    )
    way_out = Text("请核对编码，或选择该编码适用的税率", "Check the code, or choose a rate that goes with it")
    rule = "lawbook invoicing/rates"


class UnknownPreference(Refusal):
    """The preference mark does not exist or does not fit the rate."""

    code = "INV-PRE-01"
    title = Text(
        "第 {line} 行优惠政策标识“{preference}”与税率 {rate} 不符",
        "Line {line}: the preference “{preference}” does not go with the rate {rate}",
    )
    way_out = Text(
        "免税（03）、不征税（04）的税率填 0；其他标识见代码表 yhzcbs",
        "With 免税 (03) and 不征税 (04) the rate is 0; see the code table yhzcbs",
    )


class NotOnSpecial(Refusal):
    """Exempt, untaxed and zero-rated sales may not be on a special invoice."""

    code = "INV-PRE-02"
    title = Text(
        "第 {line} 行（免税、不征税或 {rate}）不得开具专用发票",
        "Line {line} (exempt, not taxed or {rate}) may not be on a special VAT invoice",
    )
    way_out = Text("请改开普通发票（82）", "Issue an ordinary invoice (82)")
    rule = "增值税法实施条例 37"


class UntaxedMixed(Refusal):
    """Lines that are not taxed share no invoice with taxable ones."""

    code = "INV-PRE-03"
    title = Text(
        "不征税项目不能与应税项目开在同一张发票上（第 {line} 行）",
        "Not-taxed lines cannot share an invoice with taxable lines (line {line})",
    )
    way_out = Text("请分开开具", "Issue two invoices")


class TaxDiffers(Refusal):
    """The tax given is further from the rule than tolerated."""

    code = "INV-TAX-01"
    title = Text(
        "第 {line} 行税额应为 {expected}，所填 {given} 超出容差 {tolerance}",
        "Line {line}: the tax is {expected}; {given} is beyond the tolerance of {tolerance}",
    )
    way_out = Text(
        "请按金额×税率计算，或不填由系统计算", "Work it out as amount × rate, or leave it to the system"
    )


class TotalDiffers(Refusal):
    """A total given is not the sum of the lines."""

    code = "INV-TOT-01"
    title = Text("{label_zh}应为 {expected}，所填为 {given}", "{label_en} is {expected}, not {given}")
    way_out = Text(
        "合计必须等于各行之和，一分不差；可不填由系统计算",
        "Totals equal the sum of the lines to the fen; leave them out to have them worked out",
    )


class TotalOutOfRange(Refusal):
    """The invoice is worth nothing, or more than the record can carry."""

    code = "INV-TOT-02"
    title = Text("发票合计 {given} 超出可开范围", "The invoice total {given} is out of range")
    way_out = Text(
        "合计须大于零且不超过 16 位整数", "The total must be above zero and have at most 16 integer digits"
    )


class RedOnBlue(Refusal):
    """A red reference on a blue invoice."""

    code = "INV-SPC-01"
    title = Text("蓝字发票不能带红冲信息", "A blue invoice carries no red reference")
    way_out = Text("冲销已开发票请走红字流程", "To reverse an invoice use the red-letter procedure")


class NoLimit(Refusal):
    """The seller was never granted a limit."""

    code = "INV-LIM-01"
    title = Text("{tax_id} 尚未核定总授信额度", "{tax_id} has no total limit")
    way_out = Text("请向主管税务机关申请赋额", "Apply to your tax office for a limit")


class LimitSpent(Refusal):
    """The month's limit does not cover the amount."""

    code = "INV-LIM-02"
    title = Text(
        "本月剩余额度 {available} 元，不足以开具 {needed} 元",
        "The limit left this month is {available} yuan; {needed} is needed",
    )
    way_out = Text("可申请临时或人工调整额度，或下月开具", "Apply for an adjustment, or issue next month")


class LimitExpired(Refusal):
    """The limit's validity is over."""

    code = "INV-LIM-03"
    title = Text("额度有效期已于 {valid_to} 截止", "The limit was valid until {valid_to}")
    way_out = Text(
        "请完成申报后延长有效期，或向主管税务机关申请",
        "File your return to extend it, or apply to your tax office",
    )


class InvoiceNotFound(Refusal):
    """There is no such invoice among yours; another's looks the same as none."""

    code = "INV-GET-01"
    status = 404
    title = Text("没有找到您的发票 {number}", "There is no invoice {number} of yours")
    way_out = Text(
        "请检查 20 位发票号码和当前办税身份；他人的发票可用查验",
        "Check the 20 digits and whom you act for; others' invoices can be verified",
    )


class UnknownForm(Refusal):
    """There is no such form of an invoice."""

    code = "INV-GET-02"
    status = 404
    title = Text("没有“{form}”这种版式", "There is no form “{form}”")
    way_out = Text("可用版式：xml、pdf、ofd", "Forms are xml, pdf and ofd")


class BadFilter(Refusal):
    """A search condition cannot be read."""

    code = "INV-QRY-01"
    title = Text("查询条件“{name}”的值 {value} 无效", "The condition “{name}” cannot be {value}")
    way_out = Text(
        "日期写作 2026-11-21，金额为元，票种为 81 或 82", "Dates are 2026-11-21, amounts yuan, kinds 81 or 82"
    )


class BadVerifyQuery(Refusal):
    """A verification asks with malformed fields."""

    code = "INV-VER-01"
    title = Text("查验项“{label}”有误", "The verification field “{label}” is wrong")
    way_out = Text(
        "请照票面填写：发票号码 20 位、开票日期、价税合计",
        "Copy from the face: the 20 digits, the date, the total including tax",
    )


class VerifyTooOften(Refusal):
    """This invoice was asked for too often today."""

    code = "INV-VER-02"
    status = 429
    title = Text("今日对该发票的查验已达 {limit} 次", "This invoice was verified {limit} times today already")
    way_out = Text("请明日再试", "Try again tomorrow")


class ForgedFile(Refusal):
    """A file bears this node's number or key, but its signature does not cover what it says."""

    code = "INV-IMP-02"
    title = Text(
        "文件 {number} 的签名与内容不符，不是本局交付的原件",
        "The signature of file {number} does not cover its content: it is not what this bureau delivered",
    )
    way_out = Text(
        "请不要据此付款或入账；向开票方索取原始文件，或在发票查验中核对",
        "Do not pay or book by it; ask the issuer for the original, or verify the invoice",
    )
    rule = "SM2/SM3"


class DemoOnly(Refusal):
    """Issuing an imported document again is for demo worlds."""

    code = "INV-IMP-01"
    title = Text("只有演示环境可以把导入的发票重新开具", "Only a demo world issues imported documents again")
    way_out = Text("去掉 --reissue，只做解析与检查", "Leave --reissue out: parse and check only")


class DeskUnavailable(Refusal):
    """The store did not take the invoice; whether it stands is told to whoever asks again with the same id."""

    code = "INV-DSK-01"
    status = 503
    title = Text("开票服务暂时不可用", "Issuing is not available at the moment")
    way_out = Text(
        "请稍后用同一请求号重试，不会重复开具", "Try again with the same request id; nothing is issued twice"
    )


class DeskBusy(Refusal):
    """More is waiting than can be issued soon."""

    code = "INV-DSK-02"
    status = 503
    title = Text(
        "排队开具的发票过多，预计等待 {seconds} 秒", "Too many invoices are waiting: about {seconds} seconds"
    )
    way_out = Text(
        "请按 Retry-After 的秒数等待后，用同一请求号重试；大量开具请用批量接口",
        "Wait as Retry-After says and send the same request id again; send many at once as a batch",
    )


class TooManyRequests(Refusal):
    """One token asks more often than its rate allows."""

    code = "INV-DSK-03"
    status = 429
    title = Text("该令牌每秒最多开具 {limit} 张", "This token issues at most {limit} invoices a second")
    way_out = Text(
        "请按 Retry-After 的秒数等待后重试，或改用批量接口",
        "Wait as Retry-After says, or send them as a batch",
    )


class LogUnknown(Refusal):
    """There is no such log on this node."""

    code = "INV-LOG-01"
    status = 404
    title = Text("本节点没有日志“{log}”", "There is no log “{log}” on this node")
    way_out = Text("本节点的日志见 /api/v1/log", "/api/v1/log lists the logs of this node")


class HeadNotFound(Refusal):
    """No head of the log has this size."""

    code = "INV-LOG-02"
    status = 404
    title = Text("日志 {log} 没有大小为 {size} 的树头", "Log {log} has no head of size {size}")
    way_out = Text(
        "树头的大小见 /api/v1/log/…/heads；先给小的，后给大的",
        "/api/v1/log/…/heads lists the sizes of the heads; give the smaller one first",
    )


class LeafNotFound(Refusal):
    """Another leaf stands at this index, or none."""

    code = "INV-LOG-03"
    status = 404
    title = Text(
        "日志 {log} 第 {index} 号不是这个摘要，或树头还不包含它",
        "In log {log} another leaf than this stands at {index}, or the head does not reach it",
    )
    way_out = Text(
        "序号与摘要请照回执填写；leaf_hash 是 SM3(0x00 ‖ 发票文件摘要)",
        "Copy both from the receipt; leaf_hash is SM3(0x00 ‖ the document's digest)",
    )


class WitnessUnknown(Refusal):
    """The witness is not registered at this node."""

    code = "INV-LOG-04"
    status = 403
    title = Text("见证人“{witness}”没有登记", "The witness “{witness}” is not registered")
    way_out = Text(
        "请先由本节点登记见证人的公钥：goldentax log witness add",
        "Have the node register the witness's key first: goldentax log witness add",
    )


class CosignatureWrong(Refusal):
    """The cosignature is not one of this witness over this head."""

    code = "INV-LOG-05"
    title = Text("见证签名与树头不符", "The cosignature does not fit the head")
    way_out = Text(
        "请对 /log/…/heads 给出的 signed_bytes 原样签名",
        "Sign the signed_bytes of the head exactly as they are given",
    )


class WitnessKeyWrong(Refusal):
    """This is no public key of a witness."""

    code = "INV-LOG-06"
    title = Text("不是有效的 {algorithm} 公钥", "This is no public key for {algorithm}")
    way_out = Text(
        "SM2 公钥为 128 位十六进制，Ed25519 为 64 位", "SM2 keys have 128 hex digits, Ed25519 keys have 64"
    )


class ReceiptUnreadable(Refusal):
    """What was given is no receipt."""

    code = "INV-LOG-07"
    title = Text("这不是回执，或不完整", "This is no receipt, or only a part of one")
    way_out = Text(
        "请粘贴或上传 .receipt.json 文件的全部内容", "Paste or upload the whole of the .receipt.json file"
    )


class HeadsFileUnreadable(Refusal):
    """A line of a file of heads is no head."""

    code = "INV-LOG-08"
    title = Text("第 {line} 行不是树头", "Line {line} is no head")
    way_out = Text("每行应为一个 JSON 树头", "Each line is one head as JSON")


class BulkEmpty(Refusal):
    """A batch holds no invoice."""

    code = "INV-BLK-01"
    title = Text("批量内容为空，没有任何开票申请", "The batch holds no invoice")
    way_out = Text(
        "每行一张发票的 JSON（JSON lines），或一个 JSON 数组",
        "Send one invoice a line (JSON lines), or a JSON array",
    )


class TooManyItems(Refusal):
    """A batch holds more than may be sent at once."""

    code = "INV-BLK-02"
    status = 413
    title = Text("一批最多 {limit} 张发票", "One batch holds at most {limit} invoices")
    way_out = Text(
        "请分成几批提交；同一请求号不会重复开具", "Split it; the same request id is never issued twice"
    )


class NotGzip(Refusal):
    """What is called gzip is none, or breaks off."""

    code = "INV-BLK-03"
    status = 400
    title = Text("内容不是完整的 gzip 数据", "The body is not whole gzip data")
    way_out = Text(
        "请检查压缩与 Content-Encoding 请求头，或不压缩直接提交",
        "Check the compression and the Content-Encoding header, or send it as it is",
    )


class BulkTooLarge(Refusal):
    """A batch or file is larger than is read."""

    code = "INV-BLK-04"
    status = 413
    title = Text("内容超过 {limit} MiB 的上限", "The content is above the limit of {limit} MiB")
    way_out = Text("请分成几批提交", "Send it in several parts")


class BulkUnreadable(Refusal):
    """The whole is no JSON array, so single invoices cannot be told apart."""

    code = "INV-BLK-05"
    title = Text(
        "不是完整的 JSON 数组，在第 {place} 字节处中断",
        "This is no whole JSON array: it breaks at byte {place}",
    )
    way_out = Text(
        "请检查括号与引号，或改用每行一张发票的 JSON lines", "Check brackets and quotes, or send JSON lines"
    )


class ItemTooLarge(Refusal):
    """One invoice of a batch is larger than any may be."""

    code = "INV-BLK-06"
    status = 413
    title = Text("单张发票的申请超过 {limit} MiB", "One invoice of the batch is above {limit} MiB")
    way_out = Text("一张发票最多 2000 行，约 1 MiB", "An invoice has at most 2,000 lines, about 1 MiB")


class UnknownEncoding(Refusal):
    """The body is packed in a way that is not read."""

    code = "INV-BLK-07"
    status = 415
    title = Text("不支持的 Content-Encoding：{encoding}", "Content-Encoding {encoding} is not read")
    way_out = Text("请用 gzip，或不压缩", "Use gzip, or none")


class BodyTooSlow(Refusal):
    """A body did not arrive in time."""

    code = "INV-BLK-08"
    status = 408
    title = Text("{seconds} 秒内没有收完请求内容", "The body did not arrive within {seconds} seconds")
    way_out = Text("请压缩后提交，或分成几批", "Compress it, or send it in several parts")


class SheetUnreadable(Refusal):
    """The file is no workbook that is read."""

    code = "INV-BLK-09"
    title = Text("无法读取此文件：{reason_zh}", "The file cannot be read: {reason_en}")
    way_out = Text(
        "请下载模板填写后上传 .xlsx，或上传 JSON lines / JSON 数组",
        "Fill in the template and send it as .xlsx, or send JSON lines or a JSON array",
    )


class SheetHeaderWrong(Refusal):
    """The first row does not name the columns."""

    code = "INV-BLK-10"
    title = Text("第一行的列名不符：{reason_zh}", "The first row does not name the columns: {reason_en}")
    way_out = Text(
        "请照模板保留列名，列的顺序可以改变", "Keep the names of the template; their order may change"
    )


class SheetRowWrong(Refusal):
    """The rows of one invoice do not fit together."""

    code = "INV-BLK-11"
    title = Text("第 {row} 行：{reason_zh}", "Row {row}: {reason_en}")
    way_out = Text(
        "同一张发票的各行用同一单据号，购买方、票种等只填一次或填写相同内容",
        "The rows of one invoice bear one 单据号; give buyer and kind once, or the same each time",
    )


class TooManyJobs(Refusal):
    """A taxpayer has as many files waiting as may wait."""

    code = "INV-BLK-12"
    status = 429
    title = Text("还有 {limit} 个文件没有办完", "{limit} files are not done yet")
    way_out = Text("请等待其中一个办完再上传", "Wait until one of them is done")


class JobNotFound(Refusal):
    """There is no such job of the taxpayer acted for."""

    code = "INV-BLK-13"
    status = 404
    title = Text("没有找到您的批量任务", "There is no such job of yours")
    way_out = Text(
        "请从批量开具页面打开，并检查当前办税身份", "Open it from the bulk page, and check whom you act for"
    )


class ItemFailed(Refusal):
    """One invoice of a file met a fault of ours."""

    code = "INV-BLK-14"
    status = 500
    title = Text("这张发票因系统故障没有开具", "This invoice was not issued because of a fault of ours")
    way_out = Text(
        "请单独重新提交这一张，并告知税务机关", "Send this one again alone, and tell the tax office"
    )

"""What help says: short guides, the keys, and the words of the bureau as this product uses them."""

from dataclasses import dataclass

from goldentax.kernel.text import Text


@dataclass(frozen=True, slots=True)
class Guide:
    """One thing people ask how to do, in steps."""

    title: Text
    steps: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Term:
    """One word of the bureau, its name in both languages, and what it means in one sentence."""

    anchor: str
    name: Text
    meaning: Text


GUIDES = (
    Guide(
        Text("怎样开具一张数电发票？", "How do I issue an e-invoice?"),
        (
            Text(
                "登录，并在页眉选择要代表的企业。",
                "Sign in, and choose in the header for which company you act.",
            ),
            Text(
                "在“发票”中开始开票，选择购买方；从常用商品中选取，或按税收分类编码查找。",
                "Start one under “Invoices” and choose the buyer; pick your goods, or look up a tax code.",
            ),
            Text(
                "填写数量、单价或金额，合计由系统按规则即时计算。",
                "Fill in quantity, price or amount; the totals are worked out by the rules as you type.",
            ),
            Text(
                "预览票面，确认后开具。开具后号码即时生成，不能修改，只能红冲。",
                "Look at the face, then issue: it has its number at once, and can only be reversed.",
            ),
        ),
    ),
    Guide(
        Text("收到一张发票，怎样查验真伪？", "How do I verify an invoice I was given?"),
        (
            Text(
                "查验对所有人公开，不需要登录。", "Verification is open to everybody; you need not sign in."
            ),
            Text(
                "输入 20 位发票号码、开票日期和价税合计；三项都与票面一致才会显示结果。",
                "Enter the 20 digits, the day of issue and the total with tax; all three must agree.",
            ),
        ),
    ),
    Guide(
        Text("怎样让 ERP 或程序直接开票？", "How does my ERP or program issue invoices?"),
        (
            Text(
                "登录后打开“我的账户”，创建接口令牌并立即保存。",
                "Open “My account”, make an API token and keep it.",
            ),
            Text(
                "请求时带上“Authorization: Bearer 令牌”；接口文档在 /api/openapi.json。",
                "Send “Authorization: Bearer token”; the API document is at /api/openapi.json.",
            ),
            Text(
                "每次开票带上自己的请求号：同一请求号重发，得到的是第一次的结果，不会重复开票。",
                "Give each invoice a request id: sent again, it gets the first answer, no second invoice.",
            ),
        ),
    ),
    Guide(
        Text("页面说“不能办理”，怎么办？", "A page says “this cannot be done”. What now?"),
        (
            Text(
                "每个提示都说明哪一项不对、依据哪条规则、下一步怎么做，并附编号。",
                "Each one says what is wrong, which rule says so and what to do next, with a code.",
            ),
            Text(
                "用编号可以在帮助中查到说明，咨询时也请报出编号。",
                "Look the code up here, and quote it when you ask.",
            ),
        ),
    ),
)

KEYS = (
    ("/", Text("到搜索框", "Go to the search box")),
    ("Esc", Text("关闭弹出的菜单", "Close what has dropped down")),
    ("Tab", Text("到下一个字段", "Go to the next field")),
    ("Ctrl + Enter", Text("提交所在的表单（开票页）", "Send the form you are in (issuing)")),
)

TERMS = (
    Term(
        "e-invoice",
        Text("数电发票", "E-invoice"),
        Text(
            "全面数字化的电子发票：没有纸质原件，数据文件本身就是发票。",
            "A fully digital invoice: there is no paper original, the data is the invoice.",
        ),
    ),
    Term(
        "invoice-number",
        Text("发票号码", "Invoice number"),
        Text(
            "20 位：前 2 位为年度，第 3、4 位为省级区划，第 5 位为开具渠道，后 15 位为顺序号。",
            "20 digits: two for the year, two for the province, one for the channel, fifteen in sequence.",
        ),
    ),
    Term(
        "special-invoice",
        Text("增值税专用发票", "Special VAT invoice"),
        Text(
            "购买方可凭以抵扣进项税额，必须填写购买方税号。",
            "The buyer may deduct its tax; it needs the buyer's tax number.",
        ),
    ),
    Term(
        "ordinary-invoice",
        Text("普通发票", "Ordinary invoice"),
        Text(
            "证明付款，一般不用于抵扣；可以开给个人。",
            "Proof of payment, as a rule not for deduction; may go to a private person.",
        ),
    ),
    Term(
        "credit-code",
        Text("统一社会信用代码", "Unified social credit code"),
        Text(
            "18 位，最后一位是校验码；企业的纳税人识别号即此代码。",
            "18 characters, the last of them a check character; it is also a company's tax number.",
        ),
    ),
    Term(
        "general-taxpayer",
        Text("一般纳税人", "General taxpayer"),
        Text("按税率计算销项税额，可抵扣进项税额。", "Charges VAT at the full rates and deducts input tax."),
    ),
    Term(
        "small-scale",
        Text("小规模纳税人", "Small-scale taxpayer"),
        Text("按征收率计税，不抵扣进项税额。", "Pays VAT at a levy rate and deducts no input tax."),
    ),
    Term(
        "total-limit",
        Text("发票总额度", "Total invoice limit"),
        Text(
            "一个自然月内可开具发票金额（不含税）的上限，由系统动态调整。",
            "How much, without tax, may be invoiced in a calendar month; it is adjusted as things change.",
        ),
    ),
    Term(
        "tax-code",
        Text("税收分类编码", "Tax classification code"),
        Text(
            "商品和服务的 19 位编码，决定票面上的简称和可用的税率。",
            "The 19-digit code of goods and services; it gives the short name and the rates that fit.",
        ),
    ),
    Term(
        "gross",
        Text("价税合计", "Total with tax"),
        Text(
            "金额合计加税额合计，票面同时用大写和小写表示。",
            "Amounts plus tax; the face shows it in Chinese capitals and in figures.",
        ),
    ),
    Term(
        "red-letter",
        Text("红字发票", "Red-letter invoice"),
        Text(
            "以负数冲销已开具的蓝字发票；发票不能修改或作废。",
            "Reverses an issued invoice with negative amounts; invoices are never edited.",
        ),
    ),
    Term(
        "verification",
        Text("查验", "Verification"),
        Text(
            "用票面上的几项数据核对税务局留存的发票。",
            "Checking a few facts of the face against what the tax office holds.",
        ),
    ),
    Term(
        "ofd",
        Text("OFD", "OFD"),
        Text(
            "国家标准版式文件（GB/T 33190），与 PDF、XML 同为数电发票的交付格式。",
            "The national fixed-layout format (GB/T 33190), delivered beside PDF and XML.",
        ),
    ),
    Term(
        "identity",
        Text("办税身份", "Identity"),
        Text(
            "您以谁的名义办税：某个企业的某个岗位、本人，或税务人员。",
            "In whose name you act: a duty for a company, yourself, or an officer.",
        ),
    ),
    Term(
        "api-token",
        Text("接口令牌", "API token"),
        Text("让程序以您的身份办税的凭据，可随时撤销。", "Lets a program act as you; revoke it at any time."),
    ),
    Term(
        "request-id",
        Text("请求号", "Request id"),
        Text(
            "由提交方给出；同一请求号重发，得到第一次的结果。",
            "Chosen by whoever sends; sent again, it gets the first answer back.",
        ),
    ),
)

"""
The invoice as it stands for ever: every figure worked out, every party copied in whole.

This is what is stored, hashed (SM3), signed and rendered. It is never edited: a later wish becomes a later
document. The stored bytes are the canonical JSON made by :func:`encode`; a document decodes to an equal one.
"""

from datetime import date, datetime

import msgspec

from goldentax.invoicing.rules.drafts import RedReference, SpecificElement


class Party(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A seller (销售方) or buyer (购买方), copied from the register or the draft at the moment of issue."""

    name: str
    tax_id: str = ""
    address: str = ""
    phone: str = ""
    bank_name: str = ""
    bank_account: str = ""
    is_person: bool = False


class Line(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One line (发票明细行) with its arithmetic done; all amounts in fen."""

    number: int  # 明细序号, from 1
    name: str  # 项目名称
    short_name: str = ""  # 商品和服务分类简称
    tax_code: str = ""  # 19 digits
    specification: str = ""
    unit: str = ""
    quantity: str = ""  # exact decimal as text, "" where the line has none
    unit_price: str = ""  # tax-exclusive, up to 13 decimals
    amount_fen: int
    rate: str  # ratio without trailing zeros: "0.13", "0.015", "0"
    tax_fen: int
    gross_fen: int
    preference: str = ""  # 优惠政策标识
    nature: str = "00"  # 发票行性质: 00 normal, 01 discount, 02 discounted

    @property
    def full_name(self) -> str:
        """货物或应税劳务、服务名称: ``*short name*name``, as printed."""
        return f"*{self.short_name}*{self.name}" if self.short_name else self.name

    @property
    def is_exempt(self) -> bool:
        return self.preference == "03"

    @property
    def is_untaxed(self) -> bool:
        return self.preference == "04"

    @property
    def rate_text(self) -> str:
        """The rate as the face shows it: ``13%``, ``1.5%``, ``免税``, ``不征税``."""
        if self.is_exempt:
            return "免税"
        if self.is_untaxed:
            return "不征税"
        whole, _, part = self.rate.partition(".")
        digits = (part + "00")[:2]
        rest = part[2:].rstrip("0")
        return str(int(whole + digits)) + (f".{rest}" if rest else "") + "%"


class InvoiceDocument(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A digital invoice (数电票), whole and immutable."""

    number: str  # 20 digits; "" in a preview
    kind: str  # 81 or 82
    is_red: bool = False
    issued_at: datetime  # aware, China's zone, whole seconds
    seller: Party
    buyer: Party
    lines: tuple[Line, ...]
    amount_fen: int  # 合计金额
    tax_fen: int  # 合计税额
    gross_fen: int  # 价税合计
    prices_include_tax: bool = False
    remark: str = ""
    payee: str = ""
    reviewer: str = ""
    drawer: str
    show_seller_bank: bool = False
    show_buyer_bank: bool = False
    show_seller_address: bool = False
    show_buyer_address: bool = False
    specific: tuple[SpecificElement, ...] = ()
    taxpayer_type: str = "1"  # 纳税人类型 of the seller: 1 general, 2 small-scale
    industry: tuple[str, str] = ("", "")  # 企业行业性质类标签: code, name
    channel: tuple[str, str] = ("1", "网页开票")  # 发票开具方式标签: code, name
    bureau_code: str  # 11 digits
    bureau_name: str
    node: str  # the home node: two digits of the province
    version: int = 1

    @property
    def issue_date(self) -> date:
        """开票日期."""
        return self.issued_at.date()

    @property
    def kind_name(self) -> str:
        """The invoice kind without 电子发票 and brackets: 增值税专用发票 or 普通发票."""
        return {"81": "增值税专用发票", "82": "普通发票"}[self.kind]

    @property
    def title(self) -> str:
        """The heading of the face: 电子发票（增值税专用发票）."""
        return f"电子发票（{self.kind_name}）"

    @property
    def buyer_printed_name(self) -> str:
        """The buyer's name as printed; a natural person's carries （个人）."""
        name = self.buyer.name
        return name + "（个人）" if self.buyer.is_person and not name.endswith("（个人）") else name

    @property
    def printed_remark(self) -> str:
        """
        The remark box of the face (备注), put together in the official order.

        Order (FACTS §1.3 display rules): red reference, free text, addresses and banks where asked for, payee and
        reviewer.
        """
        parts = [
            f"被红冲蓝字数电票号码：{one.original_number} 红字发票信息确认单编号：{one.confirmation_number}"
            for one in self.specific
            if isinstance(one, RedReference)
        ]
        parts += [self.remark] if self.remark else []
        for label, party, address, bank in (
            ("购方", self.buyer, self.show_buyer_address, self.show_buyer_bank),
            ("销方", self.seller, self.show_seller_address, self.show_seller_bank),
        ):
            if address and (party.address or party.phone):
                parts.append(f"{label}地址:{party.address};    电话:{party.phone};")
            if bank and (party.bank_name or party.bank_account):
                parts.append(f"{label}开户银行:{party.bank_name};    银行账号:{party.bank_account};")
        staff = [f"收款人:{self.payee};"] if self.payee else []
        staff += [f"复核人:{self.reviewer};"] if self.reviewer else []
        if staff:
            parts.append("    ".join(staff))
        return "\n".join(parts)


_encoder = msgspec.json.Encoder()
_decoder = msgspec.json.Decoder(InvoiceDocument)


def encode(document: InvoiceDocument) -> bytes:
    """Write the canonical bytes: field order of the class, defaults left out, UTF-8, no spaces."""
    return _encoder.encode(document)


def decode(data: bytes) -> InvoiceDocument:
    """Read canonical bytes back into an equal document."""
    return _decoder.decode(data)

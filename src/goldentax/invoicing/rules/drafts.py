"""
What a seller asks for: the draft of an invoice, as it arrives from the web, the API, Excel or a delivered XML.

Numbers come as text or JSON numbers and are read exactly; amounts are yuan with at most two decimals. Everything
the seller leaves out is worked out by :mod:`goldentax.invoicing.rules.issuing`; everything the seller does give
is checked against what the rules say.
"""

from decimal import Decimal

import msgspec

from goldentax.kernel.crypto.sm import sm3


class PartyDraft(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """The buyer (购买方) as the seller wrote it."""

    name: str
    tax_id: str = ""  # 统一社会信用代码/纳税人识别号; required for kind 81
    address: str = ""
    phone: str = ""
    bank_name: str = ""
    bank_account: str = ""
    is_person: bool = False  # 自然人标志: printed with （个人）


class LineDraft(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """One line (发票明细): goods or a service, or the discount of the line before it."""

    name: str  # 项目名称, without the short name between asterisks
    tax_code: str  # 商品和服务税收分类合并编码, 19 digits
    rate: str  # 税率/征收率 as a ratio: "0.13"; "0" with a preference for 免税 and 不征税
    short_name: str = ""  # 商品和服务分类简称; the code table's if empty, checked against it if given
    specification: str = ""
    unit: str = ""
    quantity: Decimal | None = None
    unit_price: Decimal | None = None
    amount: Decimal | None = None  # 金额, or 含税金额 where prices_include_tax
    tax: Decimal | None = None  # 税额, if the seller's own system computed it
    preference: str = ""  # 优惠政策标识 (yhzcbs): "03" 免税, "04" 不征税, "01" 简易征收 …
    is_discount: bool = False  # 折扣行: directly after its line, negative amount, no quantity or price


class TollDraft(msgspec.Struct, frozen=True, kw_only=True, tag="toll", forbid_unknown_fields=True):
    """通行费: one passage of one vehicle; moments as yyyyMMddHHmmssSSS."""

    plate_number: str
    vehicle_type: str = ""
    started_at: str = ""
    ended_at: str = ""


class PassengerDraft(msgspec.Struct, frozen=True, kw_only=True, tag="passenger", forbid_unknown_fields=True):
    """旅客运输服务: one trip of one traveller."""

    traveller: str
    id_number: str = ""
    id_kind: str = ""
    travel_date: str = ""
    departure: str = ""
    destination: str = ""
    vehicle_kind: str = ""
    grade: str = ""


class RedReference(msgspec.Struct, frozen=True, kw_only=True, tag="red", forbid_unknown_fields=True):
    """红字发票: which blue invoice is reversed, under which confirmation (红字信息确认单编号)."""

    original_number: str
    confirmation_number: str = ""


SpecificElement = TollDraft | PassengerDraft | RedReference
"""特定要素 blocks whose element names are known (FACTS §1.2)."""


class InvoiceDraft(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, forbid_unknown_fields=True):
    """The request to issue one invoice (开具申请)."""

    request_id: str = ""  # made by the caller, 8–64 characters; the same id gets the first answer back
    kind: str  # "81" 电子发票（增值税专用发票）, "82" 电子发票（普通发票）
    buyer: PartyDraft
    lines: tuple[LineDraft, ...]
    prices_include_tax: bool = False  # 含税标志: unit prices and amounts of all lines are tax-inclusive
    seller_tax_id: str = ""  # must equal the taxpayer acted for, if given
    remark: str = ""
    payee: str = ""  # 收款人
    reviewer: str = ""  # 复核人
    drawer: str = ""  # 开票人; the signed-in person if empty
    show_seller_bank: bool = False  # 是否展示销售方银行账号
    show_buyer_bank: bool = False
    show_seller_address: bool = False  # 是否展示销售方地址电话
    show_buyer_address: bool = False
    total_amount: Decimal | None = None  # 合计金额, checked if given
    total_tax: Decimal | None = None  # 合计税额, checked if given
    total_gross: Decimal | None = None  # 价税合计, checked if given
    specific: tuple[SpecificElement, ...] = ()


_encoder = msgspec.json.Encoder()


def identified(draft: InvoiceDraft) -> InvoiceDraft:
    """
    The draft with a request id: its own, or one made of its content.

    Two drafts without an id and with the same content are one request. Who sells the same to the same buyer twice
    says so by two ids.
    """
    if draft.request_id:
        return draft
    return msgspec.structs.replace(draft, request_id=f"sm3-{sm3(_encoder.encode(draft)).hex()[:60]}")

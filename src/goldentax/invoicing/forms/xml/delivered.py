"""
What a delivered file says, as plain values: the shape every reader of XML and OFD fills.

It is a statement of somebody else, so nothing is corrected: what had to be worked out is listed in
``worked_out``, and :func:`goldentax.invoicing.forms.xml.checking.check` says what does not fit together.
"""

from datetime import date

import msgspec

from goldentax.invoicing.rules.documents import Line, Party
from goldentax.invoicing.rules.drafts import SpecificElement

DIFFERENCE_RATE = "***"
"""The rate of a line under 差额征税-差额开票, as files and faces show it: it is not told."""


class Label(msgspec.Struct, frozen=True, kw_only=True):
    """A label of the header (标签): its type, code and name."""

    type: str = ""
    code: str = ""
    name: str = ""


class OtherElement(msgspec.Struct, frozen=True, kw_only=True):
    """A 特定要素 block whose element names are not known to us, kept as it came."""

    name: str
    fields: tuple[tuple[str, str], ...]


class Transaction(msgspec.Struct, frozen=True, kw_only=True):
    """A payment record of the additional information (交易信息)."""

    channel: str = ""
    number: str = ""


class DeliveredSignature(msgspec.Struct, frozen=True, kw_only=True):
    """The signature of the bureau (税务机关签名) as the file carries it."""

    signed_at: str = ""
    value_b64: str = ""
    algorithm: str = ""
    format: str = ""
    key_info: str = ""
    reference: str = ""


class DeliveredInvoice(msgspec.Struct, frozen=True, kw_only=True):
    """An invoice as a delivered file (交付文件) tells it."""

    number: str  # 20 digits; 8 for kinds before 数电票
    code: str = ""  # 发票代码, only of kinds before 数电票
    version: str = ""
    tag: str = ""  # EInvoiceTag: SWEI and the province
    kind: str  # 81 or 82; 10 for the older 增值税电子普通发票
    is_red: bool = False
    seller: Party
    buyer: Party
    buyer_handler: str = ""  # 购买方经办人
    lines: tuple[Line, ...]
    amount_fen: int
    tax_fen: int
    gross_fen: int
    chinese_amount: str = ""
    drawer: str = ""
    payee: str = ""  # only files before 数电票 have an element for it; later ones say it in the remark
    reviewer: str = ""
    request_time: str = ""  # as written: a day, or a moment
    issue_time: str = ""
    bureau_code: str = ""
    bureau_name: str = ""
    supervised_number: str = ""  # TaxSupervisionInfo/InvoiceNumber
    remark: str = ""
    specific: tuple[SpecificElement, ...] = ()
    other_specific: tuple[OtherElement, ...] = ()
    transactions: tuple[Transaction, ...] = ()
    taxpayer_type: str = ""
    labels: tuple[Label, ...] = ()
    authentication: str = ""  # 01 or 02
    platform_number: str = ""  # ptbh
    signature: DeliveredSignature | None = None
    worked_out: tuple[str, ...] = ()  # what the file left out and was computed from the rest

    @property
    def issue_date(self) -> date | None:
        """The day of issue (开票日期), or None if the file tells none that can be read."""
        for text in (self.issue_time, self.request_time):
            try:
                return date.fromisoformat(text[:10])
            except ValueError:
                continue
        return None


class AccountingEntry(msgspec.Struct, frozen=True, kw_only=True):
    """One debit or credit entry (借贷分录) of an accounting document."""

    side: str = ""  # 借方 or 贷方
    general_subject: str = ""
    subsidiary_subject: str = ""
    amount_fen: int


class ReceiverInstance(msgspec.Struct, frozen=True, kw_only=True):
    """
    A receiver instance (接收方入账信息实例) of the accounting data standard: a record *about* an invoice.

    It tells how the buyer booked the invoice; it has no lines and cannot be issued again.
    """

    number: str
    seller: Party
    entity: Party  # 会计核算主体: who books, in most cases the buyer
    amount_fen: int
    tax_fen: int
    gross_fen: int
    request_time: str = ""
    is_red: bool = False
    taxonomy: str = ""  # its date, such as 2023-12-31
    entries: tuple[AccountingEntry, ...] = ()
    facts: dict[str, str] = {}  # every other fact, by element name


class SignatureOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """What looking at the bureau's signature found."""

    state: str  # valid, missing, altered, unreadable
    reason_zh: str
    reason_en: str

    @property
    def is_valid(self) -> bool:
        return self.state == "valid"

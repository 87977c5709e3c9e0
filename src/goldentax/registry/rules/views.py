"""What reads of the register answer: frozen values, and what of them strangers may see."""

import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from typing import Generic, TypeVar

from goldentax.kernel.text import Text
from goldentax.kernel.values import identifiers
from goldentax.registry.rules import kinds

T = TypeVar("T")
S = TypeVar("S")


@dataclass(frozen=True, slots=True)
class Page(Generic[T]):
    """One page of a list; ``next_cursor`` is "" on the last one."""

    items: tuple[T, ...]
    next_cursor: str = ""

    def map(self, turn: Callable[[T], S]) -> "Page[S]":
        """The same page of other things."""
        return Page(items=tuple(turn(item) for item in self.items), next_cursor=self.next_cursor)


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxKindView:
    """One tax a taxpayer is found liable to (税费种认定), in ``[valid_from, valid_to)``."""

    tax: str
    filing_period: str
    valid_from: date
    valid_to: date | None

    @property
    def tax_name(self) -> Text:
        return kinds.TAX_NAMES[self.tax]

    @property
    def filing_period_name(self) -> Text:
        return kinds.FILING_PERIODS[self.filing_period]


@dataclass(frozen=True, slots=True, kw_only=True)
class KindSpanView:
    """The kind of a taxpayer in ``[from_date, to_date)``; an empty end is open."""

    kind: str
    from_date: date
    to_date: date | None

    @property
    def kind_name(self) -> Text:
        return kinds.kind_name(self.kind)


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxpayerView:
    """A taxpayer (纳税人) as the register knows it today."""

    public_id: uuid.UUID
    tax_id: str
    id_kind: str
    name: str
    kind: str  # general, small, person
    economic_type: str
    office_code: str
    office_name: str
    industry_code: str
    industry_name: str
    status: str
    address: str
    phone: str
    bank_name: str
    bank_account: str
    representative: str
    registered_date: date
    is_test: bool
    is_external: bool

    @property
    def is_normal(self) -> bool:
        """Whether the taxpayer is in ordinary business (正常)."""
        return self.status == kinds.NORMAL

    @property
    def is_person(self) -> bool:
        return self.kind == kinds.TaxpayerKind.PERSON

    @property
    def kind_name(self) -> Text:
        return kinds.kind_name(self.kind)

    @property
    def status_name(self) -> Text:
        return kinds.status_name(self.status)


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicTaxpayer:
    """What anyone signed in may see of another taxpayer: enough to put a buyer on an invoice."""

    tax_id: str
    name: str
    status: str
    status_name: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerView:
    """A customer (客户信息) as its owner keeps it."""

    public_id: uuid.UUID
    name: str
    tax_id: str
    address: str
    phone: str
    bank_name: str
    bank_account: str
    is_person: bool
    is_favourite: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class GoodView:
    """Goods or a service (项目信息) as its owner keeps it."""

    public_id: uuid.UUID
    name: str
    tax_code: str
    short_name: str  # 商品和服务分类简称
    specification: str
    unit: str
    unit_price: str  # exact decimal as text, "" for none
    rate: str  # ratio: "0.13"
    preference: str
    price_includes_tax: bool


def public_part(taxpayer: TaxpayerView) -> PublicTaxpayer:
    """What strangers may see; of a natural person only a shortened name and number (个人信息保护法 §6)."""
    return PublicTaxpayer(
        tax_id=identifiers.masked(taxpayer.tax_id) if taxpayer.is_person else taxpayer.tax_id,
        name=masked_name(taxpayer.name) if taxpayer.is_person else taxpayer.name,
        status=taxpayer.status,
        status_name=taxpayer.status_name,
    )


def masked(taxpayer: TaxpayerView) -> TaxpayerView:
    """The same taxpayer for others: account, telephone and persons' data shortened."""
    shortened = replace(
        taxpayer,
        phone=masked_middle(taxpayer.phone),
        bank_account=masked_middle(taxpayer.bank_account),
        representative=masked_name(taxpayer.representative),
    )
    if not taxpayer.is_person:
        return shortened
    return replace(
        shortened,
        tax_id=identifiers.masked(taxpayer.tax_id),
        name=masked_name(taxpayer.name),
        address=taxpayer.address[:6] + "***" if taxpayer.address else "",
    )


def masked_name(name: str) -> str:
    """A person's name with only its first character: 李**."""
    return name[:1] + "*" * (len(name) - 1)


def masked_middle(text: str) -> str:
    """The first and last three characters, the rest hidden; short texts are hidden whole."""
    return "*" * len(text) if len(text) < 8 else text[:3] + "*" * (len(text) - 6) + text[-3:]

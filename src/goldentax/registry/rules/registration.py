"""
Registration (设立登记) and its changes, as pure decisions.

The law names what is registered (税收征收管理法 §15; 增值税一般纳税人登记管理办法 for the kind).
Identifiers follow GB 32100; a test taxpayer, whose number was anonymised, is let through by its flag only.
"""

from dataclasses import dataclass, replace
from datetime import date

from goldentax.kernel.refusals import Refusal
from goldentax.kernel.text import Text
from goldentax.kernel.values import identifiers
from goldentax.kernel.values.identifiers import TaxpayerIdKind
from goldentax.registry import errors
from goldentax.registry.rules import checks, kinds
from goldentax.registry.rules.kinds import TaxpayerKind

TEST_ID = "test"
"""The ``id_kind`` of a test taxpayer whose number is none of the official kinds."""

_PERSON_ID_KINDS = {
    TaxpayerIdKind.PERSON,
    TaxpayerIdKind.PERSON_SERIAL,
    TaxpayerIdKind.NATURAL_PERSON_NUMBER,
}
_NAME = Text("名称", "The name")
_ADDRESS = Text("地址", "The address")
_BANK = Text("开户银行", "The bank")
_REPRESENTATIVE = Text("法定代表人", "The legal representative")
_ECONOMIC_TYPE = Text("登记注册类型", "The registration type")


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxKindGrant:
    """A tax the taxpayer is liable to from the day of registration or later (税费种认定)."""

    tax: str  # a key of kinds.TAX_NAMES
    filing_period: str  # a key of kinds.FILING_PERIODS
    valid_from: date
    valid_to: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Registration:
    """What is said about a taxpayer when it is registered (税务登记表)."""

    tax_id: str
    name: str
    kind: str  # general, small, person
    office_code: str  # 主管税务机关, 11 digits
    registered_date: date
    economic_type: str = ""  # 登记注册类型
    industry_code: str = ""  # GB/T 4754, 4 digits
    address: str = ""
    phone: str = ""
    bank_name: str = ""
    bank_account: str = ""
    representative: str = ""  # 法定代表人（负责人）
    status: str = kinds.NORMAL
    tax_kinds: tuple[TaxKindGrant, ...] = ()
    is_test: bool = False  # the identifier is anonymised; demo worlds only
    is_external: bool = False  # registered elsewhere, known here as a party of documents


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What a taxpayer changes of its registration (变更登记); None leaves a value as it is."""

    address: str | None = None
    phone: str | None = None
    bank_name: str | None = None
    bank_account: str | None = None
    representative: str | None = None
    status: str | None = None

    def given(self) -> dict[str, str]:
        """The values that are to change."""
        pairs = ((name, getattr(self, name)) for name in self.__slots__)
        return {name: value for name, value in pairs if value is not None}


def tidied(registration: Registration) -> Registration:
    """
    The registration as it is kept: identifier in capitals without blanks.

    A test taxpayer's number is kept letter by letter, so that the document it came from can be written again.
    """
    if registration.is_test:
        return registration
    return replace(registration, tax_id=tidy_tax_id(registration.tax_id))


def tidy_tax_id(text: str) -> str:
    """An identifier without the blanks people put between its groups, in capitals."""
    return "".join(text.split()).upper()


def id_kind_of(registration: Registration) -> str:
    """The kind of the identifier, or :data:`TEST_ID`."""
    found = identifiers.classify_taxpayer_id(registration.tax_id)
    return str(found) if found is not None else TEST_ID


def check_registration(registration: Registration, *, in_demo_world: bool) -> list[Refusal]:
    """Everything wrong with a registration by itself, in a fixed order: identifier, kind, texts, taxes."""
    found = _check_identifier(registration, in_demo_world=in_demo_world) + _check_kind(registration)
    if registration.status not in kinds.STATUS_NAMES:
        found.append(errors.UnknownStatus("status", status_code=registration.status[:10]))
    found += checks.check_text(registration.name, field="name", label=_NAME, shortest=1, longest=200)
    found += check_particulars(
        address=registration.address,
        phone=registration.phone,
        bank_name=registration.bank_name,
        bank_account=registration.bank_account,
        representative=registration.representative,
    )
    found += checks.check_text(
        registration.economic_type, field="economic_type", label=_ECONOMIC_TYPE, longest=60
    )
    for number, grant in enumerate(registration.tax_kinds):
        found += _check_tax_kind(grant, field=f"tax_kinds.{number}")
    return found


def check_particulars(
    *, address: str, phone: str, bank_name: str, bank_account: str, representative: str
) -> list[Refusal]:
    """What is wrong with the particulars that a taxpayer may change by itself."""
    return [
        *checks.check_text(address, field="address", label=_ADDRESS, longest=200),
        *checks.check_phone(phone),
        *checks.check_text(bank_name, field="bank_name", label=_BANK, longest=120),
        *checks.check_bank_account(bank_account),
        *checks.check_text(representative, field="representative", label=_REPRESENTATIVE, longest=60),
    ]


def check_changes(changes: Changes) -> list[Refusal]:
    """Everything that is wrong with a change by itself."""
    found = check_particulars(
        address=changes.address or "",
        phone=changes.phone or "",
        bank_name=changes.bank_name or "",
        bank_account=changes.bank_account or "",
        representative=changes.representative or "",
    )
    if changes.status is not None and changes.status not in kinds.STATUS_NAMES:
        found.insert(0, errors.UnknownStatus("status", status_code=changes.status[:10]))
    return found


def check_kind_change(*, kind: str, present: str, since: date, on: date) -> list[Refusal]:
    """What speaks against a change between general and small-scale on a day."""
    if kind not in set(TaxpayerKind):
        return [errors.UnknownTaxpayerKind("kind", kind=kind[:20])]
    if kind == present:
        return [errors.SameKind("kind", kind=kind)]
    # A natural person is another taxpayer than the business it starts; the two are never one registration.
    if TaxpayerKind.PERSON in (kind, present):
        return [errors.KindDoesNotFit("kind", kind=kind, tax_id="")]
    return [] if on > since else [errors.BadKindChange("on", on=on, since=since)]


def _check_identifier(registration: Registration, *, in_demo_world: bool) -> list[Refusal]:
    if not registration.is_test:
        return checks.check_identifier(registration.tax_id)
    if not in_demo_world:
        return [errors.TestTaxpayerNotAllowed("is_test")]
    return checks.check_test_identifier(registration.tax_id)


def _check_kind(registration: Registration) -> list[Refusal]:
    if registration.kind not in set(TaxpayerKind):
        return [errors.UnknownTaxpayerKind("kind", kind=registration.kind[:20])]
    id_kind = identifiers.classify_taxpayer_id(registration.tax_id)
    if registration.is_test or id_kind is None:
        return []
    is_person = registration.kind == TaxpayerKind.PERSON
    # 17 and 20 characters belong to households that registered by their owner's identity card, too.
    fits = (
        id_kind in _PERSON_ID_KINDS
        if is_person
        else id_kind
        not in (
            TaxpayerIdKind.PERSON,
            TaxpayerIdKind.NATURAL_PERSON_NUMBER,
        )
    )
    if registration.kind == TaxpayerKind.GENERAL and id_kind in _PERSON_ID_KINDS:
        fits = False
    return [] if fits else [errors.KindDoesNotFit("kind", kind=registration.kind, tax_id=registration.tax_id)]


def _check_tax_kind(grant: TaxKindGrant, *, field: str) -> list[Refusal]:
    if grant.tax not in kinds.TAX_NAMES:
        return [errors.BadTaxKind(field, reason=grant.tax[:40])]
    if grant.filing_period not in kinds.FILING_PERIODS:
        return [errors.BadTaxKind(field, reason=grant.filing_period[:40])]
    if grant.valid_to is not None and grant.valid_to <= grant.valid_from:
        return [errors.BadTaxKind(field, reason=f"{grant.valid_from} … {grant.valid_to}")]
    return []

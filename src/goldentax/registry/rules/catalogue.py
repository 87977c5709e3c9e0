"""
The catalogues a taxpayer keeps for issuing (开票信息维护): customers and goods, as pure decisions.

Whether a rate fits the taxpayer and the code is asked when an invoice is issued; here only forms are
held.
"""

import re
from dataclasses import asdict, dataclass, replace
from decimal import Decimal

from goldentax.kernel.refusals import Refusal
from goldentax.kernel.text import Text
from goldentax.registry import errors
from goldentax.registry.rules import checks
from goldentax.registry.rules.registration import tidy_tax_id

_RATE = re.compile(r"0(\.[0-9]{1,6})?|1(\.0{1,6})?")
_PRICE = re.compile(r"[0-9]{1,16}(\.[0-9]{1,13})?")
_TAX_CODE = re.compile(r"[0-9]{19}")
_PREFERENCE = re.compile(r"([0-9]{2})?")

_NAME = Text("名称", "The name")
_ADDRESS = Text("地址", "The address")
_BANK = Text("开户银行", "The bank")
_SPECIFICATION = Text("规格型号", "The specification")
_UNIT = Text("单位", "The unit")


@dataclass(frozen=True, slots=True, kw_only=True)
class CustomerEntry:
    """A customer (客户信息) as its owner wrote it."""

    name: str
    tax_id: str = ""
    address: str = ""
    phone: str = ""
    bank_name: str = ""
    bank_account: str = ""
    is_person: bool = False
    is_favourite: bool = False

    def as_dict(self) -> dict[str, object]:
        """The values by their names."""
        return asdict(self)


@dataclass(frozen=True, slots=True, kw_only=True)
class GoodEntry:
    """Goods or a service (项目信息) as its owner wrote it."""

    name: str
    tax_code: str  # 商品和服务税收分类编码, 19 digits, lowest level
    rate: str  # ratio: "0.13"
    specification: str = ""
    unit: str = ""
    unit_price: str = ""  # yuan, up to 13 decimals; "" where it differs from sale to sale
    preference: str = ""  # 优惠政策标识: "03" 免税, "04" 不征税 …
    price_includes_tax: bool = False

    def as_dict(self) -> dict[str, object]:
        """The values by their names."""
        return asdict(self)


def tidied_customer(entry: CustomerEntry) -> CustomerEntry:
    """The customer as it is kept: identifier in capitals without blanks."""
    return replace(entry, name=entry.name.strip(), tax_id=tidy_tax_id(entry.tax_id))


def tidied_good(entry: GoodEntry) -> GoodEntry:
    """The item as it is kept: rate and price without needless zeros."""
    return replace(
        entry,
        name=entry.name.strip(),
        rate=_plain(entry.rate) if _RATE.fullmatch(entry.rate) else entry.rate,
        unit_price=_plain(entry.unit_price) if _PRICE.fullmatch(entry.unit_price) else entry.unit_price,
    )


def check_customer(entry: CustomerEntry, *, is_registered: bool) -> list[Refusal]:
    """
    Everything that is wrong with a customer by itself.

    :param is_registered: whether the register holds that identifier; a test taxpayer's fails its check.
    """
    found = checks.check_text(entry.name, field="name", label=_NAME, shortest=1, longest=200)
    if entry.tax_id and not is_registered:
        found += checks.check_identifier(entry.tax_id)
    return [
        *found,
        *checks.check_text(entry.address, field="address", label=_ADDRESS, longest=200),
        *checks.check_phone(entry.phone),
        *checks.check_text(entry.bank_name, field="bank_name", label=_BANK, longest=120),
        *checks.check_bank_account(entry.bank_account),
    ]


def check_good(entry: GoodEntry) -> list[Refusal]:
    """Everything that is wrong with an item by itself."""
    found = checks.check_text(entry.name, field="name", label=_NAME, shortest=1, longest=100)
    if not _TAX_CODE.fullmatch(entry.tax_code):
        found.append(errors.UnknownTaxCode("tax_code", tax_code=entry.tax_code[:30]))
    found += checks.check_text(entry.specification, field="specification", label=_SPECIFICATION, longest=40)
    found += checks.check_text(entry.unit, field="unit", label=_UNIT, longest=22)
    if entry.unit_price and not (_PRICE.fullmatch(entry.unit_price) and Decimal(entry.unit_price) > 0):
        found.append(errors.BadUnitPrice("unit_price", unit_price=entry.unit_price[:30]))
    if not _RATE.fullmatch(entry.rate) or not _PREFERENCE.fullmatch(entry.preference):
        found.append(errors.BadRate("rate", rate=entry.rate[:20]))
    return found


def _plain(number: str) -> str:
    return f"{Decimal(number).normalize():f}"

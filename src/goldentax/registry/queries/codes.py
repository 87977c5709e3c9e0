"""What the registry asks of the code tables: industries and tax classification codes."""

from collections.abc import Collection
from datetime import date
from decimal import Decimal

from goldentax.kernel import lawbook
from goldentax.kernel.codes import api as codes
from goldentax.registry import errors

_PLAIN_GOODS = "1"  # 货物, the first digit of the classification


def industry_name(code: str, *, on: date) -> str:
    """
    The name of an industry; "" for no code.

    :raises errors.UnknownIndustry: if the table has no such industry that day.
    """
    if not code:
        return ""
    found = codes.find_code(table=codes.INDUSTRY, code=code, on=on)
    if found is None:
        raise errors.UnknownIndustry("industry_code", industry=code[:10])
    return found.name


def tax_code_short_name(code: str, *, on: date) -> str:
    """
    The short name (简称) that stands between the asterisks on an invoice.

    :raises errors.UnknownTaxCode: if the code does not exist that day, or is a heading.
    """
    found = codes.find_code(table=codes.TAX_CLASSIFICATION, code=code, on=on)
    if found is None or not found.is_leaf:
        raise errors.UnknownTaxCode("tax_code", tax_code=code[:30])
    return found.short_name


def tax_code_short_names(wanted: Collection[str], *, on: date) -> dict[str, str]:
    """The short names of those of the codes that exist that day and are of the lowest level."""
    found = codes.find_codes(table=codes.TAX_CLASSIFICATION, codes=wanted, on=on)
    return {code: one.short_name for code, one in found.items() if one.is_leaf}


def usual_rate(*, kind: str, on: date) -> str:
    """The rate that goods of no special sort bear for a kind of taxpayer: what a form offers first."""
    rows = [row for row in lawbook.table("invoicing/default_rates", on=on) if row["taxpayer_kind"] == kind]
    row = lawbook.longest_prefix(rows, code=_PLAIN_GOODS)
    return f"{Decimal(row['rate']).normalize():f}" if row is not None else ""


def search_tax_codes(*, text: str, on: date, limit: int = 12) -> list[codes.Code]:
    """The tax codes of the lowest level that fit a text; none for no text."""
    if not text.strip():
        return []
    return list(
        codes.search_codes(table=codes.TAX_CLASSIFICATION, text=text, on=on, leaves_only=True, limit=limit)
    )

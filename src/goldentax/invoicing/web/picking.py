"""
What the pickers of the issue form offer: buyers, goods and services, tax codes, rates.

Each offer carries the texts it puts into the form, so that choosing one is the same with and without JavaScript.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import lru_cache

from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from goldentax.invoicing.rules import amounts
from goldentax.invoicing.rules.law import issuing_law
from goldentax.invoicing.web import forms
from goldentax.kernel import lawbook
from goldentax.kernel.text import Text
from goldentax.registry import api as registry

OFFERS_MAX = 8
"""Of each source: a list that must be read is slower than another letter typed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    """One line of a picker's list."""

    key: str  # what a form without JavaScript sends back
    title: str
    sub: str
    tag: Text
    fill: dict[str, str]  # field of the buyer or the line → text

    @property
    def fill_json(self) -> str:
        return json.dumps(self.fill, ensure_ascii=False)


OWN, REGISTER, CODES = Text("我的", "Mine"), Text("登记", "Register"), Text("编码", "Code")


def buyers(*, owner_tax_id: str, text: str) -> list[Offer]:
    """One's own customers first, favourites on top; then, for a text, the register's taxpayers."""
    own = [
        _of_customer(one)
        for one in registry.search_customers(owner_tax_id=owner_tax_id, text=text, limit=OFFERS_MAX)
    ]
    known = {one.fill["tax_id"] for one in own if one.fill["tax_id"]}
    others = [
        _of_taxpayer(registry.public_part(one))
        for one in registry.search_taxpayers(text=text, limit=OFFERS_MAX)
        if one.tax_id not in known
    ]
    return own + others


def _of_customer(one: registry.CustomerView) -> Offer:
    names = ("name", "tax_id", "address", "phone", "bank_name", "bank_account")
    fill = {name: getattr(one, name) for name in names} | {"is_person": forms.ON if one.is_person else ""}
    return Offer(key=f"customer:{one.public_id}", title=one.name, sub=one.tax_id, tag=OWN, fill=fill)


def _of_taxpayer(one: registry.PublicTaxpayer) -> Offer:
    empty = dict.fromkeys(("address", "phone", "bank_name", "bank_account", "is_person"), "")
    fill = empty | {"name": one.name, "tax_id": one.tax_id}
    return Offer(key=f"taxpayer:{one.tax_id}", title=one.name, sub=one.tax_id, tag=REGISTER, fill=fill)


def goods(*, owner_tax_id: str, text: str, kind: str, inclusive: bool, on: date) -> list[Offer]:
    """One's own goods and services first, with price and rate; then tax codes with the rate offered first for them."""
    found = registry.search_goods(owner_tax_id=owner_tax_id, text=text, limit=OFFERS_MAX)
    own = [_of_good(one, kind=kind, inclusive=inclusive, on=on) for one in found]
    return own + tax_codes(text=text, kind=kind, on=on)


def tax_codes(*, text: str, kind: str, on: date) -> list[Offer]:
    """Tax codes by name, pinyin or digits; none for no text."""
    return [
        Offer(
            key=f"code:{one.code}",
            title=f"*{one.short_name}*{one.name}",
            sub=one.code,
            tag=CODES,
            fill={
                "name": one.name,
                "tax_code": one.code,
                "rate": default_choice(kind=kind, tax_code=one.code, on=on),
            },
        )
        for one in registry.search_tax_codes(text=text, on=on, limit=OFFERS_MAX)
    ]


def _of_good(one: registry.GoodView, *, kind: str, inclusive: bool, on: date) -> Offer:
    price = one.unit_price
    if price and one.price_includes_tax != inclusive:
        rate = Decimal(one.rate)
        price = amounts.plain(
            amounts.shortened(Decimal(price) * (1 + rate))
            if inclusive
            else amounts.exclusive_price(price=Decimal(price), rate=rate)
        )
    choice, mark = choice_of(kind=kind, rate=one.rate, preference=one.preference, on=on)
    facts = [
        text for text in (one.specification, one.unit, price and f"{price} 元", _percent(one.rate)) if text
    ]
    return Offer(
        key=f"good:{one.public_id}",
        title=f"*{one.short_name}*{one.name}" if one.short_name else one.name,
        sub=" · ".join(facts),
        tag=OWN,
        fill={
            "name": one.name,
            "tax_code": one.tax_code,
            "specification": one.specification,
            "unit": one.unit,
            "unit_price": price,
            "rate": choice,
            "preference": mark,
        },
    )


def complete_from_goods(
    *, lines: Iterable[forms.TypedLine], owner_tax_id: str, kind: str, on: date
) -> tuple[forms.TypedLine, ...]:
    """
    Add code, rate and unit to pasted lines that name one of the owner's goods; what was given stays.

    A line that has a code and no rate gets the rate offered first for the code.
    """
    known: dict[str, registry.GoodView | None] = {}
    made = []
    for line in lines:
        if line.name and not line.tax_code and not line.is_discount:
            if line.name not in known:
                found = registry.search_goods(owner_tax_id=owner_tax_id, text=line.name, limit=OFFERS_MAX)
                known[line.name] = next((one for one in found if one.name == line.name), None)
            line = _completed(line, known[line.name], kind=kind, on=on)
        if line.tax_code and not line.rate and not line.is_discount:
            line = replace(line, rate=default_choice(kind=kind, tax_code=line.tax_code, on=on))
        made.append(line)
    return tuple(made)


def _completed(
    line: forms.TypedLine, good: registry.GoodView | None, *, kind: str, on: date
) -> forms.TypedLine:
    if good is None:
        return line
    choice, mark = choice_of(kind=kind, rate=good.rate, preference=good.preference, on=on)
    return replace(
        line,
        tax_code=good.tax_code,
        unit=line.unit or good.unit,
        specification=line.specification or good.specification,
        rate=line.rate or choice,
        preference=line.preference or ("" if line.rate else mark),
    )


@dataclass(frozen=True, slots=True)
class Choice:
    """One entry of a select: its value in the form and its words."""

    value: str
    label: Text


@lru_cache(maxsize=64)
def rate_choices(*, kind: str, on: date) -> tuple[Choice, ...]:
    """The rates and levy rates open to a kind of taxpayer on a day, each with the mark it cannot do without."""
    law = issuing_law(on)
    names = {
        row["code"]: Text(row["name"], row["name_en"])
        for row in lawbook.table("invoicing/preferences", on=on)
    }
    made: dict[str, Choice] = {}
    for row in law.rates.get(kind, ()):
        text = _percent(amounts.plain(row.rate))
        if "" in row.preferences:
            made.setdefault(value := amounts.plain(row.rate), Choice(value, Text(text, text)))
            continue
        for mark in sorted(row.preferences):
            name = names.get(mark, Text(mark, mark))
            value = f"{amounts.plain(row.rate)}|{mark}"
            label = Text(f"{text} {name.zh}", f"{text} {name.en}") if row.rate else name
            made.setdefault(value, Choice(value, label))
    return tuple(made.values())


@lru_cache(maxsize=512)
def options(choices: tuple[Choice, ...], *, chosen: str, language: str) -> SafeString:
    """The entries of a select with one chosen. An invoice may have 2,000 lines with two selects each."""
    rows = (
        (one.value, SafeString(" selected" if one.value == chosen else ""), one.label.in_language(language))
        for one in choices
    )
    return format_html_join("", '<option value="{}"{}>{}</option>', rows)


@lru_cache(maxsize=64)
def preference_choices(*, kind: str, on: date) -> tuple[Choice, ...]:
    """The marks that may stand beside a rate of their own accord."""
    law = issuing_law(on)
    free = {
        mark for row in law.rates.get(kind, ()) if "" in row.preferences for mark in row.preferences if mark
    }
    return tuple(
        Choice(row["code"], Text(f"{row['code']} {row['name']}", f"{row['code']} {row['name_en']}"))
        for row in lawbook.table("invoicing/preferences", on=on)
        if row["code"] in free
    )


def choice_of(*, kind: str, rate: str, preference: str, on: date) -> tuple[str, str]:
    """The form's choice for a rate with a mark, and the mark where it is chosen by itself."""
    if any(one.value == f"{rate}|{preference}" for one in rate_choices(kind=kind, on=on)):
        return f"{rate}|{preference}", ""
    return rate, preference


def default_choice(*, kind: str, tax_code: str, on: date) -> str:
    """The rate offered first for a code: the longest prefix of the lawbook's defaults; "" where it has none."""
    for length in range(len(tax_code), 0, -1):
        found = _defaults(kind, on).get(tax_code[:length])
        if found is not None:
            return choice_of(kind=kind, rate=found[0], preference=found[1], on=on)[0]
    return ""


@lru_cache(maxsize=64)
def _defaults(kind: str, on: date) -> dict[str, tuple[str, str]]:
    return {
        row["prefix"]: (amounts.plain(row["rate"]), row["preference"] or "")
        for row in lawbook.table("invoicing/default_rates", on=on)
        if row["taxpayer_kind"] == kind
    }


def with_choices(typed: forms.TypedInvoice, *, kind: str, on: date) -> forms.TypedInvoice:
    """The form with plain rates and marks, as a document has them, turned into the choices of the select."""

    def turned(line: forms.TypedLine) -> forms.TypedLine:
        choice, mark = choice_of(kind=kind, rate=line.rate, preference=line.preference, on=on)
        return replace(line, rate=choice, preference=mark)

    return replace(typed, lines=tuple(turned(line) for line in typed.lines))


def _percent(rate: str) -> str:
    return f"{amounts.plain(Decimal(rate) * 100)}%"

"""The law of issuing on one day, read once from the lawbook (``lawbook/invoicing``) into plain values."""

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import lru_cache

from goldentax.kernel import lawbook
from goldentax.kernel.text import Text

TAXPAYER_KINDS = {
    "general": Text("一般纳税人", "general taxpayer"),
    "small": Text("小规模纳税人", "small-scale taxpayer"),
    "person": Text("自然人", "natural person"),
}

_LINE_TEXTS = ("name", "short_name", "specification", "unit")


@dataclass(frozen=True, slots=True)
class Channel:
    """A door of issue (开具渠道): digit 5 of the number, and the label in the XML where one is known."""

    digit: str
    label_code: str
    label_name: str


@dataclass(frozen=True, slots=True)
class AllowedRate:
    """A rate (税率) or levy rate (征收率) open to a kind of taxpayer, and what it goes with."""

    rate: Decimal
    is_levy: bool
    preferences: frozenset[str]
    """Marks that may go with the rate; without "" among them, one of them is needed."""
    invoice_kinds: frozenset[str]
    prefixes: tuple[str, ...]
    """The tax code must begin with one of these; empty: any."""
    not_prefixes: tuple[str, ...]

    def fits_code(self, tax_code: str) -> bool:
        """Whether goods or services of this code may be at this rate."""
        return (not self.prefixes or tax_code.startswith(self.prefixes)) and not (
            self.not_prefixes and tax_code.startswith(self.not_prefixes)
        )


@dataclass(frozen=True, slots=True)
class IssuingLaw:
    """What binds the issue of an invoice on a day; amounts in fen, lengths in characters."""

    line_count_max: int
    line_tax_tolerance_fen: int
    line_amount_tolerance_fen: int
    lengths: dict[str, int]
    """Longest text of each field of a draft, such as ``buyer.name`` and ``lines.unit``."""
    rates: dict[str, tuple[AllowedRate, ...]]
    preferences: dict[str, str]
    usual: dict[tuple[str, str, str, str, str], Decimal] = field(default_factory=dict, compare=False)
    """Rates found to be allowed so far, by seller's kind, rate, mark, tax code and invoice kind: see `check_rate`."""
    line_lengths: tuple[int, int, int, int] = (0, 0, 0, 0)
    """The longest name, short name, specification and unit of a line."""


@lru_cache(maxsize=64)
def issuing_law(on: date) -> IssuingLaw:
    """Read the law in force on a day."""
    rates: dict[str, list[AllowedRate]] = {kind: [] for kind in TAXPAYER_KINDS}
    for row in lawbook.table("invoicing/rates", on=on):
        rates[row["taxpayer_kind"]].append(
            AllowedRate(
                rate=row["rate"],
                is_levy=row["is_levy"],
                preferences=frozenset(row["preferences"]),
                invoice_kinds=frozenset(row["invoice_kinds"]),
                prefixes=tuple(row["prefixes"]),
                not_prefixes=tuple(row["not_prefixes"]),
            )
        )
    lengths = {row["field"]: row["length"] for row in lawbook.table("invoicing/field_lengths", on=on)}
    name, short_name, specification, unit = (lengths.get(f"lines.{one}", 0) for one in _LINE_TEXTS)
    return IssuingLaw(
        line_count_max=lawbook.parameter("invoicing/line_count_max", on=on),
        line_tax_tolerance_fen=lawbook.parameter("invoicing/line_tax_tolerance_fen", on=on),
        line_amount_tolerance_fen=lawbook.parameter("invoicing/line_amount_tolerance_fen", on=on),
        lengths=lengths,
        rates={kind: tuple(found) for kind, found in rates.items()},
        preferences={row["code"]: row["name"] for row in lawbook.table("invoicing/preferences", on=on)},
        line_lengths=(name, short_name, specification, unit),
    )


@lru_cache(maxsize=64)
def channel_of(name: str, *, on: date) -> Channel:
    """
    How an invoice issued through a door (web, api, cli) is marked.

    :raises KeyError: if the lawbook knows no such channel.
    """
    for row in lawbook.table("invoicing/channels", on=on):
        if row["channel"] == name:
            return Channel(row["digit"], row["label_code"] or "", row["label_name"] or "")
    raise KeyError(name)

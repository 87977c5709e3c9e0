"""
One draft under examination: what is known of it, its parties and the law, and the refusals gathered so far.

The checks of head, lines and rates share this; :mod:`goldentax.invoicing.rules.issuing` puts them in their order.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

from goldentax.invoicing.rules.documents import Line, Party
from goldentax.invoicing.rules.drafts import InvoiceDraft
from goldentax.invoicing.rules.law import IssuingLaw
from goldentax.kernel.refusals import Refusal, raise_all
from goldentax.kernel.text import Text

SPECIAL, ORDINARY = "81", "82"
UNTAXED = "04"
REFUSALS_TOLD_MAX = 20
"""More would not be read; the rest shows once these are mended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seller:
    """What the register says of the seller (销售方) on the day."""

    party: Party
    kind: str  # general, small, person
    obstacle: Text | None = None  # why the seller may not issue at present
    industry: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True)
class CodeFacts:
    """What the code table says of one tax classification code."""

    short_name: str
    is_leaf: bool
    list_other_names: Callable[[], frozenset[str]] = frozenset
    """Names under which the code may be printed too: its own and those of the groups above it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Where and how the invoice is issued."""

    node: str
    bureau_code: str
    bureau_name: str
    channel: tuple[str, str]


FindCode = Callable[[str], CodeFacts | None]


@dataclass(slots=True)
class Examination:
    """One draft under examination; refusals gather here."""

    draft: InvoiceDraft
    seller: Seller
    law: IssuingLaw
    find_code: FindCode
    accept_any_buyer_id: bool
    refusals: list[Refusal] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)

    def refuse(self, refusal: Refusal) -> None:
        self.refusals.append(refusal)
        if len(self.refusals) >= REFUSALS_TOLD_MAX:
            raise_all(self.refusals)

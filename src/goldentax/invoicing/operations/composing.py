"""
Turn a draft into the invoice it becomes, with what the register, the code tables and the law of the day say.

The rules ask for facts. The plain path reads them anew each time (:class:`ReadFacts`); the desks of the web workers
remember them for a second (:mod:`goldentax.invoicing.desk.facts`). Both go through :func:`compose`.
"""

from collections.abc import Collection
from datetime import date, datetime
from functools import lru_cache, partial
from typing import NamedTuple, Protocol

import msgspec

from goldentax.invoicing import errors
from goldentax.invoicing.rules import documents, issuing
from goldentax.invoicing.rules.documents import InvoiceDocument, Party
from goldentax.invoicing.rules.drafts import InvoiceDraft
from goldentax.invoicing.rules.examining import CodeFacts
from goldentax.invoicing.rules.law import channel_of, issuing_law
from goldentax.kernel.access import Actor
from goldentax.kernel.codes import api as codes
from goldentax.kernel.crypto.sm import sm3
from goldentax.kernel.node import this_node
from goldentax.kernel.refusals import Refusal
from goldentax.kernel.settings import settings
from goldentax.kernel.text import Text
from goldentax.kernel.values.identifiers import classify_taxpayer_id
from goldentax.registry import api as registry


class Facts(Protocol):
    """What must be known beside the draft and the law."""

    def seller(self, tax_id: str, now: datetime) -> issuing.Seller:
        """What the register says of a seller; refuses who is not on it."""

    def code(self, code: str, on: date) -> CodeFacts | None:
        """What the code table says of a tax classification code."""

    def is_test_buyer(self, tax_id: str) -> bool:
        """Whether the number belongs to a flagged test taxpayer of a demo world."""


class Wish(NamedTuple):
    """One request to issue, examined and worked out; only its number and its place in the log are missing."""

    seller_tax_id: str
    request_id: str
    request_hash: bytes  # SM3 of the draft
    document: InvoiceDocument  # with an empty number
    encoded: bytes  # the canonical document, with an empty number
    channel: str  # web, api, cli
    digit: str  # of the channel in the number
    actor: str  # label of the audit trail

    @property
    def month(self) -> int:
        """Month of the issue date: yyyymm."""
        at = self.document.issued_at
        return at.year * 100 + at.month


_encoder = msgspec.json.Encoder()


def hash_of(draft: InvoiceDraft) -> bytes:
    """What tells one request from another under the same id: SM3 of the draft."""
    return sm3(_encoder.encode(draft))


def compose(*, draft: InvoiceDraft, actor: Actor, now: datetime, facts: Facts) -> InvoiceDocument:
    """
    Work out the invoice a draft would become, without a number.

    :raises goldentax.invoicing.errors.NotAnIssuingNode: where this node issues nothing.
    :raises Refusal: everything the rules have against the draft.
    """
    place = _place(actor.channel, now.date())
    seller = facts.seller(actor.taxpayer_id, now)
    on = now.date()
    return issuing.compose_invoice(
        draft=draft,
        seller=seller,
        law=issuing_law(on),
        find_code=lambda code: facts.code(code, on),
        place=place,
        number="",
        drawer=actor.person_name or actor.taxpayer_name,
        now=now,
        is_test_buyer=_is_test_buyer(draft.buyer.tax_id, facts),
    )


def wish_of(*, draft: InvoiceDraft, request_hash: bytes, actor: Actor, now: datetime, facts: Facts) -> Wish:
    """
    Examine a draft and make of it what a desk takes.

    :raises Refusal: as :func:`compose`.
    """
    document = compose(draft=draft, actor=actor, now=now, facts=facts)
    return Wish(
        seller_tax_id=actor.taxpayer_id,
        request_id=draft.request_id,
        request_hash=request_hash,
        document=document,
        encoded=documents.encode(document),
        channel=actor.channel,
        digit=channel_of(actor.channel, on=now.date()).digit,
        actor=actor.label,
    )


def redated(wish: Wish, at: datetime) -> Wish:
    """The same request, issued at another moment of the same month."""
    document = msgspec.structs.replace(wish.document, issued_at=at)
    return wish._replace(document=document, encoded=documents.encode(document))


def _is_test_buyer(tax_id: str, facts: Facts) -> bool:
    # Asked only where the answer matters: a number that is right needs no leave.
    is_in_doubt = settings().demo and bool(tax_id) and classify_taxpayer_id(tax_id) is None
    return is_in_doubt and facts.is_test_buyer(tax_id)


@lru_cache(maxsize=64)
def _place(channel: str, on: date) -> issuing.Place:
    node, label = this_node(), channel_of(channel, on=on)
    if not node.has_duty("issuing"):
        raise errors.NotAnIssuingNode("seller_tax_id", node=node.code)
    return issuing.Place(
        node=node.code,
        bureau_code=node.bureau_code,
        bureau_name=node.bureau_name.zh,
        channel=(label.label_code, label.label_name),
    )


class ReadFacts:
    """Facts read from the store, each when it is asked for; the codes of a draft in one query."""

    def __init__(self, draft: InvoiceDraft) -> None:
        self._wanted = {line.tax_code for line in draft.lines}
        self._codes: dict[str, CodeFacts] | None = None

    def seller(self, tax_id: str, now: datetime) -> issuing.Seller:
        """Read a seller."""
        return read_seller(tax_id, now)

    def code(self, code: str, on: date) -> CodeFacts | None:
        """Read a code, and all the others of the draft with the first."""
        if self._codes is None:
            self._codes = read_codes(self._wanted, on)
        return self._codes.get(code)

    def is_test_buyer(self, tax_id: str) -> bool:
        """Ask the register."""
        return read_is_test(tax_id)


def read_seller(tax_id: str, now: datetime) -> issuing.Seller:
    """
    Read what the register says of a seller.

    :raises goldentax.invoicing.errors.SellerUnknown: if it says nothing.
    """
    found = read_sellers([tax_id], now)[tax_id]
    if isinstance(found, Refusal):
        raise found
    return found


def read_sellers(tax_ids: Collection[str], now: datetime) -> dict[str, issuing.Seller | Refusal]:
    """Read what the register says of sellers, or the refusal where it says nothing; a few statements for all."""
    found = registry.find_taxpayers(tax_ids=tax_ids, on=now.date())
    return {
        one: _seller(*found[one])
        if one in found
        else errors.SellerUnknown("seller_tax_id", tax_id=one or "—")
        for one in tax_ids
    }


def _seller(taxpayer: registry.TaxpayerView, kind: str) -> issuing.Seller:
    kind = kind or taxpayer.kind
    obstacle = None
    if not taxpayer.is_normal:
        state = taxpayer.status_name
        obstacle = Text(f"登记状态为“{state.zh}”", f"its state on the register is “{state.en}”")
    elif kind == "person":
        obstacle = Text("自然人须由税务机关代开", "a natural person's invoices are issued by the tax office")
    return issuing.Seller(
        party=Party(
            name=taxpayer.name,
            tax_id=taxpayer.tax_id,
            address=taxpayer.address,
            phone=taxpayer.phone,
            bank_name=taxpayer.bank_name,
            bank_account=taxpayer.bank_account,
        ),
        kind=kind,
        obstacle=obstacle,
        industry=(taxpayer.industry_code, taxpayer.industry_name),
    )


def read_codes(wanted: Collection[str], on: date) -> dict[str, CodeFacts]:
    """Look up codes in one query; what stands above a code is read only where it is asked for."""
    table = codes.TAX_CLASSIFICATION
    found = codes.find_codes(table=table, codes=set(wanted), on=on)

    def names_above(code: str) -> frozenset[str]:
        above = codes.list_ancestors(table=table, code=code, on=on)
        return frozenset(name for one in (found[code], *above) for name in (one.name, one.short_name) if name)

    return {
        code: CodeFacts(one.short_name, one.is_leaf, partial(names_above, code))
        for code, one in found.items()
    }


def read_is_test(tax_id: str) -> bool:
    """Ask the register whether a number belongs to a flagged test taxpayer."""
    taxpayer = registry.find_taxpayer(tax_id=tax_id)
    return taxpayer is not None and taxpayer.is_test

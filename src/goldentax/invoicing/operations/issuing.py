"""
Issue one invoice: limit, number, document, receipt, audit row and event in one transaction.

This is the plain path, one transaction an invoice. The repeat question is asked first, before any rule: the same
request id gets the first answer back, for ever.
"""

from dataclasses import dataclass
from datetime import datetime
from functools import partial

import msgspec
from django.db import IntegrityError, connection, transaction

from goldentax.contracts.invoicing import InvoiceIssuedV1
from goldentax.invoicing import errors
from goldentax.invoicing.models import Invoice
from goldentax.invoicing.operations import limits
from goldentax.invoicing.rules import documents, issuing, numbers, receipts
from goldentax.invoicing.rules.documents import InvoiceDocument, Party
from goldentax.invoicing.rules.drafts import InvoiceDraft
from goldentax.invoicing.rules.law import channel_of, issuing_law
from goldentax.kernel import audit, outbox
from goldentax.kernel.access import Actor
from goldentax.kernel.codes import api as codes
from goldentax.kernel.crypto.keys import node_signer
from goldentax.kernel.crypto.sm import sm3
from goldentax.kernel.ids import new_public_id
from goldentax.kernel.node import this_node
from goldentax.kernel.refusals import Refusal
from goldentax.kernel.settings import settings
from goldentax.kernel.text import Text
from goldentax.registry import api as registry


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """The answer to an issue: the same for the first request and every repeat of it."""

    document: InvoiceDocument
    receipt: receipts.Receipt
    repeated: bool

    @property
    def number(self) -> str:
        return self.document.number


def preview_invoice(*, draft: InvoiceDraft, actor: Actor, now: datetime) -> InvoiceDocument:
    """
    Work out the invoice a draft would become; nothing is stored, numbered or charged.

    :raises Refusal: everything the rules have against the draft.
    """
    return _compose(draft, actor, now)


def issue_invoice(*, draft: InvoiceDraft, actor: Actor, now: datetime) -> Issued:
    """
    Issue an invoice for the taxpayer the actor acts for.

    Called twice with the same request id it answers the same; two calls at once are told apart by the database,
    and the later one waits for the first one's answer.

    :raises goldentax.invoicing.errors.RequestIdReused: if the id was used with another content.
    :raises Refusal: everything the rules have against the draft, or the limit's refusal.
    """
    request_hash = sm3(msgspec.json.encode(draft))
    first = _find_first_answer(draft=draft, actor=actor, request_hash=request_hash)
    if first is not None:
        return first
    document = _compose(draft, actor, now)
    try:
        with transaction.atomic():
            return _commit(draft, document, actor, request_hash, now)
    except (IntegrityError, Refusal) as error:
        # The same request may have been committed by another worker while this one was on its way: as a double of
        # its row, or by using up the limit that this one then lacked. Then the other's answer is the answer.
        if isinstance(error, IntegrityError) and "invoice_first_answer" not in str(error):
            raise
        first = _find_first_answer(draft=draft, actor=actor, request_hash=request_hash)
        if first is None:
            raise
        return first


def _find_first_answer(*, draft: InvoiceDraft, actor: Actor, request_hash: bytes) -> Issued | None:
    row = Invoice.objects.filter(seller_tax_id=actor.taxpayer_id, request_id=draft.request_id).first()
    if row is None:
        return None
    if bytes(row.request_hash) != request_hash:
        raise errors.RequestIdReused("request_id", request_id=draft.request_id, number=row.number)
    return Issued(
        document=documents.decode(bytes(row.document)),
        receipt=receipts.decode(bytes(row.receipt)),
        repeated=True,
    )


def _compose(draft: InvoiceDraft, actor: Actor, now: datetime) -> InvoiceDocument:
    node = this_node()
    if not node.has_duty("issuing"):
        raise errors.NotAnIssuingNode("seller_tax_id", node=node.code)
    buyer = registry.find_taxpayer(tax_id=draft.buyer.tax_id) if draft.buyer.tax_id else None
    channel = channel_of(actor.channel, on=now.date())
    return issuing.compose_invoice(
        draft=draft,
        seller=_seller(actor.taxpayer_id, now),
        law=issuing_law(now.date()),
        find_code=_code_finder(draft, now),
        place=issuing.Place(
            node=node.code,
            bureau_code=node.bureau_code,
            bureau_name=node.bureau_name.zh,
            channel=(channel.label_code, channel.label_name),
        ),
        number="",
        drawer=actor.person_name or actor.taxpayer_name,
        now=now,
        is_test_buyer=settings().demo and buyer is not None and buyer.is_test,
    )


def _seller(tax_id: str, now: datetime) -> issuing.Seller:
    taxpayer = registry.find_taxpayer(tax_id=tax_id)
    if taxpayer is None:
        raise errors.SellerUnknown("seller_tax_id", tax_id=tax_id or "—")
    kind = registry.kind_on(tax_id=tax_id, on=now.date()) or taxpayer.kind
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


def _code_finder(draft: InvoiceDraft, now: datetime) -> issuing.FindCode:
    """Look up every code of the draft in one query; what stands above a code is read only where it is asked for."""
    table, on = codes.TAX_CLASSIFICATION, now.date()
    found = codes.find_codes(table=table, codes={line.tax_code for line in draft.lines}, on=on)

    def names_above(code: str) -> frozenset[str]:
        above = codes.list_ancestors(table=table, code=code, on=on)
        return frozenset(name for one in (found[code], *above) for name in (one.name, one.short_name) if name)

    facts = {
        code: issuing.CodeFacts(one.short_name, one.is_leaf, partial(names_above, code))
        for code, one in found.items()
    }
    return facts.get


def _commit(
    draft: InvoiceDraft, document: InvoiceDocument, actor: Actor, request_hash: bytes, now: datetime
) -> Issued:
    # The limit is charged before the number is taken: both rows are locked in this order everywhere, and a
    # refused charge burns no number.
    account_id = limits.charge(tax_id=actor.taxpayer_id, amount_fen=document.amount_fen, now=now)
    document = msgspec.structs.replace(document, number=_next_number(actor.channel, now))
    encoded = documents.encode(document)
    receipt = _receipt(draft, document, sm3(encoded))
    Invoice.objects.create(**_columns(draft, document, encoded, receipt, request_hash, actor))
    limits.enter_charge(
        account_id=account_id, amount_fen=document.amount_fen, invoice_number=document.number, now=now
    )
    audit.record(
        actor=actor.label,
        action="invoicing.invoice.issue",
        subject=document.number,
        request_id=draft.request_id,
        detail={"gross_fen": document.gross_fen, "buyer": document.buyer.tax_id},
        now=now,
    )
    outbox.publish(_event(document, receipt), key=document.number, now=now)
    return Issued(document=document, receipt=receipt, repeated=False)


_NEXT_NUMBER = """
INSERT INTO invoicing_number_series (year, channel, next_sequence) VALUES (%s, %s, 2)
ON CONFLICT ON CONSTRAINT number_series_one
DO UPDATE SET next_sequence = invoicing_number_series.next_sequence + 1
RETURNING next_sequence - 1
"""


def _next_number(channel: str, now: datetime) -> str:
    """Take the next number of the year; it is given back if the transaction fails, so no number is ever skipped."""
    digit = channel_of(channel, on=now.date()).digit
    with connection.cursor() as cursor:
        cursor.execute(_NEXT_NUMBER, [now.year, digit])
        (sequence,) = cursor.fetchone()
    return numbers.compose_number(year=now.year, province=this_node().code, channel=digit, sequence=sequence)


def _receipt(draft: InvoiceDraft, document: InvoiceDocument, document_hash: bytes) -> receipts.Receipt:
    signer = node_signer()
    return receipts.signed(
        receipts.Receipt(
            format=receipts.FORMAT,
            number=document.number,
            seller_tax_id=document.seller.tax_id,
            request_id=draft.request_id,
            issued_at=document.issued_at,
            amount_fen=document.amount_fen,
            tax_fen=document.tax_fen,
            gross_fen=document.gross_fen,
            document_hash=document_hash.hex(),
            node=document.node,
            key_id=signer.key_id,
        ),
        sign=partial(signer.sign),
    )


def _columns(
    draft: InvoiceDraft,
    document: InvoiceDocument,
    encoded: bytes,
    receipt: receipts.Receipt,
    request_hash: bytes,
    actor: Actor,
) -> dict[str, object]:
    """The row of an invoice."""
    goods = list(dict.fromkeys(line.full_name for line in document.lines))
    return {
        "number": document.number,
        "public_id": new_public_id(),
        "kind": document.kind,
        "is_red": document.is_red,
        "seller_tax_id": document.seller.tax_id,
        "buyer_tax_id": document.buyer.tax_id,
        "buyer_name": document.buyer.name,
        "goods": goods[0][:300],
        "line_count": len(document.lines),
        "amount_fen": document.amount_fen,
        "tax_fen": document.tax_fen,
        "gross_fen": document.gross_fen,
        "issued_at": document.issued_at,
        "issue_date": document.issue_date,
        "drawer": document.drawer,
        "channel": actor.channel,
        "request_id": draft.request_id,
        "request_hash": request_hash,
        "document": encoded,
        "document_hash": bytes.fromhex(receipt.document_hash),
        "receipt": receipts.encode(receipt),
        # Goods beyond the first thirty are found by their invoice, not by this index: rows stay narrow.
        "search_text": " ".join([document.number, document.buyer.name, document.buyer.tax_id, *goods[:30]]),
    }


def _event(document: InvoiceDocument, receipt: receipts.Receipt) -> InvoiceIssuedV1:
    return InvoiceIssuedV1(
        number=document.number,
        kind=document.kind,
        is_red=document.is_red,
        seller_tax_id=document.seller.tax_id,
        buyer_tax_id=document.buyer.tax_id or None,
        issued_at=document.issued_at,
        amount_fen=document.amount_fen,
        tax_fen=document.tax_fen,
        gross_fen=document.gross_fen,
        document_hash=receipt.document_hash,
        home_node=document.node,
    )

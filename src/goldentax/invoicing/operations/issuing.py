"""
Issue one invoice: limit, number, document, head of the log, audit row and event in one transaction.

This is the plain path, one transaction an invoice, at the shared desk: pages, the command line and imports take it.
The API goes over the desks of the web workers (:mod:`goldentax.invoicing.desk`), which do the same for many at once.
The repeat question is asked first, before any rule: the same request gets the first answer back, for ever.
"""

from dataclasses import dataclass
from datetime import datetime

import msgspec
from django.db import IntegrityError, transaction
from django.db.models import F

from goldentax.invoicing import errors
from goldentax.invoicing.models import Desk, FirstAnswer, Invoice, NumberBlock, SearchText, TreeHead
from goldentax.invoicing.operations import blocks, limits
from goldentax.invoicing.operations.composing import ReadFacts, Wish, compose, hash_of, wish_of
from goldentax.invoicing.queries.answers import find_first_answer
from goldentax.invoicing.rules import batches, documents, events, rows
from goldentax.invoicing.rules.batches import Batch, Block, DeskState
from goldentax.invoicing.rules.documents import InvoiceDocument
from goldentax.invoicing.rules.drafts import InvoiceDraft, identified
from goldentax.invoicing.rules.receipts import AnyReceipt, receipts_of
from goldentax.kernel import audit, outbox
from goldentax.kernel.access import Actor
from goldentax.kernel.crypto.keys import node_signer
from goldentax.kernel.node import this_node
from goldentax.kernel.refusals import Refusal

SHARED_DESK = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """The answer to an issue: the same for the first request and every repeat of it."""

    document: InvoiceDocument
    receipt: AnyReceipt
    repeated: bool

    @property
    def number(self) -> str:
        return self.document.number


def preview_invoice(*, draft: InvoiceDraft, actor: Actor, now: datetime) -> InvoiceDocument:
    """
    Work out the invoice a draft would become; nothing is stored, numbered or charged.

    :raises Refusal: everything the rules have against the draft.
    """
    draft = identified(draft)
    return compose(draft=draft, actor=actor, now=now, facts=ReadFacts(draft))


def issue_invoice(*, draft: InvoiceDraft, actor: Actor, now: datetime) -> Issued:
    """
    Issue an invoice for the taxpayer the actor acts for.

    Called twice with the same request id it answers the same; two calls at once are told apart by the database,
    and the later one waits for the first one's answer. A draft without a request id is known by its content.

    :raises goldentax.invoicing.errors.RequestIdReused: if the id was used with another content.
    :raises Refusal: everything the rules have against the draft, or the limit's refusal.
    """
    draft = identified(draft)
    request_hash = hash_of(draft)
    first = _find_first(draft, actor, request_hash)
    if first is not None:
        return first
    wish = wish_of(draft=draft, request_hash=request_hash, actor=actor, now=now, facts=ReadFacts(draft))
    try:
        with transaction.atomic():
            return _commit(wish, now)
    except (IntegrityError, Refusal) as error:
        # The same request may have been committed by another worker while this one was on its way: as a double of
        # its row, or by using up the limit that this one then lacked. Then the other's answer is the answer.
        if isinstance(error, IntegrityError) and "invoicing_first_answer" not in str(error):
            raise
        first = _find_first(draft, actor, request_hash)
        if first is None:
            raise
        return first


def _find_first(draft: InvoiceDraft, actor: Actor, request_hash: bytes) -> Issued | None:
    found = find_first_answer(seller_tax_id=actor.taxpayer_id, request_id=draft.request_id)
    if found is None:
        return None
    if found.request_hash != request_hash:
        raise errors.RequestIdReused("request_id", request_id=draft.request_id, number=found.number)
    return Issued(document=documents.decode(found.document), receipt=found.receipt, repeated=True)


def _commit(wish: Wish, now: datetime) -> Issued:
    # The limit is charged before the desk is taken: both rows are locked in this order everywhere, and a refused
    # charge burns no number.
    amount_fen = wish.document.amount_fen
    account_id = limits.charge(tax_id=wish.seller_tax_id, amount_fen=amount_fen, now=wish.document.issued_at)
    state = _take_desk(wish)
    batch = batches.make_batch(
        state=state, wishes=[wish], node=this_node().code, at=now, signer=node_signer()
    )
    (entered,) = batch.entered
    values = rows.invoice_row(wish, entered, desk=state.desk)
    Invoice.objects.create(**values._asdict())
    SearchText.objects.create(
        number=entered.number,
        month=wish.month,
        seller_tax_id=wish.seller_tax_id,
        text=rows.search_text(wish.document, entered.number),
    )
    FirstAnswer.objects.create(
        seller_tax_id=wish.seller_tax_id,
        request_id=wish.request_id,
        request_hash=wish.request_hash,
        number=entered.number,
        month=wish.month,
    )
    limits.enter_charge(
        account_id=account_id,
        amount_fen=amount_fen,
        invoice_number=entered.number,
        desk=state.desk,
        leaf=entered.leaf,
        now=batch.at,
    )
    _leave_desk(batch)
    audit.record(
        actor=wish.actor,
        action="invoicing.invoice.issue",
        subject=entered.number,
        request_id=wish.request_id,
        detail={"gross_fen": wish.document.gross_fen, "buyer": wish.document.buyer.tax_id},
        now=batch.at,
    )
    outbox.publish(events.issued([wish], batch), key=batch.head.log, now=batch.at)
    (receipt,) = receipts_of(batch, sellers=[wish.seller_tax_id])
    document = msgspec.structs.replace(wish.document, number=entered.number)
    return Issued(document=document, receipt=receipt, repeated=False)


def _take_desk(wish: Wish) -> DeskState:
    """Lock the shared desk, with a number at hand for the wish."""
    Desk.objects.get_or_create(pk=SHARED_DESK)
    row = Desk.objects.select_for_update().get(pk=SHARED_DESK)
    held = NumberBlock.objects.filter(
        desk=SHARED_DESK, month=wish.month, channel=wish.digit, next__lte=F("last")
    ).order_by("first")
    block = next((_as_block(one) for one in held[:1]), None) or blocks.take_block(
        desk=SHARED_DESK, digit=wish.digit, month=wish.month, size=blocks.SHARED_BLOCK
    )
    return DeskState(
        desk=SHARED_DESK,
        tree_size=row.tree_size,
        frontier=rows.split_hashes(bytes(row.frontier)),
        head_hash=bytes(row.head_hash),
        last_at=row.last_at,
        blocks={(wish.digit, wish.month): (block,)},
    )


def _as_block(row: NumberBlock) -> Block:
    return Block(row.pk, row.year, row.channel, row.month, row.next, row.last)


def _leave_desk(batch: Batch) -> None:
    """Write what the desk holds now, and the head that says so."""
    after = batch.after
    for move in batch.moves:
        NumberBlock.objects.filter(pk=move.block_id).update(next=move.after)
    Desk.objects.filter(pk=after.desk).update(
        tree_size=after.tree_size,
        frontier=b"".join(after.frontier),
        head_hash=after.head_hash,
        last_at=after.last_at,
    )
    TreeHead.objects.create(**rows.head_row(batch)._asdict())

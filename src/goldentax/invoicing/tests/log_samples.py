"""A log to test with: batches of a desk committed through the rules and rows that the desks use."""

from datetime import date, datetime
from decimal import Decimal

from django.db import connection

from goldentax.invoicing import api as invoicing
from goldentax.invoicing.models import Desk, FirstAnswer, Invoice, NumberBlock, TreeHead
from goldentax.invoicing.operations import blocks, limits
from goldentax.invoicing.operations.composing import ReadFacts, hash_of, wish_of
from goldentax.invoicing.rules import batches, events, receipts, rows
from goldentax.invoicing.rules.batches import Block, DeskState
from goldentax.invoicing.rules.drafts import InvoiceDraft, LineDraft, PartyDraft
from goldentax.kernel import outbox
from goldentax.kernel.access import Actor
from goldentax.kernel.crypto.keys import node_signer
from goldentax.kernel.node import this_node
from goldentax.node.testing import NOW
from goldentax.registry import api as registry


def register(tax_id: str) -> None:
    """Put a seller with an ample limit on the register."""
    registry.register_taxpayer(
        registration=registry.Registration(
            tax_id=tax_id,
            name=f"测试{tax_id[-4:]}有限公司",
            kind="general",
            office_code="14500000000",
            registered_date=date(2020, 1, 1),
            status=registry.NORMAL,
        ),
        actor="system:test",
        request_id=f"register-{tax_id}",
        now=NOW,
    )
    invoicing.grant_limit(
        tax_id=tax_id,
        total_fen=10**12,
        valid_from=date(2020, 1, 1),
        valid_to=None,
        basis="test",
        actor="system:test",
        now=NOW,
        request_id="limit",
    )


def draft(request_id: str, amount: str = "100.00") -> InvoiceDraft:
    """An ordinary draft."""
    line = LineDraft(name="显示器", tax_code="1090511030000000000", rate="0.13", amount=Decimal(amount))
    return InvoiceDraft(
        request_id=request_id, kind="82", buyer=PartyDraft(name="张三", is_person=True), lines=(line,)
    )


def _state(desk: int, *, digit: str, month: int) -> DeskState:
    row, _ = Desk.objects.get_or_create(pk=desk)
    held = NumberBlock.objects.filter(desk=desk, month=month, channel=digit).first()
    block = (
        Block(held.pk, held.year, held.channel, held.month, held.next, held.last)
        if held
        else blocks.take_block(desk=desk, digit=digit, month=month, size=100_000)
    )
    return DeskState(
        desk=desk,
        tree_size=row.tree_size,
        frontier=rows.split_hashes(bytes(row.frontier)),
        head_hash=bytes(row.head_hash),
        last_at=row.last_at,
        blocks={(digit, month): (block,)},
    )


def commit_batch(*, desk: int, actor: Actor, count: int, at: datetime = NOW) -> list[bytes]:
    """Issue so many invoices under one head, as a desk does; the receipts as they were given."""
    start = Invoice.objects.filter(desk=desk).count()
    drafts = [draft(f"desk-{desk}-{n}", f"{n + 1}.00") for n in range(start, start + count)]
    wishes = [
        wish_of(draft=one, request_hash=hash_of(one), actor=actor, now=at, facts=ReadFacts(drafts[0]))
        for one in drafts
    ]
    state = _state(desk, digit=wishes[0].digit, month=wishes[0].month)
    batch = batches.make_batch(state=state, wishes=wishes, node=this_node().code, at=at, signer=node_signer())
    for wish, entered in zip(wishes, batch.entered, strict=True):
        Invoice.objects.create(**rows.invoice_row(wish, entered, desk=desk)._asdict())
        FirstAnswer.objects.create(
            seller_tax_id=wish.seller_tax_id,
            request_id=wish.request_id,
            request_hash=wish.request_hash,
            number=entered.number,
            month=wish.month,
        )
    _enter(batch, at)
    TreeHead.objects.create(**rows.head_row(batch)._asdict())
    outbox.publish(events.issued(wishes, batch), key=batch.head.log, now=at)
    return receipts.encode_many(
        numbers=[one.number for one in batch.entered],
        sellers=[one.seller_tax_id for one in wishes],
        document_hashes=[one.document_hash for one in batch.entered],
        first_leaf=state.tree_size,
        paths=batch.paths,
        head=batch.head,
    )


def _enter(batch: batches.Batch, at: datetime) -> None:
    for charge in batch.charges:
        account = limits.charge(tax_id=charge.seller_tax_id, amount_fen=charge.amount_fen, now=at)
        limits.LimitEntry.objects.create(
            account_id=account,
            at=at,
            movement="charge",
            amount_fen=-charge.amount_fen,
            desk=batch.after.desk,
            leaf_from=charge.leaf_from,
            leaf_count=charge.leaf_count,
        )
    for move in batch.moves:
        NumberBlock.objects.filter(pk=move.block_id).update(next=move.after)
    Desk.objects.filter(pk=batch.after.desk).update(
        tree_size=batch.after.tree_size,
        frontier=b"".join(batch.after.frontier),
        head_hash=batch.after.head_hash,
        last_at=batch.after.last_at,
    )


def tamper(statement: str, *values: object) -> int:
    """Change the store behind the back of its guards, as somebody with all rights could; rows touched."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement, values)
        touched = cursor.rowcount
        cursor.execute("SET LOCAL session_replication_role = origin")
    return touched

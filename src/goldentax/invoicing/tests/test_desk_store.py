"""Where desks commit, on the real database: leases, fences, limits, first answers, and equal rows on both paths."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

import asyncpg
import pytest
from django.db import connection
from django.db.models import Sum

from goldentax.invoicing import api as invoicing
from goldentax.invoicing.desk.store import (
    Answer,
    DeskLost,
    LimitShort,
    PostgresStore,
    Repeated,
    StoreGone,
)
from goldentax.invoicing.models import Desk, Invoice, LimitAccount, LimitEntry, NumberBlock, TreeHead
from goldentax.invoicing.operations import limits
from goldentax.invoicing.operations.composing import ReadFacts, Wish, hash_of, wish_of
from goldentax.invoicing.queries import log as log_queries
from goldentax.invoicing.rules import batches, documents
from goldentax.invoicing.rules.batches import Batch, DeskState
from goldentax.invoicing.tests.desk_samples import run
from goldentax.invoicing.tests.log_samples import draft
from goldentax.kernel.access import Actor
from goldentax.kernel.crypto.keys import node_signer
from goldentax.kernel.models import AuditEntry, OutboxEvent
from goldentax.node.testing import NOW

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.xdist_group("desks"),
    pytest.mark.usefixtures("kept_world"),
]


@pytest.fixture(autouse=True)
def _django_db_marker() -> None:
    """The mark above asks for a database; what a test commits stays until the module is done."""


MONTH = 202611


@pytest.fixture
def seller(tax_id: str, actor_for: Callable[..., Actor]) -> Actor:
    return actor_for(tax_id, channel="api")


@pytest.fixture
def account(seller: Actor) -> int:
    found = limits.find_accounts(tax_ids=[seller.taxpayer_id], now=NOW)[seller.taxpayer_id]
    assert isinstance(found, int)
    return found


def wish(seller: Actor, request_id: str, amount: str = "100.00") -> Wish:
    one = draft(request_id, amount)
    return wish_of(draft=one, request_hash=hash_of(one), actor=seller, now=NOW, facts=ReadFacts(one))


@asynccontextmanager
async def leased() -> AsyncIterator[tuple[PostgresStore, DeskState]]:
    store = PostgresStore()
    try:
        yield store, await store.lease()
    finally:
        await store.close()


async def with_numbers(store: PostgresStore, state: DeskState, size: int = 100) -> DeskState:
    block = await store.take_block(desk=state.desk, digit="2", month=MONTH, size=size)
    key = (block.digit, block.month)
    return replace(state, blocks={**state.blocks, key: (*state.blocks.get(key, ()), block)})


def batch_of(state: DeskState, wishes: Sequence[Wish]) -> Batch:
    return batches.make_batch(state=state, wishes=wishes, node="45", at=NOW, signer=node_signer())


async def commit(store: PostgresStore, batch: Batch, wishes: Sequence[Wish], account: int) -> DeskState:
    await store.commit(
        batch, wishes, hashes=[one.request_hash for one in wishes], accounts=[account] * len(batch.charges)
    )
    return batch.after


def counts() -> tuple[int, ...]:
    """Everything that a batch adds to, and what it moves."""
    tables = (Invoice, TreeHead, LimitEntry, AuditEntry, OutboxEvent)
    used = LimitAccount.objects.aggregate(sum=Sum("used_fen"))["sum"]
    moved = NumberBlock.objects.aggregate(sum=Sum("next"))["sum"]
    sizes = Desk.objects.aggregate(sum=Sum("tree_size"))["sum"]
    return (*(one.objects.count() for one in tables), used or 0, moved or 0, sizes or 0)


def test_a_batch_stands_whole_with_its_log(seller: Actor, account: int) -> None:
    wishes = [wish(seller, f"request-{n:04d}", f"{n + 1}.00") for n in range(5)]

    async def main() -> tuple[Batch, DeskState, DeskState]:
        async with leased() as (store, state):
            state = await with_numbers(store, state)
            batch = batch_of(state, wishes)
            after = await commit(store, batch, wishes, account)
            batch_two = batch_of(after, [wishes[0]._replace(request_id="request-more")])
            await commit(store, batch_two, [wishes[0]._replace(request_id="request-more")], account)
        async with leased() as (_, found):
            return batch, batch_two.after, found

    before = LimitEntry.objects.count()
    batch, after, found = run(main())
    assert found == after, "whoever takes the desk next finds it as it was left"
    row = Invoice.objects.get(number=batch.entered[3].number)
    assert bytes(row.document) == batch.entered[3].document
    assert (row.seller_tax_id, row.request_id, row.amount_fen) == (seller.taxpayer_id, "request-0003", 400)
    state = LimitAccount.objects.get(pk=account)
    assert state.used_fen == 16_00
    entries = LimitEntry.objects.order_by("id")[before:]
    assert [(one.amount_fen, one.leaf_count) for one in entries] == [(-15_00, 5), (-1_00, 1)]
    assert [bool(one.invoice_number) for one in entries] == [False, True]
    log_id = f"45-{after.desk}"
    head = log_queries.get_head(log=log_id, tree_size=0)
    assert head.tree_size == after.tree_size
    receipt = invoicing.get_receipt(number=row.number, actor=seller)
    assert receipt.document_hash == batch.entered[3].document_hash.hex()
    assert OutboxEvent.objects.filter(key=log_id).count() >= 2
    assert AuditEntry.objects.filter(subject=log_id, detail__count=5).latest("id").detail["by"] == {
        seller.label: 5
    }


async def _refused(
    error: type[Exception],
    change: Callable[[DeskState], DeskState],
    wishes: Sequence[Wish],
    account: int,
    before: Callable[[], Any] = lambda: None,
) -> None:
    async with leased() as (store, state):
        state = await with_numbers(store, state)
        held = await asyncio.to_thread(counts)
        with pytest.raises(error):
            await commit(store, batch_of(change(state), wishes), wishes, account)
        assert await asyncio.to_thread(counts) == held, "a part of a refused batch stands"
        # The session is as good as before.
        await commit(
            store, batch_of(state, [wishes[0]._replace(request_id="again-0001")]), wishes[:1], account
        )


def test_a_desk_that_another_moved_changes_nothing(seller: Actor, account: int) -> None:
    def moved(state: DeskState) -> DeskState:
        return replace(
            state, tree_size=state.tree_size + 2, frontier=(b"\0" * 32,) * (state.tree_size + 2).bit_count()
        )

    run(_refused(DeskLost, moved, [wish(seller, "request-0001")], account))


def test_numbers_that_another_took_change_nothing(seller: Actor, account: int) -> None:
    def moved(state: DeskState) -> DeskState:
        return replace(
            state,
            blocks={
                key: tuple(one._replace(next=one.next + 1) for one in held)
                for key, held in state.blocks.items()
            },
        )

    run(_refused(DeskLost, moved, [wish(seller, "request-0001")], account))


def test_a_limit_that_does_not_cover_the_batch_changes_nothing(seller: Actor, account: int) -> None:
    LimitAccount.objects.filter(pk=account).update(used_fen=10**12 - 150_00)
    wishes = [wish(seller, "request-0001"), wish(seller, "request-0002")]
    run(_refused(LimitShort, lambda state: state, wishes, account))


def test_what_is_reserved_is_not_there_to_be_used(seller: Actor, account: int) -> None:
    LimitAccount.objects.filter(pk=account).update(reserved_fen=10**12 - 150_00)
    wishes = [wish(seller, "request-0001"), wish(seller, "request-0002")]
    run(_refused(LimitShort, lambda state: state, wishes, account))


def test_a_request_that_was_answered_changes_nothing(seller: Actor, account: int) -> None:
    first = invoicing.issue_invoice(draft=draft("request-0001"), actor=seller, now=NOW)
    wishes = [wish(seller, "request-0000"), wish(seller, "request-0001")]
    run(_refused(Repeated, lambda state: state, wishes, account))

    async def main() -> Any:
        async with leased() as (store, _):
            return await store.answers(
                [
                    (seller.taxpayer_id, "request-0001"),
                    (seller.taxpayer_id, "request-9999"),
                    ("x", "request-0001"),
                ]
            )

    found = run(main())
    assert found == {
        (seller.taxpayer_id, "request-0001"): Answer(first.number, MONTH, hash_of(draft("request-0001")))
    }


def test_two_stores_never_hold_one_desk(seller: Actor) -> None:
    async def main() -> None:
        async with leased() as (_, one), leased() as (_, two), leased() as (_, three):
            assert len({one.desk, two.desk, three.desk, 0}) == 4
            first = one.desk
        many = [PostgresStore() for _ in range(6)]
        states = await asyncio.gather(*(store.lease() for store in many))
        assert len({one.desk for one in states}) == 6
        assert first in {one.desk for one in states}, "what was given up is free again"
        for store in many:
            await store.close()

    run(main())


def test_a_killed_connection_frees_the_desk_and_is_told_as_gone(seller: Actor, account: int) -> None:
    one = wish(seller, "request-0001")

    async def main() -> None:
        async with leased() as (store, state), leased() as (other, _):
            state = await with_numbers(store, state)
            assert store._connection is not None and other._connection is not None
            victim = store._connection.get_server_pid()
            await other._connection.execute("SELECT pg_terminate_backend($1, 5000)", victim)
            with pytest.raises(StoreGone):
                await commit(store, batch_of(state, [one]), [one], account)
            with pytest.raises(StoreGone):
                await store.answers([(seller.taxpayer_id, "request-0001")])
            async with leased() as (_, found):
                assert found.desk == state.desk, "its desk is free"
                assert found.blocks.keys() == state.blocks.keys(), "its numbers are not lost"

    run(main())


def test_a_store_without_a_lease_is_gone(seller: Actor) -> None:
    with pytest.raises(StoreGone):
        run(PostgresStore().answers([("a", "b")]))


def test_an_unreachable_database_is_gone(seller: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    async def refuse(**_: Any) -> None:
        raise ConnectionRefusedError

    monkeypatch.setattr(asyncpg, "connect", refuse)
    with pytest.raises(StoreGone):
        run(PostgresStore().lease())


def test_blocks_of_two_desks_do_not_meet_and_make_the_table_of_their_month(seller: Actor) -> None:
    async def main() -> None:
        async with leased() as (one, first), leased() as (two, second):

            async def take(store: PostgresStore, desk: int) -> list[Any]:
                return [await store.take_block(desk=desk, digit="2", month=203107, size=7) for _ in range(10)]

            both = await asyncio.gather(take(one, first.desk), take(two, second.desk))
            taken = [block for found in both for block in found]
            numbers = [n for block in taken for n in range(block.next, block.last + 1)]
            assert len(numbers) == len(set(numbers)) == 140
            assert {block.year for block in taken} == {2031}

    run(main())
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('invoicing_invoice_203107') IS NOT NULL")
        assert cursor.fetchone() == (True,)
        cursor.execute("DROP TABLE invoicing_invoice_203107")


def test_the_plain_path_and_the_desk_give_equal_documents_and_rows(seller: Actor, account: int) -> None:
    amounts = [f"{n * n * 7 % 90_000 / 100 + 0.01:.2f}" for n in range(1, 41)]
    plain = [
        invoicing.issue_invoice(
            draft=draft(f"plain-{n:04d}", amount), actor=seller, now=NOW + timedelta(seconds=0)
        )
        for n, amount in enumerate(amounts)
    ]
    wishes = [wish(seller, f"batch-{n:04d}", amount) for n, amount in enumerate(amounts)]

    async def main() -> Batch:
        async with leased() as (store, state):
            state = await with_numbers(store, state)
            batch = batch_of(state, wishes)
            await commit(store, batch, wishes, account)
            return batch

    batch = run(main())
    left_out = {"number", "desk", "leaf", "request_id", "document", "document_hash"}
    for one, entered in zip(plain, batch.entered, strict=True):
        written = documents.decode(entered.document)
        assert (
            documents.encode(one.document).replace(one.number.encode(), entered.number.encode(), 1)
            == entered.document
        )
        assert written.gross_fen == one.document.gross_fen
        rows = [
            {name: value for name, value in row.items() if name not in left_out}
            for row in Invoice.objects.filter(number__in=[one.number, entered.number]).values()
        ]
        assert rows[0] == rows[1]
    state = LimitAccount.objects.get(pk=account)
    total = LimitEntry.objects.filter(account=account).aggregate(sum=Sum("amount_fen"))["sum"]
    assert total == state.total_fen - state.used_fen - state.reserved_fen

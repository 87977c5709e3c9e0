"""The chain over the audit trail: sealed once, in order, by whoever comes first; and every attack on it is named."""

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

import psycopg
import pytest
from django.db import IntegrityError, connection, transaction

from goldentax.kernel import audit
from goldentax.kernel.crypto.sm import Signer
from goldentax.oversight import errors, operations, queries, store
from goldentax.oversight.models import Block
from goldentax.oversight.rules import chain

pytestmark = pytest.mark.django_db(transaction=True)
NOW = datetime.fromisoformat("2026-11-21T10:00:00+08:00")


def write(count: int, *, at: datetime = NOW) -> None:
    """So many rows, as one statement of one transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO kernel_audit (at, category, actor, action, subject, request_id, detail)"
            " SELECT %s, 'change', 'web:somebody', 'test.thing.do', 'thing:' || n, '',"
            " jsonb_build_object('n', n, 'name', E'甲\\t乙\\n' || n) FROM generate_series(1, %s) n",
            [at, count],
        )


@pytest.fixture(autouse=True)
def clean(transactional_db: None) -> Iterator[None]:
    """An empty trail, whatever the tests before left in it."""
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE kernel_audit, oversight_block, kernel_outbox")
    store.heads_file().unlink(missing_ok=True)
    yield
    store.heads_file().unlink(missing_ok=True)


@contextmanager
def without_guard(*tables: str) -> Iterator[Any]:
    """What a superuser may do: switch the guards off, change, and switch them on again."""
    with connection.cursor() as cursor:
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
        yield cursor
        for table in tables:
            cursor.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")


@contextmanager
def another_connection() -> Iterator[psycopg.Connection[Any]]:
    given = connection.get_connection_params()
    kept = {name: given[name] for name in ("dbname", "user", "password", "host", "port") if given.get(name)}
    with psycopg.connect(**kept) as other:
        yield other


def found(report: queries.ChainReport) -> list[tuple[str, int]]:
    return [(one.kind, one.entry_id or one.number) for one in report.findings]


def ids() -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT id FROM kernel_audit ORDER BY tx, id")
        return [row[0] for row in cursor.fetchall()]


def test_every_row_ends_up_in_exactly_one_block() -> None:
    for _ in range(3):
        write(3000)
    assert operations.seal(now=NOW, at_once=True) == 9000
    blocks = list(Block.objects.order_by("number"))
    assert [one.rows for one in blocks] == [4096, 4096, 808]
    listed = [entry for one in blocks for entry, _ in chain.unpack(bytes(one.leaves))]
    assert listed == ids()
    report = queries.verify_chain()
    assert report.is_whole
    assert (report.rows, report.blocks, report.waiting, report.heads_compared) == (9000, 3, 0, 3)


def test_rows_wait_for_others_a_few_seconds_only() -> None:
    write(5)
    assert operations.seal(now=NOW + timedelta(seconds=3)) == 0
    assert operations.seal(now=NOW + timedelta(seconds=10)) == 5
    assert operations.seal(now=NOW + timedelta(seconds=20)) == 0


def test_no_row_can_turn_up_later_among_sealed_ones() -> None:
    """An open transaction holds a low id and a low number; nothing at or above its number is sealed before it ends."""
    insert = (
        "INSERT INTO kernel_audit (at, category, actor, action, subject, request_id, detail)"
        " VALUES (now(), 'change', 'late', 'test.thing.do', 'late', '', '{}')"
    )
    write(2)
    with another_connection() as slow:
        slow.execute(insert)
        write(3)  # committed while the slow one is open; their ids are above its
        assert operations.seal(now=NOW, at_once=True) == 2
        slow.commit()
    assert operations.seal(now=NOW, at_once=True) == 4
    report = queries.verify_chain()
    assert report.is_whole
    assert report.rows == 6


def test_a_transaction_that_is_taken_back_leaves_no_gap() -> None:
    with another_connection() as other:
        other.execute("SELECT pg_current_xact_id()")
        write(1)
        assert operations.seal(now=NOW, at_once=True) == 0
        other.rollback()
    assert operations.seal(now=NOW, at_once=True) == 1
    assert queries.verify_chain().is_whole


def test_two_workers_at_once_seal_each_row_once() -> None:
    write(20_000)
    failed: list[BaseException] = []

    def work() -> None:
        try:
            for _ in range(3):
                operations.seal(now=NOW, at_once=True)
        except BaseException as error:
            failed.append(error)
        finally:
            connection.close()

    workers = [threading.Thread(target=work) for _ in range(3)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    operations.seal(now=NOW, at_once=True)
    assert not failed
    assert sum(Block.objects.values_list("rows", flat=True)) == 20_000
    assert queries.verify_chain().is_whole


def test_writers_never_wait_for_the_sealer() -> None:
    write(10)
    with another_connection() as sealer:
        sealer.execute("SELECT pg_advisory_xact_lock(%s)", [store._LOCK])
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = '200ms'")
        audit.record(actor="a", action="test.thing.do", subject="b", now=NOW)
        assert operations.seal(now=NOW, at_once=True) == 0


def test_a_row_is_refused_to_be_changed_even_before_it_is_sealed() -> None:
    write(1)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE kernel_audit SET actor = 'other'")


@pytest.mark.parametrize(
    "change",
    [
        "SET detail = jsonb_set(detail, '{n}', '10001')",
        "SET actor = 'web:somebodz'",
        "SET at = at + interval '1 microsecond'",
        "SET request_id = ' '",
        "SET category = 'look'",
    ],
)
def test_one_changed_byte_names_its_row(change: str) -> None:
    write(6000)
    operations.seal(now=NOW, at_once=True)
    victim = ids()[4500]
    with without_guard("kernel_audit") as cursor:
        cursor.execute(f"UPDATE kernel_audit {change} WHERE id = %s", [victim])
    assert found(queries.verify_chain()) == [("row_changed", victim)]


def test_one_changed_byte_in_twenty_thousand_rows_is_found() -> None:
    write(20_000)
    operations.seal(now=NOW, at_once=True)
    seen: list[tuple[int, int]] = []
    assert queries.verify_chain(progress=lambda done, total: seen.append((done, total))).is_whole
    assert seen[-1] == (20_000, 20_000)
    victim = ids()[13_579]
    with without_guard("kernel_audit") as cursor:
        cursor.execute("UPDATE kernel_audit SET subject = 'thing:13581' WHERE id = %s", [victim])
    assert found(queries.verify_chain()) == [("row_changed", victim)]


def test_a_deleted_row_is_named() -> None:
    write(50)
    operations.seal(now=NOW, at_once=True)
    first, *_, last = ids()
    with without_guard("kernel_audit") as cursor:
        cursor.execute("DELETE FROM kernel_audit WHERE id IN (%s, %s)", [first, last])
    assert found(queries.verify_chain()) == [("row_missing", first), ("row_missing", last)]


def test_a_row_slipped_in_is_named() -> None:
    write(50)
    write(50)
    operations.seal(now=NOW, at_once=True)
    with connection.cursor() as cursor:  # adding needs no guard switched off
        cursor.execute(
            "INSERT INTO kernel_audit (at, category, actor, action, subject, request_id, detail, tx)"
            " SELECT at, category, 'web:framed', action, subject, request_id, detail, tx FROM kernel_audit"
            " ORDER BY tx, id LIMIT 1 RETURNING id"
        )
        forged = cursor.fetchone()[0]
    assert found(queries.verify_chain()) == [("row_added", forged)]


def test_a_row_that_claims_the_future_is_named() -> None:
    write(5)
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO kernel_audit (at, category, actor, action, subject, request_id, detail, tx)"
            " VALUES (now(), 'change', 'a', 'b', 'c', '', '{}', 1::bigint << 60) RETURNING id"
        )
        hidden = cursor.fetchone()[0]
    operations.seal(now=NOW, at_once=True)
    assert found(queries.verify_chain()) == [("row_from_future", hidden)]


def test_a_change_with_a_doctored_list_is_still_found() -> None:
    write(10)
    operations.seal(now=NOW, at_once=True)
    victim = ids()[3]
    with without_guard("kernel_audit", "oversight_block") as cursor:
        cursor.execute("UPDATE kernel_audit SET actor = 'x' WHERE id = %s", [victim])
        lines = store.read_lines(after=chain.START, until=chain.Place(2**62, 2**62))
        doctored = chain.pack(chain.leaf_of(line) for line in lines)
        cursor.execute("UPDATE oversight_block SET leaves = %s", [doctored])
    assert found(queries.verify_chain()) == [("block_differs", 1)]


def test_a_list_changed_alone_is_told_apart_from_changed_rows() -> None:
    write(10)
    operations.seal(now=NOW, at_once=True)
    with without_guard("oversight_block") as cursor:
        cursor.execute("UPDATE oversight_block SET leaves = 'nonsense'")
    assert found(queries.verify_chain()) == [("list_changed", 1)]


def _three_blocks() -> None:
    for _ in range(3):
        write(7)
        operations.seal(now=NOW, at_once=True)


def test_reordered_blocks_are_found() -> None:
    _three_blocks()
    with without_guard("oversight_block") as cursor:
        cursor.execute(
            "UPDATE oversight_block SET number = CASE number WHEN 2 THEN 30 ELSE 20 END WHERE number > 1"
        )
        cursor.execute("UPDATE oversight_block SET number = number / 10 WHERE number > 9")
    kinds = {kind for kind, _ in found(queries.verify_chain())}
    assert {"link_broken", "head_changed", "head_rewritten"} <= kinds


def test_a_forged_signature_is_found() -> None:
    _three_blocks()
    with without_guard("oversight_block") as cursor:
        cursor.execute(
            "UPDATE oversight_block SET signature ="
            " (SELECT signature FROM oversight_block WHERE number = 1) WHERE number = 2"
        )
    assert found(queries.verify_chain()) == [("signature_wrong", 2)]


def test_a_block_signed_by_another_key_is_found(tmp_path: Any) -> None:
    _three_blocks()
    stranger = Signer.load_or_create(tmp_path / "stranger.sm2")
    block = Block.objects.get(number=3)
    with without_guard("oversight_block") as cursor:
        cursor.execute(
            "UPDATE oversight_block SET public_key = %s, signature = %s WHERE number = 3",
            [stranger.public_key_hex, stranger.sign(bytes(block.hash))],
        )
    assert found(queries.verify_chain()) == [("key_unknown", 3)]
    assert queries.verify_chain(known_keys=frozenset({stranger.public_key_hex})).is_whole


def test_a_truncated_tail_is_found_by_published_heads() -> None:
    _three_blocks()
    heads = [queries.PublishedHead(str_["number"], str_["hash"]) for str_ in queries.list_heads()]  # type: ignore[arg-type]
    with without_guard("kernel_audit", "oversight_block") as cursor:
        cursor.execute(
            "DELETE FROM kernel_audit WHERE id > (SELECT last_id FROM oversight_block WHERE number = 2)"
        )
        cursor.execute("DELETE FROM oversight_block WHERE number = 3")
    # The node's own file and its events remember it.
    assert found(queries.verify_chain()) == [("head_cut_off", 3)]
    store.heads_file().unlink()
    assert found(queries.verify_chain()) == [("head_cut_off", 3)]
    # Whoever cleans both still meets the heads that others keep.
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE kernel_outbox")
    assert queries.verify_chain().is_whole
    assert found(queries.verify_chain(heads=heads)) == [("head_cut_off", 3)]


def test_a_chain_written_anew_with_the_right_key_is_found_by_published_heads() -> None:
    _three_blocks()
    with without_guard("kernel_audit", "oversight_block") as cursor:
        cursor.execute("UPDATE kernel_audit SET actor = 'nobody'")
        cursor.execute("TRUNCATE oversight_block")
    heads = store.heads_file().read_text()
    operations.seal(now=NOW, at_once=True)
    store.heads_file().write_text(heads)
    assert ("head_rewritten", 1) in found(queries.verify_chain())


def test_a_missing_block_in_the_middle_is_found() -> None:
    _three_blocks()
    with without_guard("oversight_block") as cursor:
        cursor.execute("DELETE FROM oversight_block WHERE number = 2")
    kinds = found(queries.verify_chain())
    assert ("block_missing", 2) in kinds
    assert ("link_broken", 3) in kinds


def test_a_guard_switched_off_is_told() -> None:
    write(1)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE kernel_audit DISABLE TRIGGER kernel_audit_append_only")
        report = queries.verify_chain()
        cursor.execute("ALTER TABLE kernel_audit ENABLE TRIGGER kernel_audit_append_only")
    assert [one.kind for one in report.findings] == ["guard_off"]
    assert "kernel_audit" in report.findings[0].message("en")


def test_the_bytes_of_a_row_do_not_depend_on_the_session() -> None:
    write(3)
    everything = {"after": chain.START, "until": chain.Place(2**62, 0)}
    before = list(store.read_lines(**everything))
    try:
        with connection.cursor() as cursor:
            for setting in ("TIME ZONE 'America/New_York'", "DateStyle = 'German'", "extra_float_digits = 0"):
                cursor.execute(f"SET {setting}")
        assert list(store.read_lines(**everything)) == before
    finally:
        connection.close()  # the settings go with it


def test_no_two_rows_have_the_same_bytes_by_moving_text_between_fields() -> None:
    for actor, action in (("a", "b\tc"), ("a\tb", "c"), ("a\\", "tb"), ("a", "\\tb")):
        audit.record(actor=actor, action=action, subject="s", now=NOW)
    lines = [
        line.split(b"\t", 2)[2] for line in store.read_lines(after=chain.START, until=chain.Place(2**62, 0))
    ]
    assert len(set(lines)) == 4


def test_a_restored_database_whose_count_is_behind_is_refused_then_continued() -> None:
    write(3)
    operations.seal(now=NOW, at_once=True)
    with connection.cursor() as cursor:  # as if the cluster had counted a billion more before the dump
        cursor.execute("TRUNCATE oversight_block, kernel_outbox")
        cursor.execute("ALTER TABLE kernel_audit DISABLE TRIGGER USER")
        cursor.execute("UPDATE kernel_audit SET tx = tx + 1000000000")
        cursor.execute("ALTER TABLE kernel_audit ENABLE TRIGGER USER")
    store.heads_file().unlink()
    with transaction.atomic():
        leaves = [
            chain.leaf_of(one) for one in store.read_lines(after=chain.START, until=chain.Place(2**62, 0))
        ]
        from goldentax.oversight.operations.sealing import _add

        _add(before=None, leaves=leaves, now=NOW)
    write(1)
    with pytest.raises(errors.CountBehind):
        operations.seal(now=NOW, at_once=True)
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE kernel_audit DISABLE TRIGGER USER")
        cursor.execute("DELETE FROM kernel_audit WHERE tx < 1000000000")
        cursor.execute("ALTER TABLE kernel_audit ENABLE TRIGGER USER")
    try:
        assert operations.continue_count(actor="cli:test", now=NOW) > 0
        assert operations.continue_count(actor="cli:test", now=NOW) == 0
        write(2)
        assert operations.seal(now=NOW, at_once=True) == 3
        assert queries.verify_chain().is_whole
    finally:
        store.set_count_offset(0)


def test_a_block_is_told_to_the_others_in_its_own_transaction() -> None:
    write(4)
    operations.seal(now=NOW, at_once=True)
    with connection.cursor() as cursor:
        cursor.execute("SELECT type, payload FROM kernel_outbox")
        [(type_, payload)] = cursor.fetchall()
    block = Block.objects.get()
    told = json.loads(bytes(payload))
    assert type_ == "oversight.trail.sealed.v1"
    assert (told["number"], told["hash"], told["rows"]) == (1, bytes(block.hash).hex(), 4)


def test_a_verification_of_the_newest_blocks_reads_their_rows_only_and_all_heads() -> None:
    _three_blocks()
    first, last = ids()[0], ids()[-1]
    report = queries.verify_chain(newest=1)
    assert (report.blocks, report.rows, report.is_whole) == (3, 7, True)
    with without_guard("kernel_audit") as cursor:
        cursor.execute("UPDATE kernel_audit SET actor = 'x' WHERE id IN (%s, %s)", [first, last])
    assert found(queries.verify_chain(newest=1)) == [("row_changed", last)]
    assert found(queries.verify_chain(newest=99)) == [("row_changed", first), ("row_changed", last)]


def test_heads_that_cannot_be_read_are_refused_with_their_line() -> None:
    good = '{"number": 1, "hash": "ab", "more": true}'
    assert queries.read_heads([good, ""]) == [queries.PublishedHead(1, "ab")]
    with pytest.raises(errors.HeadsUnreadable) as caught:
        queries.read_heads([good, "{nonsense"])
    assert caught.value.facts["line"] == 2

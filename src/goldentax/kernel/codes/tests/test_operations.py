"""Imports against a real PostgreSQL: versions, repetition, dry runs, refusals that leave nothing behind."""

from datetime import date, datetime
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet

from goldentax.kernel import clock
from goldentax.kernel.codes import api as codes
from goldentax.kernel.codes import errors
from goldentax.kernel.codes.models import CodeTable, CodeVersion
from goldentax.kernel.models import AuditEntry

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("empty_tables")]

NOW = datetime(2026, 11, 21, 10, 0, tzinfo=clock.CHINA)
FIRST, LATER = date(2018, 1, 1), date(2026, 1, 1)
ROWS = [
    codes.Row(code="3", name="销售服务", is_leaf=False),
    codes.Row(code="307", name="餐饮住宿服务", parent="3", is_leaf=False),
    codes.Row(code="30704", name="餐饮服务", short_name="餐饮服务", parent="307", description="堂食与外卖"),
]


def import_rows(rows: list[codes.Row] = ROWS, **changed: Any) -> codes.Diff:
    wanted = {"table": "goods", "rows": rows, "valid_from": FIRST, "source": "a test", "now": NOW}
    return codes.import_codes(**(wanted | changed))


def counts(diff: codes.Diff) -> tuple[int, int, int, int]:
    return diff.added, diff.changed, diff.closed, diff.unchanged


def imports_of(table: str) -> QuerySet[AuditEntry]:
    return AuditEntry.objects.filter(action="codes.table.import", subject=table)


def renamed() -> list[codes.Row]:
    return [*ROWS[:2], codes.Row(code="30704", name="餐饮配送服务", parent="307")]


def test_a_first_import_adds_every_row() -> None:
    assert counts(import_rows()) == (3, 0, 0, 0)
    found = codes.get_code(table="goods", code="30704", on=LATER)
    assert (found.name, found.level, found.is_leaf, found.valid_from, found.valid_to) == (
        "餐饮服务",
        3,
        True,
        FIRST,
        None,
    )


def test_the_same_import_again_changes_nothing() -> None:
    import_rows()
    before = list(CodeVersion.objects.order_by("id").values())
    for day in (FIRST, LATER):
        diff = import_rows(valid_from=day)
        assert counts(diff) == (0, 0, 0, 3) and diff.version == 1
    assert list(CodeVersion.objects.order_by("id").values()) == before
    assert imports_of("goods").count() == 1


def test_a_changed_row_closes_the_old_version_and_last_year_still_reads_it() -> None:
    import_rows()
    assert counts(import_rows(renamed(), valid_from=LATER)) == (0, 1, 0, 2)
    assert codes.get_code(table="goods", code="30704", on=date(2025, 12, 31)).name == "餐饮服务"
    assert codes.get_code(table="goods", code="30704", on=LATER).name == "餐饮配送服务"
    versions = codes.list_versions(table="goods", code="30704")
    assert [(one.valid_from, one.valid_to, one.version) for one in versions] == [
        (FIRST, LATER, 1),
        (LATER, None, 2),
    ]


def test_a_row_that_is_gone_is_closed_and_may_come_back() -> None:
    import_rows()
    assert counts(import_rows(ROWS[:2], valid_from=LATER)) == (0, 0, 1, 2)
    assert codes.find_code(table="goods", code="30704", on=LATER) is None
    assert codes.find_code(table="goods", code="30704", on=date(2025, 12, 31)) is not None
    assert counts(import_rows(valid_from=date(2027, 1, 1))) == (1, 0, 0, 2)
    assert codes.find_code(table="goods", code="30704", on=date(2026, 6, 1)) is None
    assert codes.find_code(table="goods", code="30704", on=date(2027, 1, 1)) is not None
    assert CodeTable.objects.get(name="goods").code_count == 3


def test_a_part_leaves_the_rest_open() -> None:
    import_rows()
    part = [codes.Row(code="301", name="交通运输服务", parent="3")]
    assert counts(import_rows(part, valid_from=LATER, is_whole=False)) == (1, 0, 0, 0)
    assert codes.find_code(table="goods", code="30704", on=LATER) is not None
    assert codes.get_code(table="goods", code="301", on=LATER).level == 2


def test_a_part_may_not_hang_below_a_leaf() -> None:
    import_rows()
    with pytest.raises(errors.LeafHasChildren):
        import_rows(
            [codes.Row(code="3070401", name="堂食", parent="30704")], valid_from=LATER, is_whole=False
        )


def test_a_repair_on_the_very_day_replaces_the_version() -> None:
    import_rows()
    assert counts(import_rows(renamed())) == (0, 1, 0, 2)
    assert [one.name for one in codes.list_versions(table="goods", code="30704")] == ["餐饮配送服务"]
    assert counts(import_rows(renamed()[:2])) == (0, 0, 1, 2)
    assert codes.list_versions(table="goods", code="30704") == []


def test_a_dry_run_tells_and_stores_nothing() -> None:
    import_rows()
    dry = import_rows(renamed(), valid_from=LATER, dry_run=True)
    assert counts(dry) == (0, 1, 0, 2) and dry.is_dry_run and dry.changed_codes == ("30704",)
    assert codes.get_code(table="goods", code="30704", on=LATER).name == "餐饮服务"
    assert import_rows(table="other", dry_run=True).added == 3
    assert not CodeTable.objects.filter(name="other").exists()
    assert imports_of("goods").count() == 1


def test_an_import_before_a_later_version_is_refused() -> None:
    import_rows()
    import_rows(ROWS[:2], valid_from=LATER)
    with pytest.raises(errors.TableChangedLater) as caught:
        import_rows(valid_from=date(2025, 1, 1))
    assert caught.value.facts["later"] == LATER


def test_bad_rows_leave_nothing_behind() -> None:
    with pytest.raises(errors.ParentUnknown):
        import_rows([*ROWS, codes.Row(code="9", name="孤儿", parent="8", line=5)])
    assert not CodeTable.objects.exists() and not CodeVersion.objects.exists()


def test_several_tables_of_one_import_are_stored_together_or_not_at_all() -> None:
    good = codes.FileContent("one", [codes.Row(code="1", name="甲")], "a.csv")
    more = codes.FileContent("one", [codes.Row(code="11", name="乙", parent="1")], "b.csv")
    bad = codes.FileContent("Two", [codes.Row(code="1", name="甲")], "c.csv")
    with pytest.raises(errors.BadTableName):
        codes.import_files(files=[good, bad], valid_from=FIRST, source="x", now=NOW)
    assert not CodeTable.objects.exists()
    (diff,) = codes.import_files(files=[good, more], valid_from=FIRST, source="x", now=NOW)
    assert (diff.table, diff.added) == ("one", 2)


def test_the_database_itself_refuses_versions_that_overlap() -> None:
    import_rows()
    old = CodeVersion.objects.get(code="30704")
    old.pk, old.valid_from = None, date(2020, 1, 1)
    with pytest.raises(IntegrityError, match="codes_version_no_overlap"), transaction.atomic():
        old.save()


def test_the_database_itself_refuses_an_empty_period() -> None:
    import_rows()
    with pytest.raises(IntegrityError, match="codes_version_period"), transaction.atomic():
        CodeVersion.objects.filter(code="30704").update(valid_to=FIRST)


def test_progress_is_told() -> None:
    told: list[tuple[str, int, int]] = []
    import_rows(progress=lambda step, done, total: told.append((step, done, total)))
    assert told[0] == ("check", 3, 3) and told[-1] == ("store", 3, 3)


def test_an_import_leaves_one_audit_row() -> None:
    import_rows(actor="cli:codes")
    entry = imports_of("goods").get()
    assert (entry.actor, entry.subject, entry.detail["added"]) == ("cli:codes", "goods", 3)


@pytest.mark.django_db(transaction=True)
def test_two_imports_at_once_wait_for_each_other() -> None:
    import threading

    failures: list[Exception] = []

    def run() -> None:
        try:
            import_rows()
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(3)]
    for one in threads:
        one.start()
    for one in threads:
        one.join()
    assert not failures
    assert CodeVersion.objects.count() == 3 and CodeTable.objects.get().version == 1

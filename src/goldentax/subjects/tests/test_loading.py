"""Bulk load: cleaning, de-duplication, review, resuming, results; and files that mean harm."""

import csv
import io
from typing import Any

import pytest
import xlsxwriter
from click.testing import CliRunner

from goldentax.kernel.models import OutboxEvent
from goldentax.node.testing import NOW
from goldentax.subjects import api as subjects
from goldentax.subjects import commands, errors
from goldentax.subjects.forms import tables
from goldentax.subjects.models import Load, LoadRow, Review, Subject
from goldentax.subjects.models import loads as states
from goldentax.subjects.operations import loading, verifying
from goldentax.subjects.operations.reviewing import decide_review
from goldentax.subjects.queries import loads as queries
from goldentax.subjects.queries import subjects as subject_queries
from goldentax.subjects.rules import cleaning, matching
from goldentax.subjects.tests import planted
from goldentax.subjects.tests.conftest import card, know_company, uscc

pytestmark = pytest.mark.django_db
HEAD = ["类别", "证件号码", "名称", "法定代表人", "电话", "地址"]
ROWS = [
    ["单位", uscc(1), "南宁青禾科技有限公司", "韦大明", "0771-5550001", "南宁市民族大道1号"],
    ["自然人", card(1), "覃美玲", "", "13800000001", "南宁市解放路2号"],
]


def as_csv(rows: list[list[str]], *, head: list[str] = HEAD) -> bytes:
    out = io.StringIO()
    csv.writer(out).writerows([head, *rows])
    return out.getvalue().encode()


def load(rows: list[list[str]], *, request_id: str = "load-0001", content: bytes = b"") -> Load:
    made = subjects.receive_load(
        content=content or as_csv(rows),
        file_name="测试.csv",
        actor="system:test",
        now=NOW,
        request_id=request_id,
    )
    return subjects.run_load(load_id=made.public_id, now=NOW)


def outcomes(made: Load) -> list[str]:
    return list(made.rows.order_by("row").values_list("outcome", flat=True))


def test_rows_are_added_in_order_and_wait_to_be_verified() -> None:
    made = load(ROWS)
    assert (made.state, outcomes(made)) == (states.DONE, [states.ADDED, states.ADDED])
    assert Subject.objects.filter(status="collected", next_try_at=NOW).count() == 2
    know_company(number=uscc(1), name="南宁青禾科技有限公司", representative="韦大明")
    verifying.verify_due(NOW)
    assert set(Subject.objects.values_list("status", flat=True)) == {"verified", "mismatch"}


def test_a_dressed_up_repeat_is_joined_without_a_person() -> None:
    repeat = ["单位", " ".join(uscc(1).lower()), "南宁 青禾科技有限公司 ", "", "", ""]
    made = load([*ROWS, repeat])
    row = made.rows.get(row=3)
    assert (row.outcome, row.same_as_row) == (states.REPEATED, 1)
    assert row.subject == made.rows.get(row=1).subject


def test_a_repeat_brings_what_was_not_known_and_overwrites_nothing() -> None:
    poor = ["单位", uscc(1), "南宁青禾科技有限公司", "", "0771-5550009", ""]
    load([poor])
    load([ROWS[0]], request_id="load-0002")
    subject = subjects.find_subject(credential="uscc", number=uscc(1))
    assert subject is not None
    assert subject.particulars["representative_name"] == "韦大明"
    assert subject.particulars["phone"] == "07715550009"


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (
            ["单位", uscc(2)[:-1] + ("0" if uscc(2)[-1] != "0" else "1"), "独一无二公司", "", "", ""],
            "SUB-CRE-02",
        ),
        (["单位", "", "没有号码的公司", "", "", ""], "SUB-LOD-11"),
        (["单位", uscc(3), "", "", "", ""], "SUB-LOD-11"),
    ],
)
def test_a_row_that_cannot_be_taken_is_rejected_with_its_code(row: list[str], code: str) -> None:
    made = load([row, *ROWS])
    first = made.rows.get(row=1)
    assert (first.outcome, first.code) == (states.REJECTED, code)
    assert outcomes(made)[1:] == [states.ADDED, states.ADDED]


def slipped() -> list[str]:
    number = uscc(1)
    return [
        "单位",
        number[:-1] + ("A" if number[-1] != "A" else "B"),
        "南宁青禾科技有限公司",
        "韦大明",
        "0771-5550001",
        "",
    ]


def test_a_likely_repeat_waits_for_a_person_and_is_merged() -> None:
    made = load([ROWS[0], slipped()])
    review = Review.objects.get()
    assert outcomes(made) == [states.ADDED, states.REVIEW]
    shown, _ = queries.list_reviews()
    assert shown[0].left is not None and shown[0].right is not None
    assert shown[0].left.values["name"] == shown[0].right.values["name"]
    decide_review(review_id=review.public_id, decision="merge", actor="web:officer", now=NOW)
    decide_review(review_id=review.public_id, decision="merge", actor="web:officer", now=NOW)
    assert made.rows.get(row=2).subject == made.rows.get(row=1).subject
    assert Subject.objects.count() == 1
    with pytest.raises(errors.AlreadyDecided):
        decide_review(review_id=review.public_id, decision="reject", actor="web:officer", now=NOW)


def test_a_row_with_a_wrong_number_cannot_be_kept_apart() -> None:
    load([ROWS[0], slipped()])
    review = Review.objects.get()
    with pytest.raises(errors.BadCredential):
        decide_review(review_id=review.public_id, decision="keep_apart", actor="t", now=NOW)
    decide_review(review_id=review.public_id, decision="reject", actor="t", now=NOW)
    assert LoadRow.objects.get(row=2).outcome == states.REJECTED


def test_the_same_number_under_another_name_is_never_taken_twice() -> None:
    made = load([ROWS[0], ["单位", uscc(1), "完全不同的公司", "", "", ""]])
    assert outcomes(made) == [states.ADDED, states.REVIEW]
    with pytest.raises(errors.AlreadyOnRecord):
        decide_review(review_id=Review.objects.get().public_id, decision="keep_apart", actor="t", now=NOW)


def test_the_row_with_the_wrong_number_is_decided_about_though_it_came_first() -> None:
    made = load([slipped(), ROWS[0]])
    assert outcomes(made) == [states.REVIEW, states.ADDED]
    decide_review(review_id=Review.objects.get().public_id, decision="merge", actor="t", now=NOW)
    assert made.rows.get(row=1).subject == made.rows.get(row=2).subject


def test_two_wrong_numbers_that_look_alike_make_nobody() -> None:
    assert outcomes(load([slipped(), slipped()])) == [states.REJECTED, states.REJECTED]
    assert not Subject.objects.exists() and not Review.objects.exists()


def test_repeats_follow_the_first_of_them_wherever_it_goes() -> None:
    other = ["单位", uscc(1), "完全不同的公司", "", "", ""]
    made = load([ROWS[0], other, other, ROWS[0]])
    assert outcomes(made) == [states.ADDED, states.REVIEW, states.REPEATED, states.REPEATED]
    decide_review(review_id=Review.objects.get().public_id, decision="merge", actor="t", now=NOW)
    assert len(set(made.rows.values_list("subject", flat=True))) == 1


def test_a_decision_that_is_not_offered_is_refused() -> None:
    load([ROWS[0], slipped()])
    with pytest.raises(errors.BadDecision):
        decide_review(review_id=Review.objects.get().public_id, decision="uphold", actor="t", now=NOW)


def test_what_is_on_record_is_found_by_number_and_by_sound() -> None:
    load(ROWS)
    again = load(
        [ROWS[0], ["自然人", "", "覃美铃", "", "13800000001", "南宁市解放路2号"]], request_id="load-0002"
    )
    assert outcomes(again) == [states.MERGED, states.REVIEW]
    assert Review.objects.get().subject is not None


def test_the_same_file_sent_twice_is_done_once() -> None:
    assert load(ROWS).pk == load(ROWS).pk
    assert Subject.objects.count() == 2


def test_a_load_that_was_broken_off_goes_on_where_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loading, "BATCH", 4)
    rows = [["单位", uscc(n), f"南宁第{n}号专用公司", "", "", ""] for n in range(1, 11)]
    real, calls = loading._add_all, []

    def breaking(*args: Any, **kwargs: Any) -> None:
        calls.append(1)
        if len(calls) == 2:
            raise RuntimeError("the power went off")
        real(*args, **kwargs)

    monkeypatch.setattr(loading, "_add_all", breaking)
    with pytest.raises(RuntimeError):
        load(rows)
    assert Subject.objects.count() == 4
    assert loading.run_due_loads(NOW) == 1
    made = Load.objects.get()
    assert (made.state, made.rows_done, outcomes(made)) == (states.DONE, 10, [states.ADDED] * 10)
    assert Subject.objects.count() == 10
    assert loading.run_due_loads(NOW) == 0


def test_a_number_taken_since_matching_rejects_its_row() -> None:
    made = subjects.receive_load(
        content=as_csv(ROWS), file_name="x.csv", actor="t", now=NOW, request_id="load-0001"
    )
    real = loading._apply_batch

    def late(load: Load, now: Any) -> None:
        if not Subject.objects.exists():
            subjects.collect_subject(
                kind="legal_entity", credential="uscc", number=uscc(1), name="抢先公司", actor="t", now=NOW,
                request_id="collect-first",
            )  # fmt: skip
        real(load, now)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(loading, "_apply_batch", late)
        done = subjects.run_load(load_id=made.public_id, now=NOW)
    assert outcomes(done) == [states.REJECTED, states.ADDED]
    assert done.rows.get(row=1).code == "SUB-SUB-03"


def test_those_of_other_provinces_are_routed_there() -> None:
    other = ["单位", uscc(1, division="430102"), "长沙湘江科技有限公司", "", "", ""]
    made = load([other, ROWS[1]])
    events = OutboxEvent.objects.filter(type="subjects.subject.routed.v1")
    assert [bytes(one.payload).decode().count('"home":"43"') for one in events] == [1]
    assert made.rows.get(row=1).subject.home == "43"  # type: ignore[union-attr]


def test_the_result_file_keeps_order_masks_people_and_runs_nothing() -> None:
    made = load([["单位", uscc(1), "=HYPERLINK(公司)有限公司", "@SUM(1)", "", ""], ROWS[1]])
    text = queries.result_file(load=made, language="zh").decode("utf-8-sig")
    rows = list(csv.reader(io.StringIO(text)))
    assert [row[0] for row in rows[1:]] == ["1", "2"]
    assert rows[1][3].startswith("'=") and rows[1][4].startswith("'@")
    assert card(1) not in text and "****" in text


def test_row_numbers_are_those_of_the_file_though_lines_are_empty() -> None:
    made = load([ROWS[0], ["", "", "", "", "", ""], ROWS[1]])
    assert list(made.rows.order_by("row").values_list("row", flat=True)) == [1, 3]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "gb18030"])
def test_files_of_both_encodings_are_read(encoding: str) -> None:
    content = as_csv(ROWS).decode().encode(encoding)
    assert tables.read_table(content=content)[1]["name"] == "覃美玲"


def test_a_spreadsheet_is_read_and_a_number_it_rounded_is_rejected() -> None:
    out = io.BytesIO()
    book = xlsxwriter.Workbook(out, {"in_memory": True})
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["证件号码", "姓名"])
    sheet.write_string(1, 0, card(1))
    sheet.write_string(1, 1, "覃美玲")
    sheet.write_number(2, 0, float(card(2)[:17] + "0"))
    sheet.write_string(2, 1, "丢了末位")
    book.close()
    made = load([], content=out.getvalue())
    assert outcomes(made) == [states.ADDED, states.REJECTED]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "SUB-LOD-01"),
        (b"\xff\xfe\x00\x01\x80\x81", "SUB-LOD-01"),
        (b"PK\x03\x04 no sheet", "SUB-LOD-01"),
        ("名称,电话\n甲,1\n".encode(), "SUB-LOD-03"),
        (b'number,name\n"open', "SUB-LOD-01"),
    ],
)
def test_a_file_that_is_no_table_fails_with_its_code_and_writes_nobody(content: bytes, code: str) -> None:
    made = subjects.receive_load(content=content, file_name="x", actor="t", now=NOW, request_id="load-0009")
    done = subjects.run_load(load_id=made.public_id, now=NOW)
    assert (done.state, done.failure["zh"]["code"]) == (states.FAILED, code)
    assert done.content is None and not Subject.objects.exists()


def test_a_file_that_is_too_large_is_not_even_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "FILE_BYTES_MAX", 100)
    with pytest.raises(errors.FileTooLarge):
        subjects.receive_load(content=b"x" * 101, file_name="x", actor="t", now=NOW, request_id="load-0009")
    assert not Load.objects.exists()


def test_a_file_name_is_only_a_name() -> None:
    made = subjects.receive_load(
        content=as_csv(ROWS), file_name="..\\..\\etc/passwd.csv", actor="t", now=NOW, request_id="load-0009"
    )
    assert made.file_name == "passwd.csv"


def test_files_and_rows_lie_sealed() -> None:
    made = subjects.receive_load(
        content=as_csv(ROWS), file_name="x", actor="t", now=NOW, request_id="load-0009"
    )
    assert card(1).encode() not in bytes(made.content)
    from django.db import connection

    subjects.run_load(load_id=made.public_id, now=NOW)
    with connection.cursor() as cursor:
        cursor.execute("SELECT body FROM subjects_load_row")
        assert all(card(1).encode() not in bytes(body) for (body,) in cursor.fetchall())


def test_the_command_tries_dry_and_then_loads(tmp_path: Any) -> None:
    path, result = tmp_path / "a.csv", tmp_path / "result.csv"
    path.write_bytes(as_csv(ROWS))
    tried = CliRunner().invoke(commands.group, ["load", str(path), "--dry-run"])
    assert tried.exit_code == 0, tried.output
    assert "dry run" in tried.output and not Subject.objects.exists() and not Load.objects.exists()
    done = CliRunner().invoke(commands.group, ["load", str(path), "--result", str(result)])
    assert done.exit_code == 0, done.output
    assert Subject.objects.count() == 2 and result.read_bytes().count(b"\n") == 3


def test_the_matcher_finds_planted_duplicates_and_joins_nobody_wrongly() -> None:
    made = planted.make(count=4000, seed=11)
    names = dict(zip(HEAD, ("kind", "number", "name", "representative", "phone", "address"), strict=True))
    entries = [
        cleaning.clean(row=place, cells={names[title]: value for title, value in row.items()})
        for place, row in enumerate(made.rows, start=1)
    ]
    pairs = matching.find_pairs(entries)
    found, true = {(one.left, one.right) for one in pairs}, made.true_pairs()
    exact = {(one.left, one.right) for one in pairs if one.is_exact}
    assert exact <= true and len(exact) > 20
    assert len(found & true) / len(found) > 0.98
    assert len(found & true) / len(true) > 0.93


def test_a_key_that_everybody_shares_compares_nobody() -> None:
    entries = [
        cleaning.clean(row=n, cells={"number": "", "name": f"甲乙丙{n}", "phone": "07715550000"})
        for n in range(200)
    ]
    assert not list(matching.candidates(entries))


def test_a_load_of_four_thousand_rows_with_planted_duplicates_ends_with_one_outcome_a_row() -> None:
    made = planted.make(count=4_000)
    done = load([], content=as_csv([list(row.values()) for row in made.rows], head=list(made.rows[0])))
    counts = loading.progress_of(done).outcomes
    assert done.state == states.DONE and sum(counts.values()) == 4_000 == done.rows_done
    assert states.PENDING not in counts and states.ADD not in counts
    assert counts[states.ADDED] == Subject.objects.count()
    assert counts[states.REPEATED] > 30 and counts[states.REVIEW] > 50
    wrong = [
        row
        for row in done.rows.filter(outcome=states.REPEATED)[:50]
        if row.subject is None and row.same_as_row is None
    ]
    assert not wrong
    assert subject_queries.search_subjects(text="南宁").items

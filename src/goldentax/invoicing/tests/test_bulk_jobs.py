"""Files of invoices: what is handed in is read whole or refused whole, worked off in turns, and told one by one."""

import gzip
import io
import json
import uuid
import zipfile
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
import xlsxwriter
from django.test import Client

from goldentax.invoicing import errors
from goldentax.invoicing.forms import bulk_sheet
from goldentax.invoicing.models import BulkJob, Invoice
from goldentax.invoicing.operations import bulk as jobs
from goldentax.invoicing.queries import bulk as found
from goldentax.invoicing.tests.bulk_samples import draft, lines, token_of
from goldentax.invoicing.tests.test_web import sign_in
from goldentax.kernel.access import Actor
from goldentax.kernel.models import AuditEntry
from goldentax.kernel.refusals import Refusal
from goldentax.node.testing import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stopped_clock")]

RIGHT = {
    "单据号": "DJ-0001",
    "票种": "普通发票",
    "购买方名称": "张三",
    "购买方为自然人": "是",
    "项目名称": "显示器",
    "税收分类编码": "1090511030000000000",
    "税率/征收率": "13%",
    "金额": "100",
}


@pytest.fixture
def seller(accounts: dict[str, dict[str, str]], actor_for: Callable[..., Actor]) -> Actor:
    return actor_for(accounts["demo-seller"]["tax_id"])


def book(*rows: dict[str, Any], columns: Sequence[str] = tuple(RIGHT), more: Any = None) -> bytes:
    """A workbook of rows; numbers stay numbers, and a text that begins with = is a formula."""
    data = io.BytesIO()
    made = xlsxwriter.Workbook(data)
    sheet = made.add_worksheet()
    sheet.write_row(0, 0, columns)
    for index, row in enumerate(rows, 1):
        for column, name in enumerate(columns):
            if name in row:
                sheet.write(index, column, row[name])
    if more:
        more(sheet)
    made.close()
    return data.getvalue()


def submit(data: bytes, actor: Actor, name: str = "文件.xlsx") -> BulkJob:
    return jobs.submit_file(data=data, file_name=name, actor=actor, now=NOW)


def work(turns: int = 30) -> None:
    for _ in range(turns):
        if not jobs.work_off(NOW):
            return


def outcome(data: bytes, actor: Actor) -> list[dict[str, Any]]:
    job = submit(data, actor)
    work()
    result = found.write_job_result(job=job, form="jsonl")
    return [json.loads(one) for one in result.splitlines()]


def refused(data: bytes, actor: Actor) -> Refusal:
    with pytest.raises(Refusal) as caught:
        submit(data, actor)
    assert not BulkJob.objects.exists()
    return caught.value


def test_rows_of_one_reference_are_one_invoice(seller: Actor) -> None:
    second = {
        "单据号": "DJ-0001",
        "项目名称": "键盘",
        "税收分类编码": RIGHT["税收分类编码"],
        "税率/征收率": 0.13,
    }
    told = outcome(book(RIGHT, second | {"金额": 12.5}, RIGHT | {"单据号": "单-2"}), seller)
    assert [(one["line"], one["reference"], one["status"]) for one in told] == [
        (2, "DJ-0001", 201), (4, "单-2", 201),
    ]  # fmt: skip
    row = Invoice.objects.get(number=told[0]["number"])
    assert (row.request_id, row.line_count, row.amount_fen) == ("doc-DJ-0001", 2, 112_50)


def test_the_template_reads_as_two_invoices(seller: Actor) -> None:
    told = outcome(bulk_sheet.write_template(), seller)
    assert [one["line"] for one in told] == [2, 4] and all("status" in one for one in told)
    assert bulk_sheet.read_workbook(bulk_sheet.write_template())[0].refusal is None


def test_the_same_file_is_the_same_job_and_a_reference_is_issued_once(seller: Actor) -> None:
    data = book(RIGHT)
    first = submit(data, seller)
    work()
    assert submit(data, seller).pk == first.pk
    again = outcome(book(RIGHT, RIGHT | {"单据号": "DJ-0002"}), seller)
    assert [one["status"] for one in again] == [200, 201] and again[0]["repeated"] is True
    assert Invoice.objects.filter(request_id="doc-DJ-0001").count() == 1


def test_a_bad_invoice_stops_no_other_and_says_the_way_out(seller: Actor) -> None:
    told = outcome(
        lines(draft("job-0001"), b"{broken", draft("job-0002", kind="99"), draft("job-0003")), seller
    )
    assert [one["status"] for one in told] == [201, 422, 422, 201]
    assert told[1]["code"] == "INV-REQ-03" and told[2]["way_out"]
    job = BulkJob.objects.get()
    assert (job.state, job.issued_count, job.refused_count) == ("done", 2, 2)
    assert set(AuditEntry.objects.filter(subject=str(job.public_id)).values_list("action", flat=True)) == {
        "invoicing.bulk.submit", "invoicing.bulk.finish",
    }  # fmt: skip
    sheet = found.write_job_result(job=job, form="xlsx")
    text = zipfile.ZipFile(io.BytesIO(sheet)).read("xl/worksheets/sheet1.xml").decode()
    assert told[0]["number"] in text and "INV-REQ-03" in text


def test_jobs_take_turns(seller: Actor, accounts: dict[str, Any], actor_for: Callable[..., Actor]) -> None:
    other = actor_for(accounts["demo-small"]["tax_id"])
    large = submit(lines(*(draft(f"large-{n:04d}") for n in range(250))), seller)
    small = submit(lines(draft("small-0001")), other)
    jobs.work_off(NOW)
    jobs.work_off(NOW + timedelta(seconds=1))
    large.refresh_from_db()
    small.refresh_from_db()
    assert (large.done_count, large.state, small.done_count) == (100, "working", 1)
    work()
    large.refresh_from_db()
    assert (large.state, large.issued_count) == ("done", 250)


def test_a_worker_that_dies_in_the_middle_loses_and_doubles_nothing(
    seller: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = submit(lines(*(draft(f"crash-{n:04d}") for n in range(30))), seller)
    noted = jobs._note

    def die(*_: Any) -> None:
        raise SystemExit

    monkeypatch.setattr(jobs, "_note", die)  # twenty are issued, and nobody has written so
    with pytest.raises(SystemExit):
        jobs.work_off(NOW)
    monkeypatch.setattr(jobs, "_note", noted)
    assert Invoice.objects.filter(request_id__startswith="crash-").count() == 20
    assert jobs.work_off(NOW) == 0  # the dead one still holds it
    assert jobs.work_off(NOW + timedelta(seconds=61)) == 30
    job.refresh_from_db()
    assert (job.state, job.issued_count) == ("done", 30)
    assert Invoice.objects.filter(request_id__startswith="crash-").count() == 30
    assert job.items.filter(is_repeat=True).count() == 20


def test_a_fault_of_ours_is_told_and_the_next_goes_on(seller: Actor, monkeypatch: pytest.MonkeyPatch) -> None:
    issue = jobs.issue_invoice

    def faulty(**given: Any) -> Any:
        if given["draft"].request_id == "fault-0001":
            raise ZeroDivisionError
        return issue(**given)

    monkeypatch.setattr(jobs, "issue_invoice", faulty)
    told = outcome(lines(draft("fault-0001"), draft("fault-0002")), seller)
    assert [one["status"] for one in told] == [500, 201]


def test_an_empty_file_is_refused(seller: Actor) -> None:
    for data in (b"", b"\n \n", book(), gzip.compress(b"")):
        assert refused(data, seller).code == "INV-BLK-01"


def test_bad_utf8_is_refused(seller: Actor) -> None:
    assert isinstance(refused('{"备注"}'.encode("gb18030"), seller), errors.BadUtf8)


def test_ten_thousand_and_one_are_refused(seller: Actor) -> None:
    assert isinstance(refused(b"{}\n" * 10_001, seller), errors.TooManyItems)
    rows = ({"单据号": f"D{n}", "票种": "81"} for n in range(10_001))
    assert isinstance(refused(book(*rows), seller), errors.TooManyItems)


def test_a_file_above_its_limit_is_refused(seller: Actor) -> None:
    assert isinstance(refused(b" " * (jobs.FILE_BYTES_MAX + 1), seller), errors.BulkTooLarge)


def test_what_is_no_gzip_and_what_is_a_bomb_are_refused(seller: Actor) -> None:
    assert isinstance(refused(b"\x1f\x8b" + b"x" * 50, seller), errors.NotGzip)
    assert isinstance(refused(gzip.compress(bytes(65 * 1024 * 1024)), seller), errors.BulkTooLarge)


def test_an_old_xls_under_a_new_name_is_refused(seller: Actor) -> None:
    refusal = refused(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), seller)
    assert isinstance(refusal, errors.SheetUnreadable) and ".xls" in refusal.message()


def test_an_archive_that_is_no_workbook_is_refused(seller: Actor) -> None:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr("a.txt", "x")
    assert isinstance(refused(data.getvalue(), seller), errors.SheetUnreadable)
    assert isinstance(refused(book(RIGHT)[:-900], seller), errors.SheetUnreadable)


def test_a_cell_far_outside_is_refused_before_all_cells_are_made(seller: Actor) -> None:
    far = book(RIGHT, more=lambda sheet: sheet.write(1_048_575, 16_383, "x"))
    assert len(far) < 20_000
    assert isinstance(refused(far, seller), errors.SheetUnreadable)


def test_a_workbook_that_unpacks_to_too_much_is_refused(seller: Actor) -> None:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/media.bin", bytes(bulk_sheet.UNPACKED_BYTES_MAX + 1))
    assert isinstance(refused(data.getvalue(), seller), errors.SheetUnreadable)


def test_of_a_formula_the_value_counts(seller: Actor) -> None:
    def formula(sheet: Any) -> None:
        sheet.write_formula(1, list(RIGHT).index("金额"), "=0.1+0.2", None, 0.1 + 0.2)

    told = outcome(book(RIGHT, more=formula), seller)
    assert told[0]["status"] == 201
    assert Invoice.objects.get(number=told[0]["number"]).amount_fen == 30


def test_merged_head_cells_count_for_each_row_and_merged_amounts_once(seller: Actor) -> None:
    def merge(sheet: Any) -> None:
        sheet.merge_range(1, 0, 2, 0, "DJ-7788")
        sheet.merge_range(1, list(RIGHT).index("金额"), 2, list(RIGHT).index("金额"), 100)

    second = {name: RIGHT[name] for name in ("项目名称", "税收分类编码", "税率/征收率")}
    (told,) = outcome(book(RIGHT | {"单据号": "DJ-7788"}, second, more=merge), seller)
    assert told["reference"] == "DJ-7788"
    assert told["status"] == 422 and any("lines[1]" in one["field"] for one in told["errors"])


@pytest.mark.parametrize(
    ("columns", "word"),
    [
        (tuple(RIGHT)[1:], "单据号"),
        ((*RIGHT, "颜色"), "颜色"),
        ((*RIGHT, "金额"), "重复"),
        (("a", "b"), "缺少"),
    ],
)
def test_a_wrong_header_is_refused_by_name(seller: Actor, columns: tuple[str, ...], word: str) -> None:
    refusal = refused(book(RIGHT, columns=columns), seller)
    assert isinstance(refusal, errors.SheetHeaderWrong) and word in refusal.message()


def test_three_decimals_words_and_disagreement_are_refused_by_row(seller: Actor) -> None:
    told = outcome(
        book(
            RIGHT | {"金额": 1.005},
            RIGHT | {"单据号": "DJ-0002", "金额": "一百"},
            RIGHT | {"单据号": "DJ-0003"},
            RIGHT | {"单据号": "DJ-0003", "购买方名称": "李四"},
            {name: value for name, value in RIGHT.items() if name != "单据号"},
            RIGHT | {"单据号": "DJ-0004", "金额": 1e15},
            RIGHT | {"单据号": "DJ-0005"},
        ),
        seller,
    )
    assert [one["status"] for one in told] == [422, 422, 422, 422, 422, 201]
    assert [one["code"] for one in told[1:4]] == ["INV-BLK-11"] * 3
    assert "5" in told[2]["title"] and "李四" not in told[2]["title"]


def test_too_many_open_files_are_refused(seller: Actor) -> None:
    for n in range(jobs.OPEN_JOBS_MAX):
        submit(lines(draft(f"open-{n:04d}")), seller)
    with pytest.raises(errors.TooManyJobs):
        submit(lines(draft("open-more")), seller)


def test_the_api_takes_a_file_and_tells_of_it(seller: Actor) -> None:
    token = token_of(seller.taxpayer_id, scopes=("invoices:write", "invoices:read"))
    client = Client(headers={"Authorization": f"Bearer {token}"})
    answer = client.post(
        "/api/v1/invoices/jobs?file_name=a.jsonl",
        data=lines(draft("api-job-1"), b"{"),
        content_type="application/jsonl",
    )
    assert answer.status_code == 202, answer.content
    place = answer.headers["Location"]
    assert answer.json()["state"] == "waiting" and answer.json()["count"] == 2
    work()
    told = client.get(place).json()
    assert (told["state"], told["issued"], told["refused"]) == ("done", 1, 1)
    result = client.get(told["result"])
    assert [json.loads(one)["status"] for one in result.content.splitlines()] == [201, 422]
    assert client.get(f"{place}/result?form=xlsx").content[:2] == b"PK"
    assert client.get(f"{place}/result?form=pdf").status_code == 404
    assert client.post("/api/v1/invoices/jobs", data=b"", content_type="application/jsonl").status_code == 422


def test_another_taxpayers_job_looks_like_none(
    seller: Actor, accounts: dict[str, dict[str, str]], actor_for: Callable[..., Actor]
) -> None:
    job = submit(lines(draft("mine-0001")), seller)
    other = actor_for(accounts["demo-small"]["tax_id"])
    strange = [str(job.public_id), str(uuid.uuid4()), "x", ""]
    told = set()
    for one in strange:
        with pytest.raises(errors.JobNotFound) as caught:
            found.get_job(actor=other, job_id=one)
        told.add(json.dumps(caught.value.as_problem()))
    assert len(told) == 1
    assert found.list_jobs(actor=other) == [] and found.list_jobs(actor=Actor()) == []
    client = sign_in(accounts, "demo-seller")
    assert client.get(f"/invoices/bulk/{uuid.uuid4()}/").status_code == 404


def test_the_page_takes_a_file_shows_how_far_it_is_and_gives_the_result(
    seller: Actor, accounts: dict[str, dict[str, str]]
) -> None:
    client = sign_in(accounts, "demo-seller")
    page = client.get("/invoices/bulk/").content.decode()
    assert "批量开具" in page and "下载模板" in page
    assert client.get("/invoices/bulk/template.xlsx").content[:2] == b"PK"
    empty = client.post("/invoices/bulk/", {})
    assert empty.status_code == 422 and "INV-BLK-01" in empty.content.decode()
    file = io.BytesIO(book(RIGHT, RIGHT | {"单据号": "DJ-0002", "票种": "收据"}))
    file.name = "十一月.xlsx"
    answer = client.post("/invoices/bulk/", {"file": file})
    assert answer.status_code == 302
    place = answer.headers["Location"]
    before = client.get(place).content.decode()
    assert "十一月.xlsx" in before and "等待办理" in before and 'hx-trigger="every 1s"' in before
    work()
    part = client.get(place, headers={"HX-Request": "true", "HX-Target": "bulk-state"}).content.decode()
    assert part.lstrip().startswith('<div id="bulk-state"') and "hx-get" not in part
    assert "已办完" in part and "DJ-0002" in part
    english = client.get(place, headers={"Accept-Language": "en"})
    assert english.status_code == 200
    assert client.get(f"{place}result.xlsx").content[:2] == b"PK"
    assert len(client.get(f"{place}result.jsonl").content.splitlines()) == 2
    assert "十一月.xlsx" in client.get("/invoices/bulk/").content.decode()

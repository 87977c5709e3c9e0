"""
The API of bulk issuing, below /api/v1: batches in one request.

The web workers' desks take batches before this view sees them (:mod:`goldentax.invoicing.desk.bulk`); what they leave,
a token of another system, say, goes item by item over the plain path here and gets the same answers.
"""

from typing import Any
from urllib.parse import quote

import msgspec
from django.http import HttpRequest, HttpResponse
from ninja import Router

from goldentax.invoicing import api as invoicing
from goldentax.invoicing import errors
from goldentax.invoicing.desk import answers, bulk
from goldentax.invoicing.models import BulkJob
from goldentax.invoicing.operations import bulk as jobs
from goldentax.invoicing.queries import bulk as found
from goldentax.invoicing.rules import bulk as rules
from goldentax.invoicing.rules import receipts
from goldentax.invoicing.rules.drafts import InvoiceDraft
from goldentax.invoicing.rules.reading import read_json
from goldentax.kernel import access, clock
from goldentax.kernel.access import Actor, actor_of
from goldentax.kernel.language import language_of
from goldentax.kernel.refusals import Refusal

router = Router()

_DECODER = msgspec.json.Decoder(InvoiceDraft)
_LINES = "application/jsonl"
_TEXT = {"schema": {"type": "string"}}
_DOCUMENTED: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "description": "Drafts as /invoices takes them: one a line (JSON lines), or a JSON array; up to 10,000, packed"
        " with gzip or not, 10 MiB as sent and 64 MiB unpacked.",
        "content": {_LINES: _TEXT, "application/x-ndjson": _TEXT, "application/json": {}},
    },
    "responses": {
        200: {
            "description": "One line of JSON for each invoice, in order: its line, its status (201 issued, 200 issued"
            " before, else refused) and what the single answer or the problem would say.",
            "content": {_LINES: _TEXT},
        }
    },
}


@router.post(
    "/invoices:batch",
    operation_id="issue_invoices",
    summary="批量开具发票 Issue many invoices",
    openapi_extra=_DOCUMENTED,
)
@access.open_to(access.ISSUER, scope="invoices:write")
def issue_many(request: HttpRequest) -> HttpResponse:
    """Issue up to 10,000 invoices: one answer for each, in order; one that is refused does not stop the others."""
    body = opened_body(request)
    actor, language = actor_of(request), language_of(request)
    lines = (_answer(body, one, actor, language) for one in rules.find_items(body))
    return HttpResponse(b"".join(lines), content_type=f"{_LINES}; charset=utf-8")


def opened_body(request: HttpRequest) -> bytes:
    """
    The body of a request, unpacked.

    :raises goldentax.invoicing.errors.UnknownEncoding: if it is packed, and not with gzip.
    """
    encoding = request.headers.get("Content-Encoding", "").strip().lower()
    if encoding in ("", "identity"):
        return request.body
    if encoding not in ("gzip", "x-gzip"):
        raise errors.UnknownEncoding("body", encoding=encoding[:20])
    return rules.open_gzip(request.body)


def _answer(body: bytes, item: rules.Item, actor: Actor, language: str) -> bytes:
    try:
        draft = read_json(rules.cut(body, item), _DECODER)
        issued = invoicing.issue_invoice(draft=draft, actor=actor, now=clock.now())
    except Refusal as refusal:
        return bulk.refused_line(item.line, refusal, language=language)
    receipt = receipts.encode(issued.receipt)
    told = answers.write(issued.document, issued.number, receipt, repeated=issued.repeated)
    return bulk.issued_line(item.line, told, status=200 if issued.repeated else 201)


class ApiBulkJob(msgspec.Struct, kw_only=True):
    """A file of invoices; ``state`` is waiting, working or done, and ``result`` says where each answer stands."""

    id: str
    file_name: str
    state: str
    count: int
    done: int
    issued: int
    refused: int
    created_at: str
    finished_at: str
    result: str


_JOB: dict[str, Any] = {
    "description": "The job",
    "content": {
        "application/json": {
            "schema": msgspec.json.schema_components(
                [ApiBulkJob], ref_template="#/components/schemas/{name}"
            )[1]["ApiBulkJob"]
        }
    },
}
_FILE = {"schema": {"type": "string", "format": "binary"}}


@router.post(
    "/invoices/jobs",
    operation_id="submit_bulk_job",
    summary="提交批量开票文件 Hand in a file of invoices",
    openapi_extra={
        "requestBody": {
            "required": True,
            "description": "The file: .xlsx after the template, JSON lines or a JSON array; up to 10,000 invoices and"
            " 20 MiB. The same file is the same job.",
            "content": {found.RESULT_TYPES["xlsx"]: _FILE, _LINES: _TEXT, "application/json": {}},
        },
        "responses": {202: _JOB},
    },
)
@access.open_to(access.ISSUER, scope="invoices:write")
def submit(request: HttpRequest, file_name: str = "") -> HttpResponse:
    """Take a file in; it is worked off in the background, and its invoices are issued one by one."""
    data = request.read(jobs.FILE_BYTES_MAX + 1)
    job = jobs.submit_file(data=data, file_name=file_name, actor=actor_of(request), now=clock.now())
    response = _job(job, status=202)
    response.headers["Location"] = f"/api/v1/invoices/jobs/{job.public_id}"
    return response


@router.get(
    "/invoices/jobs/{job_id}",
    operation_id="get_bulk_job",
    summary="批量任务进度 How far a file is",
    openapi_extra={"responses": {200: _JOB}},
)
@access.open_to(access.TAXPAYER, scope="invoices:read")
def get_job(request: HttpRequest, job_id: str) -> HttpResponse:
    """Tell how far one's own job is."""
    return _job(found.get_job(actor=actor_of(request), job_id=job_id))


@router.get(
    "/invoices/jobs/{job_id}/result",
    operation_id="get_bulk_job_result",
    summary="批量任务结果 What became of each invoice of a file",
    openapi_extra={
        "responses": {
            200: {
                "description": "One row each",
                "content": {_LINES: _TEXT, found.RESULT_TYPES["xlsx"]: _FILE},
            }
        }
    },
)
@access.open_to(access.TAXPAYER, scope="invoices:read")
def get_job_result(request: HttpRequest, job_id: str, form: str = "jsonl") -> HttpResponse:
    """Tell for each invoice its number, or why it was refused and the way out; form is jsonl or xlsx."""
    job = found.get_job(actor=actor_of(request), job_id=job_id)
    data = found.write_job_result(job=job, form=form)
    response = HttpResponse(data, content_type=found.RESULT_TYPES[form])
    name = quote(f"批量开票结果_{job.created_at:%Y%m%d%H%M%S}.{form}")
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{name}"
    return response


def _job(job: BulkJob, *, status: int = 200) -> HttpResponse:
    told = ApiBulkJob(
        id=str(job.public_id),
        file_name=job.file_name,
        state=job.state,
        count=job.item_count,
        done=job.done_count,
        issued=job.issued_count,
        refused=job.refused_count,
        created_at=job.created_at.astimezone(clock.CHINA).isoformat(),
        finished_at=job.finished_at.astimezone(clock.CHINA).isoformat() if job.finished_at else "",
        result=f"/api/v1/invoices/jobs/{job.public_id}/result",
    )
    return HttpResponse(
        msgspec.json.encode(told), status=status, content_type="application/json; charset=utf-8"
    )

"""批量开具: hand in a file of invoices, see how far it is, take its result."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from goldentax.invoicing.forms import bulk_sheet
from goldentax.invoicing.models import BulkJob
from goldentax.invoicing.operations import bulk as jobs
from goldentax.invoicing.queries import bulk as found
from goldentax.invoicing.web import asking
from goldentax.kernel import access, clock
from goldentax.kernel.refusals import Refusal
from goldentax.kernel.text import Text

REFUSED_SHOWN = 20
STATES = {
    "waiting": Text("等待办理", "Waiting"),
    "working": Text("正在开具", "Under way"),
    "done": Text("已办完", "Done"),
}


@access.open_to(access.ISSUER)
@require_http_methods(["GET", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """The files handed in, the newest first, and the form for another."""
    actor = access.actor_of(request)
    context: dict[str, Any] = {"limit_mib": jobs.FILE_BYTES_MAX // 1024 // 1024}
    status = 200
    if request.method == "POST":
        file = request.FILES.get("file")
        try:
            data = file.read(jobs.FILE_BYTES_MAX + 1) if file is not None else b""
            name = (file.name or "") if file is not None else ""
            job = jobs.submit_file(data=data, file_name=name, actor=actor, now=clock.now())
            return HttpResponseRedirect(reverse("invoicing:bulk-job", args=[job.public_id]))
        except Refusal as refusal:
            context["errors"], status = asking.errors_of(request, [refusal]), refusal.status
    context["jobs"] = [_shown(one) for one in found.list_jobs(actor=actor)]
    return render(request, "invoicing/bulk.html", context, status=status)


@access.open_to(access.ISSUER)
@require_GET
def show(request: HttpRequest, job_id: str) -> HttpResponse:
    """One file: how far it is; the part that changes is asked for again by itself until it is done."""
    job = found.get_job(actor=access.actor_of(request), job_id=job_id)
    context = _shown(job) | {"refused": found.list_refused(job=job, limit=REFUSED_SHOWN)}
    is_part = request.headers.get("HX-Target") == "bulk-state"
    return render(request, f"invoicing/{'parts/bulk_state' if is_part else 'bulk_job'}.html", context)


@access.open_to(access.ISSUER)
@require_GET
def result(request: HttpRequest, job_id: str, form: str) -> HttpResponse:
    """What became of each invoice, as a workbook or JSON lines."""
    job = found.get_job(actor=access.actor_of(request), job_id=job_id)
    return asking.file_answer(
        data=found.write_job_result(job=job, form=form),
        name=f"批量开票结果_{job.created_at:%Y%m%d%H%M%S}.{form}",
        plain_name=f"bulk-result.{form}",
        content_type=found.RESULT_TYPES[form],
    )


@access.open_to(access.ISSUER)
@require_GET
def template(request: HttpRequest) -> HttpResponse:
    """The workbook to fill in."""
    return asking.file_answer(
        data=bulk_sheet.write_template(),
        name="批量开票模板.xlsx",
        plain_name="bulk-template.xlsx",
        content_type=found.RESULT_TYPES["xlsx"],
    )


def _shown(job: BulkJob) -> dict[str, Any]:
    return {
        "job": job,
        "state": STATES[job.state],
        "percent": job.done_count * 100 // max(job.item_count, 1),
        "is_done": job.state == "done",
    }

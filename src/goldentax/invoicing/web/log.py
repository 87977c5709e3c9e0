"""透明日志, open to everyone: the newest heads of this node's logs, and a check of any receipt, step by step."""

from collections.abc import Sequence
from typing import Any

import msgspec
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods

from goldentax.invoicing import errors
from goldentax.invoicing.queries import invoices, log
from goldentax.invoicing.rules import heads, receipts
from goldentax.invoicing.web import asking
from goldentax.kernel import access
from goldentax.kernel.crypto.keys import node_signer
from goldentax.kernel.node import this_node
from goldentax.kernel.refusals import Refusal

LOGS_SHOWN_MAX = 50
HEADS_SHOWN = 40
DOCUMENT_BYTES_MAX = 4 * 1024 * 1024
"""A canonical document of 2,000 lines has about 1 MB."""
_CHART = (300, 80)


@access.open_to(access.PUBLIC)
@require_http_methods(["GET", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """Show the logs; with a receipt, say whether it holds."""
    signer = node_signer()
    states = log.list_logs()
    context: dict[str, Any] = {
        "logs": [_shown(one) for one in states[:LOGS_SHOWN_MAX]],
        "more_logs": max(len(states) - LOGS_SHOWN_MAX, 0),
        "total": sum(one.tree_size for one in states),
        "key": signer,
        "charts": [chart for one in states[:4] if (chart := _chart(one.log))],
        "values": {"receipt": request.POST.get("receipt", "")[: receipts.RECEIPT_BYTES_MAX]},
    }
    if request.method == "GET":
        return render(request, "invoicing/log.html", context)
    try:
        receipt = _read_receipt(request)
    except Refusal as refusal:
        context["errors"] = asking.errors_of(request, [refusal])
        return render(request, "invoicing/log.html", context, status=refusal.status)
    document = _uploaded(request, "document", DOCUMENT_BYTES_MAX)
    steps = [
        *receipts.examine_receipt(receipt, document=document, public_key=signer.public_key_hex),
        *log.examine_here(receipt),
    ]
    holds = not any(one.outcome == "failed" for one in steps)
    return render(
        request, "invoicing/log.html", context | {"receipt": receipt, "steps": steps, "holds": holds}
    )


def _read_receipt(request: HttpRequest) -> receipts.AnyReceipt:
    data = _uploaded(request, "file", receipts.RECEIPT_BYTES_MAX)
    if data is None:
        data = request.POST.get("receipt", "").strip()[: receipts.RECEIPT_BYTES_MAX].encode(errors="replace")
    try:
        return receipts.decode(data)
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise errors.ReceiptUnreadable("receipt") from None


def _uploaded(request: HttpRequest, name: str, bytes_max: int) -> bytes | None:
    """The bytes of an uploaded file; one too large is cut off, and then differs from what it should be."""
    file = request.FILES.get(name)
    return file.read(bytes_max + 1) if isinstance(file, UploadedFile) else None


def _shown(state: log.LogState) -> dict[str, Any]:
    head = state.head
    shown: dict[str, Any] = {"log": state.log, "tree_size": state.tree_size}
    if head is not None:
        at = heads.moment_of(head.at_ms).astimezone(this_node().time_zone)
        shown |= {"at": at, "root": head.root.hex(), "key_id": head.key_id}
    return shown


def _chart(name: str) -> dict[str, Any] | None:
    """The sizes under the newest heads as a line, in the units of the drawing."""
    found = log.list_heads(log=name, limit=HEADS_SHOWN).heads[::-1]
    if len(found) < 2:
        return None
    points = [(one.at_ms, one.tree_size) for one in found]
    return {"log": name, "points": _line(points), "first": found[0].tree_size, "last": found[-1].tree_size}


def _line(points: Sequence[tuple[int, int]]) -> str:
    (left, low), (right, high) = points[0], points[-1]
    width, height = _CHART
    across, up = max(right - left, 1), max(high - low, 1)
    return " ".join(
        f"{(at - left) * width // across},{height - (size - low) * height // up}" for at, size in points
    )


@access.open_to(access.TAXPAYER)
@require_GET
def document(request: HttpRequest, number: str) -> HttpResponse:
    """The canonical document, as the receipt names it by its digest; for the seller and the buyer."""
    data = invoices.get_document_bytes(number=number, actor=access.actor_of(request))
    name = f"{number}.document.json"
    return asking.file_answer(data=data, name=name, plain_name=name, content_type="application/json")

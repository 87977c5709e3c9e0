"""One issued invoice: what happened after issuing, its face and facts, its files, its receipt."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from goldentax.invoicing import api as invoicing
from goldentax.invoicing.forms import qr, svg
from goldentax.invoicing.queries.movements import list_history
from goldentax.invoicing.rules import documents, receipts
from goldentax.invoicing.rules.documents import InvoiceDocument
from goldentax.invoicing.rules.receipts import AnyReceipt
from goldentax.invoicing.web import asking
from goldentax.kernel import access, clock
from goldentax.kernel.access import Actor
from goldentax.kernel.crypto import sm
from goldentax.kernel.crypto.keys import node_signer
from goldentax.kernel.text import Text
from goldentax.kernel.values.money import chinese_amount, yuan

PAGES_MAX = 10
"""Pages of a face drawn at once: beyond, the PDF reads better."""
ACTIONS = {
    "invoicing.invoice.issue": Text("开具", "Issued"),
    "invoicing.invoice.import": Text("导入", "Imported"),
}
CHANNELS = {
    "web": Text("网页", "Web"),
    "api": Text("接口", "API"),
    "cli": Text("命令行", "Command line"),
    "system": Text("系统", "System"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """What a look at the stored bytes says, made anew at every view."""

    is_signed: bool  # the signature of the receipt is this node's
    is_same: bool  # the document is the one that the receipt names


def check(document: InvoiceDocument, receipt: AnyReceipt) -> Checked:
    """Verify the receipt's signature with this node's key, and the document against the receipt."""
    key = node_signer().public_key_hex
    return Checked(
        is_signed=receipts.is_genuine(
            receipt,
            verify=lambda data, signature: sm.verify(public_key_hex=key, data=data, signature=signature),
        ),
        is_same=sm.sm3(documents.encode(document)).hex() == receipt.document_hash,
    )


def verify_address(document: InvoiceDocument) -> str:
    """The address of the public verification with the fields of this face filled in."""
    fields = {
        "number": document.number,
        "date": document.issue_date.isoformat(),
        "total": yuan(document.gross_fen),
    }
    return asking.address(reverse("invoicing:verify"), fields)


def facts(request: HttpRequest, document: InvoiceDocument, *, is_whole: bool = False) -> dict[str, Any]:
    """
    What the detail, the confirmation and the verification show of an invoice.

    :param is_whole: every page of the face (at most :data:`PAGES_MAX`), not only the one asked for.
    """
    count = svg.page_count(document)
    asked = request.GET.get("page", "1")
    page = int(asked) if asked.isascii() and asked.isdigit() and 0 < int(asked[:4]) <= count else 1
    shown = range(1, min(count, PAGES_MAX) + 1) if is_whole else range(page, page + 1)
    return {
        "document": document,
        # An id may stand only once on a page of ours, and each drawing names its title by one.
        "faces": [svg.write(document, page=one).replace("face-title", f"face-title-{one}") for one in shown],
        "narrow_face": svg.write_narrow(document).replace("face-title", "face-title-narrow"),
        "page_number": page,
        "page_count": count,
        "page_numbers": range(1, count + 1),
        "gross_words": chinese_amount(document.gross_fen),
    }


@access.open_to(access.TAXPAYER)
@require_GET
def show(request: HttpRequest, number: str) -> HttpResponse:
    """Everything about one of one's own invoices; another's is not found."""
    actor = access.actor_of(request)
    document = invoicing.get_invoice(number=number, actor=actor)
    receipt = invoicing.get_receipt(number=number, actor=actor)
    context = facts(request, document) | {
        "receipt": receipt,
        "checked": check(document, receipt),
        "history": _history(number, actor),
        "qr_text": qr.payload(document),
        "verify_url": request.build_absolute_uri(verify_address(document)),
        "may_issue": access.ISSUER in actor.roles,
    }
    return render(request, "invoicing/detail.html", context)


def _history(number: str, actor: Actor) -> list[dict[str, Any]]:
    return [
        {
            "at": one.at,
            "what": ACTIONS.get(one.action, Text(one.action, one.action)),
            "channel": CHANNELS.get(one.channel, Text(one.channel, one.channel)),
            "request_id": one.request_id,
        }
        for one in list_history(number=number, actor=actor)
    ]


@access.open_to(access.ISSUER)
@require_GET
def issued(request: HttpRequest, number: str) -> HttpResponse:
    """The page after issuing: the number, the receipt, what happens next, and the way to do another."""
    actor = access.actor_of(request)
    document = invoicing.get_invoice(number=number, actor=actor)
    context = facts(request, document) | {
        "receipt": invoicing.get_receipt(number=number, actor=actor),
        "is_again": bool(request.GET.get("again")),
        "limit": invoicing.get_limit(tax_id=actor.taxpayer_id, on=clock.today()),
        "verify_url": verify_address(document),
    }
    return render(request, "invoicing/issued.html", context)


@access.open_to(access.TAXPAYER)
@require_GET
def file(request: HttpRequest, number: str, form: str) -> HttpResponse:
    """The XML, PDF or OFD of an invoice, under the name users know."""
    rendered = invoicing.render_form(
        number=number, form=form, actor=access.actor_of(request), now=clock.now()
    )
    return asking.file_answer(
        data=rendered.data,
        name=rendered.file_name,
        plain_name=f"dzfp_{number}.{form}",
        content_type=rendered.content_type,
    )


@access.open_to(access.TAXPAYER)
@require_GET
def receipt(request: HttpRequest, number: str) -> HttpResponse:
    """The signed receipt as JSON; anyone with the node's public key can check it."""
    found = invoicing.get_receipt(number=number, actor=access.actor_of(request))
    name = f"{number}.receipt.json"
    return asking.file_answer(
        data=receipts.encode(found), name=name, plain_name=name, content_type="application/json"
    )


@access.open_to(access.TAXPAYER)
@require_GET
def qr_picture(request: HttpRequest, number: str) -> HttpResponse:
    """The QR code of the face as a picture of its own."""
    document = invoicing.get_invoice(number=number, actor=access.actor_of(request))
    return HttpResponse(qr.svg(document), content_type="image/svg+xml")

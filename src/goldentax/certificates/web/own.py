"""我的证书: the certificates of the person, and of the taxpayer they act for; ask, renew, revoke, download."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from goldentax.certificates import api as certificates
from goldentax.certificates.web import asking
from goldentax.kernel import access, clock
from goldentax.kernel.refusals import Refusal


@access.open_to(access.PERSON)
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """One's own certificates and those of the taxpayer acted for."""
    holders = asking.seen(request)
    rows = [asking.row_of(one) for one in certificates.list_of_holders(holders)]
    actor = access.actor_of(request)
    context = {
        "own": [row for row in rows if row.one.subject_id == actor.person_id],
        "of_taxpayer": [row for row in rows if row.one.subject_id != actor.person_id],
        "may_ask": bool(_askable(request)),
        "is_officer": access.OFFICER in actor.roles and access.may(actor, "certificates.certificate.read"),
    }
    return render(request, "certificates/index.html", context)


@access.open_to(access.PERSON, assurance=access.TWO_FACTORS)
@require_http_methods(["GET", "POST"])
def ask(request: HttpRequest) -> HttpResponse:
    """Ask for a certificate with a request made on one's own machine."""
    askable = _askable(request)
    if request.method == "GET":
        return _form(request, askable, {"kind": request.GET.get("kind", "")})
    values = {
        "kind": request.POST.get("kind", ""),
        "csr": request.POST.get("csr", "").strip()[: asking.CSR_LENGTH_MAX],
    }
    actor = access.actor_of(request)
    try:
        if values["kind"] not in askable:
            raise certificates.UnknownKind("kind", kind=values["kind"][:20], known=", ".join(askable) or "-")
        view = certificates.issue_for(
            subject_kind=values["kind"],
            subject_id=askable[values["kind"]],
            name=actor.taxpayer_name if values["kind"] in certificates.OF_TAXPAYER else actor.person_name,
            csr_or_public_key=values["csr"],
            actor=actor.label,
            request_id=asking.request_id_of(request),
            now=clock.now(),
        )
    except Refusal as refusal:
        return _form(request, askable, values, refusal)
    asking.say_done(request, "证书已签发", "The certificate was issued")
    return HttpResponseRedirect(reverse("certificates:certificate", args=[view.serial]))


@access.open_to(access.PERSON)
@require_GET
def show(request: HttpRequest, serial: str) -> HttpResponse:
    """One certificate."""
    view = _own(request, serial)
    is_managed = (view.kind, view.subject_id) in asking.managed(request)
    context = {
        "row": asking.row_of(view),
        "is_managed": is_managed,
        "request_id": asking.new_request_id(),
        "back": reverse("certificates:index"),
    }
    return render(request, "certificates/certificate.html", context)


@access.open_to(access.PERSON)
@require_GET
def download(request: HttpRequest, serial: str, ending: str) -> HttpResponse:
    """A certificate as a file: ``pem``, or DER as ``cer``."""
    if ending not in ("pem", "cer"):
        raise Http404
    view = _own(request, serial)
    content = view.pem.encode() if ending == "pem" else view.der
    kind = "application/x-pem-file" if ending == "pem" else "application/pkix-cert"
    return asking.file_answer(name=f"{view.kind}-{view.serial}.{ending}", content=content, content_type=kind)


@access.open_to(access.PERSON, assurance=access.TWO_FACTORS)
@require_POST
def renew(request: HttpRequest, serial: str) -> HttpResponse:
    """Renew a certificate for the same key."""
    view = _own(request, serial, to_manage=True)
    renewed = certificates.renew(
        serial=view.serial,
        actor=access.actor_of(request).label,
        request_id=asking.request_id_of(request),
        now=clock.now(),
    )
    asking.say_done(request, "证书已更新", "The certificate was renewed")
    return HttpResponseRedirect(reverse("certificates:certificate", args=[renewed.serial]))


@access.open_to(access.PERSON, assurance=access.TWO_FACTORS)
@require_http_methods(["GET", "POST"])
def revoke(request: HttpRequest, serial: str) -> HttpResponse:
    """Ask, and then revoke a certificate for good."""
    view = _own(request, serial, to_manage=True)
    return revoke_page(
        request,
        view,
        codes=certificates.HOLDERS,
        back=reverse("certificates:certificate", args=[view.serial]),
    )


def revoke_page(
    request: HttpRequest, view: certificates.CertificateView, *, codes: tuple[str, ...] | None, back: str
) -> HttpResponse:
    """The page that asks for the reason, and does it; the holder's and the officer's are the same."""
    refusal: Refusal | None = None
    reason = request.POST.get("reason", "")
    if request.method == "POST":
        try:
            certificates.revoke(
                serial=view.serial,
                # What the page did not offer is as good as nothing.
                reason=reason if codes is None or reason in codes else "",
                actor=access.actor_of(request).label,
                request_id=asking.request_id_of(request),
                now=clock.now(),
            )
        except Refusal as caught:
            refusal = caught
        else:
            asking.say_done(request, "证书已吊销", "The certificate was revoked")
            return HttpResponseRedirect(back)
    context = {
        "row": asking.row_of(view),
        "reasons": asking.reasons(request, codes),
        "reason": reason,
        "request_id": asking.new_request_id(),
        "errors": asking.errors_of(request, refusal),
        "back": back,
    }
    return render(request, "certificates/revoke.html", context, status=refusal.status if refusal else 200)


def _own(request: HttpRequest, serial: str, *, to_manage: bool = False) -> certificates.CertificateView:
    """The certificate, if it is one of the person's; a stranger's is not found, whoever asks."""
    view = certificates.get_certificate(serial=serial)
    if (view.kind, view.subject_id) not in asking.seen(request):
        raise certificates.UnknownCertificate("serial", serial=serial)
    if to_manage and (view.kind, view.subject_id) not in asking.managed(request):
        raise access.NotYours("serial")
    return view


def _askable(request: HttpRequest) -> dict[str, str]:
    """Kinds that the person may ask for, each with its holder."""
    holders = dict(asking.managed(request))
    if access.OFFICER not in access.actor_of(request).roles:
        del holders[certificates.OFFICER]
    by_holder = {kind.code for kind in certificates.list_kinds(on=clock.today()) if kind.asked_by == "holder"}
    return {kind: subject_id for kind, subject_id in holders.items() if kind in by_holder}


def _form(
    request: HttpRequest, askable: dict[str, str], values: dict[str, Any], refusal: Refusal | None = None
) -> HttpResponse:
    context = {
        "values": values,
        "kinds": asking.kind_options(request, tuple(askable)),
        "request_id": asking.new_request_id(),
        "errors": asking.errors_of(request, refusal),
    }
    return render(request, "certificates/ask.html", context, status=refusal.status if refusal else 200)

"""证书管理: what officers do with everybody's certificates: find, issue, revoke; and the state of the authorities."""

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods

from goldentax.certificates import api as certificates
from goldentax.certificates.web import asking, own
from goldentax.kernel import access, clock
from goldentax.kernel.language import language_of
from goldentax.kernel.refusals import Refusal
from goldentax.kernel.text import Text

READ, ISSUE, REVOKE = (f"certificates.certificate.{verb}" for verb in ("read", "issue", "revoke"))
_FIELDS = ("kind", "subject_id", "name", "csr")


@access.open_to(access.OFFICER, function=READ)
@require_GET
def books(request: HttpRequest) -> HttpResponse:
    """Everybody's certificates, searched and paged."""
    text = request.GET.get("q", "").strip()[:100]
    kind, state = request.GET.get("kind", ""), request.GET.get("state", "")
    cursor = request.GET.get("cursor", "")
    page = certificates.list_certificates(text=text, kind=kind, state=state, now=clock.now(), cursor=cursor)
    language = language_of(request)
    every = Text("全部", "All").in_language(language)
    chosen = {"q": text, "kind": kind, "state": state}
    context = {
        "rows": [asking.row_of(one) for one in page.items],
        "text": text,
        "kind": kind,
        "state": state,
        "kinds": [
            ("", every),
            *(
                (one.code, one.label.in_language(language))
                for one in certificates.list_kinds(on=clock.today())
            ),
        ],
        "states": [
            ("", every),
            *(
                (code, certificates.STATES[code].in_language(language))
                for code in ("valid", "expired", "revoked")
            ),
        ],
        "next_url": asking.query(**chosen, cursor=page.next_cursor) if page.next_cursor else "",
        "first_url": asking.query(**chosen) if cursor else "",
        "may_issue": access.may(access.actor_of(request), ISSUE),
        "tab": "books",
    }
    return render(request, "certificates/books.html", context)


@access.open_to(access.OFFICER, function=READ)
@require_GET
def show(request: HttpRequest, serial: str) -> HttpResponse:
    """One certificate of anybody."""
    view = certificates.get_certificate(serial=serial)
    context = {
        "row": asking.row_of(view),
        "is_office": True,
        "may_revoke": access.may(access.actor_of(request), REVOKE),
        "back": reverse("certificates:books"),
    }
    return render(request, "certificates/certificate.html", context)


@access.open_to(access.OFFICER, function=ISSUE, assurance=access.TWO_FACTORS)
@require_http_methods(["GET", "POST"])
def issue(request: HttpRequest) -> HttpResponse:
    """Issue a certificate to a holder whose identity was checked at the counter."""
    # What signs people in is asked for by themselves: whoever may issue must not become somebody else by it.
    by_office = [one.code for one in certificates.list_kinds(on=clock.today()) if one.asked_by == "officer"]
    offered = (*certificates.OF_TAXPAYER, *by_office)
    values = {name: request.POST.get(name, "").strip()[: asking.CSR_LENGTH_MAX] for name in _FIELDS}
    refusal: Refusal | None = None
    if request.method == "POST":
        try:
            view = certificates.issue_for(
                # What the page did not offer is as good as nothing.
                subject_kind=values["kind"] if values["kind"] in offered else "",
                subject_id=values["subject_id"],
                name=values["name"],
                csr_or_public_key=values["csr"],
                actor=access.actor_of(request).label,
                request_id=asking.request_id_of(request),
                now=clock.now(),
            )
        except Refusal as caught:
            refusal = caught
        else:
            asking.say_done(request, "证书已签发", "The certificate was issued")
            return HttpResponseRedirect(reverse("certificates:book", args=[view.serial]))
    context = {
        "values": values,
        "kinds": asking.kind_options(request, offered),
        "request_id": asking.new_request_id(),
        "errors": asking.errors_of(request, refusal),
        "tab": "books",
    }
    return render(request, "certificates/issue.html", context, status=refusal.status if refusal else 200)


@access.open_to(access.OFFICER, function=REVOKE, assurance=access.TWO_FACTORS)
@require_http_methods(["GET", "POST"])
def revoke(request: HttpRequest, serial: str) -> HttpResponse:
    """Revoke a certificate of anybody."""
    view = certificates.get_certificate(serial=serial)
    return own.revoke_page(request, view, codes=None, back=reverse("certificates:book", args=[view.serial]))


@access.open_to(access.OFFICER, function=READ)
@require_GET
def authorities(request: HttpRequest) -> HttpResponse:
    """The tree of authorities, and whether their lists are up to date."""
    now = clock.now()
    views = certificates.list_authorities(with_former=True)
    trees = []
    for root in (one for one in views if one.kind == "root"):
        below = [one for one in views if one.parent_key_id == root.key_id]
        trees.append(
            {
                "root": root,
                "below": [
                    (
                        one,
                        [leaf for leaf in views if leaf.parent_key_id == one.key_id and not leaf.retired_at],
                    )
                    for one in below
                ],
            }
        )
    return render(
        request, "certificates/authorities.html", {"trees": trees, "now": now, "tab": "authorities"}
    )

"""Pages: sign in, or prove more, by a certificate that signs one line of text."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from goldentax.identity.operations import factors
from goldentax.identity.rules.factors import assurance
from goldentax.identity.web.factors.requests import context_of, door, finish, known_person
from goldentax.kernel import access
from goldentax.kernel.refusals import Refusal

CERTIFICATE_BYTES_MAX = 16_384


@never_cache
@access.open_to(access.PUBLIC)
@require_http_methods(["GET", "HEAD", "POST"])
def prove(request: HttpRequest) -> HttpResponse:
    """Show what is to be signed, and take the signature. After a refusal there is another text to sign."""
    if request.method != "POST":
        return _page(request)
    try:
        person = factors.prove_by_certificate(
            challenge_id=request.POST.get("challenge_id", "")[:36] or "-",
            certificate_pem=_certificate(request),
            signature=request.POST.get("signature", ""),
            context=context_of(request),
            person=known_person(request),
        )
        return finish(request, person=person, method=assurance.CERTIFICATE)
    except Refusal as refusal:
        return _page(request, refusal=refusal)


def _page(request: HttpRequest, *, refusal: Refusal | None = None) -> HttpResponse:
    values: dict[str, object] = {"certificate": request.POST.get("certificate", "")[:CERTIFICATE_BYTES_MAX]}
    try:
        values["question"] = factors.ask_certificate(
            context=context_of(request), person=known_person(request)
        )
    except Refusal as flooded:
        refusal = flooded
    return door(request, "identity/factors/certificate.html", values, refusal=refusal)


def _certificate(request: HttpRequest) -> str:
    """What was pasted, or else the file that was chosen."""
    pasted = request.POST.get("certificate", "")
    chosen = request.FILES.get("certificate_file")
    if pasted.strip() or chosen is None:
        return pasted
    content: bytes = chosen.read(CERTIFICATE_BYTES_MAX + 1)
    return content.decode("ascii", errors="replace")

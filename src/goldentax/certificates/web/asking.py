"""What the pages share: forms read, what was done said, certificates as rows of a page."""

from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.http import urlencode

from goldentax.certificates import api as certificates
from goldentax.kernel import access, clock
from goldentax.kernel.ids import new_public_id
from goldentax.kernel.language import language_of
from goldentax.kernel.refusals import Refusal
from goldentax.kernel.text import Text

CSR_LENGTH_MAX = 8000
_TONES = {"valid": "done", "expired": "plain", "revoked": "wrong", "future": "wait"}


@dataclass(frozen=True, slots=True)
class Row:
    """A certificate as a page shows it."""

    one: certificates.CertificateView
    kind: Text
    state: str
    state_words: Text
    tone: str
    reason: Text | None
    is_renewable: bool


def row_of(one: certificates.CertificateView) -> Row:
    """Put words to a certificate."""
    now = clock.now()
    kinds = {kind.code: kind for kind in certificates.list_kinds(on=clock.today())}
    kind, state = kinds.get(one.kind), one.state(now)
    days_left = (one.valid_to - now).days
    return Row(
        one=one,
        kind=kind.label if kind else Text(one.kind, one.kind),
        state=state,
        state_words=certificates.STATES[state],
        tone=_TONES[state],
        reason=certificates.REASONS.get(one.revocation_reason),
        is_renewable=bool(kind) and state == "valid" and days_left < (kind.renew_days if kind else 0),
    )


def managed(request: HttpRequest) -> tuple[tuple[str, str], ...]:
    """The holders for whom the person may ask, renew and revoke."""
    actor = access.actor_of(request)
    return certificates.managed_holders(
        person_id=actor.person_id,
        taxpayer_id=actor.taxpayer_id,
        duties=actor.duties,
        managing=certificates.parameter("taxpayer_duties", now=clock.now()),
    )


def seen(request: HttpRequest) -> tuple[tuple[str, str], ...]:
    """The holders whose certificates the person sees."""
    actor = access.actor_of(request)
    return certificates.seen_holders(person_id=actor.person_id, taxpayer_id=actor.taxpayer_id)


def request_id_of(request: HttpRequest) -> str:
    """The request id the form carried, or a new one; a form sent twice does its work once."""
    return request.POST.get("request_id", "")[:64] or new_request_id()


def new_request_id() -> str:
    """A new request id for a form."""
    return f"web-{new_public_id()}"


def errors_of(request: HttpRequest, refusal: Refusal | None) -> list[dict[str, Any]]:
    """A refusal as the frame's error summary takes it."""
    return [one.as_error(language_of(request)) for one in refusal.each()] if refusal else []


def say_done(request: HttpRequest, zh: str, en: str) -> None:
    """Tell the person on the next page what was done."""
    messages.success(request, Text(zh, en).in_language(language_of(request)))


def reasons(request: HttpRequest, codes: tuple[str, ...] | None = None) -> list[tuple[str, str]]:
    """Reasons for a revocation as options of a list, an empty one first: it is to be chosen, not passed over."""
    language = language_of(request)
    shown = codes or tuple(certificates.REASONS)
    first = Text("请选择", "Choose").in_language(language)
    return [("", first), *((code, certificates.REASONS[code].in_language(language)) for code in shown)]


def kind_options(request: HttpRequest, codes: tuple[str, ...]) -> list[tuple[str, str]]:
    """Kinds of certificates as options of a list."""
    language = language_of(request)
    return [
        (kind.code, kind.label.in_language(language))
        for kind in certificates.list_kinds(on=clock.today())
        if kind.code in codes
    ]


def file_answer(*, name: str, content: bytes, content_type: str) -> HttpResponse:
    """A file to keep."""
    headers = {"Content-Disposition": f'attachment; filename="{name}"', "X-Content-Type-Options": "nosniff"}
    return HttpResponse(content, content_type=content_type, headers=headers)


def query(**values: str) -> str:
    """The part of an address after the question mark, without what is empty."""
    kept = {name: value for name, value in values.items() if value}
    return f"?{urlencode(kept)}" if kept else "?"

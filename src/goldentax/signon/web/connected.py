"""The page of connected apps: which programs know me, or act for my company, and how to end that."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from goldentax.kernel import access, clock
from goldentax.kernel.access import Actor
from goldentax.kernel.language import language_of
from goldentax.kernel.text import Text
from goldentax.signon import operations, queries
from goldentax.signon.rules import scopes

ADMINISTRATORS = frozenset({"01", "05"})
"""Duties that answer for what others do in a taxpayer's name: its legal representative, its administrator."""


@never_cache
@access.open_to(access.PERSON)
@require_safe
def apps(request: HttpRequest) -> HttpResponse:
    """Every consent one may withdraw."""
    actor = access.actor_of(request)
    rows = queries.list_apps(person_id=actor.person_id, administers=administered_by(actor))
    return render(
        request,
        "signon/apps.html",
        {
            "rows": [
                {
                    "consent": row.consent,
                    "is_mine": row.is_mine,
                    "words": [words for scope, words in scopes.SCOPES.items() if scope in row.consent.scopes],
                }
                for row in rows
            ],
            "administers": actor.taxpayer_name if administered_by(actor) else "",
        },
    )


@access.open_to(access.PERSON)
@require_POST
def disconnect(request: HttpRequest, consent_id: UUID) -> HttpResponse:
    """Withdraw a consent; its tokens end at once."""
    actor = access.actor_of(request)
    row = operations.withdraw_consent(
        consent_id=consent_id,
        person_id=actor.person_id,
        administers=administered_by(actor),
        actor=actor.label,
        now=clock.now(),
    )
    language = language_of(request)
    said = Text(
        "已停止授权“{name}”，它持有的令牌已全部失效。", "“{name}” is disconnected; its tokens have ended."
    )
    messages.success(request, said.format(name=row.client.name.in_language(language)).in_language(language))
    return HttpResponseRedirect(reverse("signon:apps"))


def administered_by(actor: Actor) -> str:
    """The taxpayer an actor administers now, "" for none."""
    return actor.taxpayer_id if actor.duties & ADMINISTRATORS else ""

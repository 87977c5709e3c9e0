"""草稿: what was being typed, kept by itself, found again, thrown away."""

from datetime import datetime

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_POST

from goldentax.invoicing import api as invoicing
from goldentax.invoicing.web import forms
from goldentax.kernel import access, clock
from goldentax.kernel.access import Actor


def keep(typed: forms.TypedInvoice, *, actor: Actor, now: datetime) -> str:
    """Save a form under its draft, or as a new one; the draft's id."""
    fields = forms.as_fields(typed)
    fields.pop("draft_id", None)
    return invoicing.save_draft(
        actor=actor, fields=fields, title=typed.title, draft_id=typed.draft_id, now=now
    )


@access.open_to(access.ISSUER)
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """The drafts of the taxpayer acted for, the last touched first."""
    drafts = invoicing.list_drafts(actor=access.actor_of(request), limit=200)
    return render(request, "invoicing/drafts.html", {"drafts": drafts})


@access.open_to(access.ISSUER)
@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """Keep the form as it stands; an empty one is not worth keeping."""
    typed, now = forms.read(request.POST.dict()), clock.now()
    if typed.is_blank:
        return render(request, "invoicing/parts/draft_state.html", {"draft_id": typed.draft_id})
    draft_id = keep(typed, actor=access.actor_of(request), now=now)
    context = {"draft_id": draft_id, "saved_at": now}
    return render(request, "invoicing/parts/draft_state.html", context)


@access.open_to(access.ISSUER)
@require_POST
def delete(request: HttpRequest, draft_id: str) -> HttpResponse:
    """Throw one away."""
    invoicing.delete_draft(actor=access.actor_of(request), draft_id=draft_id)
    return HttpResponseRedirect(reverse("invoicing:drafts"))

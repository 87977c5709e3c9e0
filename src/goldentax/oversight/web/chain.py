"""审计链: where the chain stands, its heads, and a verification of its newest blocks."""

import json
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods

from goldentax.kernel import access, clock
from goldentax.kernel.language import language_of
from goldentax.oversight import api as oversight
from goldentax.oversight.web import asking

NEWEST = 100
"""Blocks whose records a verification from the page reads: 400,000 at most, some three seconds."""
HEADS_SHOWN = 12
HEADS_MAX = 10_000


@access.open_to(access.OFFICER, function="oversight.trail.verify")
@require_http_methods(["GET", "POST"])
def show(request: HttpRequest) -> HttpResponse:
    """The state of the chain; a press of the button verifies all heads, and the records of the newest blocks."""
    context: dict[str, Any] = {"newest": NEWEST}
    if request.method == "POST":
        actor, now, language = access.actor_of(request), clock.now(), language_of(request)
        report = oversight.verify_chain(newest=NEWEST)
        oversight.note_verification(
            actor=actor, is_whole=report.is_whole, blocks=report.blocks, rows=report.rows, now=now
        )
        context |= {"report": report, "findings": [one.message(language) for one in report.findings[:50]]}
    state = oversight.chain_state()
    context |= {
        "tabs": asking.tabs(request, "chain"),
        "state": state,
        "is_late": state.is_late(now=clock.now()),
        "heads": list(reversed(oversight.list_heads(after=state.number - HEADS_SHOWN, limit=HEADS_SHOWN))),
    }
    return render(request, "oversight/chain.html", context)


@access.open_to(access.OFFICER, function="oversight.trail.verify")
@require_GET
def heads(request: HttpRequest) -> HttpResponse:
    """The newest heads as a file, a JSON object a line, to be kept elsewhere."""
    after = max(oversight.chain_state().number - HEADS_MAX, 0)
    lines = "".join(json.dumps(one) + "\n" for one in oversight.list_heads(after=after, limit=HEADS_MAX))
    response = HttpResponse(lines, content_type="application/jsonl")
    response.headers["Content-Disposition"] = 'attachment; filename="audit-heads.jsonl"'
    return response

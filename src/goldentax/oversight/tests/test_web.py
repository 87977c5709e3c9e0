"""The pages and the API of the audit: who may open them, what they say, and that every look is itself recorded."""

import json
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client, RequestFactory
from django.urls import resolve

from goldentax.kernel import access, audit, clock
from goldentax.kernel.clock import CHINA
from goldentax.kernel.models import AuditEntry
from goldentax.oversight import api as oversight
from goldentax.oversight import models, queries
from goldentax.oversight.rules.facts import SignInFacts

pytestmark = pytest.mark.django_db
AT = datetime(2026, 11, 18, 10, 0, tzinfo=CHINA)
ANNA = "019aa0b0-0000-7000-8000-00000000000a"
FUNCTIONS = frozenset(
    {"oversight.trail.search", "oversight.trail.verify", "oversight.report.read", "oversight.case.handle"}
)
PAGES = {
    "/oversight/trail/": "oversight.trail.search",
    "/oversight/trail/export.csv": "oversight.trail.search",
    "/oversight/cases/": "oversight.case.handle",
    "/oversight/reports/": "oversight.report.read",
    "/oversight/reports/looks/": "oversight.report.read",
    "/oversight/reports/looks/export.csv": "oversight.report.read",
    "/oversight/chain/": "oversight.trail.verify",
    "/oversight/chain/heads.jsonl": "oversight.trail.verify",
}

Open = Callable[..., HttpResponse]


@pytest.fixture
def granted(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The functions that the auditor has; take one out to see what then is closed."""
    held = set(FUNCTIONS)
    monkeypatch.setattr(access, "_decide", lambda *, actor, function: function in held)
    return held


@pytest.fixture
def auditor() -> access.Actor:
    return access.Actor(
        person_id="019aa0b0-0000-7000-8000-0000000000ff",
        person_name="审计员",
        roles=frozenset({access.PERSON, access.OFFICER}),
        office_code="14501000000",
        assurance=2,
    )


@pytest.fixture
def open_page(granted: set[str], auditor: access.Actor) -> Iterator[Open]:
    """Open a page as the auditor would, past the sign-in."""
    with clock.stepped(AT):

        def call(path: str, *, post: dict[str, str] | None = None, language: str = "zh-hans") -> Any:
            factory = RequestFactory()
            request = factory.get(path) if post is None else factory.post(path, post)
            request.actor = auditor  # type: ignore[attr-defined]
            request.LANGUAGE_CODE = language
            request.session = Client().session
            from django.contrib.messages.storage.fallback import FallbackStorage

            request._messages = FallbackStorage(request)  # type: ignore[attr-defined]
            view, args, kwargs = resolve(path.partition("?")[0])
            return view(request, *args, **kwargs)

        yield call


def text_of(response: Any) -> str:
    return response.content.decode()


@pytest.mark.parametrize(("path", "function"), PAGES.items())
def test_a_page_opens_to_its_function_only(
    open_page: Open, granted: set[str], path: str, function: str
) -> None:
    assert open_page(path).status_code == 200
    granted.discard(function)
    with pytest.raises(access.NotYours):
        open_page(path)


@pytest.mark.parametrize("path", PAGES)
def test_nobody_enters_without_signing_in(path: str) -> None:
    response = Client().get(path)
    assert response.status_code == 302
    assert "/sign-in" in response.headers["Location"]


def test_a_search_finds_says_and_is_recorded(open_page: Open, auditor: access.Actor) -> None:
    audit.record(actor=f"web:{ANNA}", action="a.b.c", subject="<script>", now=AT, detail={"name": "<b>南宁"})
    page = text_of(open_page("/oversight/trail/?action=a.b"))
    assert "&lt;script&gt;" in page and "<script>alert" not in page and "&lt;b&gt;南宁" in page
    noted = AuditEntry.objects.filter(action="oversight.trail.search").latest("id")
    assert (noted.category, noted.actor) == (audit.LOOK, auditor.label)
    assert noted.detail == {"conditions": {"action": "a.b"}, "found": 1}


def test_a_page_is_walked_by_its_links(open_page: Open) -> None:
    for n in range(60):
        audit.record(actor="a", action="walk.it.now", subject=str(n), now=AT + timedelta(seconds=n))
    first = text_of(open_page("/oversight/trail/?action=walk."))
    assert first.count("walk.it.now</code>") == 50
    address = first.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
    second = text_of(open_page("/oversight/trail/" + address.removeprefix("/oversight/trail/")))
    assert second.count("walk.it.now</code>") == 10


@pytest.mark.parametrize("query", ["from=never", "category=all", "cursor=x", "from=2026-11-02&to=2026-11-01"])
def test_a_search_that_makes_no_sense_is_refused_on_the_page(open_page: Open, query: str) -> None:
    response = open_page(f"/oversight/trail/?{query}")
    assert response.status_code == 422
    assert "OVR-TRL-" in text_of(response)


def test_a_record_is_shown_with_its_place_and_the_look_is_recorded(open_page: Open) -> None:
    audit.record(actor="a", action="a.b.c", subject="x", now=AT, detail={"name": "南宁"})
    entry = AuditEntry.objects.latest("id")
    page = text_of(open_page(f"/oversight/trail/{entry.id}/"))
    assert "南宁" in page and "待封存" in page
    assert AuditEntry.objects.filter(action="oversight.trail.read", subject=f"audit:{entry.id}").exists()


def test_an_export_holds_no_formula_and_is_recorded(open_page: Open) -> None:
    audit.record(actor="=cmd()", action="export.me.now", subject="+1", now=AT)
    text = text_of(open_page("/oversight/trail/export.csv?action=export."))
    assert "'=cmd()" in text and ",=cmd" not in text
    assert AuditEntry.objects.filter(action="oversight.trail.export").latest("id").detail["found"] == 1


@pytest.fixture
def case() -> models.Case:
    usual = {"person_id": ANNA, "login_digest": "anna", "user_agent": "", "method": "password"}
    known = SignInFacts(network="192.0.2.7", device_id="a", at=AT - timedelta(days=1), **usual)
    oversight.note_sign_in(known, succeeded=True)
    oversight.assess_sign_in(SignInFacts(network="198.51.100.9", device_id="b", at=AT, **usual))
    return models.Case.objects.get(person_id=ANNA)


def test_a_case_is_read_refused_without_a_note_and_closed(open_page: Open, case: models.Case) -> None:
    assert "首次使用的设备" in text_of(open_page("/oversight/cases/"))
    path = f"/oversight/cases/{case.public_id}/"
    assert "+25" in text_of(open_page(path))
    refused = open_page(path, post={"outcome": "harmless", "note": "", "request_id": "r"})
    assert refused.status_code == 422 and "OVR-CAS-04" in text_of(refused)
    done = open_page(path, post={"outcome": "harmless", "note": "已电话核实", "request_id": "r"})
    assert done.status_code == 302
    assert "已电话核实" in text_of(open_page(path, language="en"))
    assert "首次使用的设备" not in text_of(open_page("/oversight/cases/"))
    assert "首次使用的设备" in text_of(open_page("/oversight/cases/?show=all"))


def test_a_report_has_its_table_and_what_the_chart_takes(open_page: Open) -> None:
    audit.record(
        actor="a", action="a.b.c", subject="x", now=AT - timedelta(hours=1), category=audit.PRIVILEGED
    )
    page = text_of(open_page("/oversight/reports/admin-actions/"))
    assert 'data-bar="a.b.c" data-value="1"' in page
    assert open_page("/oversight/reports/admin-actions/?from=2020-01-01").status_code == 422


def test_names_stand_for_people_where_somebody_knows_them(open_page: Open) -> None:
    class Directory:
        def names_of(self, person_ids: frozenset[str]) -> dict[str, str]:
            return {ANNA: "安娜"} if ANNA in person_ids else {}

        def find(self, text: str) -> str:
            return ANNA if text == "anna" else ""

    kept = list(queries.names._people)
    oversight.people_known_by(Directory())
    try:
        audit.record(actor=f"web:{ANNA}", action="named.it.now", subject=f"person:{ANNA}", now=AT)
        page = text_of(open_page("/oversight/trail/?person=anna&action=named."))
        assert page.count("安娜") == 2
        assert oversight.find_person("nobody") == "nobody"
    finally:
        queries.names._people[:] = kept


def test_the_api_searches_pages_and_refuses(open_page: Open, auditor: access.Actor) -> None:
    from goldentax.oversight import http

    for n in range(3):
        audit.record(actor="a", action="api.it.now", subject=str(n), now=AT + timedelta(seconds=n))
    request = RequestFactory().get("/api/v1/audit")
    request.actor = auditor  # type: ignore[attr-defined]
    first = http.search_audit_trail(request, action="api.", limit=2)
    assert [one["subject"] for one in first["items"]] == ["2", "1"]
    second = http.search_audit_trail(request, action="api.", limit=2, cursor=first["next_cursor"])
    assert [one["subject"] for one in second["items"]] == ["0"] and second["next_cursor"] == ""
    found = http.get_audit_entry(request, entry_id=second["items"][0]["id"])
    assert (found["subject"], found["block"]) == ("0", 0)


@pytest.mark.parametrize(
    "path", ["/api/v1/audit", "/api/v1/audit/heads", "/api/v1/audit/1", "/api/v1/audit/1/proof"]
)
def test_the_api_is_closed_to_strangers(path: str) -> None:
    response = Client().get(path)
    assert response.status_code == 401
    assert json.loads(response.content)["code"] == "KRN-ACC-01"

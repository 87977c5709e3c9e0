"""The edge answers every exception, wherever it was raised, in the form the caller reads."""

import msgspec
import pytest
from django.db import OperationalError
from django.test import Client

from goldentax.identity import middleware
from goldentax.invoicing import api as invoicing


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("error", "status", "code"),
    [(OperationalError("the store is away"), 503, "NOD-WEB-04"), (ZeroDivisionError(), 500, "NOD-WEB-05")],
)
def test_what_a_middleware_raises_is_answered(
    monkeypatch: pytest.MonkeyPatch, error: Exception, status: int, code: str
) -> None:
    def fail(*args: object, **more: object) -> None:
        raise error

    monkeypatch.setattr(middleware, "_actor_of_session", fail)
    monkeypatch.setattr(middleware, "_actor_of_token", fail)
    client = Client(raise_request_exception=False)
    page = client.get("/")
    assert page.status_code == status
    assert code in page.content.decode()
    answer = client.get("/api/v1/me")
    assert (answer.status_code, msgspec.json.decode(answer.content)["code"]) == (status, code)


@pytest.mark.django_db
def test_a_bug_in_a_view_is_an_apology_with_an_id_and_no_detail(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(**more: object) -> None:
        raise KeyError("secret detail")

    monkeypatch.setattr(invoicing, "verify_invoice", fail)
    query = {"number": "1" * 20, "issue_date": "2026-11-21", "gross": "1.00"}
    answer = Client(raise_request_exception=False).post(
        "/api/v1/verify", query, content_type="application/json"
    )
    assert answer.status_code == 500
    assert "secret" not in answer.content.decode()
    assert "NOD-WEB-05" in answer.content.decode()

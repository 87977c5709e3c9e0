"""Tokens at the API's door."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client

from goldentax.identity import operations
from goldentax.identity.models import ApiToken, Membership, Person
from goldentax.identity.tests.conftest import PASSWORD, TAX_ID
from goldentax.kernel import clock

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stopped_clock")]


def _me(text: str, *, scheme: str = "Bearer", **headers: str) -> Any:
    return Client().get("/api/v1/me", headers={"Authorization": f"{scheme} {text}", **headers})


def test_a_token_tells_who_and_for_whom(make_token: Callable[..., str]) -> None:
    answer = _me(make_token())
    assert answer.status_code == 200
    told = answer.json()
    assert told["taxpayer_id"] == TAX_ID
    assert told["taxpayer_name"] == "测试新能源有限公司"
    assert told["roles"] == ["issuer", "public", "taxpayer"]
    assert told["channel"] == "api"


def test_a_token_that_may_only_read_is_no_issuer(make_token: Callable[..., str]) -> None:
    assert "issuer" not in _me(make_token(scopes=("invoices:read",))).json()["roles"]


@pytest.mark.parametrize("text", ["", "gt_", "gt_" + "a" * 43, "x" * 5000, "gt_令牌"])
def test_what_is_no_token_is_refused_never_anonymous(text: str) -> None:
    answer = Client().get("/api/v1/me", HTTP_AUTHORIZATION=f"Bearer {text}".encode().decode("latin-1"))
    assert answer.status_code == 401
    assert answer["Content-Type"].startswith("application/problem+json")
    assert answer.json()["code"] == "IDN-TOK-01"
    assert answer["WWW-Authenticate"].startswith("Bearer")


def test_even_a_public_operation_refuses_a_bad_token() -> None:
    answer = Client().get("/api/openapi.json", headers={"Authorization": "Bearer gt_" + "a" * 43})
    assert answer.status_code == 401
    assert Client().get("/api/openapi.json").status_code == 200


def test_another_scheme_is_refused(make_token: Callable[..., str]) -> None:
    assert _me(make_token(), scheme="Basic").json()["code"] == "IDN-TOK-01"


def test_without_a_token_the_api_asks_for_one() -> None:
    answer = Client().get("/api/v1/me")
    assert answer.status_code == 401
    assert answer.json()["code"] == "KRN-ACC-01"


def test_a_refused_token_speaks_english_when_asked() -> None:
    assert _me("gt_x", **{"Accept-Language": "en"}).json()["title"] == "The token is not valid"


def test_a_token_ends_with_its_time(make_token: Callable[..., str], stopped_clock: Any) -> None:
    text = make_token(days=1)
    stopped_clock.step(timedelta(hours=23, minutes=59))
    assert _me(text).status_code == 200
    stopped_clock.step(timedelta(minutes=1))
    assert _me(text).json()["code"] == "IDN-TOK-02"


def test_a_revoked_token_opens_nothing(make_token: Callable[..., str]) -> None:
    text = make_token()
    token = ApiToken.objects.select_related("person").get()
    assert _me(text).status_code == 200
    operations.revoke_token(
        person_id=token.person.public_id, token_id=token.public_id, actor="system:test", now=clock.now()
    )
    assert _me(text).json()["code"] == "IDN-TOK-03"


def test_a_token_falls_with_the_duty(make_token: Callable[..., str]) -> None:
    text = make_token()
    Membership.objects.update(valid_to=clock.today())
    assert _me(text).json()["code"] == "IDN-TOK-04"


def test_a_token_falls_with_the_account(make_token: Callable[..., str]) -> None:
    text = make_token()
    Person.objects.update(is_active=False)
    assert _me(text).json()["code"] == "IDN-TOK-04"


def test_use_is_noted_coarsely(make_token: Callable[..., str], stopped_clock: Any) -> None:
    text = make_token()
    _me(text)
    first = ApiToken.objects.get().last_used_at
    assert first == clock.now()
    stopped_clock.step(timedelta(minutes=9))
    _me(text)
    assert ApiToken.objects.get().last_used_at == first
    stopped_clock.step(timedelta(minutes=1))
    _me(text)
    assert ApiToken.objects.get().last_used_at == clock.now()


def test_a_cookie_does_not_open_the_api(make_person: Callable[..., Person]) -> None:
    make_person("web.only", duty="09")
    client = Client()
    client.post("/sign-in", {"login": "web.only", "password": PASSWORD})
    assert client.get("/account").status_code == 200
    assert client.get("/api/v1/me").status_code == 401


def test_a_token_does_not_open_a_page(make_token: Callable[..., str]) -> None:
    answer = Client().get("/account", headers={"Authorization": f"Bearer {make_token()}"})
    assert answer.status_code == 302
    assert answer["Location"].startswith("/sign-in?")


def test_a_duty_of_the_future_opens_nothing_yet(make_token: Callable[..., str]) -> None:
    text = make_token()
    Membership.objects.update(valid_from=date(2027, 1, 1))
    assert _me(text).json()["code"] == "IDN-TOK-04"

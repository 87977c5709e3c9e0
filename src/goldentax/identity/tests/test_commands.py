"""``goldentax token``."""

import re
from collections.abc import Callable

import pytest
from click.testing import CliRunner
from django.test import Client

from goldentax.identity import commands
from goldentax.identity.errors import BadTokenLifetime, DemoOnly, NoDemoSeller
from goldentax.identity.models import Membership, Person
from goldentax.identity.tests.conftest import TAX_ID
from goldentax.kernel.settings import settings

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stopped_clock")]


def _run(*arguments: str) -> str:
    return CliRunner().invoke(commands.token, arguments, catch_exceptions=False, standalone_mode=False).stdout


def test_the_last_line_is_a_token_of_somebody_who_may_issue() -> None:
    text = _run().splitlines()[-1]
    assert re.fullmatch(r"gt_[\w-]{43}", text)
    told = Client().get("/api/v1/me", headers={"Authorization": f"Bearer {text}"}).json()
    assert "issuer" in told["roles"] and told["scopes"] == ["invoices:read", "invoices:write"]


def test_the_person_and_the_company_can_be_chosen(make_person: Callable[..., Person]) -> None:
    make_person("chosen", duty="03")
    text = _run("--login", "chosen", "--taxpayer", TAX_ID).splitlines()[-1]
    told = Client().get("/api/v1/me", headers={"Authorization": f"Bearer {text}"}).json()
    assert told["taxpayer_id"] == TAX_ID and told["person_name"] == "测试员"


def test_who_may_not_issue_gets_none(make_person: Callable[..., Person]) -> None:
    make_person("looker", duty="02")
    with pytest.raises(NoDemoSeller):
        _run("--login", "looker")


def test_a_token_of_no_day_is_refused() -> None:
    with pytest.raises(BadTokenLifetime):
        _run("--days", "0")


def test_only_a_demo_world_gives_tokens_away(monkeypatch: pytest.MonkeyPatch) -> None:
    import dataclasses

    real = dataclasses.replace(settings(), demo=False)
    monkeypatch.setattr(commands, "settings", lambda: real)
    assert Membership.objects.exists()
    with pytest.raises(DemoOnly):
        _run()

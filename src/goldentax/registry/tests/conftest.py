"""What the tests of the registry share: a registration that is right, and clients of demo people."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.test import Client

from goldentax.identity import api as identity
from goldentax.kernel.values import identifiers
from goldentax.node.testing import NOW
from goldentax.registry.rules.registration import Registration, TaxKindGrant

TAX_ID = identifiers.make_uscc(prefix="91450103", organisation8="MAY0TE01")
OTHER_TAX_ID = identifiers.make_uscc(prefix="91450103", organisation8="MAY0TE02")
OFFICE = "14501030100"
TAX_CODE = "1030106020000000000"  # 成品糖
HEADING = "1030106000000000000"


@pytest.fixture
def registration() -> Callable[..., Registration]:
    """Make a registration that is right but for what the test changes."""
    right = Registration(
        tax_id=TAX_ID,
        name="南宁测试糖业有限公司",
        kind="small",
        office_code=OFFICE,
        registered_date=date(2025, 3, 1),
        economic_type="有限责任公司",
        industry_code="13",
        address="广西南宁市青秀区民族大道1号",
        phone="0771-5550001",
        bank_name="中国银行南宁分行",
        bank_account="6225880012345678",
        representative="黄志强",
        tax_kinds=(TaxKindGrant(tax="vat", filing_period="quarter", valid_from=date(2025, 3, 1)),),
    )
    return lambda **changed: replace(right, **changed)


@pytest.fixture
def api_client() -> Callable[..., Any]:
    """An HTTP client with a token of a demo person, for their first taxpayer or the given one."""

    def make(
        user: str, *, tax_id: str, scopes: tuple[str, ...] = ("invoices:read", "invoices:write")
    ) -> Client:
        person = identity.find_person(login=user)
        assert person is not None
        text, _ = identity.issue_token(
            person_id=person.public_id,
            tax_id=tax_id,
            label="test",
            scopes=scopes,
            days=1,
            actor="test",
            now=NOW,
        )
        return Client(headers={"authorization": f"Bearer {text}"})

    return make


@pytest.fixture
def browser(accounts: dict[str, dict[str, str]]) -> Callable[[str], Client]:
    """A browser in which a demo person has signed in."""

    def make(user: str) -> Client:
        client = Client()
        answer = client.post("/sign-in", {"login": user, "password": accounts[user]["password"]})
        assert answer.status_code == 302, answer.content.decode()
        return client

    return make

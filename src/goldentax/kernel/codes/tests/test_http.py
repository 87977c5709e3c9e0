"""The API of the code tables, as a client that is not signed in sees it."""

from datetime import datetime

import pytest
from django.test import Client

from goldentax.kernel import clock
from goldentax.kernel.codes import api as codes

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("empty_tables")]

TABLE = "/api/v1/codes/tax_classification"
CODE = "3040803010000000000"


@pytest.fixture(autouse=True)
def _tables(empty_tables: None) -> None:
    codes.load_builtin(now=datetime(2026, 11, 21, 10, 0, tzinfo=clock.CHINA))


def test_the_tables_are_listed(client: Client) -> None:
    names = [one["name"] for one in client.get("/api/v1/codes").json()]
    assert {"tax_classification", "division", "industry", "bank"} <= set(names)


def test_a_code_is_shown_with_what_stands_above_it(client: Client) -> None:
    answer = client.get(f"{TABLE}/{CODE}")
    assert answer.status_code == 200
    found = answer.json()
    assert (found["code"], found["short_name"], found["is_leaf"]) == (CODE, "人力资源服务", True)
    assert [one["level"] for one in found["ancestors"]] == [1, 2, 3, 4]


def test_a_code_is_looked_up_on_a_day(client: Client) -> None:
    assert client.get(f"{TABLE}/{CODE}?on=2018-01-01").status_code == 200
    answer = client.get(f"{TABLE}/{CODE}?on=2017-12-31")
    assert (answer.status_code, answer.json()["code"]) == (404, "COD-TAB-02")


def test_search_and_pages(client: Client) -> None:
    first = client.get(TABLE, {"q": "cyfw", "leaves_only": "true"}).json()
    assert first["codes"][0]["name"] == "餐饮服务"
    page = client.get(TABLE, {"limit": "10"}).json()
    after = client.get(TABLE, {"limit": "10", "cursor": page["cursor"]}).json()
    assert page["codes"][-1]["code"] < after["codes"][0]["code"]


@pytest.mark.parametrize(
    ("address", "status"),
    [
        ("/api/v1/codes/none", 404),
        ("/api/v1/codes/none/1", 404),
        (f"{TABLE}/none", 404),
        (f"{TABLE}/%00", 404),
        ("/api/v1/codes/%00", 404),
        (f"{TABLE}?q=%00", 200),
        (f"{TABLE}?cursor=zzz", 422),
        (f"{TABLE}?q=a&cursor=zzz", 422),
        (f"{TABLE}?limit=0", 422),
        (f"{TABLE}?limit=201", 422),
        (f"{TABLE}?on=yesterday", 422),
    ],
)
def test_bad_questions_get_clear_answers(client: Client, address: str, status: int) -> None:
    assert client.get(address).status_code == status

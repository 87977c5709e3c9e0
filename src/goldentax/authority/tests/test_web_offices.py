"""Pages of offices: the tree as far as one reaches, one office, its changes; every refusal beside its field."""

import re
from collections.abc import Callable

import pytest
from django.test import Client

from goldentax.authority import api as authority
from goldentax.authority.models import OfficeChange
from goldentax.authority.tests.officers import (
    ASKER,
    CITY,
    CITY_ASKER,
    CLERK,
    DECIDER,
    DISTRICT,
    OTHER_CITY,
    OTHER_DISTRICT,
    STRANGER,
    page_of,
)
from goldentax.kernel import clock

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stopped_clock")]
AsOfficer = Callable[..., Client]
RENAME = f"/offices/{DISTRICT}/rename/"


def test_the_tree_ends_where_the_reach_of_the_officer_ends(as_officer: AsOfficer) -> None:
    page = page_of(as_officer(ASKER), "/offices/")
    assert f"/offices/{DISTRICT}/" in page
    for elsewhere in (CITY, OTHER_DISTRICT, OTHER_CITY):
        assert f"/offices/{elsewhere}/" not in page
    city = page_of(as_officer(CITY_ASKER, office=CITY), "/offices/")
    assert f"/offices/{DISTRICT}/" in city and f"/offices/{OTHER_DISTRICT}/" in city
    assert f"/offices/{OTHER_CITY}/" not in city


def test_an_office_elsewhere_answers_like_one_that_does_not_exist(as_officer: AsOfficer) -> None:
    client = as_officer(ASKER)
    for code in (OTHER_CITY, OTHER_DISTRICT, CITY, "19999999999", "x"):
        page = page_of(client, f"/offices/{code}/", status=404)
        assert "AUT-OFF-08" in page
    assert "柳州" not in page_of(client, f"/offices/{OTHER_CITY}/", status=404)
    for verb in ("add", "rename", "close"):
        page_of(client, f"/offices/{OTHER_CITY}/{verb}/", status=404)


def test_offices_are_found_by_name_and_code(as_officer: AsOfficer) -> None:
    client = as_officer(CITY_ASKER, office=CITY)
    assert f"/offices/{DISTRICT}/" in page_of(client, "/offices/?q=青秀")
    assert f"/offices/{DISTRICT}/" in page_of(client, f"/offices/?q={DISTRICT[:8]}")
    assert "没有符合的机构" in page_of(client, "/offices/?q=柳州")
    counties = page_of(client, "/offices/?level=county")
    assert f"/offices/{DISTRICT}/" in counties and f"/offices/{CITY}/" not in counties
    assert page_of(client, "/offices/?q=%00%27;--&level=zzz")


def test_an_office_shows_who_has_a_post_and_until_when(as_officer: AsOfficer) -> None:
    page = page_of(as_officer(ASKER), f"/offices/{DISTRICT}/")
    for said in ("陈区管", "林审批", "岗责管理岗", "2026-01-01", "长期", "第一税务所"):
        assert said in page
    assert "柳州人" not in page and "市管理" not in page
    assert "Who has a post here" in page_of(as_officer(ASKER), f"/offices/{DISTRICT}/?lang=en")


def test_who_holds_no_function_finds_the_door_shut(as_officer: AsOfficer) -> None:
    nobody = as_officer(CLERK)
    for path in (
        "/offices/",
        f"/offices/{DISTRICT}/",
        RENAME,
        "/posts/",
        "/grants/",
        "/approvals/",
        "/who-could/",
    ):
        page_of(nobody, path, status=403)
    # The approver reads offices, and changes none.
    page_of(as_officer(DECIDER), "/offices/")
    page_of(as_officer(DECIDER), RENAME, status=403)
    assert "rename/" not in page_of(as_officer(DECIDER), f"/offices/{DISTRICT}/")
    assert Client().get("/offices/").status_code == 302


def test_an_office_is_set_up_renamed_and_closed_on_a_day(as_officer: AsOfficer) -> None:
    client = as_officer(ASKER)
    form = page_of(client, f"/offices/{DISTRICT}/add/")
    code = re.search(r'name="code"[^>]* value="(\d{11})"', form).group(1)
    assert authority.find_office(code) is None
    sent = {
        "code": code,
        "level": "branch",
        "name": "国家税务总局南宁市青秀区税务局仙葫税务所",
        "short_name": "仙葫税务所",
        "effective_date": "2026-11-20",
        "basis": "桂税发〔2026〕18 号",
    }
    answer = client.post(f"/offices/{DISTRICT}/add/", sent | {"request_id": "web-office-add-1"})
    assert answer.status_code == 302 and answer.headers["Location"] == f"/offices/{code}/"
    page = page_of(client, f"/offices/{code}/")
    assert "仙葫税务所" in page and "桂税发〔2026〕18 号" in page and "陈区管" in page
    renamed = {"name": sent["name"] + "（新）", "short_name": "仙葫新所", "effective_date": "2026-11-21"}
    for _ in range(2):  # sent twice, done once
        answer = client.post(f"/offices/{code}/rename/", renamed | {"request_id": "web-office-rename-1"})
        assert answer.status_code == 302
    assert OfficeChange.objects.filter(office__code=code, action="rename").count() == 1
    assert "仙葫税务所 → " in page_of(client, f"/offices/{code}/")
    closing = {"effective_date": "2026-11-21", "request_id": "web-office-close-1"}
    assert client.post(f"/offices/{code}/close/", closing).status_code == 302
    assert authority.get_office(code).is_closed(clock.today())
    assert f"/offices/{code}/" not in page_of(client, "/offices/")
    assert f"/offices/{code}/" in page_of(client, "/offices/?closed=on")
    assert "撤销" in page_of(client, f"/offices/{code}/")


@pytest.mark.parametrize(
    ("changed", "refusal", "field"),
    [
        ({"code": "123"}, "AUT-OFF-03", "code"),
        ({"code": DISTRICT}, "AUT-OFF-02", "code"),
        ({"level": "city"}, "AUT-OFF-03", "level"),
        ({"level": "moon"}, "AUT-OFF-03", "level"),
        ({"name": ""}, "AUT-OFF-04", "name"),
        ({"short_name": "长" * 41}, "AUT-OFF-04", "short_name"),
        ({"effective_date": "2026-11-22"}, "AUT-OFF-05", "effective_date"),
        ({"effective_date": "昨天"}, "AUT-REQ-04", "effective_date"),
        ({"effective_date": ""}, "AUT-REQ-04", "effective_date"),
    ],
)
def test_a_refused_office_keeps_what_was_typed(
    as_officer: AsOfficer, changed: dict[str, str], refusal: str, field: str
) -> None:
    sent = {
        "code": "14501039900",
        "level": "branch",
        "name": "国家税务总局青秀区税务局试验税务所",
        "short_name": "试验所",
        "effective_date": "2026-11-20",
        "basis": "我写的文号",
    }
    answer = as_officer(ASKER).post(f"/offices/{DISTRICT}/add/", sent | changed)
    page = answer.content.decode()
    assert answer.status_code in (409, 422)
    assert refusal in page and f'href="#field-{field.replace("_", "-")}"' in page
    assert 'aria-invalid="true"' in page and 'value="我写的文号"' in page
    assert authority.find_office("14501039900") is None


def test_an_office_in_use_is_not_closed(
    as_officer: AsOfficer, ask_for: Callable[..., authority.GrantView]
) -> None:
    client = as_officer(ASKER)
    answer = client.post(f"/offices/{DISTRICT}/close/", {"effective_date": "2026-11-21"})
    page = answer.content.decode()
    assert answer.status_code == 409 and "AUT-OFF-07" in page
    assert re.search(r"还有 3 个下级机构、[1-9]\d* 项", page)
    assert authority.get_office(DISTRICT).closed_date is None


def test_nothing_is_granted_in_a_closed_office(
    as_officer: AsOfficer, ask_for: Callable[..., authority.GrantView]
) -> None:
    branch = "14501030300"
    client = as_officer(ASKER)
    assert client.post(f"/offices/{branch}/close/", {"effective_date": "2026-11-21"}).status_code == 302
    with pytest.raises(authority.OfficeClosed):
        ask_for(office_code=branch)
    assert (
        client.post(f"/offices/{branch}/rename/", {"name": "x", "effective_date": "2026-11-21"}).status_code
        == 409
    )


def test_the_same_request_id_with_another_content_is_refused(as_officer: AsOfficer) -> None:
    client = as_officer(ASKER)
    form = {"short_name": "青秀区局", "effective_date": "2026-11-21", "request_id": "web-twice-0001"}
    assert client.post(RENAME, form | {"name": "国家税务总局青秀甲局"}).status_code == 302
    answer = client.post(RENAME, form | {"name": "国家税务总局青秀乙局"})
    assert answer.status_code == 409 and "AUT-REQ-02" in answer.content.decode()
    assert authority.get_office(DISTRICT).name == "国家税务总局青秀甲局"


def test_offices_of_the_founding_list_may_have_been_renamed_since(as_officer: AsOfficer) -> None:
    before = authority.get_office(DISTRICT)
    form = {"name": "国家税务总局青秀新局", "short_name": "青秀新局", "effective_date": "2026-11-21"}
    assert as_officer(ASKER).post(RENAME, form).status_code == 302
    assert authority.add_offices(offices=[before], actor="test", now=clock.now()) == 0


def test_a_form_without_its_token_changes_nothing(as_officer: AsOfficer) -> None:
    client = as_officer(ASKER)
    strict = Client(enforce_csrf_checks=True, **client.defaults)
    form = {"name": "伪造", "short_name": "伪造", "effective_date": "2026-11-21"}
    assert strict.post(RENAME, form).status_code == 403
    assert authority.get_office(DISTRICT).name != "伪造"


def test_a_stranger_cannot_change_an_office_by_asking_the_operation(as_officer: AsOfficer) -> None:
    answer = as_officer(STRANGER, office=OTHER_CITY).post(
        RENAME, {"name": "抢占", "short_name": "抢", "effective_date": "2026-11-21"}
    )
    assert answer.status_code == 404
    assert authority.get_office(DISTRICT).name != "抢占"

"""Pages of the catalogue, of who could and why, and of one's own functions."""

import csv
import io
import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.test import Client

from goldentax.authority import api as authority
from goldentax.authority.tests.officers import (
    ASKER,
    CITY,
    CLERK,
    DECIDER,
    DISTRICT,
    OTHER_CITY,
    OTHER_DISTRICT,
    STRANGER,
    actor_of,
    page_of,
)
from goldentax.authority.web import mine
from goldentax.kernel.models import AuditEntry
from goldentax.node.testing import NOW

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stopped_clock")]
AsOfficer = Callable[..., Client]
AskFor = Callable[..., authority.GrantView]


def cells_of(page: str, post: str) -> list[bool]:
    row = re.search(rf'<a href="/posts/{post}/">.*?</tr>', page, re.S).group(0)
    return ["持有" in cell for cell in re.findall(r"<td.*?</td>", row, re.S)]


def test_the_matrix_ticks_what_the_catalogue_says(as_officer: AsOfficer) -> None:
    catalogue = authority.get_catalogue(on=NOW.date())
    page = page_of(as_officer(ASKER), "/posts/?system=authority&q=管理员")
    sets = re.findall(r'<th scope="col"><a href="/posts/sets/([^/]+)/"', page)
    assert "grant-decide" in sets and len(sets) == len(set(sets))
    post = "security-admin"
    expected = [one in catalogue.sets_of_post[post] for one in sets]
    assert cells_of(page, post) == expected and True in expected and False in expected
    assert "/posts/post-admin/" not in page  # the search names others
    assert all(
        any(function.startswith("authority.") for function in catalogue.functions_of_set[one]) for one in sets
    )


def test_the_matrix_names_what_must_not_meet(as_officer: AsOfficer) -> None:
    page = page_of(as_officer(ASKER), "/posts/?system=authority")
    assert "不相容职责" in page and "授权的申请与审批须分离" in page
    post = page_of(as_officer(ASKER), "/posts/post-admin/")
    assert "/posts/security-admin/" in post and "授权的申请与审批须分离" in post


def test_the_matrix_is_narrowed_by_its_address(as_officer: AsOfficer) -> None:
    client = as_officer(ASKER)
    branch = page_of(client, "/posts/?system=authority&level=branch")
    assert "/posts/security-admin/" not in branch
    assert "没有符合的岗位" in page_of(client, "/posts/?q=没有这个岗位")
    assert "Which post has which function set" in page_of(client, "/posts/?system=authority&lang=en")
    assert page_of(client, "/posts/?system=%00&level=x&after=x")


def test_a_post_shows_its_functions_and_holders_of_one_s_own_offices(as_officer: AsOfficer) -> None:
    page = page_of(as_officer(ASKER), "/posts/post-admin/")
    assert "authority.grant.request" in page and "依据" in page
    assert "陈区管" in page and "柳州人" not in page and "市管理" not in page
    assert "AUT-CAT-06" in page_of(as_officer(ASKER), "/posts/moon/", status=404)
    assert "AUT-CAT-06" in page_of(as_officer(ASKER), "/posts/sets/moon/", status=404)


def test_a_set_shows_who_carries_it(as_officer: AsOfficer) -> None:
    page = page_of(as_officer(ASKER), "/posts/sets/grant-decide/")
    assert "authority.grant.approve" in page and "/posts/security-admin/" in page and "林审批" in page


def test_functions_are_found_and_explain_themselves(as_officer: AsOfficer) -> None:
    client = as_officer(ASKER)
    tree = page_of(client, "/posts/functions/?system=authority")
    assert "authority.grant.approve" in tree
    assert "/posts/functions/authority.grant.approve/" in page_of(client, "/posts/functions/?q=审批授权")
    assert "没有符合的功能" in page_of(client, "/posts/functions/?q=飞行")
    page = page_of(client, "/posts/functions/authority.grant.approve/")
    for said in (
        "敏感",
        "林审批",
        "/posts/security-admin/",
        "/posts/sets/grant-decide/",
        "依据",
        "授权的申请与审批须分离",
    ):
        assert said in page, said
    assert "柳州人" not in page
    assert "authority.grant.approve" in page_of(client, "/posts/functions/authority.grant/")
    assert "AUT-CAT-06" in page_of(client, "/posts/functions/moon.walk/", status=404)


ASK = f"/who-could/?function=authority.grant.approve&office={DISTRICT}"


def test_who_could_is_told_and_the_look_is_recorded(as_officer: AsOfficer) -> None:
    client = as_officer(DECIDER)
    assert "每次查询都会记入审计" in page_of(client, "/who-could/")
    looks = AuditEntry.objects.filter(category="look")
    before = looks.count()
    page = page_of(client, ASK)
    assert "林审批" in page and "陈区管" not in page and "认证强度须达到 2 级" in page
    assert looks.count() == before + 1


def test_the_past_stays_told_after_a_grant_has_ended(as_officer: AsOfficer, ask_for: AskFor) -> None:
    grant = ask_for()
    decider = actor_of(DECIDER)
    authority.approve_grant(grant_id=grant.public_id, actor=decider, now=NOW, request_id="test-approve-3")
    authority.end_grant(
        grant_id=grant.public_id,
        actor=decider,
        now=NOW + timedelta(minutes=10),
        request_id="test-end-0001",
        note="x",
    )
    client = as_officer(DECIDER)
    function = sorted(authority.get_catalogue(on=NOW.date()).functions_of_set["subject-verify"])[0]
    ask = f"/who-could/?function={function}&office={DISTRICT}&at="
    assert "何办税" in page_of(client, ask + "2026-11-21T10:05")
    assert "何办税" not in page_of(client, ask + "2026-11-21T10:15")
    assert "何办税" not in page_of(client, ask + "2026-11-21T09:55")
    answer = client.get(f"/who-could/export.csv?function={function}&office={DISTRICT}&at=2026-11-21T10:05")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row["登录名"] for row in rows if row["编号"] == grant.public_id] == ["clerk"]


@pytest.mark.parametrize(
    ("query", "status", "refusal", "field"),
    [
        (f"function=authority.grant.approve&office={OTHER_CITY}", 403, "AUT-GRT-06", "office"),
        (f"function=authority.grant.approve&office={OTHER_DISTRICT}", 403, "AUT-GRT-06", "office"),
        (f"function=authority.grant.approve&office={CITY}", 403, "AUT-GRT-06", "office"),
        ("function=authority.grant.approve&office=", 403, "AUT-GRT-06", "office"),
        (f"function=飞行&office={DISTRICT}", 422, "AUT-CAT-07", "function"),
        (f"function=授权&office={DISTRICT}", 422, "AUT-CAT-08", "function"),
        (f"function=authority.grant.approve&office={DISTRICT}&at=gestern", 422, "AUT-REQ-04", "at"),
    ],
)
def test_a_refused_question_keeps_what_was_typed(
    as_officer: AsOfficer, query: str, status: int, refusal: str, field: str
) -> None:
    client = as_officer(DECIDER)
    page = page_of(client, f"/who-could/?{query}&taxpayer=91450100MA5K1A2B3C", status=status)
    assert refusal in page and f'href="#field-{field}"' in page and "91450100MA5K1A2B3C" in page
    assert "柳州人" not in page
    answer = client.get(f"/who-could/export.csv?{query}")
    assert answer.status_code == status and "柳州人" not in answer.content.decode()
    assert refusal in page_of(client, f"/who-could/explain/?person=clerk&{query}", status=status)


def explained(client: Client, **asked: str) -> str:
    wish = {
        "person": "decider",
        "function": "authority.grant.approve",
        "office": DISTRICT,
        "assurance": "2",
    } | asked
    return page_of(
        client, "/who-could/explain/?" + "&".join(f"{name}={value}" for name, value in wish.items())
    )


def test_a_decision_explains_itself_in_both_languages(as_officer: AsOfficer) -> None:
    client = as_officer(DECIDER)
    allowed = explained(client)
    assert "安全管理员" in allowed and "is held through" in allowed and 'gt-done">能<' in allowed
    weak = explained(client, assurance="1")
    assert "认证强度须达到 2 级" in weak and 'gt-done">能<' not in weak
    assert 'gt-done">能<' not in explained(client, person="asker")
    before = explained(client, at="2025-12-31T12:00")
    assert 'gt-done">能<' not in before


def test_nothing_is_explained_of_people_elsewhere(as_officer: AsOfficer) -> None:
    page = page_of(
        as_officer(DECIDER),
        f"/who-could/explain/?person=stranger&function=authority.grant.approve&office={DISTRICT}",
        status=422,
    )
    assert "AUT-PER-01" in page and "柳州人" not in page
    page_of(as_officer(ASKER), "/who-could/explain/", status=403)


def test_my_functions_tell_posts_terms_and_pages(as_officer: AsOfficer, ask_for: AskFor) -> None:
    page = page_of(as_officer(ASKER), "/my-functions")
    for said in ("岗责管理岗", "2026-01-01", 'href="/grants/new/"', 'href="/offices/"', "维护机构"):
        assert said in page, said
    found = page_of(as_officer(ASKER), "/my-functions?q=维护机构")
    assert "维护机构" in found and "查看授权" not in found
    grant = ask_for(valid_to=date(2026, 12, 1))
    authority.approve_grant(
        grant_id=grant.public_id, actor=actor_of(DECIDER), now=NOW, request_id="test-approve-4"
    )
    clerk = page_of(as_officer(CLERK), "/my-functions")
    assert "将于" in clerk and "2026-12-01" in clerk
    assert "需要更多权限" in clerk and "陈区管" in clerk and "柳州人" not in clerk


def test_my_functions_need_no_function_but_an_office(as_officer: AsOfficer) -> None:
    assert "没有岗位和授权" in page_of(as_officer(CLERK), "/my-functions")
    assert Client().get("/my-functions").status_code == 302


def test_every_linked_page_of_a_function_can_be_looked_at(as_officer: AsOfficer) -> None:
    pages = mine.pages_of_functions()
    assert pages["authority.grant.request"] == "/grants/new/"
    assert pages["authority.office.read"] == "/offices/"
    for function, address in pages.items():
        answer = as_officer(CLERK).get(address)
        assert answer.status_code == 403, (function, address, answer.status_code)


def test_a_question_about_an_office_elsewhere_is_refused_whoever_asks_the_operation(staff: None) -> None:
    for obj in (authority.Object(office=OTHER_CITY), authority.Object(taxpayer="91450100MA5K1A2B3C")):
        with pytest.raises(authority.NotAllowed):
            authority.who_could_for(
                actor=actor_of(DECIDER), function="authority.grant.approve", object=obj, at=NOW, now=NOW
            )
        with pytest.raises(authority.NotAllowed):
            authority.explain_for(
                actor=actor_of(DECIDER),
                subject=authority.Subject(STRANGER, f"office:{OTHER_CITY}"),
                function="authority.grant.request",
                object=obj,
                at=NOW,
                now=NOW,
            )

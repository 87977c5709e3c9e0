"""Pages of grants: the list, the request with its preview, the approval inbox, the end; and who is kept out."""

import csv
import io
import re
from collections.abc import Callable
from datetime import date
from typing import ClassVar

import pytest
from django.test import Client

from goldentax.authority import api as authority
from goldentax.authority.models import Grant
from goldentax.authority.tests.officers import (
    ASKER,
    CITY,
    CITY_ASKER,
    CLERK,
    DECIDER,
    DISTRICT,
    OTHER_CITY,
    STRANGER,
    actor_of,
    page_of,
)
from goldentax.kernel import access
from goldentax.kernel import registry as halls
from goldentax.node.testing import NOW
from goldentax.oversight import api as oversight
from goldentax.oversight.models import FunctionUse

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stopped_clock")]
AsOfficer = Callable[..., Client]
AskFor = Callable[..., authority.GrantView]
WISH = {
    "person": "clerk",
    "office": DISTRICT,
    "what": "set:subject-verify",
    "valid_from": "2026-11-21",
    "valid_to": "2027-06-30",
    "reason": "办税服务厅增派人手",
}


def test_the_list_shows_one_s_own_offices_only(as_officer: AsOfficer, ask_for: AskFor) -> None:
    ask_for()
    page = page_of(as_officer(ASKER), "/grants/")
    assert "何办税" in page and "陈区管" in page
    assert "柳州人" not in page and "市管理" not in page
    city = page_of(as_officer(CITY_ASKER, office=CITY), f"/grants/?office={CITY}&below=on")
    assert "何办税" in city and "市管理" in city and "柳州人" not in city
    elsewhere = page_of(as_officer(STRANGER, office=OTHER_CITY), f"/grants/?office={DISTRICT}&below=on")
    assert "何办税" not in elsewhere and "没有符合条件的授权" in elsewhere


def test_the_conditions_stand_in_the_address(as_officer: AsOfficer, ask_for: AskFor) -> None:
    ask_for(valid_to=date(2026, 12, 10))
    client = as_officer(ASKER)

    def names(query: str) -> tuple[bool, bool]:
        page = page_of(client, f"/grants/?{query}")
        return "何办税" in page, "林审批" in page

    assert names("state=requested") == (True, False)
    assert names("state=current") == (False, True)
    assert names("q=何办") == (True, False)
    assert names("q=clerk") == (True, False)
    assert names(f"person={DECIDER}") == (False, True)
    assert names("kind=set") == (True, False)
    assert names("set=subject-verify") == (True, False)
    assert names("set=grant-decide") == (False, True)
    assert names("kind=post&code=security-admin") == (False, True)
    assert names("soon=on") == (False, False)  # what only waits ends nothing
    (waiting,) = authority.list_grants(person_id=CLERK).items
    authority.approve_grant(
        grant_id=waiting.public_id, actor=actor_of(DECIDER), now=NOW, request_id="test-approve-1"
    )
    assert names("soon=on") == (True, False)
    assert "即将到期" in page_of(client, "/grants/?soon=on")
    assert names("state=nonsense&kind=nonsense&cursor=nonsense&person=nonsense") == (False, False)


def test_the_list_is_walked_page_by_page_and_exported_whole(
    as_officer: AsOfficer, ask_for: AskFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("goldentax.authority.web.grants.PAGE_SIZE", 2)
    ask_for(reason="=1+1")
    client, seen, path = as_officer(ASKER), [], "/grants/"
    while path:
        page = page_of(client, path)
        seen += re.findall(r'href="/grants/([0-9a-f-]{36})/"', page)
        found = re.search(r'rel="next" href="([^"]+)"', page)
        path = found.group(1).replace("&amp;", "&") if found else ""
    here = Grant.objects.filter(office_code__in=authority.offices_below(DISTRICT)).order_by("-id")
    assert seen == [str(one.public_id) for one in here] and len(seen) > 2
    answer = client.get("/grants/export.csv")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert [row["编号"] for row in rows] == seen
    assert rows[0]["事由"] == "'=1+1"  # a cell, never a formula
    assert "柳州人" not in answer.content.decode()


def test_a_grant_elsewhere_answers_like_one_that_does_not_exist(
    as_officer: AsOfficer, ask_for: AskFor
) -> None:
    grant = ask_for()
    stranger = as_officer(STRANGER, office=OTHER_CITY)
    page = page_of(stranger, f"/grants/{grant.public_id}/", status=404)
    assert "AUT-GRT-04" in page and "何办税" not in page
    assert stranger.post(f"/grants/{grant.public_id}/withdraw/", {"note": "x"}).status_code == 404
    assert authority.get_grant(grant.public_id).state == "requested"


def test_a_request_is_previewed_then_sent_then_decided(as_officer: AsOfficer) -> None:
    asker = as_officer(ASKER)
    form = page_of(asker, f"/grants/new/?office={DISTRICT}")
    request_id = re.search(r'name="request_id" value="([^"]+)"', form).group(1)
    preview = asker.post("/grants/new/", WISH | {"step": "preview"}).content.decode()
    assert "可以提交" in preview and "何办税" in preview and "此人将新增" in preview
    assert "subjects.subject" in preview and "不相容职责检查通过" in preview
    assert not Grant.objects.filter(person_id=CLERK).exists()
    for _ in range(2):
        sent = asker.post("/grants/new/", WISH | {"step": "send", "request_id": request_id})
        assert sent.status_code == 302
    (grant,) = authority.list_grants(person_id=CLERK).items
    assert sent.headers["Location"] == f"/grants/{grant.public_id}/"
    assert (grant.state, grant.valid_to, grant.reason) == ("requested", date(2027, 6, 30), WISH["reason"])
    page = page_of(asker, f"/grants/{grant.public_id}/")
    assert "等待审批" in page and "批准后新增" in page and "撤回申请" in page
    decider = as_officer(DECIDER)
    inbox = page_of(decider, "/approvals/")
    assert "何办税" in inbox and WISH["reason"] in inbox and "批准所选" in inbox
    answer = decider.post(
        "/approvals/decide/",
        {"grant": grant.public_id, "verdict": "approve", "note": "同意", "request_id": "web-decide-1"},
    )
    assert answer.status_code == 200 and "已批准 1 项" in re.sub(r"\s+", " ", answer.content.decode())
    assert authority.get_grant(grant.public_id).state == "active"
    assert "同意" in page_of(decider, f"/grants/{grant.public_id}/")
    assert "何办税" in page_of(decider, "/approvals/?tab=decided")
    assert "没有待审批的申请" in page_of(decider, "/approvals/")


@pytest.mark.parametrize(
    ("changed", "refusal", "field"),
    [
        ({"person": "nobody-here"}, "AUT-PER-01", "person"),
        ({"person": ""}, "AUT-PER-01", "person"),
        ({"what": ""}, "AUT-GRT-12", "what"),
        ({"what": "set:moon"}, "AUT-CAT-02", "what"),
        ({"what": "post:moon"}, "AUT-CAT-01", "what"),
        ({"office": OTHER_CITY}, "AUT-GRT-06", "office"),
        ({"office": "19999999999"}, "AUT-OFF-01", "office"),
        ({"valid_from": "31.12.2026"}, "AUT-REQ-04", "valid-from"),
        ({"valid_to": "2026-11-20"}, "AUT-GRT-02", "valid-to"),
        ({"taxpayers": "not/a/taxpayer"}, "AUT-GRT-10", "taxpayers"),
        ({"person": "decider", "what": "set:org-manage"}, "AUT-SOD-02", "what"),
        ({"what": "post:security-admin", "person": "asker"}, "AUT-SOD-02", "what"),
        ({"request_id": "x"}, "AUT-REQ-01", ""),
    ],
)
@pytest.mark.parametrize("step", ["preview", "send"])
def test_a_refused_request_keeps_what_was_typed(
    as_officer: AsOfficer, step: str, changed: dict[str, str], refusal: str, field: str
) -> None:
    before = Grant.objects.count()
    answer = as_officer(ASKER).post("/grants/new/", WISH | {"step": step} | changed)
    page = answer.content.decode()
    if "request_id" in changed and step == "preview":
        assert answer.status_code == 200  # a preview carries an id of its own
        return
    assert answer.status_code in (403, 409, 422), page
    assert refusal in page and WISH["reason"] in page
    if field:
        assert f'href="#field-{field}"' in page and f'id="field-{field}"' in page
    assert Grant.objects.count() == before


def test_what_is_beyond_the_giver_is_refused_and_said_so_beforehand(as_officer: AsOfficer) -> None:
    client = as_officer(CITY_ASKER, office=CITY)
    form = page_of(client, "/grants/new/")
    assert "可授予" in form
    office = authority.get_office(CITY)
    for code, post in authority.get_catalogue(on=NOW.date()).posts.items():
        if office.level not in post.levels:
            beyond = form.split("超出您的权限", 1)[1]
            assert f'value="post:{code}"' in beyond
            answer = client.post(
                "/grants/new/", WISH | {"step": "send", "what": f"post:{code}", "office": CITY}
            )
            assert answer.status_code == 422 and "AUT-CAT-04" in answer.content.decode()
            break


def test_several_people_of_a_name_are_offered(as_officer: AsOfficer, ask_for: AskFor) -> None:
    ask_for()
    client = as_officer(ASKER)
    # 何办税 and 林审批 hold something in this district, and both logins contain the letters.
    answer = client.post("/grants/new/", WISH | {"step": "preview", "person": "e"})
    page = answer.content.decode()
    assert answer.status_code == 422 and "AUT-PER-02" in page and f'value="{CLERK}"' in page
    picked = client.post(
        "/grants/new/",
        WISH | {"step": "preview", "person": "e", "picked_person": CLERK, "what": "set:certificate-read"},
    )
    assert "可以提交" in picked.content.decode() and "何办税" in picked.content.decode()
    # Whom the search did not find cannot be picked.
    other = client.post("/grants/new/", WISH | {"step": "preview", "person": "e", "picked_person": STRANGER})
    assert "柳州人" not in other.content.decode()


def test_nobody_is_found_by_name_in_other_offices(as_officer: AsOfficer) -> None:
    answer = as_officer(ASKER).post("/grants/new/", WISH | {"step": "preview", "person": "柳州"})
    assert "AUT-PER-01" in answer.content.decode() and "柳州人" not in answer.content.decode()


def test_one_s_own_requests_and_those_for_oneself_are_not_in_the_inbox(
    as_officer: AsOfficer, ask_for: AskFor
) -> None:
    for_decider = ask_for("certificate-read", person_id=DECIDER)
    page = page_of(as_officer(DECIDER), "/approvals/")
    assert for_decider.public_id not in page and "没有待审批的申请" in page
    answer = as_officer(DECIDER).post(
        "/approvals/decide/",
        {"grant": for_decider.public_id, "verdict": "approve", "request_id": "web-own-0001"},
    )
    assert "AUT-SOD-01" in answer.content.decode()
    assert authority.get_grant(for_decider.public_id).state == "requested"


def test_many_are_decided_at_once_each_with_its_outcome(as_officer: AsOfficer, ask_for: AskFor) -> None:
    good, gone = ask_for("subject-verify"), ask_for("certificate-read")
    authority.withdraw_grant(
        grant_id=gone.public_id, actor=actor_of(ASKER), now=NOW, request_id="test-withdraw-1"
    )
    unknown = "00000000-0000-7000-8000-00000000ffff"
    form = {
        "grant": [gone.public_id, unknown, good.public_id],
        "verdict": "approve",
        "request_id": "web-bulk-0001",
    }
    for _ in range(2):  # the same form again tells the same
        page = as_officer(DECIDER).post("/approvals/decide/", form).content.decode()
        said = re.sub(r"\s+", " ", page)
        assert "已批准 1 项，未能办理 2 项" in said
        assert page.index("AUT-GRT-05") < page.index("AUT-GRT-04") < page.index(good.public_id)
    assert authority.get_grant(good.public_id).state == "active"


@pytest.mark.parametrize(
    ("form", "refusal"),
    [
        ({"verdict": "approve"}, "AUT-GRT-13"),
        ({"verdict": "perhaps"}, "AUT-GRT-13"),
        ({"verdict": "refuse", "note": " "}, "AUT-GRT-11"),
    ],
)
def test_a_decision_that_lacks_something_keeps_the_ticks(
    as_officer: AsOfficer, ask_for: AskFor, form: dict[str, str], refusal: str
) -> None:
    grant = ask_for()
    ticked = {} if form == {"verdict": "approve"} else {"grant": grant.public_id}
    answer = as_officer(DECIDER).post("/approvals/decide/", form | ticked)
    page = answer.content.decode()
    assert answer.status_code == 422 and refusal in page
    assert (" checked" in page) == bool(ticked)
    assert authority.get_grant(grant.public_id).state == "requested"


def test_deciding_and_ending_ask_for_the_second_factor_first(as_officer: AsOfficer, ask_for: AskFor) -> None:
    grant = ask_for()
    weak = as_officer(DECIDER, assurance=1)
    inbox = page_of(weak, "/approvals/")
    assert "何办税" in inbox and "/approvals/prove/" in inbox and "批准所选" not in inbox
    form = {"grant": grant.public_id, "verdict": "approve", "request_id": "web-weak-0001"}
    for answer in (
        weak.get("/approvals/prove/"),
        weak.post("/approvals/decide/", form),
        weak.get(f"/grants/{grant.public_id}/end/"),
    ):
        assert answer.status_code == 302 and "level=2" in answer.headers["Location"]
    assert authority.get_grant(grant.public_id).state == "requested"
    assert as_officer(DECIDER).get("/approvals/prove/").headers["Location"] == "/approvals/"


def test_a_grant_is_ended_with_a_reason(as_officer: AsOfficer, ask_for: AskFor) -> None:
    grant = ask_for()
    authority.approve_grant(
        grant_id=grant.public_id, actor=actor_of(DECIDER), now=NOW, request_id="test-approve-2"
    )
    client, path = as_officer(DECIDER), f"/grants/{grant.public_id}/end/"
    assert path in page_of(client, f"/grants/{grant.public_id}/")
    assert path not in page_of(as_officer(ASKER), f"/grants/{grant.public_id}/")
    assert as_officer(ASKER).get(path).status_code == 403
    assert "何办税" in page_of(client, path)
    answer = client.post(path, {"note": ""})
    assert answer.status_code == 422 and "AUT-GRT-11" in answer.content.decode()
    assert client.post(path, {"note": "调离", "request_id": "web-end-00001"}).status_code == 302
    page = page_of(client, f"/grants/{grant.public_id}/")
    assert "已终止" in page and "调离" in page and path not in page
    again = client.post(path, {"note": "再来", "request_id": "web-end-00002"})
    assert (
        again.status_code == 409
        and "AUT-GRT-05" in again.content.decode()
        and "再来" in again.content.decode()
    )


def test_who_asked_takes_the_request_back(as_officer: AsOfficer, ask_for: AskFor) -> None:
    grant = ask_for()
    path = f"/grants/{grant.public_id}/withdraw/"
    other = as_officer(CITY_ASKER, office=CITY).post(path, {"note": "x", "request_id": "web-back-00001"})
    assert other.status_code == 403 and "AUT-GRT-06" in other.content.decode()
    assert (
        as_officer(ASKER).post(path, {"note": "不需要了", "request_id": "web-back-00002"}).status_code == 302
    )
    assert authority.get_grant(grant.public_id).state == "withdrawn"


def test_the_home_page_tells_an_approver_what_waits(as_officer: AsOfficer, ask_for: AskFor) -> None:
    card = next(
        one for one in halls.home_cards_for(frozenset({access.OFFICER})) if one.key == "authority.waiting"
    )

    class Request:
        META: ClassVar[dict[str, str]] = {}
        actor = actor_of(DECIDER)

    assert card.context(Request()) == {}  # type: ignore[arg-type]
    ask_for()
    assert card.context(Request()) == {"waiting_count": 1}  # type: ignore[arg-type]
    Request.actor = actor_of(ASKER)
    assert card.context(Request()) == {}  # type: ignore[arg-type]
    home = page_of(as_officer(DECIDER), "/")
    assert "待我审批" in home and "/my-functions" in home


def test_a_decision_without_its_token_decides_nothing(as_officer: AsOfficer, ask_for: AskFor) -> None:
    grant = ask_for()
    strict = Client(enforce_csrf_checks=True, **as_officer(DECIDER).defaults)
    form = {"grant": grant.public_id, "verdict": "approve"}
    assert strict.post("/approvals/decide/", form).status_code == 403
    assert strict.get("/approvals/decide/").status_code == 405
    assert authority.get_grant(grant.public_id).state == "requested"


def test_what_a_person_holds_in_offices_elsewhere_is_counted_but_not_shown(as_officer: AsOfficer) -> None:
    for office, post in ((OTHER_CITY, "invoice-manage"), (DISTRICT, "data-manage")):
        authority.appoint(
            person_id=CLERK, office_code=office, post=post, valid_from=date(2026, 1, 1), actor="test", now=NOW
        )
    answer = as_officer(ASKER).post(
        "/grants/new/", WISH | {"step": "preview", "what": "set:certificate-read"}
    )
    page = answer.content.decode()
    assert "可以提交" in page and "2 项任职和授权" in re.sub(r"\s+", " ", page)
    assert "数据管理岗 · 国家税务总局南宁市青秀区" in page and "柳州" not in page
    ask = f"/who-could/explain/?person=clerk&function=authority.office.read&office={DISTRICT}"
    explained = page_of(as_officer(DECIDER), ask)
    assert "身份：" in explained and "柳州" not in explained


def test_the_use_of_a_sensitive_function_is_judged_before_it_happens(
    as_officer: AsOfficer, ask_for: AskFor
) -> None:
    waiting, client = ask_for(), as_officer(DECIDER)
    client.get("/approvals/")
    assert not FunctionUse.objects.exists(), "looking uses nothing"
    sent = {"grant": str(waiting.public_id), "verdict": "approve", "request_id": "web-approve-1"}
    assert client.post("/approvals/decide/", sent).status_code == 200
    used = FunctionUse.objects.get()
    assert (used.person_id, used.function) == (DECIDER, "authority.grant.approve")


def test_a_use_that_is_judged_too_risky_does_not_happen(
    as_officer: AsOfficer, ask_for: AskFor, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(facts: oversight.UseFacts) -> None:
        raise oversight.UseBlocked(reasons="test")

    monkeypatch.setattr(oversight, "assess_privileged", refuse)
    waiting, client = ask_for(), as_officer(DECIDER)
    sent = {"grant": str(waiting.public_id), "verdict": "approve", "request_id": "web-approve-1"}
    assert client.post("/approvals/decide/", sent).status_code == 403
    assert authority.get_grant(waiting.public_id).state == "requested"

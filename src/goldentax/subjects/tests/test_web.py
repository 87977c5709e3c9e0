"""The pages: what they show, what they do, what they keep, and to whom they stay closed."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from goldentax.identity import api as identity
from goldentax.kernel import access
from goldentax.kernel.models import AuditEntry
from goldentax.node.testing import NOW
from goldentax.subjects import api as subjects
from goldentax.subjects.models import Invitation, Review, Subject
from goldentax.subjects.tests.conftest import (
    PASSWORD,
    TAX_ID,
    World,
    acting,
    card,
    grant,
    invite,
    know_company,
    know_person,
    uscc,
)
from goldentax.subjects.tests.test_loading import ROWS, as_csv, load, slipped

pytestmark = pytest.mark.django_db
Browse = Callable[..., Client]
OFFICER = (access.OFFICER,)


def text_of(answer: Any) -> str:
    return str(answer.content.decode())


def form(**changed: str) -> dict[str, str]:
    right = {
        "name": "覃新人", "id_card": card(800), "mobile": "13800000009", "login": "web.person",
        "password": PASSWORD, "password_again": PASSWORD, "request_id": "web-register-1",
    }  # fmt: skip
    return right | changed


def proving(client: Client, mobile: str = "13800000009") -> Client:
    """A browser in which somebody asked for a code and will be believed with the next form: its code is taken."""
    assert client.post("/register/person", {"step": "code", "mobile": mobile}).status_code == 200
    assert client.post("/register/person", form(mobile=mobile, code=newest_code(client), name="")).status_code
    return client


def newest_code(client: Client) -> str:
    found = re.search(r"验证码 (\d{6})", text_of(client.get("/demo/sms-outbox")))
    assert found
    return found.group(1)


def test_the_choice_leads_to_person_and_company(browse: Browse) -> None:
    page = text_of(browse().get("/register"))
    assert "/register/person" in page and "/register/company" in page


def test_a_person_registers_on_the_page(browse: Browse) -> None:
    know_person(name="覃新人", number=card(800))
    client = browse()
    asked = client.post("/register/person", {"step": "code", "mobile": "13800000009"})
    assert "138****0009" in text_of(asked)
    answer = client.post("/register/person", form(code=newest_code(client)))
    assert answer.status_code == 200 and "web.person" in text_of(answer)
    person = identity.find_person(login="web.person")
    assert person is not None and identity.mobile_number_of(person.public_id) == "13800000009"
    assert answer.headers["Cache-Control"].count("no-store")


@pytest.mark.parametrize(("code", "refusal"), [("", "SUB-REG-07"), ("000000", "IDN-FAC-01")])
def test_without_the_code_that_was_sent_nobody_registers(browse: Browse, code: str, refusal: str) -> None:
    know_person(name="覃新人", number=card(800))
    client = browse()
    client.post("/register/person", {"step": "code", "mobile": "13800000009"})
    answer = client.post("/register/person", form(code=code))
    assert answer.status_code in (401, 422) and refusal in text_of(answer)
    assert identity.find_person(login="web.person") is None


def test_a_code_proves_the_number_it_was_sent_to_in_the_browser_that_asked(browse: Browse) -> None:
    know_person(name="覃新人", number=card(800))
    client = browse()
    client.post("/register/person", {"step": "code", "mobile": "13800000009"})
    code = newest_code(client)
    for other, mobile in ((client, "13800000010"), (browse(), "13800000009")):
        assert "IDN-FAC-01" in text_of(other.post("/register/person", form(mobile=mobile, code=code)))
    assert identity.find_person(login="web.person") is None


def test_asking_for_a_code_answers_a_part_of_the_page_where_there_are_scripts(browse: Browse) -> None:
    client, part = browse(), {"HX-Request": "true"}
    for mobile, said in (("13800000009", "138****0009"), ("1", "IDN-FAC-04"), ("13800000009", "IDN-FAC-03")):
        answer = client.post("/register/person", {"step": "code", "mobile": mobile}, headers=part)
        assert answer.status_code == 200 and said in text_of(answer) and "<form" not in text_of(answer)


def test_what_was_typed_stays_but_for_the_password(browse: Browse) -> None:
    answer = proving(browse()).post("/register/person", form(password_again="another"))
    page = text_of(answer)
    assert answer.status_code == 422 and "SUB-REG-06" in page
    assert "覃新人" in page and card(800) in page and PASSWORD not in page


def test_the_page_answers_strangers_alike(browse: Browse, make_person: Any) -> None:
    known = make_person("老用户")
    pages = []
    client = proving(browse())
    for name, number in (("谁", card(801)), (known.name, known.id_card_number)):
        answer = client.post("/register/person", form(name=name, id_card=number))
        page = text_of(answer).replace(name, "X").replace(number, "X")
        page = re.sub(r'value="web-[^"]*"|csrf[^>]*>|X-CSRFToken[^}]*', "", page)
        pages.append((answer.status_code, page))
    assert pages[0] == pages[1]


def test_a_source_that_is_away_says_so_and_keeps_the_form(browse: Browse, away: Any) -> None:
    away("public_security")
    answer = proving(browse()).post("/register/person", form())
    assert answer.status_code == 503 and "SUB-SRC-01" in text_of(answer) and "覃新人" in text_of(answer)


def test_too_many_registrations_say_when_to_come_back(browse: Browse) -> None:
    client = proving(browse())
    for _ in range(30):
        client.post("/register/person", form(id_card="1"))
    answer = client.post("/register/person", form(id_card="1"))
    assert answer.status_code == 429 and int(answer.headers["Retry-After"]) > 0


def invitation_form(person: Any, **changed: str) -> dict[str, str]:
    right = {
        "duty": "03", "name": person.name, "tail": person.id_card_number[-4:], "login": "",
        "valid_from": NOW.date().isoformat(), "valid_to": (NOW.date() + timedelta(days=30)).isoformat(),
        "request_id": "web-invite-1",
    }  # fmt: skip
    return right | changed


def test_an_administrator_invites_a_clerk_who_accepts(browse: Browse, world: World) -> None:
    browser = browse(**acting(world, world.administrator))
    page = text_of(browser.post("/company/people/invite", invitation_form(world.clerk)))
    found = re.search(r"[A-Z2-9]{4}-[A-Z2-9]{4}-[A-Z2-9]{4}", page)
    assert found, page
    assert "黄办税" in text_of(browser.get("/company/people"))
    clerk = browse(world.clerk)
    answer = clerk.post("/invitations", {"code": found.group()})
    assert answer.status_code == 302 and answer.headers["Location"] == "/account/relations"
    page = text_of(clerk.get("/account/relations"))
    assert "办税员" in page and world.clerk.id_card_number not in page
    assert found.group() not in text_of(browse(**acting(world, world.administrator)).get("/company/people"))


def test_inviting_above_oneself_is_refused_on_the_page(browse: Browse, world: World) -> None:
    browser = browse(**acting(world, world.administrator))
    assert 'value="05"' not in text_of(browser.get("/company/people/invite"))
    answer = browser.post("/company/people/invite", invitation_form(world.clerk, duty="05"))
    assert answer.status_code == 403 and "SUB-REL-07" in text_of(answer)
    assert not Invitation.objects.exists()


def test_a_clerk_sees_the_list_and_may_change_nothing(browse: Browse, world: World) -> None:
    membership = grant(world.clerk, "03")
    browser = browse(**acting(world, world.clerk))
    page = text_of(browser.get("/company/people"))
    assert "黄办税" in page and "/company/people/invite" not in page
    owner = next(one for one in identity.list_members(tax_id=TAX_ID) if one.duty == "05")
    answer = browser.post(f"/company/people/{owner.public_id}/end", {"at_once": "1"})
    assert answer.status_code == 403 and "SUB-REL-07" in text_of(answer)
    assert browser.get(f"/company/people/{membership.public_id}").status_code == 200


def test_a_duty_ends_and_is_extended_on_the_page(browse: Browse, world: World) -> None:
    code, _ = invite(world)
    subjects.accept_invitation(person_id=world.clerk.public_id, code=code, actor="t", now=NOW)
    membership = next(one for one in identity.list_members(tax_id=TAX_ID) if one.duty == "03")
    browser = browse(**acting(world, world.administrator))
    until = (NOW.date() + timedelta(days=60)).isoformat()
    answer = browser.post(
        f"/company/people/{membership.public_id}/extend", {"valid_to": until, "request_id": "web-extend-1"}
    )
    assert answer.status_code == 302, text_of(answer)
    assert until in text_of(browser.get("/company/people"))
    answer = browser.post(f"/company/people/{membership.public_id}/end", {"at_once": "1"})
    assert answer.status_code == 302, text_of(answer)
    assert not identity.list_memberships(person_id=world.clerk.public_id, on=NOW.date())


@pytest.mark.parametrize("day", ["", "soon", "2026-13-01", "1999-01-01"])
def test_a_day_that_is_none_is_refused_beside_its_field(browse: Browse, world: World, day: str) -> None:
    browser = browse(**acting(world, world.administrator))
    answer = browser.post("/company/people/invite", invitation_form(world.clerk, valid_from=day))
    assert answer.status_code == 422 and "SUB-REL-05" in text_of(answer)


def test_a_membership_of_another_company_has_no_page_here(
    browse: Browse, world: World, make_person: Any
) -> None:
    other = identity.grant_membership(
        person_id=world.clerk.public_id, tax_id="91450103MAY9TE99XX", taxpayer_public_id=world.company.public_id,
        duty="03", valid_from=NOW.date(), actor="t", now=NOW,
    )  # fmt: skip
    browser = browse(**acting(world, world.owner))
    assert browser.get(f"/company/people/{other.public_id}").status_code == 404


def test_an_addressed_invitation_is_declined_and_withdrawn_on_the_page(browse: Browse, world: World) -> None:
    _, made = invite(world, login=world.clerk.login)
    clerk = browse(world.clerk)
    assert world.company.name in text_of(clerk.get("/invitations"))
    assert clerk.post(f"/invitations/{made.public_id}/decline").status_code == 302
    browser = browse(**acting(world, world.administrator))
    assert browser.post(f"/company/invitations/{made.public_id}/withdraw", follow=True).status_code == 200
    assert Invitation.objects.get(pk=made.pk).state == "declined"


def test_a_wrong_code_is_refused_and_malformed_ids_are_nobodys(browse: Browse, world: World) -> None:
    clerk = browse(world.clerk)
    for sent in ({"code": "AAAA-BBBB-CCCC"}, {"invitation_id": "' or 1=1"}, {}):
        answer = clerk.post("/invitations", sent)
        assert answer.status_code == 403 and "SUB-INV-02" in text_of(answer)


def test_ones_own_duty_is_laid_down_on_the_page(browse: Browse, world: World) -> None:
    membership = grant(world.clerk, "03")
    answer = browse(world.clerk).post(f"/account/relations/{membership.public_id}/end", {"tax_id": TAX_ID})
    assert answer.status_code == 302
    assert not identity.list_memberships(person_id=world.clerk.public_id, on=NOW.date())


def verified(browse: Browse) -> Subject:
    know_person(name="韦大明", number=card(810))
    made = subjects.collect_subject(
        kind="natural_person", credential="id_card", number=card(810), name="韦大明",
        actor="t", now=NOW, request_id="web-collect-1",
    )  # fmt: skip
    return subjects.verify_subject(subject_id=made.public_id, actor="t", now=NOW)


def test_officers_search_and_see_subjects_with_numbers_masked(browse: Browse, make_person: Any) -> None:
    subject = verified(browse)
    officer = browse(make_person("税务员"), roles=OFFICER)
    page = text_of(officer.get("/subjects/", {"q": "韦大"}))
    assert "韦大明" in page and card(810) not in page
    page = text_of(officer.get(f"/subjects/{subject.public_id}/"))
    assert subject.network_number[:4] in page and card(810) not in page and "****" in page


def test_a_whole_number_is_shown_for_a_purpose_that_is_written_down(browse: Browse, make_person: Any) -> None:
    subject = verified(browse)
    officer = browse(make_person("税务员"), roles=OFFICER)
    address = f"/subjects/{subject.public_id}/numbers"
    refused = officer.post(address, {"purpose": " x "})
    assert refused.status_code == 422 and "SUB-LOOK-01" in text_of(refused)
    assert not AuditEntry.objects.filter(category="look").exists()
    page = text_of(officer.post(address, {"purpose": "核对举报线索 2026-11"}))
    assert (
        card(810)[:4] in page and "</span><span>".join(card(810)[i : i + 4] for i in range(0, 18, 4)) in page
    )
    row = AuditEntry.objects.get(category="look")
    assert row.detail == {"fields": ["id_card"], "purpose": "核对举报线索 2026-11"}


def test_looking_needs_the_function_and_two_factors(browse: Browse, make_person: Any) -> None:
    subject = verified(browse)
    address, person = f"/subjects/{subject.public_id}/numbers", make_person("税务员")
    weak = browse(person, roles=OFFICER, assurance=1).post(address, {"purpose": "核对线索"})
    assert weak.status_code == 302 and "/step-up" in weak.headers["Location"]
    kept = browse(person, roles=OFFICER, without=("subjects.subject.unmask",)).post(
        address, {"purpose": "核对线索"}
    )
    assert kept.status_code == 403


def test_an_officer_asks_the_source_again(browse: Browse, make_person: Any) -> None:
    subject = verified(browse)
    know_person(name="改名", number=card(810))
    officer = browse(make_person("税务员"), roles=OFFICER)
    answer = officer.post(f"/subjects/{subject.public_id}/verify", follow=True)
    assert "存疑" in text_of(answer)
    review = Review.objects.get()
    page = text_of(officer.get("/subjects/review/"))
    assert str(review.public_id) in page
    officer.post(f"/subjects/review/{review.public_id}/", {"decision": "uphold"})
    subject.refresh_from_db()
    assert subject.status == "verified"


def test_a_file_is_loaded_and_its_rows_and_result_are_shown(browse: Browse, make_person: Any) -> None:
    officer = browse(make_person("税务员"), roles=OFFICER)
    file = SimpleUploadedFile("主体.csv", as_csv([*ROWS, slipped()]))
    answer = officer.post("/subjects/loads/", {"file": file, "request_id": "web-load-1"})
    assert answer.status_code == 302, text_of(answer)
    page = text_of(officer.get(answer.headers["Location"]))
    assert "新增" in page and "待复核" in page and card(1) not in page
    result = officer.get(answer.headers["Location"] + "result.csv")
    assert (
        result.headers["Content-Disposition"].startswith("attachment")
        and card(1).encode() not in result.content
    )
    page = text_of(officer.get("/subjects/review/"))
    assert "疑似重复" in page and "名称相同" in page


@pytest.mark.parametrize("sent", [{}, {"file": SimpleUploadedFile("x.csv", b"")}])
def test_a_load_without_a_good_file_is_refused(
    browse: Browse, make_person: Any, sent: dict[str, Any]
) -> None:
    officer = browse(make_person("税务员"), roles=OFFICER)
    assert officer.post("/subjects/loads/", sent).status_code in (302, 422)
    assert not Subject.objects.filter(kind="legal_entity").exists()


def test_the_review_list_can_be_looked_at_without_deciding(browse: Browse, make_person: Any) -> None:
    load([ROWS[0], slipped()])
    review = Review.objects.get()
    officer = browse(make_person("税务员"), roles=OFFICER, without=("subjects.review.decide",))
    assert 'name="decision"' not in text_of(officer.get("/subjects/review/"))
    answer = officer.post(f"/subjects/review/{review.public_id}/", {"decision": "merge"})
    assert answer.status_code == 403 and Review.objects.get().decision == ""


@pytest.mark.parametrize("path", ["/subjects/", "/subjects/loads/", "/subjects/review/"])
def test_officers_pages_are_closed_to_others(browse: Browse, world: World, path: str) -> None:
    assert browse(**acting(world, world.owner)).get(path).status_code == 403
    assert browse().get(path).status_code == 302


@pytest.mark.parametrize("query", [{"cursor": "x"}, {"q": "\x00'"}, {"kind": "nothing"}, {"q": "韦" * 500}])
def test_strange_questions_get_an_answer(browse: Browse, make_person: Any, query: dict[str, str]) -> None:
    answer = browse(make_person("税务员"), roles=OFFICER).get("/subjects/", query)
    assert answer.status_code in (200, 400)


def test_pages_speak_english(browse: Browse, world: World) -> None:
    page = text_of(browse(**acting(world, world.owner)).get("/company/people?lang=en"))
    assert "Who may act for this company" in page


def test_a_graph_of_relations_is_drawn(browse: Browse, world: World) -> None:
    code, _ = invite(world)
    subjects.accept_invitation(person_id=world.clerk.public_id, code=code, actor="t", now=NOW)
    company = Subject.objects.get(kind="legal_entity")
    page = text_of(browse(world.owner, roles=OFFICER).get(f"/subjects/{company.public_id}/"))
    assert page.count("<circle") == 2 and "style=" not in page


def test_a_company_of_a_device_has_it_in_its_relations(browse: Browse, make_person: Any) -> None:
    know_company(number=uscc(80), name="南宁设备公司")
    company = subjects.ensure_company(tax_id=uscc(80), name="南宁设备公司", actor="t", now=NOW)
    device = subjects.collect_subject(
        kind="device", credential="device_serial", number="UKEY-0001", name="税务UKey", actor="t", now=NOW,
        request_id="web-collect-2",
    )  # fmt: skip
    subjects.verify_subject(subject_id=device.public_id, actor="t", now=NOW)
    subjects.relate(
        from_id=device.public_id,
        to_id=company.public_id,
        kind="device",
        valid_from=NOW.date(),
        actor="t",
        now=NOW,
    )
    page = text_of(browse(make_person("税务员"), roles=OFFICER).get(f"/subjects/{company.public_id}/"))
    assert "设备归属" in page

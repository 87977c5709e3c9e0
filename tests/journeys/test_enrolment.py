"""
ID-1, ID-2, ID-3: a company registers, is verified, invites a clerk until a day; the clerk acts; the day passes.

In a world of its own, which is started again with its clock ahead: nothing but time takes the access away.
"""

import json
import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from tests.worlds import Browser, World, start_world, stop_world

PASSWORD = "Quiet-Harbour-of-Beihai-77"
DAYS = 3
"""How long the clerk is invited for; the world then runs that many days ahead."""

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("world"), pytest.mark.timeout(400)]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("enrolment") / "home"


@pytest.fixture
def worlds(home: Path) -> Iterator[list[World]]:
    """The worlds a test started; whatever happens, none is left running."""
    started: list[World] = []
    yield started
    for one in started:
        if one.process.poll() is None:
            stop_world(one)


def _newcomer(home: Path, kind: str, number: int) -> dict[str, str]:
    listed = json.loads((home / "demo-newcomers.json").read_text(encoding="utf-8"))
    return [one for one in listed if one["kind"] == kind][number]


def _register_person(browser: Browser, person: dict[str, str], *, login: str, mobile: str) -> None:
    fields = {"name": person["name"], "id_card": person["number"], "login": login, "mobile": mobile}
    sent = browser.send("/register/person", fields | {"step": "code"}, status=200)
    assert f"{mobile[:3]}****{mobile[-4:]}" in sent
    passwords = {"password": PASSWORD, "password_again": PASSWORD, "code": _newest_code(browser)}
    registered = browser.send("/register/person", fields | passwords, status=200)
    assert login in registered
    _sign_in(browser, login, PASSWORD)


def _sign_in(browser: Browser, login: str, password: str) -> None:
    """Sign in by password and, as everybody with a number, by a code sent to it."""
    browser.sign_in(login, password)
    browser.send("/sign-in/sms/send", {}, page="/sign-in/sms")
    browser.send("/sign-in/sms", {"code": _newest_code(browser)})


def _newest_code(browser: Browser) -> str:
    """The code in the newest message of the demo world's outbox."""
    found = re.search(r"(?:验证码 )(\d{6})|(\d{6}) is your code", browser.open("/demo/sms-outbox"))
    assert found, "the outbox shows the message at once"
    return found.group(1) or found.group(2)


def _who_could(officer: Browser, *, tax_id: str, at: str) -> str:
    """The table of those who could act for a taxpayer at a moment, as a page."""
    return officer.open(f"/who-could/?office=14500000000&taxpayer={tax_id}&at={at}")


def test_a_clerk_acts_until_the_day_and_the_past_stays_true(home: Path, worlds: list[World]) -> None:
    world = start_world(home)
    worlds.append(world)
    today = datetime.now(ZoneInfo("Asia/Shanghai")).date()
    end = today + timedelta(days=DAYS)
    owner_is, clerk_is = _newcomer(home, "person", 0), _newcomer(home, "person", 1)
    company = _newcomer(home, "company", 0)

    owner = world.browser()
    _register_person(owner, owner_is, login="nong.yaning", mobile="13900000001")
    wish = {"number": company["number"], "phone": "0771-5550188"}
    looked_up = owner.send("/register/company", wish | {"step": "look"}, status=200)
    assert company["name"] in looked_up
    more = {"name": company["name"], "address": "广西壮族自治区南宁市青秀区民族大道99号", "step": "register"}
    enrolled = owner.send("/register/company", wish | more, status=200)
    assert company["number"] in enrolled

    owner.send("/act-for", {"identity": company["number"]})
    invited = owner.send(
        "/company/people/invite",
        {
            "duty": "03",
            "valid_from": today.isoformat(),
            "valid_to": end.isoformat(),
            "name": clerk_is["name"],
            "tail": clerk_is["number"][-4:],
            "login": "",
        },
        status=200,
    )
    found = re.search(r'id="invitation-code"[^>]*>([^<]+)<', invited)
    assert found, invited

    clerk = world.browser()
    _register_person(clerk, clerk_is, login="he.zimo", mobile="13900000002")
    owner_again = _try_code(owner, found.group(1))
    assert "SUB-" in owner_again, "an invitation opens to the person it names and to nobody else"
    clerk.send("/invitations", {"code": found.group(1)})
    clerk.send("/act-for", {"identity": company["number"]})
    assert company["name"] in clerk.open("/taxpayer/")

    stop_world(world)
    later = start_world(home, port=world.port, settings={"GOLDENTAX_CLOCK_AHEAD_DAYS": str(DAYS)})
    worlds.append(later)
    clerk = later.browser()
    _sign_in(clerk, "he.zimo", PASSWORD)
    refused = clerk.client.post(
        "/act-for",
        data={"identity": company["number"], "csrfmiddlewaretoken": _token(clerk)},
        headers={"Referer": f"{later.url}/act-for"},
    )
    assert refused.status_code == 403 and "IDN-DUTY-03" in refused.text
    assert clerk.client.get("/taxpayer/").status_code == 403

    officer = later.browser()
    account = later.accounts()["demo-security"]
    _sign_in(officer, account["user"], account["password"])
    before = _who_could(officer, tax_id=company["number"], at=f"{end - timedelta(days=1)}T23:59")
    assert clerk_is["name"] in before and owner_is["name"] in before
    after = _who_could(officer, tax_id=company["number"], at=f"{end}T00:00")
    assert clerk_is["name"] not in after and owner_is["name"] in after


def _try_code(browser: Browser, code: str) -> str:
    """Send somebody else's invitation code; the HTML of the refusal."""
    answer = browser.client.post(
        "/invitations",
        data={"code": code, "csrfmiddlewaretoken": _token(browser)},
        headers={"Referer": f"{browser.client.base_url}invitations"},
    )
    assert answer.status_code in (403, 409, 422), answer.status_code
    return answer.text


def _token(browser: Browser) -> str:
    page = browser.open("/account")
    return page.split('name="csrfmiddlewaretoken" value="')[1].split('"')[0]

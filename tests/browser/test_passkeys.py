"""
Passkeys in a real browser with a virtual authenticator, and a desk signed in by a phone.

Browsers give passkeys to names, never to bare addresses: these tests open the world by the name ``localhost``.
"""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from tests.browser.conftest import DESK, PHONE, OpenPage, is_too_wide, violations
from tests.worlds import World

pytestmark = pytest.mark.browser
FACTORS = "/account/security/factors"
PLATFORM = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


@pytest.fixture
def site(world: World) -> str:
    """The address of the province, by name."""
    return world.url.replace("127.0.0.1", "localhost")


@pytest.fixture
def seller(open_page: OpenPage, world: World, site: str) -> Iterator[Any]:
    """A desk on which the demo seller signed in by password; what it enrols is removed at the end."""
    page = open_page(user="")
    sign_in(page, site, world.accounts()["demo-seller"])
    yield page
    page.goto(f"{site}{FACTORS}")
    while page.locator("form[action$='/remove'] button").count():
        page.locator("form[action$='/remove'] button").first.click()
        page.wait_for_load_state()


def sign_in(page: Any, site: str, account: dict[str, str]) -> None:
    page.goto(f"{site}/sign-in")
    page.fill("[name=login]", account["user"])
    page.fill("[name=password]", account["password"])
    page.locator("main form:has([name=password]) button[type=submit]").first.click()
    page.wait_for_load_state()
    if "/act-for" in page.url:
        page.locator(f"button[name=identity][value='{account['tax_id']}']").click()
        page.wait_for_load_state()


def plug_in(page: Any, **change: Any) -> tuple[Any, str]:
    """Give the browser an authenticator; give the line to it, and its name."""
    line = page.context.new_cdp_session(page)
    line.send("WebAuthn.enable")
    made = line.send("WebAuthn.addVirtualAuthenticator", {"options": PLATFORM | change})
    return line, made["authenticatorId"]


def enrol(page: Any, site: str, name: str = "测试设备") -> None:
    page.goto(f"{site}{FACTORS}/passkey")
    page.fill("[name=name]", name)
    page.click("form[data-passkey] button[type=submit]")
    page.wait_for_url(f"{site}{FACTORS}")


def sign_out(page: Any) -> None:
    page.locator("details.gt-person > summary").click()
    page.locator("form[action='/sign-out'] button").click()
    page.wait_for_load_state()


def test_a_passkey_is_made_and_signs_in_without_a_password(seller: Any, site: str) -> None:
    line, device = plug_in(seller)
    enrol(seller, site)
    assert "测试设备" in seller.inner_text("main")
    assert violations(seller) == [] and not is_too_wide(seller)
    sign_out(seller)
    seller.goto(f"{site}/sign-in/passkey?next={FACTORS}")
    assert violations(seller) == [] and not is_too_wide(seller)
    seller.click("form[data-passkey] button[type=submit]")
    seller.wait_for_url(f"{site}{FACTORS}")
    held = line.send("WebAuthn.getCredentials", {"authenticatorId": device})["credentials"]
    assert [one["isResidentCredential"] for one in held] == [True]
    assert held[0]["rpId"] == "localhost"
    assert held[0]["signCount"] >= 2


def test_the_same_device_makes_no_second_passkey(seller: Any, site: str) -> None:
    plug_in(seller)
    enrol(seller, site)
    # What was shown at the enrolment does not count as a second factor: the passkey is shown first.
    seller.goto(f"{site}/sign-in/passkey?next={FACTORS}/passkey")
    seller.click("form[data-passkey] button[type=submit]")
    seller.wait_for_url(f"{site}{FACTORS}/passkey")
    seller.fill("[name=name]", "又一个")
    seller.click("form[data-passkey] button[type=submit]")
    seller.wait_for_selector("[data-said]:not([hidden])")
    assert "已有本账户的通行密钥" in seller.inner_text("[data-said]")


def test_a_device_that_does_not_verify_its_user_signs_nobody_in(
    seller: Any, site: str, expected: list[str]
) -> None:
    line, device = plug_in(seller)
    enrol(seller, site)
    sign_out(seller)
    line.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": False})
    seller.goto(f"{site}/sign-in/passkey?next={FACTORS}")
    seller.click("form[data-passkey] button[type=submit]")
    seller.wait_for_selector("[data-said]:not([hidden])")
    assert "未完成" in seller.inner_text("[data-said]")
    assert violations(seller) == []
    line.send("WebAuthn.setUserVerified", {"authenticatorId": device, "isUserVerified": True})
    seller.click("form[data-passkey] button[type=submit]")
    seller.wait_for_url(f"{site}{FACTORS}")


def test_a_copied_passkey_is_refused(seller: Any, site: str, expected: list[str]) -> None:
    expected.append("401")
    line, device = plug_in(seller)
    enrol(seller, site)
    sign_out(seller)
    seller.goto(f"{site}/sign-in/passkey?next={FACTORS}")
    seller.click("form[data-passkey] button[type=submit]")
    seller.wait_for_url(f"{site}{FACTORS}")
    held = line.send("WebAuthn.getCredentials", {"authenticatorId": device})["credentials"][0]
    line.send("WebAuthn.removeCredential", {"authenticatorId": device, "credentialId": held["credentialId"]})
    line.send("WebAuthn.addCredential", {"authenticatorId": device, "credential": held | {"signCount": 0}})
    sign_out(seller)
    seller.goto(f"{site}/sign-in/passkey?next={FACTORS}")
    seller.click("form[data-passkey] button[type=submit]")
    seller.wait_for_selector("text=IDN-FAC-09")
    # The copy has counted on; the next answer is above the counter that is kept, and leaves the browser signed in.
    for _ in range(4):
        if seller.url.endswith(FACTORS):
            break
        seller.goto(f"{site}/sign-in/passkey?next={FACTORS}")
        seller.click("form[data-passkey] button[type=submit]")
        seller.wait_for_load_state("networkidle")


def test_a_bare_address_says_why_there_are_no_passkeys(open_page: OpenPage, world: World) -> None:
    page = open_page(user="")
    page.goto(f"{world.url}/sign-in/passkey")
    assert "请用域名" in page.inner_text("main")
    assert violations(page) == []


def test_a_phone_signs_a_desk_in(open_page: OpenPage, world: World, site: str) -> None:
    phone = open_page(PHONE, user="")
    sign_in(phone, site, world.accounts()["demo-seller"])
    desk = open_page(DESK, user="")
    desk.goto(f"{site}/sign-in/scan?next=/account")
    assert violations(desk) == [] and not is_too_wide(desk)
    number = desk.inner_text(".idf-match strong")
    ticket = desk.locator("[data-scan-url]").get_attribute("data-scan-url")
    phone.goto(ticket)
    assert violations(phone) == [] and not is_too_wide(phone)
    desk.wait_for_selector("text=请在手机上确认")
    phone.fill("[name=match_number]", number)
    phone.click("button[value=yes]")
    phone.wait_for_url(f"{site}/")
    desk.wait_for_url(re.compile(r"/account$|/act-for"))


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
@pytest.mark.parametrize(
    "path", ["/sign-in/sms", "/sign-in/scan", "/sign-in/passkey", "/sign-in/certificate", "/demo/sms-outbox"]
)
def test_the_doors_are_open_to_everybody(
    open_page: OpenPage, site: str, size: tuple[int, int], path: str
) -> None:
    page = open_page(size, user="")
    page.goto(f"{site}{path}")
    assert violations(page) == [] and not is_too_wide(page)


@pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
def test_ones_own_factors_are_open_to_everybody(
    open_page: OpenPage, world: World, site: str, size: tuple[int, int]
) -> None:
    page = open_page(size, user="")
    sign_in(page, site, world.accounts()["demo-seller"])
    for path in (FACTORS, f"{FACTORS}/passkey", f"{FACTORS}/authenticator", f"{FACTORS}/mobile"):
        page.goto(f"{site}{path}")
        assert violations(page) == [] and not is_too_wide(page), path

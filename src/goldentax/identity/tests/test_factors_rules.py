"""Decisions about factors, without a database."""

import base64
from datetime import date, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from goldentax.identity.rules.factors import assurance, browsers, challenges, codes, totp
from goldentax.identity.rules.factors.context import Context
from goldentax.identity.tests.conftest import NOW

DAY = date(2026, 11, 21)
RFC_SECRET = base64.b32encode(b"12345678901234567890").decode()


@pytest.mark.parametrize(
    ("second", "code"),
    [
        (59, "94287082"),
        (1111111109, "07081804"),
        (1111111111, "14050471"),
        (1234567890, "89005924"),
        (2000000000, "69279037"),
        (20000000000, "65353130"),
    ],
)
def test_the_codes_are_those_of_rfc_6238(second: int, code: str) -> None:
    assert totp.code_at(secret=RFC_SECRET, step=second // 30, digits=8) == code


def test_the_codes_are_those_of_another_implementation() -> None:
    secret = totp.new_secret()
    other = TOTP(base64.b32decode(secret), 6, SHA1(), 30, enforce_key_length=True)
    for minute in range(20):
        at = NOW + timedelta(minutes=minute)
        other.verify(totp.code_at(secret=secret, step=totp.step_of(at)).encode(), int(at.timestamp()))


@pytest.mark.parametrize(("steps", "is_taken"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_one_step_of_delay_is_taken_and_not_two(steps: int, is_taken: bool) -> None:
    code = totp.code_at(secret=RFC_SECRET, step=totp.step_of(NOW) + steps)
    found = totp.find_step(secret=RFC_SECRET, code=code, at=NOW, either_side=1, after=None)
    assert (found is not None) is is_taken


def test_a_code_at_or_before_the_last_one_is_used_up() -> None:
    step = totp.step_of(NOW)
    code = totp.code_at(secret=RFC_SECRET, step=step)

    def find(after: int | None) -> int | None:
        return totp.find_step(secret=RFC_SECRET, code=code, at=NOW, either_side=1, after=after)

    assert find(None) == find(step - 1) == step
    assert find(step) is None
    assert find(step + 1) is None


@pytest.mark.parametrize("typed", ["", "12345", "１２３４５６", "abcdef", "000000 1"])
def test_what_is_no_code_fits_no_step(typed: str) -> None:
    assert totp.find_step(secret=RFC_SECRET, code=typed, at=NOW, either_side=1, after=None) is None


def test_an_authenticator_app_can_read_the_address() -> None:
    uri = totp.enrolment_uri(secret="JBSWY3DPEHPK3PXP", account="韦.xiao", issuer="Golden Tax")
    assert uri == (
        "otpauth://totp/Golden%20Tax:%E9%9F%A6.xiao?secret=JBSWY3DPEHPK3PXP&issuer=Golden%20Tax"
        "&algorithm=SHA1&digits=6&period=30"
    )


@pytest.mark.parametrize(
    ("used", "level"),
    [
        ((), 0),
        (("password",), 1),
        (("sms",), 1),
        (("totp",), 0),
        (("recovery",), 0),
        (("passkey",), 3),
        (("passkey-touch",), 0),
        (("certificate",), 3),
        (("face",), 0),
        (("password", "totp"), 2),
        (("password", "sms"), 2),
        (("password", "passkey-touch"), 2),
        (("password", "face"), 2),
        (("sms", "totp"), 1),
        (("sms", "face"), 2),
        (("totp", "face"), 0),
        (("password", "password"), 1),
        (("nonsense",), 0),
    ],
)
def test_two_factors_count_as_two_only_if_they_differ_in_kind(used: tuple[str, ...], level: int) -> None:
    assert assurance.level_of(used, on=DAY) == level


def test_what_has_run_out_does_not_come_back_with_another_proof() -> None:
    # A passkey shown an hour ago is no part of the level that an SMS reaches now.
    raised = assurance.raised_level(first="password", base=1, method="sms", on=DAY)
    assert raised == 2
    assert assurance.raised_level(first="sms", base=1, method="totp", on=DAY) == 1
    assert assurance.raised_level(first="password", base=2, method="sms", on=DAY) == 2
    assert assurance.raised_level(first="password", base=1, method="certificate", on=DAY) == 3


@pytest.mark.parametrize(
    ("typed", "number"),
    [
        ("13907710001", "13907710001"),
        ("+86 139-0771-0001", "13907710001"),
        ("0086 13907710001", "13907710001"),
        ("１３９０７７１０００１", "13907710001"),
        ("12907710001", ""),
        ("1390771000", ""),
        ("139077100011", ""),
        ("+1 4155550100", ""),
        ("", ""),
    ],
)
def test_a_mobile_number_has_one_form(typed: str, number: str) -> None:
    assert codes.normal_mobile(typed) == number


def test_a_mobile_number_is_shown_in_part() -> None:
    assert codes.masked_mobile("13907710001") == "139****0001"


def test_recovery_codes_are_ten_and_differ() -> None:
    made = codes.new_recovery_codes()
    assert len(set(made)) == codes.RECOVERY_COUNT
    assert all(len(codes.normal_recovery_code(one)) == codes.RECOVERY_LENGTH for one in made)
    assert codes.normal_recovery_code(f" {made[0].lower().replace('-', ' ')} ") == made[0].replace("-", "")


def test_numbers_have_their_digits() -> None:
    assert all(len(codes.new_sms_code()) == 6 for _ in range(50))
    assert all(10 <= int(codes.new_match_number()) <= 99 for _ in range(50))


def test_the_wait_ends_when_the_oldest_that_counts_leaves_the_window() -> None:
    minute = timedelta(minutes=1)
    made = [NOW - 50 * minute, NOW - 10 * minute, NOW]

    def wait(allowed: int, now: datetime = NOW) -> int:
        return codes.wait_s(made_at=made, now=now, window=60 * minute, allowed=allowed)

    assert wait(4) == 0
    assert wait(3) == 600
    assert wait(2) == 3000
    assert wait(3, NOW + 10 * minute) == 0


@pytest.mark.parametrize(
    ("origin", "rp_id"),
    [
        ("https://etax.example.cn", "etax.example.cn"),
        ("https://etax.example.cn:8443", "etax.example.cn"),
        ("http://localhost:8001", "localhost"),
        ("http://gx.localhost:8001", "gx.localhost"),
        ("http://127.0.0.1:8001", ""),
        ("https://127.0.0.1", ""),
        ("http://[::1]:8001", ""),
        ("http://etax.example.cn", ""),
        ("", ""),
    ],
)
def test_passkeys_are_made_for_names_over_https_and_for_localhost(origin: str, rp_id: str) -> None:
    assert challenges.rp_id_of(origin) == rp_id


def test_a_challenge_says_where_for_what_and_until_when() -> None:
    text = challenges.certificate_challenge(
        origin="https://etax.example.cn", purpose="sign-in", nonce=b"\x01" * 32, expires_at=NOW
    )
    assert text == (
        "goldentax-challenge-v1 origin=https://etax.example.cn purpose=sign-in"
        f" expires=2026-11-21T10:00:00+08:00 nonce={'01' * 32}"
    )
    assert "\n" not in text


@pytest.mark.parametrize(
    ("said", "name"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0 Safari/537.36",
            "Windows · Chrome",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1",
            "iPhone · Safari",
        ),
        ("Mozilla/5.0 (Linux; Android 15) Chrome/130.0 MicroMessenger/8.0", "安卓 · 微信"),
        ("curl/8", "未知设备"),
        ("<script>", "未知设备"),
    ],
)
def test_a_browser_is_named_for_people(said: str, name: str) -> None:
    assert browsers.name_of(said).zh == name


def test_a_binding_is_kept_as_its_digest_only() -> None:
    context = Context(now=NOW, network="10.0.0.1", binding="secret")
    assert context.binding not in context.binding_digest
    assert len(context.binding_digest) == 64

"""Decisions about people, without a database."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from goldentax.identity.rules import (
    activation,
    devices,
    duties,
    logins,
    safety,
    sessions,
    throttle,
    tokens,
)
from goldentax.identity.rules import assurance as levels
from goldentax.identity.tests.conftest import NOW
from goldentax.kernel import access


@pytest.mark.parametrize(
    ("duty", "may_issue"),
    [("01", True), ("02", False), ("03", True), ("05", True), ("09", True), ("10", False)],
)
def test_only_issuing_duties_open_the_door_of_issuers(duty: str, may_issue: bool) -> None:
    roles = duties.roles_for_taxpayer(frozenset({duty}))
    assert access.TAXPAYER in roles
    assert (access.ISSUER in roles) is may_issue


def test_a_token_issues_only_with_duty_and_scope() -> None:
    both = duties.roles_of_token(duties=frozenset({"09"}), scopes=frozenset(duties.SCOPES))
    no_scope = duties.roles_of_token(duties=frozenset({"09"}), scopes=frozenset({duties.INVOICES_READ}))
    no_duty = duties.roles_of_token(duties=frozenset({"10"}), scopes=frozenset(duties.SCOPES))
    assert access.ISSUER in both
    assert access.ISSUER not in no_scope
    assert access.ISSUER not in no_duty


def test_a_token_never_opens_a_persons_own_pages() -> None:
    assert access.PERSON not in duties.roles_of_token(
        duties=frozenset({"01"}), scopes=frozenset(duties.SCOPES)
    )


@pytest.mark.parametrize("login", ["13907710001", "wei.xiaoyan", "韦晓燕", "a@b.cn", "abc"])
def test_what_people_use_as_login_names_is_taken(login: str) -> None:
    assert logins.is_valid_login(logins.normal_login(login))


@pytest.mark.parametrize("login", ["", "ab", "with space", "<script>", ".dot", "a" * 65, "a\n" + "bc"])
def test_other_login_names_are_refused(login: str) -> None:
    assert not logins.is_valid_login(logins.normal_login(login))


def test_full_width_letters_and_capitals_are_the_same_person() -> None:
    assert logins.normal_login(" Ｗｅｉ.XIAO ") == "wei.xiao"


def test_an_ipv6_subscriber_is_one_network() -> None:
    assert (
        logins.network_of("2001:db8:1:2::1")
        == logins.network_of("2001:db8:1:2:ffff::9")
        == "2001:db8:1:2::/64"
    )
    assert logins.network_of("2001:db8:1:3::1") != logins.network_of("2001:db8:1:2::1")
    assert logins.network_of("::ffff:10.0.0.1") == logins.network_of("10.0.0.1") == "10.0.0.1"
    assert logins.network_of("not an address") == "unknown"


def test_the_limit_holds_for_a_login_and_for_a_network() -> None:
    below = {
        "of_login_here": throttle.LOGIN_FAILURES_MAX - 1,
        "of_network": throttle.NETWORK_FAILURES_MAX - 1,
        "first_of_login_here": NOW,
        "first_of_network": NOW,
    }

    def wait(**change: Any) -> timedelta | None:
        return throttle.wait_of_network(throttle.Failures(**(below | change)), now=NOW)

    assert wait() is None
    assert wait(of_login_here=throttle.LOGIN_FAILURES_MAX) == throttle.WINDOW
    assert wait(of_network=throttle.NETWORK_FAILURES_MAX) == throttle.WINDOW


def test_a_login_that_many_networks_guess_at_takes_turns() -> None:
    many = {"of_login": throttle.EVERYWHERE_FAILURES_MAX, "last_of_login": NOW}
    few = many | {"of_login": throttle.EVERYWHERE_FAILURES_MAX - 1}
    assert throttle.wait_of_login(throttle.Failures(**few), now=NOW) is None
    assert throttle.wait_of_login(throttle.Failures(**many), now=NOW) == throttle.EVERYWHERE_PAUSE
    assert throttle.wait_of_login(throttle.Failures(**many), now=NOW + throttle.EVERYWHERE_PAUSE) is None


def test_a_known_device_counts_apart_until_it_fails_too_often() -> None:
    few = throttle.Failures(of_device=throttle.DEVICE_FAILURES_MAX - 1, of_network=10_000)
    assert throttle.is_apart(few, is_known=True)
    assert not throttle.is_apart(few, is_known=False)
    assert not throttle.is_apart(throttle.Failures(of_device=throttle.DEVICE_FAILURES_MAX), is_known=True)


def test_a_session_ends_by_idleness_and_by_age() -> None:
    second = timedelta(seconds=1)

    def why(*, started_at: datetime, seen_at: datetime, now: datetime) -> str:
        return sessions.why_over(started_at=started_at, seen_at=seen_at, now=now)

    assert why(started_at=NOW, seen_at=NOW, now=NOW + sessions.IDLE_MAX - second) == ""
    assert why(started_at=NOW, seen_at=NOW, now=NOW + sessions.IDLE_MAX) == sessions.IDLE
    late = NOW + sessions.AGE_MAX
    assert why(started_at=NOW + second, seen_at=late - second, now=late) == ""
    assert why(started_at=NOW, seen_at=late - second, now=late) == sessions.AGE


def test_a_later_proof_counts_for_a_quarter_of_an_hour() -> None:
    until = NOW + levels.step_up_lasts(NOW.date())
    assert until - NOW == timedelta(minutes=15)

    def level(now: datetime) -> int:
        return levels.present(assurance=1, raised=3, raised_until=until, now=now)

    assert level(until - timedelta(seconds=1)) == 3
    assert level(until) == 1
    assert levels.present(assurance=2, raised=0, raised_until=None, now=NOW) == 2


def test_the_levels_are_those_of_the_doors() -> None:
    assert (levels.ONE_FACTOR, levels.TWO_FACTORS, levels.STRONG) == (
        access.ONE_FACTOR,
        access.TWO_FACTORS,
        access.STRONG,
    )


@pytest.mark.parametrize(
    ("user_agent", "said"),
    [
        (
            "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/130.0 Safari/537.36",
            "Chrome · Windows",
        ),
        ("Mozilla/5.0 (Windows NT 10.0) Chrome/130.0 Safari/537.36 Edg/130.0", "Edge · Windows"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1",
            "Safari · iPhone",
        ),
        ("Mozilla/5.0 (Linux; Android 15) Chrome/130.0 MicroMessenger/8.0", "WeChat · Android"),
        ("curl/8", ""),
        ("", ""),
    ],
)
def test_a_browser_is_called_as_people_call_it(user_agent: str, said: str) -> None:
    assert devices.summary_of(user_agent) == said


def test_an_activation_code_is_read_however_it_is_typed() -> None:
    code = activation.new_code()
    assert len(code) == 19 and code.count("-") == 3
    assert activation.digest(code) == activation.digest(f" {code.lower().replace('-', ' ')} ")
    assert activation.digest(code) != activation.digest(activation.new_code())


def test_every_step_to_safety_is_worth_something_and_all_are_worth_a_hundred() -> None:
    bare = safety.Holdings(
        password_changed_at=NOW,
        has_password=True,
        has_second_factor=False,
        has_passkey=False,
        recovery_codes=0,
        is_asked_always=True,
        tokens_without_use=0,
    )
    found = safety.steps(bare, now=NOW)
    assert sum(step.worth for step in found) == 100
    assert found[0].key == "second-factor" and not found[0].is_done
    assert safety.score(found) == 15
    full = replace(bare, has_second_factor=True, has_passkey=True, recovery_codes=10)
    assert safety.score(safety.steps(full, now=NOW)) == 100
    assert safety.score(safety.steps(full, now=NOW + timedelta(days=366))) == 90


def test_a_token_has_its_form_and_no_two_are_alike() -> None:
    made = {tokens.new_token() for _ in range(50)}
    assert len(made) == 50
    assert all(tokens.is_token(one) and len(one) == 46 for one in made)
    assert not tokens.is_token("gt_" + "a" * 42)
    assert not tokens.is_token("gt_" + "a" * 43 + "\n")


@pytest.mark.parametrize(
    ("number", "shown"), [("450102199003070012", "4501**********0012"), ("1234", "****"), ("", "")]
)
def test_an_identity_card_is_shown_in_part(number: str, shown: str) -> None:
    assert logins.masked_id_card(number) == shown

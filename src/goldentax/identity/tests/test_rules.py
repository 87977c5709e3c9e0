"""Decisions about people, without a database."""

from datetime import timedelta

import pytest

from goldentax.identity.rules import duties, logins, sessions, throttle, tokens
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
        "login_failures": throttle.LOGIN_FAILURES_MAX - 1,
        "network_failures": throttle.NETWORK_FAILURES_MAX - 1,
    }
    assert not throttle.is_too_many(**below)
    assert throttle.is_too_many(**(below | {"login_failures": throttle.LOGIN_FAILURES_MAX}))
    assert throttle.is_too_many(**(below | {"network_failures": throttle.NETWORK_FAILURES_MAX}))


def test_a_session_ends_by_idleness_and_by_age() -> None:
    second = timedelta(seconds=1)
    assert not sessions.is_over(signed_in_at=NOW, seen_at=NOW, now=NOW + sessions.IDLE_MAX - second)
    assert sessions.is_over(signed_in_at=NOW, seen_at=NOW, now=NOW + sessions.IDLE_MAX)
    late = NOW + sessions.AGE_MAX
    assert not sessions.is_over(signed_in_at=NOW + second, seen_at=late - second, now=late)
    assert sessions.is_over(signed_in_at=NOW, seen_at=late - second, now=late)


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

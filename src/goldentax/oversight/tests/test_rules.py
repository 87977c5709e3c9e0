"""What is noticed, what it weighs, what it leads to: tables, without a database."""

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldentax.kernel import audit
from goldentax.kernel.clock import CHINA
from goldentax.kernel.crypto.sm import sm3
from goldentax.oversight.rules import chain, habits, places, scoring, searching
from goldentax.oversight.rules.chain import Leaf, Place
from goldentax.oversight.rules.law import law_on
from goldentax.oversight.rules.scoring import SignInEvidence, UseEvidence

LAW = law_on(date(2026, 11, 18))
AT = datetime(2026, 11, 18, 10, 0, tzinfo=CHINA)  # a Wednesday
NANNING, BEIJING, URUMQI = "192.0.2.7", "198.51.100.7", "203.0.113.7"
DAY = timedelta(days=1)


def evidence(**facts: Any) -> SignInEvidence:
    """Somebody whom everything about is as usual."""
    usual: dict[str, Any] = {
        "at": AT,
        "network": NANNING,
        "sign_ins": 40,
        "is_device_known": True,
        "is_network_known": True,
        "last_network": NANNING,
        "last_at": AT - DAY,
        "hours": tuple(10 if hour in (9, 10, 14, 16) else 0 for hour in range(24)),
    }
    return SignInEvidence(**(usual | facts))


def codes(judgement: scoring.Judgement) -> set[str]:
    return {one.code for one in judgement.reasons}


def test_the_usual_is_let_in_without_a_reason() -> None:
    judgement = scoring.judge_sign_in(evidence(), law=LAW)
    assert (judgement.score, judgement.verdict, judgement.reasons) == (0, "allow", ())


@pytest.mark.parametrize(
    ("facts", "rule"),
    [
        ({"is_device_known": False}, "new-device"),
        ({"is_network_known": False}, "new-network"),
        ({"last_network": BEIJING, "last_at": AT - timedelta(minutes=40)}, "impossible-travel"),
        ({"at": AT.replace(hour=3)}, "odd-hour"),
        ({"is_officer": True, "at": AT.replace(hour=21), "hours": (0,) * 24}, "off-duty"),
        ({"is_officer": True, "at": AT + 3 * DAY, "last_at": AT}, "off-duty"),
        ({"is_device_known": False, "network_failed_logins": 20}, "spraying"),
        ({"is_device_known": False, "login_failed_networks": 5}, "stuffing"),
        ({"last_at": AT - 90 * DAY}, "dormant"),
    ],
)
def test_each_sign_is_noticed_and_said_in_both_languages(facts: dict[str, Any], rule: str) -> None:
    judgement = scoring.judge_sign_in(evidence(**facts), law=LAW)
    assert rule in codes(judgement)
    assert all("{" not in one.text.zh + one.text.en for one in judgement.reasons)


@pytest.mark.parametrize(
    ("facts", "rule"),
    [
        ({"last_network": BEIJING, "last_at": AT - timedelta(hours=4)}, "impossible-travel"),
        ({"last_network": "10.1.2.3", "last_at": AT - timedelta(minutes=1)}, "impossible-travel"),
        ({"last_network": "8.8.8.8", "last_at": AT - timedelta(minutes=1)}, "impossible-travel"),
        ({"last_network": "unknown", "last_at": AT - timedelta(minutes=1)}, "impossible-travel"),
        ({"at": AT.replace(hour=11)}, "odd-hour"),
        ({"at": AT.replace(hour=3), "hours": (0,) * 9 + (19,) + (0,) * 14}, "odd-hour"),
        ({"is_officer": True, "at": AT.replace(hour=19), "hours": (0,) * 24}, "off-duty"),
        ({"at": AT.replace(hour=23), "hours": (0,) * 24}, "off-duty"),
        ({"is_device_known": False, "network_failed_logins": 19}, "spraying"),
        ({"is_device_known": False, "login_failed_networks": 4}, "stuffing"),
        ({"last_at": AT - 89 * DAY}, "dormant"),
        ({"last_at": None, "is_device_known": False, "is_network_known": False}, "new-device"),
    ],
)
def test_just_below_a_threshold_nothing_is_noticed(facts: dict[str, Any], rule: str) -> None:
    assert rule not in codes(scoring.judge_sign_in(evidence(**facts), law=LAW))


@pytest.mark.parametrize(
    ("facts", "verdict"),
    [
        ({"is_device_known": False}, "allow"),
        ({"is_device_known": False, "is_network_known": False}, "warn"),
        ({"is_device_known": False, "is_network_known": False, "at": AT.replace(hour=3)}, "step_up"),
        ({"is_device_known": False, "is_network_known": False, "last_at": AT - 200 * DAY}, "step_up"),
        ({"is_device_known": False, "is_network_known": False, "login_failed_networks": 9}, "step_up"),
        ({"is_device_known": False, "is_network_known": False, "network_failed_logins": 90}, "block"),
        (
            {
                "is_device_known": False,
                "is_network_known": False,
                "network": URUMQI,
                "last_at": AT - timedelta(minutes=9),
            },
            "block",
        ),
    ],
)
def test_signs_together_lead_further_than_alone(facts: dict[str, Any], verdict: str) -> None:
    assert scoring.judge_sign_in(evidence(**facts), law=LAW).verdict == verdict


def test_strangers_cannot_lock_people_out_of_their_own_device() -> None:
    attacked = evidence(network_failed_logins=5000, login_failed_networks=5000)
    assert scoring.judge_sign_in(attacked, law=LAW).verdict == "allow"


def test_worked_weekends_and_holidays_are_told_apart() -> None:
    def works(day: date) -> bool:
        at = datetime(day.year, day.month, day.day, 10, tzinfo=CHINA)
        return habits.is_working_time(at, worked=LAW.worked, begins=7, ends=20)

    assert not works(date(2026, 10, 5))  # Monday, National Day
    assert works(date(2026, 10, 10))  # Saturday, worked instead
    assert not works(date(2026, 11, 21))  # a plain Saturday
    assert works(date(2026, 11, 20))


def look(**facts: Any) -> UseEvidence:
    """A counter officer who looks at twelve an hour, give or take."""
    usual: dict[str, Any] = {"at": AT, "looks": 12, "own_hours": (10, 12, 14, 11, 13) * 8}
    return UseEvidence(**(usual | facts))


@pytest.mark.parametrize(
    ("facts", "found", "verdict"),
    [
        ({}, set(), "allow"),
        ({"looks": 29}, set(), "allow"),
        ({"looks": 60}, {"mass-look"}, "warn"),
        ({"looks": 60, "own_hours": (55, 58, 61) * 9}, set(), "allow"),
        (
            {"looks": 60, "peers_median": Decimal(12), "peers_spread": Decimal(3)},
            {"mass-look", "above-peers"},
            "step_up",
        ),
        ({"looks": 60, "own_hours": (60,) * 9, "peers_median": Decimal(58)}, set(), "allow"),
        ({"looks": 300}, {"mass-look", "look-ceiling"}, "block"),
        ({"at": AT.replace(hour=23)}, {"off-duty"}, "allow"),
        ({"granted_at": AT - timedelta(minutes=3)}, {"fresh-grant"}, "warn"),
        ({"granted_at": AT - timedelta(minutes=15)}, set(), "allow"),
        ({"looks": 0, "function": "a.b.c", "is_first_use": True}, {"first-privileged"}, "allow"),
        (
            {
                "looks": 0,
                "function": "a.b.c",
                "is_first_use": True,
                "granted_at": AT,
                "at": AT.replace(hour=10),
            },
            {"first-privileged", "fresh-grant"},
            "step_up",
        ),
    ],
)
def test_looks_and_uses_are_judged(facts: dict[str, Any], found: set[str], verdict: str) -> None:
    judgement = scoring.judge_use(look(**facts), law=LAW)
    assert (codes(judgement), judgement.verdict) == (found, verdict)


@given(looks=st.integers(0, 2000), more=st.integers(0, 500))
def test_more_looks_never_make_a_milder_verdict(looks: int, more: int) -> None:
    fewer = scoring.judge_use(look(looks=looks), law=LAW)
    harder = scoring.judge_use(look(looks=looks + more), law=LAW)
    assert fewer.score <= harder.score <= 100


@given(
    st.lists(st.booleans(), min_size=5, max_size=5),
    st.integers(0, 100),
    st.integers(0, 23),
    st.integers(0, 400),
)
def test_a_score_stays_within_bounds_and_says_why(
    marks: list[bool], count: int, hour: int, days: int
) -> None:
    device, network, officer, spray, stuff = marks
    found = evidence(
        is_device_known=device,
        is_network_known=network,
        is_officer=officer,
        network_failed_logins=count if spray else 0,
        login_failed_networks=count if stuff else 0,
        at=AT.replace(hour=hour),
        last_at=AT - timedelta(days=days),
    )
    judgement = scoring.judge_sign_in(found, law=LAW)
    assert 0 <= judgement.score <= 100
    assert judgement.verdict in scoring.VERDICTS
    assert bool(judgement.score) == bool(judgement.reasons)
    assert judgement == scoring.judge_sign_in(replace(found), law=LAW)


@pytest.mark.parametrize(
    ("network", "place"),
    [
        ("127.0.0.1", "内网"),
        ("192.168.3.4", "内网"),
        ("fe80::/64", "内网"),
        ("::1/128", "内网"),
        ("192.0.2.1", "南宁"),
        ("8.8.8.8", None),
        ("2001:db8::/64", None),
        ("nonsense", None),
        ("", None),
    ],
)
def test_networks_have_places_as_far_as_the_lawbook_knows(network: str, place: str | None) -> None:
    found = places.place_of(network, LAW.places)
    assert (found.place.zh if found else None) == place


def test_the_longest_prefix_names_the_place() -> None:
    from goldentax.kernel.text import Text

    wide = places.NetworkPlace.read(
        prefix="9.0.0.0/8", place=Text("宽", "wide"), latitude=None, longitude=None
    )
    narrow = places.NetworkPlace.read(
        prefix="9.1.0.0/16", place=Text("窄", "narrow"), latitude=None, longitude=None
    )
    assert places.place_of("9.1.2.3", [narrow, wide]) is narrow
    assert places.place_of("9.2.2.3", [narrow, wide]) is wide


def test_distances_are_those_of_the_globe() -> None:
    here, there = (places.place_of(one, LAW.places) for one in (NANNING, BEIJING))
    assert here and there
    assert 2040 < (places.distance_km(here, there) or 0) < 2070


def test_the_categories_of_a_search_are_those_of_the_trail() -> None:
    assert searching.CATEGORIES == audit.CATEGORIES


@given(st.lists(st.binary(min_size=32, max_size=32), min_size=1, max_size=40), st.data())
def test_a_path_leads_from_every_leaf_to_the_root_and_from_no_other(hashes: list[bytes], data: Any) -> None:
    root = chain.merkle_root(hashes)
    index = data.draw(st.integers(0, len(hashes) - 1))
    path = chain.merkle_path(hashes, index=index)
    assert chain.root_by_path(hashes[index], path) == root
    other = bytes([hashes[index][0] ^ 1]) + hashes[index][1:]
    assert chain.root_by_path(other, path) != root


def test_the_tree_is_that_of_rfc_6962() -> None:
    """A tree of five is the tree of its first four beside its fifth."""
    hashes = [bytes([n]) * 32 for n in range(5)]
    four, fifth = chain.merkle_root(hashes[:4]), hashes[4]
    assert chain.merkle_root(hashes) == sm3(b"\x01" + four + fifth)


def test_a_list_of_rows_is_kept_whole_and_compared_by_id() -> None:
    leaves = [Leaf(Place(9, n), bytes([n]) * 32) for n in (3, 5, 8)]
    sealed = chain.unpack(chain.pack(leaves))
    assert sealed == [(one.place.id, one.hash) for one in leaves]
    now = [Leaf(Place(9, 3), bytes(32)), leaves[2], Leaf(Place(9, 9), bytes(32))]
    told = [(one.kind, one.entry_id) for one in chain.differences(sealed=sealed, found=now)]
    assert told == [("changed", 3), ("missing", 5), ("added", 9)]

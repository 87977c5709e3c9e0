"""Deciding, giving and the catalogue: tables and properties, no database."""

import string
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from goldentax.authority import errors
from goldentax.authority.rules import catalogue as catalogues
from goldentax.authority.rules import grants as rules
from goldentax.authority.rules.catalogue import Catalogue, FunctionSet, Post, SegregationRule
from goldentax.authority.rules.conditions import Condition
from goldentax.authority.rules.deciding import Policy, day_begins, day_of, held, moment
from goldentax.authority.rules.generating import enlarged, generated_grants, generated_offices
from goldentax.authority.rules.grants import Scope, Wish
from goldentax.authority.rules.offices import OFFICE_LEVELS, OfficeView, lines_of, why_impossible
from goldentax.authority.rules.values import Holding, Object, Subject
from goldentax.authority.tests import policies
from goldentax.authority.tests.policies import DAY, LABEL, NOON, PARENTS, Question, Twin
from goldentax.kernel.clock import CHINA

ON = date(2026, 11, 1)
# A busy machine is no reason to fail: how long a policy takes to draw is not what is tested.
patient = settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@pytest.fixture(scope="module")
def law() -> Catalogue:
    return catalogues.catalogue_on(ON)


# Deciding


@patient
@given(
    catalogue=policies.catalogues(),
    things=st.lists(policies.holdings(), min_size=2, max_size=8),
    asked=policies.questions,
)
def test_the_compiled_policy_answers_like_its_plain_twin(
    catalogue: Catalogue, things: list[Holding], asked: Question
) -> None:
    policy, twin = policies.compiled(catalogue, things), Twin(catalogue, things)
    for one in (asked, *policies.GRID):
        expected = twin.may(one)
        now = moment(one.at)
        assert policy.may(one.subject, one.function, one.object, one.at, now) == expected, one
        assert policy.decide(one.subject, one.function, one.object, one.at).allowed == expected, one
        assert (
            policy.may_each(one.subject, one.function, [one.object, one.object], one.at, now)
            == [expected] * 2
        )
        if one.object is None:
            assert (one.function in policy.functions_of(one.subject, one.at)) == expected


@patient
@given(
    catalogue=policies.catalogues(),
    things=st.lists(policies.holdings(), max_size=8),
    asked=policies.questions,
)
def test_every_decision_gives_reasons_in_both_languages(
    catalogue: Catalogue, things: list[Holding], asked: Question
) -> None:
    decision = policies.compiled(catalogue, things).decide(
        asked.subject, asked.function, asked.object, asked.at
    )
    assert decision.reasons
    for reason in decision.reasons:
        zh, en = reason.in_language("zh"), reason.in_language("en")
        assert zh and en and zh != en and "{" not in zh + en


@patient
@given(
    catalogue=policies.catalogues(),
    things=st.lists(policies.holdings(), max_size=6),
    more=policies.holdings(),
    asked=policies.questions,
)
def test_what_somebody_else_holds_changes_nothing_for_one(
    catalogue: Catalogue, things: list[Holding], more: Holding, asked: Question
) -> None:
    stranger = replace(more, person_id="eve")
    before = Twin(catalogue, things).may(asked)
    after = policies.compiled(catalogue, [*things, stranger])
    assert after.may(asked.subject, asked.function, asked.object, asked.at, moment(asked.at)) == before


@patient
@given(
    catalogue=policies.catalogues(),
    things=st.lists(policies.holdings(), max_size=6),
    asked=policies.questions,
)
def test_a_surer_sign_in_never_closes_a_door(
    catalogue: Catalogue, things: list[Holding], asked: Question
) -> None:
    policy = policies.compiled(catalogue, things)
    answers = []
    for level in (1, 2, 3):
        one = policies.at_assurance(asked, level)
        answers.append(policy.may(one.subject, one.function, one.object, one.at, moment(one.at)))
    assert all(later or not earlier for earlier, later in pairwise(answers))


def _tiny(*, rules_: tuple[SegregationRule, ...] = ()) -> Catalogue:
    functions = policies._functions({code: ("act", code == "s.b.f5", False) for code in policies.FUNCTIONS})
    return Catalogue(
        functions=functions,
        function_sets={
            code: FunctionSet(code=code, label=LABEL, kind="business", functions=(function,))
            for code, function in zip(("a", "b", "c"), ("s.a.f0", "s.b.f3", "s.b.f5"), strict=True)
        },
        duties={},
        posts={},
        segregation=rules_,
    )


def _grant(code: str, *, granted: datetime = NOON, **changed: object) -> Holding:
    right = Holding(person_id="ann", via="grant", code=code, valid_from=DAY, granted_at=granted, office="C1")
    return replace(right, **changed)  # type: ignore[arg-type]


ANN = Subject("ann", "office:C1", 2)
HERE = Object(office="B1")
LATER = NOON + timedelta(hours=1)


def _policy(*things: Holding, catalogue: Catalogue | None = None) -> Policy:
    return policies.compiled(catalogue or _tiny(), list(things))


@pytest.mark.parametrize(
    ("changed", "subject", "obj", "code"),
    [
        ({}, ANN, HERE, "held"),
        ({}, ANN, None, "held"),
        ({}, ANN, Object(office="C2"), "outside-office"),
        ({}, ANN, Object(), "outside-office"),
        ({}, Subject("ann", "", 2), HERE, "other-identity"),
        ({}, Subject("ann", "office:C2", 2), HERE, "other-identity"),
        ({}, Subject("ann", "office:P", 2), HERE, "held"),
        ({}, Subject("bob", "office:C1", 2), HERE, "not-held"),
        ({}, Subject("", "office:C1", 2), HERE, "nobody"),
        ({"valid_from": DAY + timedelta(days=1)}, ANN, HERE, "not-yet"),
        ({"valid_from": DAY - timedelta(days=9), "valid_to": DAY}, ANN, HERE, "over"),
        ({"ended_at": NOON}, ANN, HERE, "over"),
        ({"ended_at": LATER}, ANN, HERE, "over"),
        ({"taxpayers": frozenset({"T1"})}, ANN, HERE, "outside-taxpayers"),
        ({"taxpayers": frozenset({"T1"})}, ANN, Object(office="B1", taxpayer="T1"), "held"),
        ({"fields": frozenset({"phone"})}, ANN, Object(office="B1", field="address"), "outside-fields"),
        ({"fields": frozenset({"phone"})}, ANN, HERE, "held"),
    ],
)
def test_a_grant_opens_what_it_says_and_the_reason_names_the_obstacle(
    changed: dict[str, object], subject: Subject, obj: Object | None, code: str
) -> None:
    decision = _policy(_grant("a", **changed)).decide(subject, "s.a.f0", obj, LATER)
    assert (decision.reasons[0].code, decision.allowed) == (code, code == "held")


def test_an_unknown_function_is_closed() -> None:
    decision = _policy(_grant("a")).decide(ANN, "s.a.f9", None, LATER)
    assert not decision and decision.reasons[0].code == "unknown-function"


def test_a_sensitive_function_asks_for_two_factors() -> None:
    policy = _policy(_grant("c"))
    assert policy.decide(ANN, "s.b.f5", HERE, LATER).allowed
    weak = policy.decide(replace(ANN, assurance=1), "s.b.f5", HERE, LATER)
    assert not weak.allowed and weak.reasons[-1].code == "condition-fails"


def test_of_two_things_that_must_not_meet_the_later_one_gives_way_until_the_first_ends() -> None:
    rule = SegregationRule(code="r", label=LABEL, left=("s.a",), right=("s.b.f3",))
    first, second = _grant("a", ended_at=NOON + timedelta(hours=5)), _grant("b", granted=LATER)
    policy = _policy(first, second, catalogue=_tiny(rules_=(rule,)))
    at = NOON + timedelta(hours=2)
    assert policy.decide(ANN, "s.a.f0", HERE, at).allowed
    refused = policy.decide(ANN, "s.b.f3", HERE, at)
    assert not refused.allowed and refused.reasons[0].code == "segregated"
    assert policy.decide(ANN, "s.b.f3", HERE, NOON + timedelta(hours=6)).allowed


def test_rivals_are_found_by_any_path_and_in_any_office() -> None:
    rule = SegregationRule(code="r", label=LABEL, left=("s.a",), right=("s.b.f3",))
    elsewhere = _grant("a", office="C2")
    duty = _grant("b", granted=LATER)
    policy = _policy(elsewhere, duty, catalogue=_tiny(rules_=(rule,)))
    assert not policy.decide(ANN, "s.b.f3", HERE, NOON + timedelta(hours=2)).allowed


@pytest.mark.parametrize(
    ("operator", "attribute", "values", "at_hour", "holds"),
    [
        ("between", "hour", ("08:00", "18:00"), 8, True),
        ("between", "hour", ("08:00", "18:00"), 18, False),
        ("among", "weekday", ("1", "2", "3", "4", "5"), 12, True),
        ("not_among", "weekday", ("2",), 12, False),
        ("among", "channel", ("api",), 12, False),
        ("among", "object.kind", ("grant",), 12, True),
        ("among", "object.colour", ("red",), 12, False),
        ("not_among", "object.colour", ("red",), 12, False),
        ("differs_from_self", "object.owner", (), 12, False),
        ("differs_from_self", "object.nobody", (), 12, True),
        ("at_least", "assurance", ("3",), 12, False),
    ],
)
def test_a_condition_compares_an_attribute(
    operator: str, attribute: str, values: tuple[str, ...], at_hour: int, holds: bool
) -> None:
    condition = Condition(
        code="c", label=LABEL, functions=("s",), attribute=attribute, operator=operator, values=values
    )
    assert condition.fault() == ""
    obj = Object(kind="grant", attributes={"owner": "ann"})
    assert condition.holds(subject=ANN, obj=obj, at=NOON.replace(hour=at_hour)) == holds


@pytest.mark.parametrize(
    ("operator", "attribute", "values"),
    [
        ("like", "channel", ("web",)),
        ("among", "colour", ("red",)),
        ("between", "hour", ("08:00",)),
        ("at_least", "assurance", ("much",)),
        ("differs_from_self", "object.owner", ("x",)),
    ],
)
def test_a_condition_that_says_nothing_is_named(
    operator: str, attribute: str, values: tuple[str, ...]
) -> None:
    condition = Condition(
        code="c", label=LABEL, functions=(), attribute=attribute, operator=operator, values=values
    )
    assert condition.fault()


@given(st.datetimes(min_value=datetime(1990, 1, 1), max_value=datetime(2090, 1, 1)))
def test_moments_keep_their_order_and_days_begin_at_midnight_in_china(at: datetime) -> None:
    here = at.replace(tzinfo=CHINA)
    assert day_begins(here.date()) <= moment(here) < day_begins(here.date() + timedelta(days=1))
    assert day_of(moment(here)) == here.date()


# Giving


def _giver(*things: Holding, catalogue: Catalogue) -> list[object]:
    return [held(one, catalogue=catalogue) for one in things]


@pytest.mark.parametrize(
    ("own", "wish", "refusal"),
    [
        ({}, {}, None),
        ({}, {"office": "B1"}, None),
        ({}, {"code": "b"}, errors.AboveOneself),
        ({}, {"office": "C2"}, errors.OutsideOwnOffice),
        ({}, {"office": "P"}, errors.OutsideOwnOffice),
        ({"valid_to": date(2026, 6, 1)}, {"valid_to": date(2026, 6, 1)}, None),
        ({"valid_to": date(2026, 6, 1)}, {"valid_to": date(2026, 6, 2)}, errors.BeyondOwnEnd),
        ({"valid_to": date(2026, 6, 1)}, {"valid_to": None}, errors.BeyondOwnEnd),
        ({"taxpayers": frozenset({"T1", "T2"})}, {"taxpayers": frozenset({"T1"})}, None),
        ({"taxpayers": frozenset({"T1"})}, {}, errors.OutsideOwnOffice),
        ({"taxpayers": frozenset({"T1"})}, {"taxpayers": frozenset({"T2"})}, errors.OutsideOwnOffice),
        ({"fields": frozenset({"phone"})}, {}, errors.OutsideOwnOffice),
        ({"fields": frozenset({"phone"})}, {"fields": frozenset({"phone"})}, None),
        ({"ended_at": NOON}, {}, errors.AboveOneself),
        ({"valid_from": DAY + timedelta(days=2)}, {}, errors.AboveOneself),
    ],
)
def test_nobody_gives_more_than_they_hold(
    own: dict[str, object], wish: dict[str, object], refusal: type[Exception] | None
) -> None:
    catalogue = _tiny()
    scope = Scope(
        office=str(wish.get("office", "C1")),
        taxpayers=wish.get("taxpayers", frozenset()),  # type: ignore[arg-type]
        fields=wish.get("fields", frozenset()),  # type: ignore[arg-type]
    )
    wanted = Wish(
        kind="set",
        code=str(wish.get("code", "a")),
        scope=scope,
        valid_from=DAY,
        valid_to=wish.get("valid_to", date(2026, 5, 1)),  # type: ignore[arg-type]
    )
    found = rules.why_not_to_give(
        wish=wanted,
        giver=_giver(_grant("a", **own), catalogue=catalogue),  # type: ignore[arg-type]
        catalogue=catalogue,
        lines=lines_of(PARENTS),
        at=moment(LATER),
    )
    assert (type(found) if found else None) is refusal


def test_a_post_hands_on_what_the_lawbook_lets_it_give_and_does_not_use_it(law: Catalogue) -> None:
    holding = Holding(
        person_id="ann", via="post", code="post-admin", valid_from=DAY, granted_at=NOON, office="C1"
    )
    wish = Wish(kind="set", code="refund-approve", scope=Scope(office="B1"), valid_from=DAY, valid_to=None)
    found = rules.why_not_to_give(
        wish=wish,
        giver=[held(holding, catalogue=law)],
        catalogue=law,
        lines=lines_of(PARENTS),
        at=moment(LATER),
    )
    assert found is None
    policy = policies.compiled(law, [holding])
    assert not policy.decide(ANN, "refunds.general.overpaid.approve", HERE, LATER).allowed
    duty = replace(wish, code="own-pay")
    refused = rules.why_not_to_give(
        wish=duty,
        giver=[held(holding, catalogue=law)],
        catalogue=law,
        lines=lines_of(PARENTS),
        at=moment(LATER),
    )
    assert isinstance(refused, errors.AboveOneself)


@pytest.mark.parametrize(
    ("kind", "new", "present", "refusal"),
    [
        ("post", "inspection-select", [("post", "inspection-examine")], errors.WouldBreakSegregation),
        ("post", "inspection-judge", [("grant", "execution")], errors.WouldBreakSegregation),
        ("set", "refund-approve", [("post", "hall-levy")], errors.WouldBreakSegregation),
        ("post", "security-admin", [("post", "audit-admin")], errors.WouldBreakSegregation),
        ("post", "system-admin", [("post", "security-admin")], errors.WouldBreakSegregation),
        ("set", "grant-decide", [("post", "post-admin")], errors.WouldBreakSegregation),
        ("post", "invoice-manage", [("post", "source-manage")], None),
        ("post", "inspection-select", [("grant", "case-read")], None),
    ],
)
def test_two_sides_of_a_rule_are_not_given_to_one(
    law: Catalogue, kind: str, new: str, present: list[tuple[str, str]], refusal: type[Exception] | None
) -> None:
    wish = Wish(kind=kind, code=new, scope=Scope(office="C1"), valid_from=DAY, valid_to=None)
    if refusal is None:
        rules.refuse_torn(law, wish=wish, present=present)
        return
    with pytest.raises(refusal):
        rules.refuse_torn(law, wish=wish, present=present)


def test_a_set_that_holds_both_sides_is_given_to_nobody(law: Catalogue) -> None:
    both = FunctionSet(code="both", label=LABEL, kind="business", functions=("enforcement",))
    torn = replace(law, function_sets={**law.function_sets, "both": both})
    wish = Wish(kind="set", code="both", scope=Scope(office="C1"), valid_from=DAY, valid_to=None)
    with pytest.raises(errors.ContradictsItself):
        rules.refuse_torn(torn, wish=wish, present=[])


# The catalogue


def test_the_catalogue_of_the_lawbook_is_whole(law: Catalogue) -> None:
    assert law.problems() == []
    assert len(law.grantable) > 900 and len(law.posts) > 70 and len(law.duties) >= 71
    alone = {code for code in law.grantable if law.functions[code].self_service}
    assert law.grantable - law.functions_in(law.function_sets) - alone == set()
    assert all(law.functions_of_set[code] for code in law.function_sets)


def test_every_level_of_offices_has_posts(law: Catalogue) -> None:
    for level in OFFICE_LEVELS:
        assert sum(level in one.levels for one in law.posts.values()) >= 5, level


def test_the_duties_of_taxpayers_open_what_they_are_for(law: Catalogue) -> None:
    def functions(duty: str) -> frozenset[str]:
        return law.functions_in(law.sets_of(via="duty", code=duty))

    assert {one.code for one in law.duties.values() if one.party == "taxpayer"} == {
        "01",
        "02",
        "03",
        "05",
        "08",
        "09",
        "10",
    }
    issuing = {
        duty
        for duty in ("01", "02", "03", "05", "08", "09", "10")
        if "invoicing.own.issue" in functions(duty)
    }
    assert issuing == {"01", "03", "05", "09"}
    assert functions("10") < functions("09") < functions("01")


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        (
            {"posts": {"x": Post(code="x", label=LABEL, levels=("hq",), duties=("none",))}},
            "names the duty none",
        ),
        (
            {
                "function_sets": {
                    "x": FunctionSet(code="x", label=LABEL, kind="business", functions=("none.at.all",))
                }
            },
            "names none.at.all",
        ),
        (
            {
                "function_sets": {
                    "x": FunctionSet(code="x", label=LABEL, kind="business", functions=("s.*.none",))
                }
            },
            "names s.*.none",
        ),
        (
            {"segregation": (SegregationRule(code="r", label=LABEL, left=("s.a",), right=("s.c",)),)},
            "names s.c",
        ),
    ],
)
def test_a_catalogue_that_names_what_is_not_there_is_named(changed: dict[str, object], word: str) -> None:
    wrong = replace(_tiny(), **changed)  # type: ignore[arg-type]
    assert any(word in one for one in wrong.problems())


def test_a_post_that_breaks_segregation_in_itself_is_named(law: Catalogue) -> None:
    torn = Post(code="torn", label=LABEL, levels=("hq",), duties=("select-cases", "examine"))
    wrong = replace(law, posts={**law.posts, "torn": torn})
    assert any("post torn holds both sides of select-examine" in one for one in wrong.problems())


# Offices


@pytest.mark.parametrize(
    ("changed", "word"),
    [
        ({}, ""),
        ({"code": "1"}, "code"),
        ({"code": "1450100000１"}, "code"),
        ({"level": "village"}, "level village"),
        ({"parent_code": ""}, "parent_code"),
        ({"parent_code": "19999999999"}, "parent_code 19999999999"),
        ({"level": "province"}, "level province below province"),
    ],
)
def test_an_impossible_office_says_why(changed: dict[str, str], word: str) -> None:
    province = OfficeView(
        code="14500000000", name="桂", short_name="桂", level="province", parent_code="1", division_code="45"
    )
    right = replace(province, code="14501000000", level="city", parent_code=province.code)
    office = replace(right, **changed)  # type: ignore[arg-type]
    parent = province if office.parent_code == province.code else None
    assert why_impossible(office, parent=parent) == word


# Generating


def test_the_same_seed_makes_the_same_world_and_breaks_no_rule(law: Catalogue) -> None:
    catalogue = enlarged(law, posts=120, functions=1_200)
    assert (len(catalogue.posts), len(catalogue.grantable), catalogue.problems()) == (120, 1_200, [])
    offices = generated_offices(count=200)
    assert len(offices) >= 200 and len({one.code for one in offices}) == len(offices)

    def made(seed: int) -> list[object]:
        return list(
            generated_grants(catalogue, offices=offices, officers=40, grants=400, seed=seed, today=ON)
        )

    grants = made(7)
    assert grants == made(7) != made(8)
    assert len(grants) == 400
    by_person: dict[object, list[object]] = {}
    for one in grants:
        by_person.setdefault(one.person_id, []).append(one)  # type: ignore[attr-defined]
    for held_things in by_person.values():
        sets = [catalogue.sets_of(via=one.kind, code=one.code) for one in held_things]  # type: ignore[attr-defined]
        for number, one in enumerate(sets):
            others = frozenset().union(*sets[:number], *sets[number + 1 :])
            assert rules.broken_rule(catalogue=catalogue, new=one, present=others) is None


def test_refusals_say_their_facts() -> None:
    for one in vars(errors).values():
        if isinstance(one, type) and getattr(one, "code", "") and one.__module__ == errors.__name__:
            for text in (one.title.zh, one.title.en, one.way_out.zh, one.way_out.en):
                assert all(name != "" for _, name, _, _ in string.Formatter().parse(text)), one

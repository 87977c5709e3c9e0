"""Grants from request to end, and everything that must not be given, on a real database."""

import random
from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction

from goldentax.authority import api as authority
from goldentax.authority import errors, store
from goldentax.authority.api import Holding, Object, OfficeView, Subject
from goldentax.authority.models import Grant, GrantStep, Office
from goldentax.authority.operations import previews
from goldentax.kernel.access import OFFICER, Actor
from goldentax.kernel.ids import new_public_id
from goldentax.kernel.models import AuditEntry
from goldentax.kernel.refusals import Refusal
from goldentax.node.testing import NOW

pytestmark = pytest.mark.django_db

PROVINCE, CITY, DISTRICT, BRANCH = "14500000000", "14501000000", "14501030000", "14501030100"
OTHER_CITY = "14502000000"
SINCE, TODAY = date(2026, 1, 1), NOW.date()
READ = "registry.taxpayer.profile.read"
UNMASK = "registry.taxpayer.profile.unmask"


def officer(post: str, office: str, *, valid_to: date | None = None, assurance: int = 2) -> Actor:
    """Somebody new with a post, acting in its office."""
    person = str(new_public_id())
    authority.appoint(
        person_id=person,
        office_code=office,
        post=post,
        valid_from=SINCE,
        valid_to=valid_to,
        actor="test",
        now=NOW - timedelta(days=30),
    )
    return Actor(
        person_id=person,
        office_code=office,
        roles=frozenset({OFFICER}),
        assurance=assurance,
        person_name="某",
    )


@pytest.fixture
def asker() -> Actor:
    return officer("post-admin", CITY)


@pytest.fixture
def decider() -> Actor:
    return officer("security-admin", CITY)


@pytest.fixture
def clerk() -> Actor:
    return officer("invoice-manage", DISTRICT)


Ask = Callable[..., authority.GrantView]


@pytest.fixture
def ask(asker: Actor, clerk: Actor) -> Ask:
    """Ask for a set for the clerk; what the test changes is different."""

    def request(**changed: Any) -> authority.GrantView:
        right: dict[str, Any] = {
            "person_id": clerk.person_id,
            "kind": "set",
            "code": "taxpayer-private",
            "office_code": DISTRICT,
            "valid_from": TODAY,
            "valid_to": TODAY + timedelta(days=30),
            "actor": asker,
            "now": NOW,
            "request_id": f"ask-{new_public_id()}",
            "reason": "核查需要",
        }
        return authority.request_grant(**{**right, **changed})

    return request


def approve(grant: authority.GrantView, actor: Actor, **changed: Any) -> authority.GrantView:
    right: dict[str, Any] = {"actor": actor, "now": NOW, "request_id": f"approve-{grant.public_id}"}
    return authority.approve_grant(grant_id=grant.public_id, **{**right, **changed})


def subject(actor: Actor) -> Subject:
    return authority.subject_of(actor)


def may_unmask(clerk: Actor, *, office: str = DISTRICT, later: timedelta = timedelta(0)) -> bool:
    return authority.may(
        subject=subject(clerk), function=UNMASK, object=Object(office=office), at=NOW + later
    )


# From request to end


def test_a_grant_holds_from_its_approval_until_its_end_and_the_past_stays_told(
    ask: Ask, decider: Actor, clerk: Actor
) -> None:
    grant = ask()
    assert grant.state == "requested" and not may_unmask(clerk)
    approve(grant, decider)
    assert may_unmask(clerk) and may_unmask(clerk, office=BRANCH)
    assert not may_unmask(clerk, office=CITY) and not may_unmask(clerk, office=OTHER_CITY)
    ended_at = NOW + timedelta(hours=3)
    ended = authority.end_grant(
        grant_id=grant.public_id, actor=decider, now=ended_at, request_id="end-12345", note="已完成"
    )
    assert (ended.state, ended.ended_at, ended.note) == ("ended", ended_at, "已完成")
    assert may_unmask(clerk, later=timedelta(hours=2, minutes=59))
    assert not may_unmask(clerk, later=timedelta(hours=3))

    def holders(hours: int) -> list[str]:
        found = authority.who_could(
            function=UNMASK, object=Object(office=BRANCH), at=NOW + timedelta(hours=hours)
        )
        return [one.person_id for one in found if one.reference == grant.public_id]

    assert holders(-1) == [] and holders(2) == [clerk.person_id] and holders(3) == []
    assert [one.action for one in authority.list_steps(grant.public_id)] == ["request", "approve", "end"]
    trail = AuditEntry.objects.filter(subject=f"grant:{grant.public_id}").order_by("id")
    assert [(one.action, one.category) for one in trail] == [
        ("authority.grant.request", "grant"),
        ("authority.grant.approve", "grant"),
        ("authority.grant.end", "grant"),
    ]
    assert trail[1].actor == decider.label


def test_the_last_day_ends_a_grant_by_itself(ask: Ask, decider: Actor, clerk: Actor) -> None:
    approve(ask(valid_to=TODAY + timedelta(days=2)), decider)
    assert may_unmask(clerk, later=timedelta(days=1))
    assert not may_unmask(clerk, later=timedelta(days=2))


def test_a_grant_that_begins_later_opens_nothing_today(ask: Ask, decider: Actor, clerk: Actor) -> None:
    approve(ask(valid_from=TODAY + timedelta(days=1)), decider)
    assert not may_unmask(clerk) and may_unmask(clerk, later=timedelta(days=1))


def test_a_sensitive_function_needs_a_surer_sign_in(ask: Ask, decider: Actor, clerk: Actor) -> None:
    approve(ask(), decider)
    weak = replace(subject(clerk), assurance=1)
    decision = authority.decide(subject=weak, function=UNMASK, object=Object(office=DISTRICT), at=NOW)
    assert not decision and decision.reasons[-1].code == "condition-fails"
    assert authority.assurance_needed(function=UNMASK, on=TODAY) == 2
    assert authority.assurance_needed(function=READ, on=TODAY) == 1
    assert UNMASK in authority.sensitive_functions(on=TODAY) and READ not in authority.sensitive_functions(
        on=TODAY
    )


def test_a_grant_for_some_taxpayers_and_fields_opens_no_others(
    ask: Ask, decider: Actor, clerk: Actor
) -> None:
    mine = "91450103MA0000000X"
    approve(ask(taxpayers=[mine], fields=["phone"]), decider)

    def may(**about: str) -> bool:
        return authority.may(
            subject=subject(clerk), function=UNMASK, object=Object(office=DISTRICT, **about), at=NOW
        )

    assert may(taxpayer=mine) and may(taxpayer=mine, field="phone")
    assert not may(taxpayer=mine, field="address")
    assert not may(taxpayer="91450103MA0000001X") and not may()
    rows = [Object(office=DISTRICT, taxpayer=one) for one in (mine, "91450103MA0000001X", "")]
    assert authority.may_each(subject=subject(clerk), function=UNMASK, objects=rows, at=NOW) == [
        True,
        False,
        False,
    ]


def test_a_post_is_asked_for_and_given_like_a_set(ask: Ask, decider: Actor) -> None:
    person = str(new_public_id())
    grant = ask(person_id=person, kind="post", code="risk-answer", title="三级主办")
    assert authority.list_appointments(person_id=person, on=TODAY) == []
    approve(grant, decider)
    (found,) = authority.list_appointments(person_id=person, on=TODAY)
    assert (found.post, found.post_name.zh, found.title) == ("risk-answer", "风险应对岗", "三级主办")
    assert found.office_name.endswith("税务局") and found.valid_to == TODAY + timedelta(days=30)
    assert authority.list_appointments(person_id=person, on=TODAY + timedelta(days=30)) == []


def test_a_refused_or_withdrawn_request_gives_nothing(
    ask: Ask, asker: Actor, decider: Actor, clerk: Actor
) -> None:
    one, other = ask(), ask(code="data-query")
    refused = authority.refuse_grant(
        grant_id=one.public_id, actor=decider, now=NOW, request_id="refuse-1234", note="理由不足"
    )
    back = authority.withdraw_grant(grant_id=other.public_id, actor=asker, now=NOW, request_id="withdraw-1")
    assert (refused.state, back.state) == ("refused", "withdrawn") and not may_unmask(clerk)
    with pytest.raises(errors.WrongState):
        approve(one, decider)
    with pytest.raises(errors.WrongState):
        approve(other, decider)


def test_only_who_asked_takes_a_request_back(ask: Ask, decider: Actor) -> None:
    grant = ask()
    with pytest.raises(errors.NotAllowed):
        authority.withdraw_grant(grant_id=grant.public_id, actor=decider, now=NOW, request_id="withdraw-2")


def test_a_request_that_is_sent_twice_gets_the_first_answer(ask: Ask, decider: Actor) -> None:
    first, again = ask(request_id="twice-1234"), ask(request_id="twice-1234")
    assert first == again and Grant.objects.filter(public_id=first.public_id).count() == 1
    with pytest.raises(errors.RequestIdReused):
        ask(request_id="twice-1234", valid_to=TODAY + timedelta(days=31))
    one, two = approve(first, decider), approve(first, decider)
    assert one == two
    assert GrantStep.objects.filter(grant__public_id=first.public_id).count() == 2
    with pytest.raises(errors.BadRequestId):
        ask(request_id="短")


def test_everything_ends_when_an_officer_leaves(ask: Ask, decider: Actor, clerk: Actor) -> None:
    approve(ask(), decider)
    assert authority.end_all_of_person(person_id=clerk.person_id, actor="test", now=NOW) == 2
    assert authority.end_all_of_person(person_id=clerk.person_id, actor="test", now=NOW) == 0
    assert not may_unmask(clerk) and authority.list_appointments(person_id=clerk.person_id, on=TODAY) == []
    assert authority.functions_of(subject=subject(clerk), at=NOW) == {"identity.account.manage"}


# What must not be given


@pytest.mark.parametrize("act", [authority.approve_grant, authority.refuse_grant])
def test_nobody_decides_on_their_own_request(act: Any, ask: Ask, decider: Actor) -> None:
    # No path of the product leads here, so the row is made to say it.
    grant = ask()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE authority_grant DISABLE TRIGGER authority_grant_kept")
        cursor.execute(
            "UPDATE authority_grant SET requested_by = %s WHERE public_id = %s",
            [decider.person_id, grant.public_id],
        )
        cursor.execute("ALTER TABLE authority_grant ENABLE TRIGGER authority_grant_kept")
    with pytest.raises(errors.OwnRequest):
        act(grant_id=grant.public_id, actor=decider, now=NOW, request_id="own-123456")


def test_nobody_approves_what_they_would_get(ask: Ask, asker: Actor, decider: Actor) -> None:
    grant = ask(person_id=decider.person_id, code="data-query")
    with pytest.raises(errors.OwnRequest):
        approve(grant, decider)


def test_the_database_keeps_four_eyes_whoever_writes(ask: Ask, asker: Actor) -> None:
    grant = ask()
    for person in (asker.person_id, grant.person_id):
        with pytest.raises(IntegrityError, match="four_eyes"), transaction.atomic():
            Grant.objects.filter(public_id=grant.public_id).update(
                state="active", granted_at=NOW, decided_by=person, decided_at=NOW
            )
    with pytest.raises(IntegrityError, match="authority_grant_decided"), transaction.atomic():
        Grant.objects.filter(public_id=grant.public_id).update(state="active", granted_at=NOW)


def test_who_asks_for_grants_cannot_be_made_to_approve_them(asker: Actor) -> None:
    with pytest.raises(errors.WouldBreakSegregation):
        authority.appoint(
            person_id=asker.person_id,
            office_code=CITY,
            post="security-admin",
            valid_from=TODAY,
            actor="test",
            now=NOW,
        )


def near_misses() -> list[tuple[str, str, str]]:
    rows = AuditEntry.objects.filter(action="oversight.segregation.near-miss").order_by("id")
    return [(row.actor, row.detail["person"], row.detail["tried"]) for row in rows]


def test_what_segregation_refused_is_written_down_after_it_was_taken_back(ask: Ask, asker: Actor) -> None:
    with pytest.raises(errors.WouldBreakSegregation):
        authority.appoint(
            person_id=asker.person_id,
            office_code=CITY,
            post="security-admin",
            valid_from=TODAY,
            actor="test",
            now=NOW,
        )
    levier = officer("hall-levy", DISTRICT)
    with pytest.raises(errors.WouldBreakSegregation):
        ask(person_id=levier.person_id, code="refund-approve")
    assert near_misses() == [
        ("test", asker.person_id, "authority.grant.appoint"),
        (asker.label, levier.person_id, "authority.grant.request"),
    ]
    tried = Grant.objects.filter(person_id__in=[asker.person_id, levier.person_id])
    assert not tried.filter(code__in=["security-admin", "refund-approve"]).exists()


def test_a_request_that_breaks_segregation_by_the_time_it_is_approved_is_written_down(
    ask: Ask, decider: Actor
) -> None:
    grant = ask(code="refund-approve")
    Grant.objects.create(
        person_id=grant.person_id,
        kind="set",
        code="levy",
        office_code=CITY,
        valid_from=SINCE,
        state="active",
        requested_at=NOW,
        granted_at=NOW,
        revision=store.touch(),
    )
    with pytest.raises(errors.WouldBreakSegregation):
        approve(grant, decider)
    assert near_misses() == [(decider.label, grant.person_id, "authority.grant.approve")]


def test_a_preview_is_no_near_miss(asker: Actor) -> None:
    found = previews.preview_grant(
        person_id=officer("hall-levy", DISTRICT).person_id,
        kind="set",
        code="refund-approve",
        office_code=DISTRICT,
        valid_from=TODAY,
        actor=asker,
        now=NOW,
    )
    assert isinstance(found.refusal, errors.WouldBreakSegregation)
    assert near_misses() == []


def test_a_segregation_rule_that_was_broken_behind_the_back_stops_the_later_one_at_use(asker: Actor) -> None:
    Grant.objects.create(
        person_id=asker.person_id,
        kind="post",
        code="security-admin",
        office_code=CITY,
        valid_from=SINCE,
        state="active",
        requested_at=NOW,
        granted_at=NOW,
        revision=store.touch(),
    )
    at, here = NOW + timedelta(minutes=1), Object(office=CITY)
    first = authority.decide(subject=subject(asker), function="authority.grant.request", object=here, at=at)
    second = authority.decide(subject=subject(asker), function="authority.grant.approve", object=here, at=at)
    assert first.allowed and not second.allowed
    assert second.reasons[0].code == "segregated" and "申请与审批" in second.reasons[0].in_language("zh")
    found = authority.who_could(function="authority.grant.approve", object=here, at=at)
    assert asker.person_id not in {one.person_id for one in found}


@pytest.mark.parametrize(
    ("changed", "refusal"),
    [
        ({"office_code": OTHER_CITY}, errors.NotAllowed),
        ({"office_code": PROVINCE}, errors.NotAllowed),
        ({"code": "own-pay"}, errors.AboveOneself),
        ({"code": "no-such-set"}, errors.UnknownFunctionSet),
        ({"kind": "post", "code": "no-such-post"}, errors.UnknownPost),
        ({"kind": "post", "code": "branch-chief"}, errors.PostNotAtLevel),
        ({"office_code": "19999999999"}, errors.UnknownOffice),
        ({"valid_to": TODAY}, errors.BadTerm),
        ({"valid_from": TODAY - timedelta(days=9), "valid_to": TODAY}, errors.BadTerm),
        ({"person_id": "nobody"}, errors.UnknownPerson),
        ({"fields": ["电话"]}, errors.BadScope),
        ({"taxpayers": [f"91450103MA{number:07d}X" for number in range(1_001)]}, errors.BadScope),
    ],
)
def test_a_wrong_request_is_refused(ask: Ask, changed: dict[str, Any], refusal: type[Refusal]) -> None:
    with pytest.raises(refusal):
        ask(**changed)
    assert not Grant.objects.filter(state="requested").exists()


def test_an_admin_whose_post_ends_gives_nothing_for_longer(ask: Ask) -> None:
    ends = TODAY + timedelta(days=10)
    brief = officer("post-admin", CITY, valid_to=ends)
    with pytest.raises(errors.BeyondOwnEnd):
        ask(actor=brief)
    assert ask(actor=brief, valid_to=ends).state == "requested"


def test_an_approver_gives_nothing_above_or_beyond_themselves(ask: Ask, decider: Actor) -> None:
    grant = ask()
    brief = officer("security-admin", CITY, valid_to=TODAY + timedelta(days=10))
    with pytest.raises(errors.BeyondOwnEnd):
        approve(grant, brief, request_id="brief-1234")
    outside = officer("security-admin", OTHER_CITY)
    with pytest.raises(errors.NotAllowed):
        approve(grant, outside, request_id="outside-12")
    below = officer("security-admin", DISTRICT)
    city_wide = ask(office_code=CITY, code="data-query")
    with pytest.raises(errors.NotAllowed):
        approve(city_wide, below, request_id="below-1234")
    assert approve(grant, below, request_id="below-5678").state == "active"


def test_who_may_approve_but_holds_nothing_to_give_gives_nothing(
    ask: Ask, asker: Actor, decider: Actor
) -> None:
    helper = officer("data-manage", CITY)
    approve(ask(person_id=helper.person_id, code="grant-decide", office_code=CITY), decider)
    grant = ask()
    with pytest.raises(errors.AboveOneself):
        approve(grant, helper)
    own = ask(code="data-quality")
    assert approve(own, helper).state == "active"


def test_an_approval_asks_for_two_factors(ask: Ask, decider: Actor) -> None:
    grant = ask()
    with pytest.raises(errors.NotAllowed) as caught:
        approve(grant, replace(decider, assurance=1))
    assert "2" in caught.value.message("zh") and "2" in caught.value.message("en")


def test_who_has_no_post_asks_for_nothing(ask: Ask, clerk: Actor) -> None:
    for actor in (clerk, Actor(person_id=str(new_public_id())), Actor()):
        with pytest.raises(errors.NotAllowed):
            ask(actor=actor)


def test_a_grant_that_breaks_segregation_is_refused_when_asked_for_and_when_approved(
    ask: Ask, decider: Actor
) -> None:
    person = str(new_public_id())
    authority.appoint(
        person_id=person,
        office_code=DISTRICT,
        post="inspection-examine",
        valid_from=SINCE,
        actor="test",
        now=NOW,
    )
    with pytest.raises(errors.WouldBreakSegregation) as caught:
        ask(person_id=person, code="selection")
    assert "选案与检查" in caught.value.message("zh")
    newcomer = str(new_public_id())
    grant = ask(person_id=newcomer, code="selection")
    authority.appoint(
        person_id=newcomer, office_code=DISTRICT, post="data-manage", valid_from=SINCE, actor="test", now=NOW
    )
    with pytest.raises(errors.WouldBreakSegregation):
        authority.appoint(
            person_id=newcomer,
            office_code=DISTRICT,
            post="inspection-examine",
            valid_from=SINCE,
            actor="test",
            now=NOW,
        )
    Grant.objects.create(
        person_id=newcomer,
        kind="set",
        code="trial",
        office_code=DISTRICT,
        valid_from=SINCE,
        state="active",
        requested_at=NOW,
        granted_at=NOW,
        revision=store.touch(),
    )
    with pytest.raises(errors.WouldBreakSegregation):
        approve(grant, decider)


def test_two_terms_that_never_meet_break_no_rule(ask: Ask, decider: Actor) -> None:
    person = str(new_public_id())
    authority.appoint(
        person_id=person,
        office_code=DISTRICT,
        post="inspection-examine",
        valid_from=SINCE,
        valid_to=TODAY,
        actor="test",
        now=NOW,
    )
    assert approve(ask(person_id=person, code="selection"), decider).state == "active"


def test_the_same_is_not_given_twice_for_the_same_days(ask: Ask, decider: Actor) -> None:
    approve(ask(), decider)
    with pytest.raises(errors.HeldAlready):
        ask(valid_from=TODAY + timedelta(days=29), valid_to=TODAY + timedelta(days=60))
    prolonged = ask(valid_from=TODAY + timedelta(days=30), valid_to=TODAY + timedelta(days=60))
    assert prolonged.state == "requested"


def test_what_was_granted_is_neither_deleted_nor_rewritten(ask: Ask, decider: Actor) -> None:
    grant = approve(ask(), decider)
    row = Grant.objects.filter(public_id=grant.public_id)
    for change in ({"granted_at": NOW - timedelta(days=1)}, {"office_code": PROVINCE}, {"valid_to": None}):
        with pytest.raises(DatabaseError, match="not rewritten"), transaction.atomic():
            row.update(**change)
    with (
        pytest.raises(DatabaseError, match="never deleted"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("DELETE FROM authority_grant WHERE public_id = %s", [grant.public_id])
    with pytest.raises(DatabaseError, match="added"), transaction.atomic():
        GrantStep.objects.filter(grant__public_id=grant.public_id).update(note="x")


# What others keep


class Memberships:
    """A source as identity offers one."""

    key = "test"

    def __init__(self) -> None:
        self.held: list[Holding] = []

    def of_person(self, person_id: str) -> list[Holding]:
        return [one for one in self.held if one.person_id == person_id]

    def over_taxpayer(self, tax_id: str) -> list[Holding]:
        return [one for one in self.held if tax_id in one.taxpayers]

    def version(self) -> int:
        return len(self.held)


@pytest.fixture
def memberships() -> Any:
    source = Memberships()
    authority.register_source(source)
    yield source
    store._sources.pop("test")
    store.forget_all()


def test_duties_for_taxpayers_open_what_they_carry_and_stay_told(memberships: Memberships) -> None:
    person, mine = str(new_public_id()), "91450103MA0000000X"
    until = NOW + timedelta(hours=4)
    memberships.held.append(
        Holding(
            person_id=person,
            via="duty",
            code="09",
            valid_from=SINCE,
            granted_at=NOW - timedelta(days=9),
            ended_at=until,
            taxpayers=frozenset({mine}),
            source="test",
            reference="m1",
        )
    )
    acting, about = Subject(person, mine), Object(taxpayer=mine)
    for at, may in ((NOW, True), (until, False), (NOW - timedelta(days=10), False)):
        assert authority.may(subject=acting, function="invoicing.own.issue", object=about, at=at) == may
        found = authority.who_could(function="invoicing.own.issue", object=about, at=at)
        assert [one.reference for one in found if one.source == "test"] == (["m1"] if may else [])
    assert not authority.may(subject=acting, function="filing.own.file", object=about, at=NOW)
    assert not authority.may(subject=Subject(person), function="invoicing.own.issue", object=about, at=NOW)
    other = Object(taxpayer="91450103MA0000001X")
    assert not authority.may(subject=acting, function="invoicing.own.issue", object=other, at=NOW)


# Any moment


def test_a_long_gone_moment_is_answered_from_the_database(ask: Ask, decider: Actor, clerk: Actor) -> None:
    long_ago = NOW - timedelta(days=900)
    Grant.objects.create(
        person_id=clerk.person_id,
        kind="set",
        code="taxpayer-private",
        office_code=DISTRICT,
        valid_from=long_ago.date() - timedelta(days=3),
        state="ended",
        requested_at=long_ago - timedelta(days=2),
        granted_at=long_ago - timedelta(days=2),
        ended_at=long_ago + timedelta(days=2),
        revision=store.touch(),
    )
    assert not may_unmask(clerk)
    assert may_unmask(clerk, later=timedelta(days=-900))
    assert not may_unmask(clerk, later=timedelta(days=-904)) and not may_unmask(
        clerk, later=timedelta(days=-897)
    )
    strange = replace(subject(clerk), person_id="no uuid at all\x00")
    assert not authority.may(subject=strange, function=UNMASK, at=long_ago)


def test_before_the_catalogue_began_nobody_may(clerk: Actor) -> None:
    assert not authority.may(subject=subject(clerk), function=READ, at=NOW.replace(year=2010))
    with pytest.raises(errors.UnknownFunction):
        authority.who_could(function=READ, object=Object(office=DISTRICT), at=NOW.replace(year=2010))


def test_who_could_names_just_those_who_may() -> None:
    """Thirty random grants, any moment: the list of holders and the single decisions agree."""
    dice = random.Random(11)
    people = [str(new_public_id()) for _ in range(5)]
    offices = (PROVINCE, CITY, DISTRICT, OTHER_CITY)
    for _ in range(40):
        granted = NOW - timedelta(days=dice.randrange(60))
        begins = granted.date() + timedelta(days=dice.randrange(-5, 5))
        ended = granted + timedelta(days=dice.randrange(1, 30)) if dice.random() < 0.4 else None
        try:
            with transaction.atomic():
                Grant.objects.create(
                    person_id=dice.choice(people),
                    kind="set",
                    code=dice.choice(("selection", "trial", "levy", "refund-approve", "data-query")),
                    office_code=dice.choice(offices),
                    valid_from=begins,
                    valid_to=begins + timedelta(days=dice.randrange(1, 60)) if dice.random() < 0.5 else None,
                    state="ended" if ended else "active",
                    requested_at=granted,
                    granted_at=granted,
                    ended_at=ended,
                    revision=store.touch(),
                )
        except IntegrityError:
            continue  # the same twice for the same days
    some = 0
    for function in (
        "enforcement.selection.clue.enter",
        "refunds.general.overpaid.approve",
        "insight.query.free",
    ):
        for office in (DISTRICT, OTHER_CITY):
            for days in (0, 10, 25, 50):
                at, about = NOW - timedelta(days=days, hours=dice.randrange(24)), Object(office=office)
                could = {one.person_id for one in authority.who_could(function=function, object=about, at=at)}
                may = {
                    person
                    for person in people
                    for acting in offices
                    if authority.may(
                        subject=Subject(person, f"office:{acting}", 3), function=function, object=about, at=at
                    )
                }
                assert could & set(people) == may, (function, office, at)
                some += len(may)
    assert some > 10


# Offices


def test_offices_are_added_once_and_never_renamed_by_adding() -> None:
    office = OfficeView(
        code="14501039900",
        name="国家税务总局南宁市青秀区税务局测试所",
        short_name="测试所",
        level="branch",
        parent_code=DISTRICT,
        division_code="450103",
    )
    assert authority.add_offices(offices=[office], actor="test", now=NOW) == 1
    assert authority.add_offices(offices=[office], actor="test", now=NOW) == 0
    with pytest.raises(errors.OfficeCodeTaken):
        authority.add_offices(offices=[replace(office, name="别的")], actor="test", now=NOW)
    with pytest.raises(errors.BadOffice):
        authority.add_offices(
            offices=[replace(office, code="14501039901", level="hq")], actor="test", now=NOW
        )


def test_a_new_office_is_below_its_parent_for_every_grant(ask: Ask, decider: Actor, clerk: Actor) -> None:
    approve(ask(), decider)
    assert not may_unmask(clerk, office="14501039900")
    office = OfficeView(
        code="14501039900",
        name="测试所",
        short_name="测试所",
        level="branch",
        parent_code=DISTRICT,
        division_code="450103",
    )
    authority.add_offices(offices=[office], actor="test", now=NOW)
    assert may_unmask(clerk, office="14501039900")


def test_offices_know_what_stands_above_and_below() -> None:
    assert [one.code for one in authority.ancestors(BRANCH)] == [DISTRICT, CITY, PROVINCE, "10000000000"]
    assert authority.is_below(code=BRANCH, above=CITY) and authority.is_below(code=CITY, above=CITY)
    assert not authority.is_below(code=CITY, above=BRANCH) and not authority.is_below(code="none", above=CITY)
    assert {DISTRICT, BRANCH, CITY} <= authority.offices_below(
        CITY
    ) and OTHER_CITY not in authority.offices_below(CITY)
    assert authority.find_office("none\x00") is None


def test_the_database_refuses_an_office_without_its_parent() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Office.objects.create(
            code="14599990000", name="x", short_name="x", level="county", division_code="459999"
        )


# Lists


def test_lists_of_grants_are_pages_that_miss_nothing(
    ask: Ask, clerk: Actor, decider: Actor, asker: Actor
) -> None:
    made = [
        ask(code=code).public_id for code in ("taxpayer-private", "data-query", "data-quality", "message")
    ]
    first = authority.list_grants(person_id=clerk.person_id, state="requested", limit=3)
    rest = authority.list_grants(
        person_id=clerk.person_id, state="requested", cursor=first.next_cursor, limit=3
    )
    assert [one.public_id for one in (*first.items, *rest.items)] == made[::-1] and rest.next_cursor == ""
    waiting = authority.list_waiting(office_codes=[DISTRICT], not_by=decider.person_id)
    assert {one.public_id for one in waiting.items} == set(made)
    assert authority.list_waiting(office_codes=[DISTRICT], not_by=asker.person_id).items == ()
    below = authority.list_grants(office_code=CITY, with_below=True, state="requested")
    assert {one.public_id for one in below.items} == set(made)
    assert authority.find_grant("none") is None
    with pytest.raises(errors.UnknownGrant):
        authority.get_grant(new_public_id())

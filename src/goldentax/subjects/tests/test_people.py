"""Invitations and duties: who may give what, to whom, until when; and every way to take more than one was given."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from goldentax.authority import api as authority
from goldentax.identity import api as identity
from goldentax.kernel.models import AuditEntry
from goldentax.node.testing import NOW
from goldentax.subjects import api as subjects
from goldentax.subjects import errors
from goldentax.subjects.models import Invitation, Relation, Subject
from goldentax.subjects.operations.people import decline_invitation
from goldentax.subjects.queries import people
from goldentax.subjects.rules import invitations
from goldentax.subjects.tests.conftest import (
    TAX_ID,
    World,
    card,
    grant,
    invite,
    know_company,
    know_person,
)

pytestmark = pytest.mark.django_db
TODAY = NOW.date()
Make = Callable[..., Any]


def accept(person: Any, code: str, *, at: Any = NOW) -> Relation:
    return subjects.accept_invitation(person_id=person.public_id, actor="system:test", now=at, code=code)


def duties_of(person: Any, *, on: Any = TODAY) -> set[str]:
    held = identity.list_memberships(person_id=person.public_id, on=on)
    return {one.duty for one in held if one.tax_id == TAX_ID}


def end(world: World, membership: Any, *, giver: Any = None, valid_to: Any = TODAY, at: Any = NOW) -> None:
    subjects.end_duty(
        tax_id=TAX_ID,
        membership_id=membership.public_id,
        valid_to=valid_to,
        giver_id=(giver or world.administrator).public_id,
        actor="system:test",
        now=at,
    )


def membership_of(person: Any, duty: str = "03") -> Any:
    return next(one for one in identity.list_memberships(person_id=person.public_id) if one.duty == duty)


def test_a_clerk_is_invited_until_a_date_acts_and_loses_access_and_the_past_stays_true(world: World) -> None:
    until = TODAY + timedelta(days=30)
    code, _ = invite(world, valid_to=until)
    assert duties_of(world.clerk) == set()
    relation = accept(world.clerk, code)
    assert duties_of(world.clerk) == {"03"}
    assert duties_of(world.clerk, on=until - timedelta(days=1)) == {"03"}
    assert duties_of(world.clerk, on=until) == set()
    assert (relation.kind, relation.valid_to) == ("03", until)

    def holders(at: Any) -> set[str]:
        found = authority.who_could(object=authority.Object(taxpayer=TAX_ID), at=at)
        return {str(one.person_id) for one in found}

    clerk = str(world.clerk.public_id)
    assert clerk in holders(NOW + timedelta(days=1))
    assert clerk not in holders(NOW + timedelta(days=31))
    assert clerk not in holders(NOW - timedelta(days=1))


def test_an_administrator_gives_clerks_and_nothing_above(world: World) -> None:
    for duty in ("02", "03", "08", "09", "10"):
        invite(world, duty=duty)
    for duty in ("01", "05"):
        with pytest.raises(errors.MayNotGive):
            invite(world, duty=duty)


def test_the_legal_representative_gives_all_but_their_own(world: World) -> None:
    invite(world, giver=world.owner, duty="05")
    with pytest.raises(errors.MayNotGive):
        invite(world, giver=world.owner, duty="01")


def test_a_clerk_invites_nobody(world: World) -> None:
    accept(world.clerk, invite(world)[0])
    with pytest.raises(errors.MayNotGive):
        invite(world, giver=world.clerk, duty="10")


def test_power_for_another_company_gives_nothing_here(world: World, make_person: Make) -> None:
    stranger = make_person("别家老板")
    identity.grant_membership(
        person_id=stranger.public_id, tax_id="91450103MAY9TE99XX", taxpayer_public_id=world.company.public_id,
        duty="01", valid_from=TODAY, actor="t", now=NOW,
    )  # fmt: skip
    with pytest.raises(errors.MayNotGive):
        invite(world, giver=stranger)


def test_an_invitation_of_somebody_else_cannot_be_accepted(world: World, make_person: Make) -> None:
    code, _ = invite(world)
    namesake = make_person(world.clerk.name)  # the same name, another card
    with pytest.raises(errors.CannotAccept):
        accept(namesake, code)
    with pytest.raises(errors.CannotAccept):
        accept(world.owner, code)
    assert duties_of(namesake) == set()


def test_guessing_whose_invitation_it_is_ends_it(world: World, make_person: Make) -> None:
    code, made = invite(world)
    thief = make_person("偷码人")
    for _ in range(invitations.TRIES_MAX):
        with pytest.raises(errors.CannotAccept):
            accept(thief, code)
    assert Invitation.objects.get(pk=made.pk).state == invitations.WITHDRAWN
    with pytest.raises(errors.CannotAccept):
        accept(world.clerk, code)


def test_guessing_codes_is_slow(world: World) -> None:
    for _ in range(10):
        with pytest.raises(errors.CannotAccept):
            accept(world.clerk, invitations.new_code())
    with pytest.raises(errors.TooManyQuestions):
        accept(world.clerk, invite(world)[0])
    later = NOW + timedelta(hours=2)
    assert accept(world.clerk, invite(world)[0], at=later).kind == "03"


def test_a_code_is_good_once(world: World) -> None:
    code, _ = invite(world)
    accept(world.clerk, code)
    with pytest.raises(errors.CannotAccept):
        accept(world.clerk, code)
    end(world, membership_of(world.clerk))
    with pytest.raises(errors.CannotAccept):
        accept(world.clerk, code)
    assert duties_of(world.clerk) == set()


def test_a_forgotten_invitation_opens_nothing(world: World) -> None:
    code, _ = invite(world)
    with pytest.raises(errors.CannotAccept):
        accept(world.clerk, code, at=NOW + invitations.LIVES)


def test_an_invitation_falls_with_its_inviter(world: World) -> None:
    code, _ = invite(world)
    end(world, membership_of(world.administrator, "05"), giver=world.owner)
    with pytest.raises(errors.CannotAccept):
        accept(world.clerk, code)


def test_a_withdrawn_or_declined_invitation_cannot_be_accepted(world: World) -> None:
    code, made = invite(world, login=world.clerk.login)
    again = subjects.withdraw_invitation
    wanted = {"tax_id": TAX_ID, "invitation_id": made.public_id, "actor": "t", "now": NOW}
    again(**wanted, giver_id=world.administrator.public_id)  # type: ignore[arg-type]
    again(**wanted, giver_id=world.administrator.public_id)  # type: ignore[arg-type]
    with pytest.raises(errors.CannotAccept):
        accept(world.clerk, code)
    code, made = invite(world, login=world.clerk.login)
    decline_invitation(person_id=world.clerk.public_id, invitation_id=made.public_id, actor="t", now=NOW)
    with pytest.raises(errors.CannotAccept):
        accept(world.clerk, code)
    with pytest.raises(errors.AlreadySettled):
        again(**(wanted | {"invitation_id": made.public_id}), giver_id=world.owner.public_id)  # type: ignore[arg-type]


def test_another_company_cannot_withdraw_it(world: World) -> None:
    _, made = invite(world)
    with pytest.raises(errors.UnknownInvitation):
        subjects.withdraw_invitation(
            tax_id="91450103MAY9TE99XX",
            invitation_id=made.public_id,
            giver_id=world.owner.public_id,
            actor="t",
            now=NOW,
        )


def test_an_addressed_invitation_is_seen_and_accepted_by_its_addressee_alone(
    world: World, make_person: Make
) -> None:
    _, made = invite(world, login=world.clerk.login)
    assert [one.public_id for one in people.list_invitations_for(login=world.clerk.login, now=NOW)] == [
        made.public_id
    ]
    assert people.list_invitations_for(login="", now=NOW) == []
    other = make_person(world.clerk.name)
    wanted = {"invitation_id": made.public_id, "actor": "t", "now": NOW}
    with pytest.raises(errors.CannotAccept):
        subjects.accept_invitation(person_id=other.public_id, **wanted)  # type: ignore[arg-type]
    assert subjects.accept_invitation(person_id=world.clerk.public_id, **wanted).kind == "03"  # type: ignore[arg-type]


def test_inviting_tells_nobody_whether_a_login_exists(world: World) -> None:
    for login in (world.clerk.login, "nobody.has.this"):
        code, made = invite(world, login=login)
        assert made.state == invitations.OPEN and code


def test_the_same_request_shows_no_code_twice(world: World) -> None:
    invite(world, request_id="invite-0001")
    with pytest.raises(errors.CodeAlreadyShown):
        invite(world, request_id="invite-0001")
    with pytest.raises(errors.RequestIdReused):
        invite(world, request_id="invite-0001", duty="09")
    assert Invitation.objects.count() == 1


def test_codes_and_card_tails_lie_in_no_row_in_the_open(world: World) -> None:
    code, made = invite(world)
    text = str(list(Invitation.objects.values("code_digest", "invitee_name"))) + str(
        list(AuditEntry.objects.values())
    )
    assert code not in text and invitations.tidied_code(code) not in text
    assert made.invitee_tail == world.clerk.id_card_number[-4:]


def test_somebody_public_security_denies_cannot_accept(world: World, make_person: Make) -> None:
    liar = make_person("冒名者", known_as="真名")
    code, _ = invite(world, to=liar)
    for _ in range(2):
        with pytest.raises(errors.NotVerified):
            accept(liar, code)
    assert duties_of(liar) == set()
    assert Subject.objects.filter(person_id=liar.public_id).count() == 1
    know_person(name="冒名者", number=liar.id_card_number)  # the source was put right
    assert accept(liar, code).kind == "03"


def test_a_source_that_is_away_costs_the_invitation_nothing(world: World, away: Any) -> None:
    code, _ = invite(world)
    away("public_security")
    with pytest.raises(errors.NotVerified):
        accept(world.clerk, code)
    away("public_security", is_away=False)
    assert accept(world.clerk, code).kind == "03"


def test_a_company_its_source_denies_gets_no_people(world: World) -> None:
    know_company(number=TAX_ID, name="完全不同的公司")
    code, _ = invite(world)
    with pytest.raises(errors.NotVerified):
        accept(world.clerk, code)


def test_ending_now_ends_power_at_once_and_in_both_rooms(world: World) -> None:
    relation = accept(world.clerk, invite(world)[0])
    end(world, membership_of(world.clerk))
    relation.refresh_from_db()
    assert relation.valid_to == TODAY and duties_of(world.clerk) == set()
    with pytest.raises(errors.BadTerm):
        end(world, membership_of(world.clerk))


def test_a_duty_that_was_given_before_relations_were_kept_ends_all_the_same(world: World) -> None:
    grant(world.clerk, "09")
    end(world, membership_of(world.clerk, "09"))
    assert duties_of(world.clerk) == set()


def test_nobody_ends_what_they_could_not_give(world: World) -> None:
    with pytest.raises(errors.OnlySelf):
        end(world, membership_of(world.owner, "01"), giver=world.owner)
    grant(world.clerk, "05")
    with pytest.raises(errors.MayNotGive):
        end(world, membership_of(world.clerk, "05"))
    accept_clerk = membership_of(world.clerk, "05")
    end(world, accept_clerk, giver=world.owner)
    assert duties_of(world.clerk) == set()


def test_anybody_may_lay_their_own_duty_down(world: World) -> None:
    accept(world.clerk, invite(world)[0])
    end(world, membership_of(world.clerk), giver=world.clerk)
    assert duties_of(world.clerk) == set()


def test_a_membership_of_another_company_is_not_reached_through_ones_own(
    world: World, make_person: Make
) -> None:
    stranger = make_person("别家会计")
    other = identity.grant_membership(
        person_id=stranger.public_id, tax_id="91450103MAY9TE99XX", taxpayer_public_id=world.company.public_id,
        duty="03", valid_from=TODAY, actor="t", now=NOW,
    )  # fmt: skip
    with pytest.raises(errors.UnknownRelationId):
        end(world, other)


@pytest.mark.parametrize("days", [-1, 31])
def test_a_duty_ends_neither_in_the_past_nor_later_than_it_does(world: World, days: int) -> None:
    accept(world.clerk, invite(world)[0])
    with pytest.raises(errors.BadTerm):
        end(world, membership_of(world.clerk), valid_to=TODAY + timedelta(days=days))


def test_extending_gives_the_duty_again_and_keeps_the_old_term(world: World) -> None:
    accept(world.clerk, invite(world)[0])
    until = TODAY + timedelta(days=90)
    wanted = {
        "company": world.company, "membership_id": membership_of(world.clerk).public_id, "valid_to": until,
        "actor": "t", "now": NOW, "request_id": "extend-0001",
    }  # fmt: skip
    subjects.extend_duty(**wanted, giver_id=world.administrator.public_id)  # type: ignore[arg-type]
    subjects.extend_duty(**wanted, giver_id=world.administrator.public_id)  # type: ignore[arg-type]
    assert Relation.objects.count() == 2
    assert (
        duties_of(world.clerk, on=until - timedelta(days=1)) == {"03"}
        and duties_of(world.clerk, on=until) == set()
    )
    with pytest.raises(errors.TermTooLong):
        far = {"valid_to": TODAY + timedelta(days=3000), "request_id": "extend-0002"}
        subjects.extend_duty(**(wanted | far), giver_id=world.administrator.public_id)  # type: ignore[arg-type]
    with pytest.raises(errors.MayNotGive):
        subjects.extend_duty(**(wanted | {"request_id": "extend-3"}), giver_id=world.clerk.public_id)  # type: ignore[arg-type]


def test_a_company_has_one_head_of_finance_at_a_time(world: World, make_person: Make) -> None:
    accept(world.clerk, invite(world, duty="02")[0])
    second = make_person("第二财务")
    code, _ = invite(world, to=second, duty="02")
    with pytest.raises(errors.RelationOverlaps):
        accept(second, code)
    assert duties_of(second) == set()


def test_the_same_duty_twice_at_once_is_refused_and_the_invitation_stays_open(world: World) -> None:
    accept(world.clerk, invite(world)[0])
    code, made = invite(world)
    with pytest.raises((errors.RelationOverlaps, identity.DutyOverlaps)):
        accept(world.clerk, code)
    assert Invitation.objects.get(pk=made.pk).state == invitations.OPEN


def test_the_list_says_who_what_until_when_and_what_one_may_change(world: World) -> None:
    accept(world.clerk, invite(world)[0])
    found = people.list_people(tax_id=TAX_ID, giver_id=world.administrator.public_id, on=TODAY)
    assert [(one.duty, one.state, one.may_change) for one in found] == [
        ("01", "current", False), ("03", "current", True), ("05", "current", False),
    ]  # fmt: skip
    seen_by_clerk = people.list_people(tax_id=TAX_ID, giver_id=world.clerk.public_id, on=TODAY)
    assert not any(one.may_change for one in seen_by_clerk)


def test_cancelling_a_person_ends_what_they_may_do(world: World) -> None:
    accept(world.clerk, invite(world)[0])
    subject = subjects.find_subject_of_person(person_id=world.clerk.public_id)
    assert subject is not None
    subjects.cancel_subject(subject_id=subject.public_id, reason="deceased", actor="t", now=NOW)
    assert duties_of(world.clerk) == set()


def test_two_accounts_never_share_one_subject(world: World) -> None:
    subjects.ensure_person(person_id=world.clerk.public_id, actor="t", now=NOW)
    know_person(name="另一个", number=card(998))
    with pytest.raises(errors.AlreadyOnRecord):
        subjects.collect_subject(
            kind="natural_person", credential="id_card", number=world.clerk.id_card_number, name="另一个",
            actor="t", now=NOW, request_id="collect-twice",
        )  # fmt: skip

"""
People and companies register themselves (自助注册).

One answer covers everything that would tell a stranger whether somebody is on record, has an account, or has a
login name; it is worked out in the same steps each time.
"""

import re
import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from goldentax.identity import api as identity
from goldentax.kernel.clock import CHINA
from goldentax.kernel.refusals import Refusal
from goldentax.subjects import errors
from goldentax.subjects.models import Subject
from goldentax.subjects.operations import desk, life, records, relating, requests, verifying
from goldentax.subjects.operations.sources import get_source
from goldentax.subjects.rules import credentials, kinds, names, sources, throttle
from goldentax.subjects.rules.sources import Answer, Query

_ASKED_NOW = frozenset({kinds.COLLECTED, kinds.UNVERIFIABLE, kinds.MISMATCH})
"""Who is asked about again when they want to act; a source may have been put right since."""

_MOBILE = re.compile(r"1\d{10}")


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPerson:
    """What somebody says when they register."""

    name: str
    id_card: str
    mobile: str
    login: str  # "" takes the mobile number
    password: str
    is_mobile_proven: bool = False  # a code sent to the number came back from the same browser


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """A company that the market regulator says is this person's; good for one registration."""

    number: str
    name: str
    person_subject: uuid.UUID
    answer: Answer


def register_person(
    *, new: NewPerson, network: str, now: datetime, request_id: str, language: str = "zh"
) -> Subject:
    """
    Register a person: an account, and a subject that public security verified.

    Where the source does not answer nothing is written: whoever comes first with another's number must not hold it
    until somebody notices. Not to be called inside a transaction.

    :raises errors.TooManyQuestions: if too many came from that network.
    :raises errors.BadCredential: if the card number fails its check.
    :raises errors.CannotRegister: if name and number do not agree, or somebody has registered with them.
    :raises errors.SourceAway: if public security does not answer.
    :raises identity.LoginTaken: if the login name is taken, told only to who proved their identity.
    :raises identity.MobileTaken: if the number is proven, and another account's.
    """
    earlier = _earlier(new, request_id=request_id)
    if earlier is not None:
        return earlier
    desk.count_question(purpose=throttle.REGISTER_PERSON, asker=network, now=now)
    number, name = credentials.tidied(new.id_card), names.tidied(new.name)
    names.check(name)
    credentials.check(
        kind=credentials.ID_CARD, number=number, subject_kind=kinds.NATURAL_PERSON, field="id_card"
    )
    if not _MOBILE.fullmatch(new.mobile):
        raise errors.BadMobile("mobile")
    hidden = _try_account(new, name=name, number=number, now=now, language=language)
    answer = get_source(sources.PUBLIC_SECURITY).ask(
        Query(credential=credentials.ID_CARD, number=number, at=now, claims={"name": name})
    )
    if answer.verdict == sources.AWAY:
        raise errors.SourceAway(source=sources.LABELS[sources.PUBLIC_SECURITY])
    if answer.verdict != sources.MATCH or isinstance(hidden, identity.IdCardTaken):
        raise errors.CannotRegister()
    if hidden is not None:
        raise hidden
    with transaction.atomic():
        person = _make_account(
            new, name=name, number=number, now=now, language=language, request_id=request_id
        )
        actor = f"web:{person.public_id}"
        if new.is_mobile_proven:
            identity.register_mobile(person_id=person.public_id, mobile=new.mobile, actor=actor, now=now)
        subject = _subject_of_person(
            number=number, name=name, person_id=person.public_id, phone=new.mobile, origin=actor, now=now
        )
        if subject.status not in (kinds.VERIFIED, kinds.DISPUTED):
            subject = verifying.settle_answer(
                subject, answer=answer, source=sources.PUBLIC_SECURITY, actor=actor, now=now
            )
        requests.keep_answer(
            scope="register",
            request_id=request_id,
            action="person.register",
            content=[name, number],
            result_id=subject.public_id,
            now=now,
        )
    return subject


def ensure_person(*, person_id: uuid.UUID | str, actor: str, now: datetime) -> Subject:
    """
    The verified subject of somebody who signs in; collected and verified now where that was not done before.

    Not to be called inside a transaction.

    :raises errors.NotVerified: if it cannot be verified (yet), or somebody else has that card number.
    """
    subject = Subject.objects.filter(person_id=person_id, status__in=sorted(kinds.LIVING)).first()
    if subject is None:
        subject = _collect_person(person_id, actor=actor, now=now)
    if subject.status in _ASKED_NOW:
        subject = verifying.verify_subject(subject_id=subject.public_id, actor=actor, now=now)
    relating.refuse_unless_verified(subject)
    return subject


def ask_company(*, number: str, person_id: uuid.UUID | str, now: datetime) -> dict[str, str]:
    """
    What the public register of companies says of a code, to fill the form with.

    :raises errors.TooManyQuestions: if this person asked too often.
    :raises errors.BadCredential: if the code fails its check.
    :raises errors.SourceAway: if the market regulator does not answer.
    :raises errors.NotOnRecord: if it has no such company.
    :raises errors.CompanyClosed: if it is cancelled or revoked.
    """
    desk.count_question(purpose=throttle.REGISTER_COMPANY, asker=str(person_id), now=now)
    number = credentials.tidied(number)
    credentials.check(kind=credentials.USCC, number=number, subject_kind=kinds.LEGAL_ENTITY, field="number")
    answer = get_source(sources.MARKET_REGULATOR).ask(
        Query(credential=credentials.USCC, number=number, at=now)
    )
    life.refuse_unless_match(answer, source=sources.MARKET_REGULATOR)
    return dict(answer.facts)


def claim_company(*, number: str, name: str, person_id: uuid.UUID | str, actor: str, now: datetime) -> Claim:
    """
    Let somebody prove that they are the legal representative of a company; nothing is written of the company yet.

    Not to be called inside a transaction.

    :raises errors.NotVerified: if the person is not verified.
    :raises errors.SourceAway: if the market regulator does not answer.
    :raises errors.NotOnRecord, errors.CompanyClosed, errors.SourceDisagrees: by what it says of the company.
    :raises errors.NotItsRepresentative: if name or card number are not its legal representative's.
    """
    desk.count_question(purpose=throttle.REGISTER_COMPANY, asker=str(person_id), now=now)
    number, name = credentials.tidied(number), names.tidied(name)
    credentials.check(kind=credentials.USCC, number=number, subject_kind=kinds.LEGAL_ENTITY, field="number")
    names.check(name)
    subject = ensure_person(person_id=person_id, actor=actor, now=now)
    card = subject.credentials.filter(kind=credentials.ID_CARD, is_held=True).first()
    assert card is not None, "a verified person holds a card"
    answer = get_source(sources.MARKET_REGULATOR).ask(
        Query(
            credential=credentials.USCC,
            number=number,
            at=now,
            claims={
                "name": name,
                "representative_name": subject.name,
                "representative_id_card": card.number,
            },
        )
    )
    if {"representative_name", "representative_id_card"} & set(answer.fields) and not answer.is_closed:
        raise errors.NotItsRepresentative()
    life.refuse_unless_match(answer, source=sources.MARKET_REGULATOR)
    return Claim(number=number, name=name, person_subject=subject.public_id, answer=answer)


@transaction.atomic
def settle_company(*, claim: Claim, actor: str, now: datetime) -> Subject:
    """
    Write a proven company as a verified subject, or find it verified already; inside the registry's transaction.

    :raises errors.NotVerified: if it is on record and disputed.
    """
    found = records.find_holder(kind=credentials.USCC, number=claim.number)
    if found is not None:
        subject = records.locked(found.public_id)
    else:
        division = claim.answer.facts.get("division") or credentials.division_of(
            kind=credentials.USCC, number=claim.number
        )
        subject = records.make(
            kind=kinds.LEGAL_ENTITY,
            credential=credentials.USCC,
            number=claim.number,
            name=claim.name,
            particulars={},
            home=records.home_of(division=division),
            origin=actor,
            now=now,
        )
    if subject.status not in (kinds.VERIFIED, kinds.DISPUTED):
        subject = verifying.settle_answer(
            subject, answer=claim.answer, source=sources.MARKET_REGULATOR, actor=actor, now=now
        )
    relating.refuse_unless_verified(subject)
    return subject


@transaction.atomic
def relate_representative(
    *,
    company_id: uuid.UUID | str,
    person_subject_id: uuid.UUID | str,
    taxpayer_public_id: uuid.UUID | str,
    taxpayer_name: str,
    actor: str,
    now: datetime,
    request_id: str,
) -> None:
    """Let the proven legal representative act for the company: as such, and as its first administrator."""
    for duty in ("01", "05"):
        relating.relate(
            from_id=person_subject_id,
            to_id=company_id,
            kind=duty,
            valid_from=now.astimezone(CHINA).date(),
            taxpayer_public_id=taxpayer_public_id,
            taxpayer_name=taxpayer_name,
            actor=actor,
            now=now,
            request_id=f"{request_id}-{duty}"[-64:],
        )


def ensure_company(*, tax_id: str, name: str, actor: str, now: datetime) -> Subject:
    """
    The verified subject of a taxpayer that is on the register; collected and verified now where that was not done
    before. Not to be called inside a transaction.

    :raises errors.NotVerified: if the market regulator disagrees, or does not answer.
    """
    subject = records.find_holder(kind=credentials.USCC, number=tax_id)
    if subject is None:
        subject = records.find_denied(kind=credentials.USCC, number=tax_id, name=name)
    if subject is None:
        subject = life.collect_subject(
            kind=kinds.LEGAL_ENTITY,
            credential=credentials.USCC,
            number=tax_id,
            name=name,
            actor=actor,
            now=now,
            request_id=f"taxpayer-{tax_id}-{int(now.timestamp())}",
        )
    if subject.status in _ASKED_NOW:
        subject = verifying.verify_subject(subject_id=subject.public_id, actor=actor, now=now)
    relating.refuse_unless_verified(subject)
    return subject


def _earlier(new: NewPerson, *, request_id: str) -> Subject | None:
    with transaction.atomic():
        content = [names.tidied(new.name), credentials.tidied(new.id_card)]
        first = requests.find_first_answer(
            scope="register", request_id=request_id, action="person.register", content=content
        )
    return Subject.objects.get(public_id=first) if first is not None else None


def _try_account(new: NewPerson, *, name: str, number: str, now: datetime, language: str) -> Refusal | None:
    """
    Make the account and unmake it, to hear what speaks against it before anything is asked elsewhere.

    A taken login name or card is kept back until the person has proved who they are. The price is a second
    hashing of the password; in return every answer takes the same steps.
    """
    with transaction.atomic():
        try:
            with transaction.atomic():
                _make_account(new, name=name, number=number, now=now, language=language, request_id="")
        except (identity.LoginTaken, identity.IdCardTaken) as taken:
            return taken
        transaction.set_rollback(True)
    return None


def _make_account(
    new: NewPerson, *, name: str, number: str, now: datetime, language: str, request_id: str
) -> Any:
    return identity.register_person(
        login=new.login.strip() or new.mobile,
        name=name,
        password=new.password,
        id_card_number=number,
        language=language,
        actor="web:registration",
        now=now,
        request_id=request_id,
    )


def _subject_of_person(
    *, number: str, name: str, person_id: uuid.UUID, phone: str, origin: str, now: datetime
) -> Subject:
    """The subject on record with that number, now with its account, or a new one."""
    found = records.find_holder(kind=credentials.ID_CARD, number=number)
    if found is None:
        return records.make(
            kind=kinds.NATURAL_PERSON,
            credential=credentials.ID_CARD,
            number=number,
            name=name,
            particulars={"phone": phone} if phone else {},
            home=records.home_of(division=credentials.division_of(kind=credentials.ID_CARD, number=number)),
            origin=origin,
            now=now,
            person_id=person_id,
        )
    subject = records.locked(found.public_id)
    if subject.person_id is not None or not names.is_same(subject.name, name):
        raise errors.CannotRegister()
    subject.person_id = person_id
    subject.save(update_fields=["person_id"])
    return subject


def _collect_person(person_id: uuid.UUID | str, *, actor: str, now: datetime) -> Subject:
    person = identity.get_person(person_id)
    number = credentials.tidied(person.id_card_number)
    if not credentials.is_valid(kind=credentials.ID_CARD, number=number):
        raise errors.NotVerified(status=kinds.status_name(kinds.COLLECTED))
    denied = records.find_denied(kind=credentials.ID_CARD, number=number, name=person.name)
    if denied is not None and denied.person_id == person.public_id:
        return denied
    with transaction.atomic():
        try:
            return _subject_of_person(
                number=number,
                name=names.tidied(person.name),
                person_id=person.public_id,
                phone="",
                origin=actor,
                now=now,
            )
        except errors.CannotRegister:
            raise errors.NotVerified(status=kinds.status_name(kinds.MISMATCH)) from None

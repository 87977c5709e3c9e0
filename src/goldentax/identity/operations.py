"""
Writes of identity. Each is one transaction with one audit row; a request id that comes again gets the first answer.

``actor`` is who does it, as audit names them: :attr:`goldentax.kernel.access.Actor.label` or ``system:…``.
"""

import math
from collections.abc import Collection
from datetime import date, datetime, timedelta
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import translation
from django.utils.crypto import salted_hmac

from goldentax.identity import errors, queries
from goldentax.identity.models import ApiToken, Membership, OfficerPost, Person, SignInAttempt
from goldentax.identity.rules import duties, logins, throttle, tokens
from goldentax.kernel import audit
from goldentax.kernel.values.identifiers import is_valid_id_card

LABEL_LENGTH_MAX = 60
NAME_LENGTH_MAX = 80
ATTEMPTS_KEPT = timedelta(days=1)
"""Attempts older than this serve no rule; who signed in, and who was refused, stays in the audit trail."""


@transaction.atomic
def register_person(
    *,
    login: str,
    name: str,
    password: str,
    actor: str,
    now: datetime,
    id_card_number: str = "",
    language: str = "zh",
    request_id: str = "",
) -> Person:
    """
    Register a person who can sign in with a login name and a password.

    :raises BadLogin: if the login name has the wrong form.
    :raises LoginTaken: if it belongs to somebody else.
    :raises WeakPassword: if the password is too easy to guess.
    :raises BadIdCard: if the identity card number fails its check character.
    """
    earlier = Person.objects.filter(request_id=request_id).first() if request_id else None
    if earlier:
        return earlier
    login = logins.normal_login(login)
    if not logins.is_valid_login(login):
        raise errors.BadLogin("login")
    if not name.strip() or len(name.strip()) > NAME_LENGTH_MAX:
        raise errors.NoName("name")
    if id_card_number and not is_valid_id_card(id_card_number):
        raise errors.BadIdCard("id_card_number")
    person = Person(
        login=login,
        name=name.strip(),
        id_card_number=id_card_number,
        language=language,
        created_at=now,
        request_id=request_id,
    )
    _check_password(password, person=person, field="password")
    person.set_password(password)
    try:
        with transaction.atomic():
            person.save(force_insert=True)
    except IntegrityError as error:
        raise errors.LoginTaken("login", login=login) from error
    _record(actor, "identity.person.register", person, now=now, request_id=request_id)
    return person


@transaction.atomic
def set_password(
    *, person_id: str | UUID, password: str, actor: str, now: datetime, request_id: str = ""
) -> None:
    """
    Give a person a new password; every session they have elsewhere ends with it.

    :raises NoSuchPerson: if there is no such person.
    :raises WeakPassword: if the password is too easy to guess.
    """
    person = queries.get_person(person_id)
    _check_password(password, person=person, field="new_password")
    person.set_password(password)
    person.save(update_fields=["password"])
    _record(actor, "identity.person.set-password", person, now=now, request_id=request_id)


def change_password(
    *, person_id: str | UUID, current: str, new: str, address: str, actor: str, now: datetime
) -> None:
    """
    Change one's own password; the present one is asked for, and guessing it is throttled as signing in is.

    :raises WrongCredentials: if the present password is wrong.
    :raises TooManyAttempts: if it was wrong too often.
    :raises WeakPassword: if the new one is too easy to guess.
    """
    login = queries.get_person(person_id).login
    try:
        _prove(login=login, password=current, network=logins.network_of(address), now=now)
    except errors.WrongCredentials:
        raise errors.WrongCredentials("current_password") from None
    set_password(person_id=person_id, password=new, actor=actor, now=now)


@transaction.atomic
def set_language(*, person_id: str | UUID, language: str, actor: str, now: datetime) -> None:
    """Remember in which language a person reads: ``zh`` or ``en``."""
    person = queries.get_person(person_id)
    if person.language == language:
        return
    person.language = language
    person.save(update_fields=["language"])
    _record(actor, "identity.person.set-language", person, now=now, detail={"language": language})


@transaction.atomic
def grant_membership(
    *,
    person_id: str | UUID,
    tax_id: str,
    taxpayer_public_id: str | UUID,
    duty: str,
    valid_from: date,
    actor: str,
    now: datetime,
    valid_to: date | None = None,
    taxpayer_name: str = "",
    request_id: str = "",
) -> Membership:
    """
    Let a person act for a taxpayer in a duty, from ``valid_from`` until the day before ``valid_to``.

    :raises UnknownDuty: if there is no such duty.
    :raises BadTerm: if the term ends before it begins.
    :raises DutyOverlaps: if the person already has that duty on one of the days.
    :raises NoSuchPerson: if there is no such person.
    """
    earlier = Membership.objects.filter(request_id=request_id).first() if request_id else None
    if earlier:
        return earlier
    if duty not in duties.DUTIES:
        raise errors.UnknownDuty("duty", duty=duty, known="、".join(duties.DUTIES))
    _check_term(valid_from, valid_to)
    person = queries.get_person(person_id)
    try:
        with transaction.atomic():
            membership = Membership.objects.create(
                person=person,
                taxpayer_public_id=taxpayer_public_id,
                tax_id=tax_id,
                taxpayer_name=taxpayer_name,
                duty=duty,
                valid_from=valid_from,
                valid_to=valid_to,
                request_id=request_id,
            )
    except IntegrityError as error:
        names = duties.DUTIES[duty]
        raise errors.DutyOverlaps("duty", tax_id=tax_id, duty_zh=names.zh, duty_en=names.en) from error
    detail = {"tax_id": tax_id, "duty": duty, "from": str(valid_from), "to": str(valid_to or "")}
    _record(actor, "identity.membership.grant", person, now=now, request_id=request_id, detail=detail)
    return membership


@transaction.atomic
def end_membership(
    *, membership_id: str | UUID, valid_to: date, actor: str, now: datetime, request_id: str = ""
) -> Membership:
    """
    End a membership: ``valid_to`` is the first day on which it no longer holds. Ending it later than it ends is not
    possible; a second call with the same day changes nothing.

    :raises NoSuchMembership: if there is none.
    :raises BadTerm: if it would end before it began, or later than it does.
    """
    membership = (
        Membership.objects.select_for_update(of=("self",))
        .select_related("person")
        .filter(public_id=membership_id)
        .first()
    )
    if membership is None:
        raise errors.NoSuchMembership("membership_id")
    if membership.valid_to == valid_to:
        return membership
    if valid_to < membership.valid_from or (membership.valid_to and valid_to > membership.valid_to):
        raise errors.BadTerm("valid_to")
    membership.valid_to = valid_to
    membership.save(update_fields=["valid_to"])
    detail = {"tax_id": membership.tax_id, "duty": membership.duty, "to": str(valid_to)}
    _record(actor, "identity.membership.end", membership.person, now=now, request_id=request_id, detail=detail)
    return membership


@transaction.atomic
def appoint_officer(
    *,
    person_id: str | UUID,
    office_code: str,
    title: str,
    valid_from: date,
    actor: str,
    now: datetime,
    office_name: str = "",
    valid_to: date | None = None,
    request_id: str = "",
) -> OfficerPost:
    """
    Give a person a post in a tax office, from ``valid_from`` until the day before ``valid_to``.

    :raises BadTerm: if the term ends before it begins.
    :raises NoSuchPerson: if there is no such person.
    """
    earlier = OfficerPost.objects.filter(request_id=request_id).first() if request_id else None
    if earlier:
        return earlier
    _check_term(valid_from, valid_to)
    person = queries.get_person(person_id)
    post = OfficerPost.objects.create(
        person=person,
        office_code=office_code,
        office_name=office_name,
        title=title,
        valid_from=valid_from,
        valid_to=valid_to,
        request_id=request_id,
    )
    detail = {"office": office_code, "title": title, "from": str(valid_from), "to": str(valid_to or "")}
    _record(actor, "identity.officer.appoint", person, now=now, request_id=request_id, detail=detail)
    return post


@transaction.atomic
def issue_token(
    *,
    person_id: str | UUID,
    tax_id: str,
    label: str,
    scopes: Collection[str],
    days: int,
    actor: str,
    now: datetime,
    request_id: str = "",
) -> tuple[str, ApiToken]:
    """
    Make a token by which a program acts for a taxpayer as this person; its text is given here and never again.

    :raises TokenAlreadyShown: if this request already made one.
    :raises NoLabel: if nobody says what it is for.
    :raises BadScope: if it may do nothing, or something unknown.
    :raises BadTokenLifetime: if it would live less than a day or more than a year.
    :raises NotYourIdentity: if the person does not act for that taxpayer today.
    """
    earlier = ApiToken.objects.filter(request_id=request_id).first() if request_id else None
    if earlier:
        raise errors.TokenAlreadyShown(prefix=earlier.prefix)
    _check_token(label=label, scopes=scopes, days=days)
    person = queries.get_person(person_id)
    membership = Membership.objects.filter(person=person, tax_id=tax_id).valid_on(now.date()).first()
    if membership is None:
        raise errors.NotYourIdentity("tax_id")
    text = tokens.new_token()
    token = ApiToken.objects.create(
        person=person,
        digest=tokens.digest(text),
        prefix=text[: tokens.SHOWN_LENGTH],
        label=label.strip(),
        tax_id=tax_id,
        taxpayer_public_id=membership.taxpayer_public_id,
        scopes=sorted(scopes),
        created_at=now,
        expires_at=now + timedelta(days=days),
        request_id=request_id,
    )
    detail = {"token": str(token.public_id), "tax_id": tax_id, "scopes": token.scopes, "days": days}
    _record(actor, "identity.token.issue", person, now=now, request_id=request_id, detail=detail)
    return text, token


@transaction.atomic
def revoke_token(
    *, person_id: str | UUID, token_id: str | UUID, actor: str, now: datetime, request_id: str = ""
) -> ApiToken:
    """
    Revoke one of a person's tokens, at once and for good; a revoked one stays as it is.

    :raises NoSuchToken: if the person has no such token.
    """
    person = queries.get_person(person_id)
    token = ApiToken.objects.select_for_update().filter(person=person, public_id=token_id).first()
    if token is None:
        raise errors.NoSuchToken("token_id")
    if token.revoked_at is None:
        token.revoked_at = now
        token.save(update_fields=["revoked_at"])
        detail = {"token": str(token.public_id), "tax_id": token.tax_id}
        _record(actor, "identity.token.revoke", person, now=now, request_id=request_id, detail=detail)
    return token


def note_token_use(*, token_id: UUID, now: datetime) -> None:
    """Note that a token was used; kept coarse, and no audit row: what it did has its own."""
    ApiToken.objects.filter(public_id=token_id).update(last_used_at=now)


def sign_in(*, login: str, password: str, address: str, now: datetime, request_id: str = "") -> Person:
    """
    Prove who somebody is by login name and password; the caller starts the session.

    The attempt is counted before the password is looked at, and stays counted when the call is refused: tries in
    parallel cannot slip past the limit. For this reason it must not run inside a caller's transaction.

    :param address: the network address it comes from.
    :raises TooManyAttempts: if it failed too often from there.
    :raises WrongCredentials: for an unknown login name, a wrong password and a closed account alike.
    """
    network = logins.network_of(address)
    person = _prove(login=logins.normal_login(login), password=password, network=network, now=now)
    detail = {"network": network}
    _record(_web(person), "identity.person.sign-in", person, now=now, request_id=request_id, detail=detail)
    return person


def note_sign_out(*, person_id: str | UUID, now: datetime) -> None:
    """Write down that a person ended their session."""
    person = queries.get_person(person_id)
    _record(_web(person), "identity.person.sign-out", person, now=now)


def _prove(*, login: str, password: str, network: str, now: datetime) -> Person:
    login_digest = salted_hmac("goldentax.identity.attempt", login, algorithm="sha256").hexdigest()
    attempt = SignInAttempt.objects.create(login_digest=login_digest, network=network, at=now)
    _throttle(attempt, now=now)
    person = Person.objects.filter(login=login).first()
    if person is None:
        # Hashing all the same: an answer that comes faster would tell that nobody has this login name.
        make_password(password)
        audit.record(
            actor="web:anonymous",
            action="identity.person.sign-in-refused",
            subject="person:unknown",
            now=now,
            detail={"network": network},
        )
        raise errors.WrongCredentials()
    if not person.check_password(password) or not person.is_active:
        detail = {"network": network}
        _record("web:anonymous", "identity.person.sign-in-refused", person, now=now, detail=detail)
        raise errors.WrongCredentials()
    SignInAttempt.objects.filter(login_digest=login_digest, network=network).update(has_failed=False)
    SignInAttempt.objects.filter(at__lt=now - ATTEMPTS_KEPT).delete()
    return person


def _throttle(attempt: SignInAttempt, *, now: datetime) -> None:
    earlier = SignInAttempt.objects.filter(
        network=attempt.network, at__gt=now - throttle.WINDOW, has_failed=True, id__lt=attempt.pk
    )
    of_login = earlier.filter(login_digest=attempt.login_digest)
    login_failures, network_failures = of_login.count(), earlier.count()
    if not throttle.is_too_many(login_failures=login_failures, network_failures=network_failures):
        return
    # An attempt that was not looked at is no failure: it must not make the wait longer.
    attempt.delete()
    is_login = login_failures >= throttle.LOGIN_FAILURES_MAX
    oldest = (of_login if is_login else earlier).order_by("at").values_list("at", flat=True).first()
    wait = (oldest or now) + throttle.WINDOW - now
    wait_s = max(1, math.ceil(wait.total_seconds()))
    raise errors.TooManyAttempts(minutes=math.ceil(wait_s / 60), retry_after_s=wait_s)


def _check_password(password: str, *, person: Person, field: str) -> None:
    try:
        validate_password(password, person)
    except ValidationError as weak:
        with translation.override("zh-hans"):
            reason_zh = "；".join(str(message) for message in weak.messages)
        with translation.override("en"):
            reason_en = " ".join(str(message) for message in weak.messages)
        raise errors.WeakPassword(field, reason_zh=reason_zh, reason_en=reason_en) from weak


def _check_term(valid_from: date, valid_to: date | None) -> None:
    if valid_to is not None and valid_to <= valid_from:
        raise errors.BadTerm("valid_to")


def _check_token(*, label: str, scopes: Collection[str], days: int) -> None:
    if not label.strip() or len(label.strip()) > LABEL_LENGTH_MAX:
        raise errors.NoLabel("label")
    unknown = set(scopes) - set(duties.SCOPES)
    if unknown or not scopes:
        raise errors.BadScope("scopes", scope="、".join(sorted(unknown)), known="、".join(duties.SCOPES))
    if not 1 <= days <= tokens.DAYS_MAX:
        raise errors.BadTokenLifetime("days", days_max=tokens.DAYS_MAX)


def _web(person: Person) -> str:
    return f"web:{person.public_id}"


def _record(
    actor: str,
    action: str,
    person: Person,
    *,
    now: datetime,
    request_id: str = "",
    detail: dict[str, object] | None = None,
) -> None:
    audit.record(
        actor=actor,
        action=action,
        subject=f"person:{person.public_id}",
        now=now,
        request_id=request_id,
        detail=detail,
    )

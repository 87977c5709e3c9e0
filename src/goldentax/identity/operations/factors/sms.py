"""
Codes by SMS (短信验证码): to sign in, as a second factor, to set a new password, to enrol a number.

Whether a number is known is never told: known and unknown numbers get the same answer after the same work, and the
message itself leaves later, by the worker.
"""

import hmac
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import F

from goldentax.identity.errors import factors as errors
from goldentax.identity.models import Person
from goldentax.identity.models.factors import MobileNumber, OutboxSms, SmsCode, SmsMessage
from goldentax.identity.operations.factors import changes
from goldentax.identity.operations.factors.sms_providers import find_sms_provider
from goldentax.identity.rules.factors import assurance, codes
from goldentax.identity.rules.factors.context import ENROL, RESET, SECOND, SIGN_IN, STEP_UP, Context
from goldentax.kernel import lawbook
from goldentax.kernel.crypto.fields import blind_index
from goldentax.kernel.text import Text

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
TRIES_MAX = 3
"""A gateway that failed three times is not asked again: by then the person has asked for another code."""
BATCH = 50
"""Messages of one run of the worker: even a gateway that times out each time lets other work come to its turn."""
KEPT = timedelta(days=2)

# What strangers ask for counts apart from what the number's own holder asks for after another proof: nobody closes a
# person's second factor by asking for codes to their number.
_GROUPS = ((SIGN_IN, RESET), (ENROL,), (SECOND, STEP_UP))
_WORDS = {
    SIGN_IN: Text("登录", "to sign in"),
    SECOND: Text("登录", "to sign in"),
    STEP_UP: Text("验证身份", "to prove who you are"),
    ENROL: Text("绑定手机号", "to register your number"),
    RESET: Text("重置密码", "to set a new password"),
}
_MESSAGE = Text(
    "【金税】验证码 {code}，用于{what}，{minutes} 分钟内有效。工作人员不会向您索要验证码，请勿告诉他人。",
    "[Golden Tax] {code} is your code {what}, good for {minutes} minutes. Nobody of ours asks for it; tell nobody.",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """Which number was proved, and whose it is, where it is anybody's."""

    mobile: str
    person: Person | None


def ask_sms_code(*, mobile: str, context: Context, person: Person | None = None) -> str:
    """
    Send a code to a number, for the purpose of the context; give the number as it may be shown.

    To sign in or to set a new password, it is sent to numbers of open accounts only, and nothing tells which. It must
    not run inside a caller's transaction: what was asked for is counted before it is sent.

    :param person: who asks, where that is known; then it is sent to their own number. To enrol one, it is sent to any.
    :raises BadMobile: if it is no mobile number.
    :raises TooManyMessages: if too many were asked for, for the number or from the network; for all numbers alike.
    :raises NoSmsProvider: if the node sends no messages.
    """
    number = codes.normal_mobile(mobile)
    if not number:
        raise errors.BadMobile("mobile")
    provider = find_sms_provider()
    if provider is None:
        raise errors.NoSmsProvider()
    index = _index(number)
    # A number that somebody wants to register with is nobody's yet, and is not asked whose it may be.
    holder = _holder(index) if person is None and context.purpose != ENROL else person
    code = codes.new_sms_code()
    asked = SmsCode(
        purpose=context.purpose,
        binding_digest=context.binding_digest,
        number_index=index,
        number=number,
        person=holder,
        network=context.network,
        created_at=context.now,
        expires_at=context.now + _seconds("sms_seconds", context),
    )
    asked.digest = _digest(asked, code)
    asked.save(force_insert=True)
    _hold_limits(asked, context=context)
    is_for_somebody = context.purpose == ENROL or (
        holder is not None and (person is None or _has_number(person, index))
    )
    with transaction.atomic():
        message = SmsMessage.objects.create(
            provider=provider.key,
            number=number,
            text=_text(code, holder=holder, context=context),
            state=SmsMessage.WAITING if is_for_somebody else SmsMessage.NOBODY,
            created_at=context.now,
            expires_at=asked.expires_at,
        )
        if is_for_somebody and provider.is_local:
            _send(message, now=context.now)
    return codes.masked_mobile(number)


def ask_own_sms_code(*, person: Person, context: Context) -> str:
    """
    Send a code to the number of a person who is known already; give the number as it may be shown.

    :raises FactorNotOffered: if they have none.
    """
    held = MobileNumber.objects.filter(person=person, removed_at__isnull=True).first()
    if held is None:
        raise errors.FactorNotOffered()
    return ask_sms_code(mobile=held.number, context=context, person=person)


def number_asked_last(*, context: Context) -> str:
    """The number to which this browser asked for a code last, for this purpose; "" for none. To send another."""
    asked = _asked_last(context)
    return asked.number if asked else ""


def answer_sms_code(*, code: str, context: Context) -> Answered:
    """
    Take the code that was asked for last in this browser for this purpose, and use it up.

    :raises WrongCode: if it is wrong, too old, used, tried too often, or none was asked for: one answer for all.
    """
    asked = _asked_last(context)
    if asked is None:
        raise errors.WrongCode("code")
    fresh = SmsCode.objects.filter(pk=asked.pk, used_at__isnull=True, expires_at__gt=context.now)
    # Counted by the statement that allows it: tries in parallel cannot slip past the limit.
    if not fresh.filter(tries__lt=_fact("sms_tries_max", context)).update(tries=F("tries") + 1):
        raise errors.WrongCode("code")
    fits = hmac.compare_digest(_digest(asked, codes.normal_digits(code)), asked.digest)
    person = asked.person
    if context.purpose != ENROL and (person is None or not person.is_active):
        fits = False
    with transaction.atomic():
        fits = bool(fits and fresh.update(used_at=context.now))
        if person is not None:
            changes.note_proof(
                person=person,
                method=assurance.SMS,
                network=context.network,
                now=context.now,
                succeeded=fits,
            )
        if fits:
            MobileNumber.objects.filter(number_index=asked.number_index, removed_at__isnull=True).update(
                last_used_at=context.now
            )
    if not fits:
        raise errors.WrongCode("code")
    return Answered(mobile=asked.number, person=person)


def add_mobile(*, person_id: str | UUID, code: str, level: int, actor: str, context: Context) -> MobileNumber:
    """
    Enrol the number whose code was sent last; it takes the place of the person's number before it.

    :raises WrongCode: if the code is not the one that was sent.
    :raises MobileTaken: if the number is another account's.
    :raises StepUpNeeded: if a second factor must be shown first.
    """
    with transaction.atomic():
        person = changes.open_for_change(person_id=person_id, assurance=level)
    answered = answer_sms_code(code=code, context=context)
    if answered.person is None or answered.person.pk != person.pk:
        raise errors.WrongCode("code")
    return register_mobile(person_id=person_id, mobile=answered.mobile, actor=actor, now=context.now)


def register_mobile(
    *, person_id: str | UUID, mobile: str, actor: str, now: datetime, request_id: str = ""
) -> MobileNumber:
    """
    Note a number that a person has proved to hold, here or at a counter; the same number again changes nothing.

    :raises BadMobile: if it is no mobile number.
    :raises MobileTaken: if it is another account's.
    """
    number = codes.normal_mobile(mobile)
    if not number:
        raise errors.BadMobile("mobile")
    index = _index(number)
    try:
        with transaction.atomic():
            person = changes.open_for_change(person_id=person_id, assurance=changes.LEVEL_TO_CHANGE)
            here = MobileNumber.objects.filter(person=person, removed_at__isnull=True)
            held = here.filter(number_index=index).first()
            if held is not None:
                return held
            here.update(removed_at=now)
            made = MobileNumber.objects.create(
                person=person,
                number=number,
                number_index=index,
                masked=codes.masked_mobile(number),
                created_at=now,
            )
            changes.note(
                actor=actor,
                action="mobile.add",
                person=person,
                now=now,
                request_id=request_id,
                detail={"factor": str(made.public_id), "number": made.masked},
            )
            return made
    except IntegrityError as error:
        raise errors.MobileTaken("mobile") from error


def find_person_by_mobile(mobile: str) -> Person | None:
    """Whose number this is; only for who proved to hold the number."""
    number = codes.normal_mobile(mobile)
    return _holder(_index(number)) if number else None


def deliver_messages(now: datetime) -> int:
    """Hand waiting messages to their provider; safe to run in two workers at once."""
    done = 0
    while done < BATCH:
        with transaction.atomic():
            waiting = SmsMessage.objects.select_for_update(skip_locked=True).filter(state=SmsMessage.WAITING)
            message = waiting.filter(created_at__lte=now).order_by("tries", "created_at").first()
            if message is None or (message.tries and done):
                return done
            _send(message, now=now)
            done += 1
    return done


def list_outbox(limit: int = 50) -> list[OutboxSms]:
    """The messages that the built-in provider kept, the newest first; for the page of a demo world."""
    return list(OutboxSms.objects.order_by("-id")[:limit])


def forget_old_messages(now: datetime) -> int:
    """Delete codes and messages that serve no rule any more."""
    gone = SmsCode.objects.filter(created_at__lt=now - KEPT).delete()[0]
    gone += SmsMessage.objects.filter(created_at__lt=now - KEPT).delete()[0]
    return gone + OutboxSms.objects.filter(at__lt=now - KEPT).delete()[0]


def _send(message: SmsMessage, *, now: datetime) -> None:
    provider = find_sms_provider()
    message.tries += 1
    if message.expires_at <= now or provider is None or provider.key != message.provider:
        message.state, message.trouble = SmsMessage.FAILED, "too late, or the provider changed"
    else:
        try:
            provider.send(mobile=message.number, text=message.text, now=now)
            message.state, message.sent_at = SmsMessage.SENT, now
        except Exception as error:  # a gateway may fail in any way; the message waits for another try
            message.trouble = f"{type(error).__name__}: {error}"[:200]
            message.state = SmsMessage.FAILED if message.tries >= TRIES_MAX else SmsMessage.WAITING
    if message.state != SmsMessage.WAITING:
        message.text = ""
    message.save(update_fields=["tries", "state", "trouble", "sent_at", "text"])


def _hold_limits(asked: SmsCode, *, context: Context) -> None:
    group = next(one for one in _GROUPS if context.purpose in one)
    earlier = SmsCode.objects.filter(id__lt=asked.pk, created_at__gt=context.now - DAY)
    of_number = list(
        earlier.filter(number_index=asked.number_index, purpose__in=group).values_list(
            "created_at", flat=True
        )
    )
    of_network = list(earlier.filter(network=asked.network).values_list("created_at", flat=True))
    rules = (
        (of_number, _seconds("sms_pause_seconds", context), 1),
        (of_number, HOUR, _fact("sms_per_number_hour_max", context)),
        (of_number, DAY, _fact("sms_per_number_day_max", context)),
        (of_network, HOUR, _fact("sms_per_network_hour_max", context)),
    )
    wait = max(
        codes.wait_s(made_at=made_at, now=context.now, window=window, allowed=allowed)
        for made_at, window, allowed in rules
    )
    if wait:
        asked.delete()
        raise errors.TooManyMessages(seconds=wait, retry_after_s=wait)


def _asked_last(context: Context) -> SmsCode | None:
    here = SmsCode.objects.filter(binding_digest=context.binding_digest, purpose=context.purpose)
    return here.select_related("person").order_by("-id").first()


def _holder(index: str) -> Person | None:
    held = MobileNumber.objects.filter(number_index=index, removed_at__isnull=True, person__is_active=True)
    found = held.select_related("person").first()
    return found.person if found else None


def _has_number(person: Person, index: str) -> bool:
    return MobileNumber.objects.filter(person=person, number_index=index, removed_at__isnull=True).exists()


def _index(number: str) -> str:
    return blind_index(number, "identity_mobile_number.number")


def _digest(asked: SmsCode, code: str) -> str:
    return blind_index(f"{asked.public_id}:{code}", "identity_sms_code.digest")


def _text(code: str, *, holder: Person | None, context: Context) -> str:
    language = holder.language if holder else context.language
    minutes = _fact("sms_seconds", context) // 60
    what = _WORDS[context.purpose].in_language(language)
    return _MESSAGE.in_language(language).format(code=code, what=what, minutes=minutes)


def _fact(name: str, context: Context) -> int:
    return int(lawbook.parameter(f"identity/{name}", on=context.now.date()))


def _seconds(name: str, context: Context) -> timedelta:
    return timedelta(seconds=_fact(name, context))

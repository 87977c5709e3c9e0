"""Codes for people who have no account yet: whoever registers with a mobile number proves that they hold it."""

from datetime import datetime

from goldentax.identity.errors import factors as errors
from goldentax.identity.operations.factors import sms
from goldentax.identity.operations.factors.sms_providers import find_sms_provider
from goldentax.identity.rules.factors import codes
from goldentax.identity.rules.factors.context import ENROL, Context


def sends_codes() -> bool:
    """Whether this node can send a code to a number at all."""
    return find_sms_provider() is not None


def ask_newcomer_code(*, mobile: str, binding: str, network: str, language: str, now: datetime) -> str:
    """
    Send a code to the number that somebody wants to register with; give the number as it may be shown.

    Whether it is known is neither looked up nor told. Not to be called inside a transaction.

    :param binding: a secret of the browser that asks; the answer is taken from it alone.
    :raises BadMobile: if it is no mobile number.
    :raises TooManyMessages: if too many were asked for, for the number or from the network.
    :raises NoSmsProvider: if the node sends no messages.
    """
    return sms.ask_sms_code(
        mobile=mobile, context=_context(binding, network=network, language=language, now=now)
    )


def answer_newcomer_code(*, mobile: str, code: str, binding: str, network: str, now: datetime) -> str:
    """
    Take the code that was sent last to a newcomer's number and use it up; give the number in its one form.

    :raises WrongCode: if it is wrong, too old, used, tried too often, or was sent to another number.
    """
    answered = sms.answer_sms_code(
        code=code, context=_context(binding, network=network, language="zh", now=now)
    )
    if answered.person is not None or answered.mobile != codes.normal_mobile(mobile):
        raise errors.WrongCode("code")
    return answered.mobile


def _context(binding: str, *, network: str, language: str, now: datetime) -> Context:
    return Context(
        now=now, network=network, binding=binding, purpose=ENROL, origin="", user_agent="", language=language
    )

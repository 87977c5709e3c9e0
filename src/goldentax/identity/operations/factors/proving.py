"""One door to every factor of a person that is proved by something typed."""

from dataclasses import dataclass

from goldentax.identity.errors import factors as errors
from goldentax.identity.models import Person
from goldentax.identity.operations.factors.authenticators import prove_by_authenticator
from goldentax.identity.operations.factors.passkeys import prove_by_passkey
from goldentax.identity.operations.factors.recovery import prove_by_recovery_code
from goldentax.identity.operations.factors.sms import answer_sms_code
from goldentax.identity.rules.factors import assurance
from goldentax.identity.rules.factors.context import Context


@dataclass(frozen=True, slots=True, kw_only=True)
class Proved:
    """By which method a person proved themselves."""

    person: Person
    method: str


def prove(person: Person, key: str, answer: str, context: Context) -> Proved:
    """
    Prove that somebody is this person.

    :param key: ``totp``, ``recovery``, ``sms`` (a code that was asked for in this browser for this purpose) or
        ``passkey`` (what the browser gave, as JSON).
    :param answer: what was typed or given.
    :raises FactorNotOffered: for any other key.
    :raises WrongCode: if a code is wrong, old, or used.
    :raises TooManyFactorTries: if it failed too often.
    :raises NotThisPerson: if the answer is right, and somebody else's.
    """
    method = key
    if key == assurance.TOTP:
        prove_by_authenticator(person=person, code=answer, context=context)
    elif key == assurance.RECOVERY:
        prove_by_recovery_code(person=person, code=answer, context=context)
    elif key == assurance.SMS:
        answered = answer_sms_code(code=answer, context=context)
        if answered.person is None or answered.person.pk != person.pk:
            raise errors.NotThisPerson()
    elif key == assurance.PASSKEY:
        method = prove_by_passkey(credential=answer, context=context, person=person).method
    else:
        raise errors.FactorNotOffered()
    return Proved(person=person, method=method)

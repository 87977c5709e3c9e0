"""
What must happen before a code is given: sign in, sign in anew, choose for whom to act, step up, consent.

One step at a time: after each the person comes back, and the same question is asked again
(OpenID Connect Core 1.0 §3.1.2.1–§3.1.2.4).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from goldentax.signon import errors
from goldentax.signon.rules.requests import (
    PROMPT_ACCOUNT,
    PROMPT_CONSENT,
    PROMPT_LOGIN,
    PROMPT_NONE,
    Wish,
)

SIGN_IN, SIGN_IN_ANEW, CHOOSE, STEP_UP, CONSENT, GO = (
    *("sign_in", "sign_in_anew", "choose"),
    *("step_up", "consent", "go"),
)
"""The steps, in the order they are asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Present:
    """Who sits in front of the browser now."""

    signed_in_at: datetime
    assurance: int
    is_hinted: bool  # they are whom id_token_hint names; true where there is no hint


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What this request has been through: when it began, and which steps were shown."""

    began_at: datetime
    done: frozenset[str] = frozenset()


def next_step(
    *, wish: Wish, present: Present | None, progress: Progress, is_consent_held: bool, now: datetime
) -> str:
    """
    The next step, or :data:`GO`.

    :param is_consent_held: the person agreed to all of this before, or the client is ours and asks nobody.
    :raises LoginRequired: and its companions, where the client wanted no page shown.
    :raises UnmetAssurance: if the step-up was shown and did not reach the level.
    """
    step = _wanted_step(
        wish=wish, present=present, progress=progress, is_consent_held=is_consent_held, now=now
    )
    if PROMPT_NONE in wish.prompts:
        _refuse_page(step, wish)
    if step == STEP_UP and STEP_UP in progress.done:
        raise errors.UnmetAssurance("acr_values", level=wish.level)
    return step


def _wanted_step(
    *, wish: Wish, present: Present | None, progress: Progress, is_consent_held: bool, now: datetime
) -> str:
    if present is None:
        return SIGN_IN
    if not is_fresh(wish=wish, present=present, progress=progress, now=now):
        return SIGN_IN_ANEW
    if PROMPT_ACCOUNT in wish.prompts and CHOOSE not in progress.done:
        return CHOOSE
    if present.assurance < wish.level:
        return STEP_UP
    if not is_consent_held or (PROMPT_CONSENT in wish.prompts and CONSENT not in progress.done):
        return CONSENT
    return GO


def is_fresh(*, wish: Wish, present: Present, progress: Progress, now: datetime) -> bool:
    """Whether the sign-in is as fresh as the client asked, and of the person it hinted at."""
    is_since_asked = present.signed_in_at >= progress.began_at.replace(microsecond=0)
    if PROMPT_LOGIN in wish.prompts and not is_since_asked:
        return False
    if not present.is_hinted and not is_since_asked:
        return False
    if wish.max_age_s is None or is_since_asked:
        return True
    return now - present.signed_in_at <= timedelta(seconds=wish.max_age_s)


def _refuse_page(step: str, wish: Wish) -> None:
    if step in (SIGN_IN, SIGN_IN_ANEW):
        raise errors.LoginRequired()
    if step == STEP_UP:
        raise errors.UnmetAssurance("acr_values", level=wish.level)
    if step == CONSENT:
        raise errors.ConsentRequired()

"""Runs the cases of ``lawbook/oversight``: what is known goes in; score, verdict and what counted come out."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from goldentax.oversight.rules import scoring
from goldentax.oversight.rules.law import law_on
from goldentax.oversight.rules.scoring import SignInEvidence, UseEvidence

_ZONE = "+08:00"


def _moment(text: object) -> datetime:
    return datetime.fromisoformat(f"{text}{_ZONE}")


def sign_in(given: dict[str, Any]) -> Mapping[str, Any]:
    """A sign-in: ``at`` and ``last_at`` as local times; ``usual_hours`` have fifty earlier sign-ins each."""
    facts = dict(given)
    at = _moment(facts.pop("at"))
    last_at = facts.pop("last_at", None)
    usual = facts.pop("usual_hours", ())
    evidence = SignInEvidence(
        at=at,
        last_at=_moment(last_at) if last_at else None,
        hours=tuple(50 if hour in usual else 0 for hour in range(24)),
        **facts,
    )
    return _told(scoring.judge_sign_in(evidence, law=law_on(at.date())))


def use(given: dict[str, Any]) -> Mapping[str, Any]:
    """A look or the use of a privileged function; ``granted_minutes_ago`` instead of a moment."""
    facts = dict(given)
    at = _moment(facts.pop("at"))
    minutes = facts.pop("granted_minutes_ago", None)
    peers = facts.pop("peers_median", None)
    evidence = UseEvidence(
        at=at,
        granted_at=None if minutes is None else at - timedelta(minutes=minutes),
        own_hours=tuple(facts.pop("own_hours", ())),
        peers_median=None if peers is None else Decimal(peers),
        **facts,
    )
    return _told(scoring.judge_use(evidence, law=law_on(at.date())))


def _told(judgement: scoring.Judgement) -> dict[str, Any]:
    return {
        "score": judgement.score,
        "verdict": judgement.verdict,
        "rules": [one.code for one in judgement.reasons],
    }


RUNNERS = {"oversight.sign_in": sign_in, "oversight.use": use}

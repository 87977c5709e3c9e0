"""
The judgement of behaviour: signs that are noticed, each with its weight and its reason, add up to a score.

Everything a judgement rests on comes in as evidence and as law; the same evidence always gets the same answer, and the
answer says why in both languages. A score of 0 to 100 leads to a verdict: allow, warn, step up, block.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal

from goldentax.kernel.text import Text
from goldentax.oversight.rules import habits, places
from goldentax.oversight.rules.law import Law

ALLOW, WARN, STEP_UP, BLOCK = "allow", "warn", "step_up", "block"
VERDICTS = (ALLOW, WARN, STEP_UP, BLOCK)
"""From the mildest to the hardest."""
SCORE_MAX = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInEvidence:
    """What is known when somebody signs in with the right proof."""

    at: datetime  # in the bureau's own time zone
    network: str
    is_officer: bool = False
    sign_ins: int = 0  # earlier ones that succeeded, within the days of habit
    is_device_known: bool = False
    is_network_known: bool = False
    last_network: str = ""
    last_at: datetime | None = None  # of the last sign-in that succeeded, however long ago
    hours: tuple[int, ...] = (0,) * habits.HOURS
    network_failed_logins: int = 0  # login names that failed from this network within the window of spraying
    login_failed_networks: int = (
        0  # other networks that failed with this login name within the window of stuffing
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class UseEvidence:
    """What is known when somebody uses power: looks at personal data, or uses a privileged function."""

    at: datetime
    is_officer: bool = True
    looks: int = 0  # people looked at within this hour, this look counted; 0 for a use that is no look
    own_hours: tuple[int, ...] = ()  # people looked at in each earlier hour with any
    peers_median: Decimal | None = None  # of all colleagues' hours; None where too little is known
    peers_spread: Decimal = Decimal(0)
    function: str = ""
    is_first_use: bool = False
    granted_at: datetime | None = None  # the newest grant to this person


@dataclass(frozen=True, slots=True)
class Reason:
    """One sign that counted: its rule, its weight, and the facts its sentence names."""

    code: str
    weight: int
    text: Text
    facts: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Judgement:
    """A score of 0 to 100, what it leads to, and why."""

    score: int
    verdict: str
    reasons: tuple[Reason, ...]


Sign = tuple[str, dict[str, object]]


def judge_sign_in(evidence: SignInEvidence, *, law: Law) -> Judgement:
    """Judge a sign-in; a person without a history is not called unusual for it."""
    return _judge((sign for rule in _SIGN_IN_RULES for sign in rule(evidence, law)), law=law)


def judge_use(evidence: UseEvidence, *, law: Law) -> Judgement:
    """Judge a look at personal data, or the use of a privileged function."""
    return _judge((sign for rule in _USE_RULES for sign in rule(evidence, law)), law=law)


def judge_alarm(code: str, *, client: Text, law: Law) -> Judgement:
    """Judge one sign that was noticed by the room it happened in."""
    return _judge(iter([(code, {"client": client})]), law=law)


def _judge(signs: Iterator[Sign], *, law: Law) -> Judgement:
    reasons = [_reason(code, facts, law=law) for code, facts in signs]
    reasons.sort(key=lambda one: (-one.weight, one.code))
    score = min(SCORE_MAX, sum(one.weight for one in reasons))
    return Judgement(score, verdict_of(score, law=law), tuple(reasons))


def verdict_of(score: int, *, law: Law) -> str:
    """What a score leads to."""
    if score >= law.block_score_min:
        return BLOCK
    if score >= law.step_up_score_min:
        return STEP_UP
    return WARN if score >= law.warn_score_min else ALLOW


def _reason(code: str, facts: dict[str, object], *, law: Law) -> Reason:
    rule = law.rules[code]
    zh, en = (_said(rule.reason.in_language(language), facts, language) for language in ("zh", "en"))
    return Reason(code, rule.weight, Text(zh, en), facts)


def _said(sentence: str, facts: dict[str, object], language: str) -> str:
    spoken = {
        name: fact.in_language(language) if isinstance(fact, Text) else fact for name, fact in facts.items()
    }
    return sentence.format(**spoken)


def _new_device(evidence: SignInEvidence, law: Law) -> Iterator[Sign]:
    if evidence.last_at and not evidence.is_device_known:
        yield "new-device", {}


def _new_network(evidence: SignInEvidence, law: Law) -> Iterator[Sign]:
    if evidence.last_at and not evidence.is_network_known:
        yield "new-network", {"network": evidence.network}


def _impossible_travel(evidence: SignInEvidence, law: Law) -> Iterator[Sign]:
    if not evidence.last_at:
        return
    here, there = (places.place_of(one, law.places) for one in (evidence.network, evidence.last_network))
    distance = places.distance_km(here, there) if here and there else None
    if not here or not there or distance is None or distance < law.travel_distance_km_min:
        return
    within = evidence.at - evidence.last_at
    if not places.is_reachable(distance=distance, within=within, speed_kmh_max=law.travel_speed_kmh_max):
        minutes = int(within.total_seconds() // 60)
        yield (
            "impossible-travel",
            {
                "from_place": there.place,
                "to_place": here.place,
                "distance_km": distance,
                "minutes": minutes,
            },
        )


def _odd_hour(evidence: SignInEvidence, law: Law) -> Iterator[Sign]:
    hour = evidence.at.hour
    if habits.is_odd_hour(hour=hour, counts=evidence.hours, sign_ins_min=law.habit_sign_ins_min):
        yield "odd-hour", {"hour": hour}


def _off_duty(evidence: SignInEvidence | UseEvidence, law: Law) -> Iterator[Sign]:
    if evidence.is_officer and not habits.is_working_time(
        evidence.at, worked=law.worked, begins=law.work_begins_hour, ends=law.work_ends_hour
    ):
        yield "off-duty", {"when": evidence.at.strftime("%Y-%m-%d %H:%M")}


# Spraying and stuffing are done by strangers. They do not count against somebody on a device of their own: otherwise a
# stranger could lock people out by failing on purpose.
def _spraying(evidence: SignInEvidence, law: Law) -> Iterator[Sign]:
    if not evidence.is_device_known and evidence.network_failed_logins >= law.spray_logins_min:
        yield "spraying", {"logins": evidence.network_failed_logins, "minutes": law.spray_minutes}


def _stuffing(evidence: SignInEvidence, law: Law) -> Iterator[Sign]:
    if not evidence.is_device_known and evidence.login_failed_networks >= law.stuff_networks_min:
        yield "stuffing", {"networks": evidence.login_failed_networks, "minutes": law.stuff_minutes}


def _dormant(evidence: SignInEvidence, law: Law) -> Iterator[Sign]:
    days = (evidence.at - evidence.last_at).days if evidence.last_at else 0
    if days >= law.dormant_days:
        yield "dormant", {"days": days}


def _looks(evidence: UseEvidence, law: Law) -> Iterator[Sign]:
    """Own habit, colleagues' habit, and the ceiling; few looks are never unusual."""
    looks, most = evidence.looks, law.looks_deviations_max
    if looks >= law.looks_an_hour_max:
        yield "look-ceiling", {"ceiling": law.looks_an_hour_max}
    if looks < law.looks_unusual_min:
        return
    own = habits.median(evidence.own_hours)
    spread = habits.median_deviation(evidence.own_hours)
    if habits.deviations(value=looks, middle=own, spread=spread) > most:
        yield "mass-look", {"looks": looks, "usual": str(own)}
    peers = evidence.peers_median
    if peers is not None and (
        habits.deviations(value=looks, middle=peers, spread=evidence.peers_spread) > most
    ):
        yield "above-peers", {"looks": looks, "usual": str(peers)}


def _first_privileged(evidence: UseEvidence, law: Law) -> Iterator[Sign]:
    if evidence.is_first_use and evidence.function:
        yield "first-privileged", {"function": evidence.function}


def _fresh_grant(evidence: UseEvidence, law: Law) -> Iterator[Sign]:
    if evidence.granted_at:
        minutes = int((evidence.at - evidence.granted_at).total_seconds() // 60)
        if 0 <= minutes < law.fresh_grant_minutes:
            yield "fresh-grant", {"minutes": minutes}


_SIGN_IN_RULES: tuple[Callable[[SignInEvidence, Law], Iterator[Sign]], ...] = (
    _new_device,
    _new_network,
    _impossible_travel,
    _odd_hour,
    _off_duty,
    _spraying,
    _stuffing,
    _dormant,
)
_USE_RULES: tuple[Callable[[UseEvidence, Law], Iterator[Sign]], ...] = (
    _looks,
    _first_privileged,
    _fresh_grant,
    _off_duty,
)

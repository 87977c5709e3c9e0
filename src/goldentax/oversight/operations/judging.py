"""
Judge behaviour at the doors and keep the judgement: sign-ins, looks at personal data, privileged functions.

A judgement is kept even when the caller is refused, so none of the ``assess_*`` may run inside a caller's transaction.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from django.db import connection, transaction

from goldentax.kernel import access, audit
from goldentax.kernel.ids import new_public_id
from goldentax.kernel.node import this_node
from goldentax.kernel.refusals import Refusal
from goldentax.kernel.text import Text
from goldentax.oversight import errors, models, store
from goldentax.oversight.queries import evidence
from goldentax.oversight.rules import scoring
from goldentax.oversight.rules.facts import AlarmFacts, Assessment, LookFacts, SignInFacts, UseFacts
from goldentax.oversight.rules.law import law_on

_CASE_FOR = (scoring.WARN, scoring.BLOCK)
"""A step-up clears itself: who passes it has shown more than a case could find out."""
ALARM = "alarm"
_SAME_MATTER = timedelta(hours=1)
"""While a case about a person is open, the same kind of thing again within this time is the same case."""


def assess_sign_in(facts: SignInFacts) -> Assessment:
    """
    Judge a sign-in whose proof was right, before the session starts; the judgement is kept.

    The caller obeys the verdict: ``warn`` lets in and tells the person, ``step_up`` asks for a second factor, ``block``
    refuses, with :class:`goldentax.oversight.errors.SignInBlocked`. A case is opened for what is blocked, and for what
    is warned of.
    """
    at = _local(facts.at)
    law = law_on(at.date())
    found = evidence.sign_in_evidence(replace(facts, at=at), law=law)
    judgement = scoring.judge_sign_in(found, law=law)
    return _keep(
        judgement,
        kind="sign_in",
        person_id=facts.person_id,
        at=at,
        network=facts.network,
        device=evidence.device_hash(facts.device_id),
    )


@transaction.atomic
def note_sign_in(facts: SignInFacts, *, succeeded: bool) -> None:
    """
    Note how an attempt ended, so that the next ones are judged by it; a device that got in is known from then on.

    No audit row: the room that signs people in writes its own.
    """
    device = evidence.device_hash(facts.device_id)
    models.SignIn.objects.create(
        person_id=facts.person_id,
        login_digest=facts.login_digest[:64],
        network=facts.network[:64],
        device=device,
        method=facts.method[:24],
        at=facts.at,
        has_succeeded=succeeded,
    )
    if succeeded and device and facts.person_id:
        with connection.cursor() as cursor:
            cursor.execute(
                store.sql("know_device"),
                {
                    "public_id": new_public_id(),
                    "person_id": facts.person_id,
                    "device": device,
                    "user_agent": facts.user_agent[:200],
                    "at": facts.at,
                    "network": facts.network[:64],
                },
            )


def assess_look(facts: LookFacts) -> Assessment:
    """
    Judge a look at personal data before the data are shown; when it may happen, write it into the audit trail.

    :raises LooksBlocked: if it is judged too risky; a case is open then.
    :raises goldentax.kernel.access.StepUpNeeded: if a second factor is asked and the looker has given none.
    """
    assert facts.subjects > 0 and facts.fields and facts.purpose, facts
    at = _local(facts.at)
    law = law_on(at.date())
    hour = at.replace(minute=0, second=0, microsecond=0)
    looks = _count_looks(facts.person_id, hour=hour, looks=facts.subjects)
    found = evidence.look_evidence(replace(facts, at=at), looks=looks, hour=hour)
    judgement = scoring.judge_use(found, law=law)
    assessment = _keep(
        judgement,
        kind="look",
        person_id=facts.person_id,
        at=at,
        network=facts.network,
        function=facts.function,
    )
    _obey(assessment, assurance=facts.assurance, refusal=errors.LooksBlocked)
    audit.note_look(
        actor=facts.actor or f"web:{facts.person_id}",
        subject=facts.subject,
        fields=facts.fields,
        purpose=facts.purpose,
        now=facts.at,
        request_id=facts.request_id,
    )
    return assessment


def assess_privileged(facts: UseFacts) -> Assessment:
    """
    Judge the use of a privileged function before it is used; the use counts from then on.

    :raises UseBlocked: if it is judged too risky; a case is open then.
    :raises goldentax.kernel.access.StepUpNeeded: if a second factor is asked and the user has given none.
    """
    at = _local(facts.at)
    judgement = scoring.judge_use(evidence.use_evidence(replace(facts, at=at)), law=law_on(at.date()))
    assessment = _keep(
        judgement,
        kind="privileged",
        person_id=facts.person_id,
        at=at,
        network=facts.network,
        function=facts.function,
    )
    _obey(assessment, assurance=facts.assurance, refusal=errors.UseBlocked)
    with connection.cursor() as cursor:
        cursor.execute(
            store.sql("count_use"),
            {"person_id": facts.person_id, "function": facts.function[:80], "at": facts.at},
        )
    return assessment


def raise_alarm(facts: AlarmFacts) -> Assessment:
    """
    Keep an alarm of a room above and open a case about it; the room has stopped what it was.

    Unlike the others it refuses nobody, and belongs into the caller's transaction: what was not stopped is no alarm.
    """
    at = _local(facts.at)
    judgement = scoring.judge_alarm(facts.sign, client=facts.client, law=law_on(at.date()))
    return _keep(judgement, kind=ALARM, person_id=facts.person_id, at=at)


def _obey(assessment: Assessment, *, assurance: int, refusal: type[Refusal]) -> None:
    if assessment.verdict == scoring.BLOCK:
        raise refusal(reasons=reasons_text(assessment.reasons))
    if assessment.verdict == scoring.STEP_UP and assurance < access.TWO_FACTORS:
        raise access.StepUpNeeded(level=access.TWO_FACTORS)


def reasons_text(reasons: Iterable[scoring.Reason]) -> Text:
    """The reasons in one line of each language, for a refusal."""
    listed = list(reasons)
    return Text("；".join(one.text.zh for one in listed), "; ".join(one.text.en for one in listed))


def _count_looks(person_id: str, *, hour: datetime, looks: int) -> int:
    """Count looks of this hour, and give their number; looks that are refused count as well: they were tried."""
    with connection.cursor() as cursor:
        cursor.execute(store.sql("count_looks"), {"person_id": person_id, "hour": hour, "looks": looks})
        return int(cursor.fetchone()[0])


@transaction.atomic
def _keep(
    judgement: scoring.Judgement,
    *,
    kind: str,
    person_id: str,
    at: datetime,
    network: str = "",
    device: str = "",
    function: str = "",
) -> Assessment:
    answer = Assessment(score=judgement.score, verdict=judgement.verdict, reasons=judgement.reasons)
    if kind != "sign_in" and not judgement.reasons:
        return answer  # a look or use without any sign stands in the audit trail; twice says no more
    kept = models.Assessment.objects.create(
        public_id=new_public_id(),
        kind=kind,
        person_id=person_id,
        network=network[:64],
        device=device,
        function=function[:80],
        at=at,
        score=judgement.score,
        verdict=judgement.verdict,
        reasons=[
            {"code": one.code, "weight": one.weight, "zh": one.text.zh, "en": one.text.en}
            for one in judgement.reasons
        ],
    )
    if judgement.verdict in _CASE_FOR and not _has_open_case(kept):
        models.Case.objects.create(
            public_id=new_public_id(), assessment=kept, person_id=person_id, opened_at=at
        )
    return replace(answer, public_id=str(kept.public_id))


def _has_open_case(kept: models.Assessment) -> bool:
    """Tell whether the same matter is being looked into, at least as hard; a hundred tries are one case."""
    harder = (scoring.BLOCK,) if kept.verdict == scoring.BLOCK else _CASE_FOR
    return models.Case.objects.filter(
        person_id=kept.person_id,
        handled_at__isnull=True,
        opened_at__gt=kept.at - _SAME_MATTER,
        assessment__kind=kept.kind,
        assessment__verdict__in=harder,
    ).exists()


def _local(at: datetime) -> datetime:
    """The moment by the clock on the bureau's wall: habits and working time are counted by it."""
    return at.astimezone(this_node().time_zone)

"""Who could: for any past moment, from the database, by what was held then under the law of that day."""

from collections.abc import Iterable
from datetime import datetime

from django.db.models import Q

from goldentax.authority import errors, store
from goldentax.authority.models import Grant
from goldentax.authority.rules import catalogue as catalogues
from goldentax.authority.rules.catalogue import Catalogue
from goldentax.authority.rules.deciding import Held, Policy, held, moment
from goldentax.authority.rules.grants import POST
from goldentax.authority.rules.values import VIA_GRANT, VIA_POST, Holder, Holding, Object
from goldentax.kernel.clock import CHINA


def who_could(*, object: Object, at: datetime, function: str = "") -> list[Holder]:
    """
    Everybody who could use a function on an object at a moment, with every holding that let them.

    Without a function: everybody who could use any of them there. Ending a grant later changes nothing of the answer.
    What a person had to be at that moment (two factors, an hour of the day) is told as conditions. A holding that
    segregation of duties kept from use is left out.

    :raises errors.UnknownFunction: if the catalogue of that day has no such function.
    """
    catalogue = catalogues.catalogue_on(at.astimezone(CHINA).date())
    if function and function not in catalogue.grantable:
        raise errors.UnknownFunction("function", function=function[:80])
    wanted = catalogue.sets_of_function[function] if function else frozenset(catalogue.function_sets)
    lines = store.lines()
    now = moment(at)
    candidates = [
        one
        for one in (
            *_granted(catalogue, wanted, lines.get(object.office, ()), object, at),
            *_elsewhere(object),
        )
        if catalogue.sets_of(via=one.via, code=one.code) & wanted
        and _in_force(held(one, catalogue=catalogue), now)
    ]
    policy = store.policy_then(persons=sorted({one.person_id for one in candidates}), at=at)
    found = [
        holder
        for one in candidates
        if policy.covers(line := held(one, catalogue=catalogue), object)
        for holder in _holders(one, line, policy, catalogue, wanted, function, now)
    ]
    return sorted(found, key=lambda one: (one.person_id, one.function_set, one.granted_at, one.reference))


def _in_force(line: Held, now: int) -> bool:
    return line.begins <= now < line.ends


def _granted(
    catalogue: Catalogue, wanted: frozenset[str], line: tuple[str, ...], obj: Object, at: datetime
) -> Iterable[Holding]:
    """What was granted for the object's office or one above it, and was in force at the moment."""
    day = at.astimezone(CHINA).date()
    posts = [code for code, sets in catalogue.sets_of_post.items() if sets & wanted]
    rows = Grant.objects.filter(
        Q(kind=POST, code__in=posts) | (~Q(kind=POST) & Q(code__in=wanted)),
        Q(ended_at__isnull=True) | Q(ended_at__gt=at),
        Q(valid_to__isnull=True) | Q(valid_to__gt=day),
        Q(taxpayers=[]) | Q(taxpayers__contains=[obj.taxpayer]),
        office_code__in=line,
        granted_at__lte=at,
        valid_from__lte=day,
    )
    for row in rows.order_by("id").iterator(chunk_size=5_000):
        assert row.granted_at is not None
        yield Holding(
            person_id=str(row.person_id),
            via=VIA_POST if row.kind == POST else VIA_GRANT,
            code=row.code,
            valid_from=row.valid_from,
            valid_to=row.valid_to,
            granted_at=row.granted_at,
            ended_at=row.ended_at,
            office=row.office_code,
            taxpayers=frozenset(row.taxpayers),
            fields=frozenset(row.fields),
            reference=str(row.public_id),
        )


def _elsewhere(obj: Object) -> Iterable[Holding]:
    if obj.taxpayer:
        for source in store.sources():
            yield from source.over_taxpayer(obj.taxpayer)


def _holders(
    one: Holding,
    line: Held,
    policy: Policy,
    catalogue: Catalogue,
    wanted: frozenset[str],
    function: str,
    now: int,
) -> Iterable[Holder]:
    """The holding once for each set of it that was wanted and not kept from use."""
    holdings = policy.holdings_of(one.person_id) if one.reference else ()
    own = next((it for it in holdings if it.reference == one.reference), line)
    if function and policy.stopping(one.person_id, own, function, now) is not None:
        return
    for code in sorted(catalogue.sets_of(via=one.via, code=one.code) & wanted):
        yield Holder(
            person_id=one.person_id,
            function=function,
            function_set=code,
            via=one.via,
            code=one.code,
            office=one.office,
            taxpayers=one.taxpayers,
            fields=one.fields,
            valid_from=one.valid_from,
            valid_to=one.valid_to,
            granted_at=one.granted_at,
            ended_at=one.ended_at,
            reference=one.reference,
            source=one.source,
            conditions=tuple(it.label for it in catalogue.conditions_of(function)) if function else (),
        )

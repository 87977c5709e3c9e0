"""Publishing lists of revoked certificates (吊销列表): at once upon a revocation, and before the last one ends."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from django.db import transaction

from goldentax.certificates.models import Authority, Certificate, RevocationList
from goldentax.certificates.operations import rootkeys
from goldentax.certificates.queries import authorities, kinds
from goldentax.certificates.rules import building, profiles

LISTS_KEPT = 3


@transaction.atomic
def publish(authority: Authority, *, now: datetime) -> RevocationList:
    """
    Make the next list of an authority, of all it ever revoked that is not long out of date.

    Two at once wait for each other, so numbers and contents rise together.
    """
    held = Authority.objects.select_for_update().get(pk=authority.pk)
    is_root = held.kind == profiles.ROOT
    # All nodes of a home publish the root's one list: their numbers rise together with the time.
    number = max(held.crl_number + 1, int(now.timestamp()) if is_root else 0)
    entries = list(rootkeys.list_revoked(held.algorithm) if is_root else _entries(held, now))
    if is_root:
        term = timedelta(days=kinds.parameter("root_crl_term_days", now=now))
    else:
        term = timedelta(hours=kinds.parameter("crl_term_hours", now=now))
    der = building.build_crl(
        entries,
        issuer_key=rootkeys.root_key(held.algorithm) if is_root else authorities.key_of(held),
        issuer_name=bytes(held.subject),
        number=number,
        this_update=now,
        next_update=now + term,
    )
    made = RevocationList.objects.create(
        authority=held,
        number=number,
        this_update=now,
        next_update=now + term,
        entry_count=len(entries),
        der=der,
    )
    Authority.objects.filter(pk=held.pk).update(crl_number=number)
    RevocationList.objects.filter(authority=held, number__lte=number - LISTS_KEPT).delete()
    return made


def publish_due(*, now: datetime) -> int:
    """Make every list that is due; how many were made. Safe in several workers at once."""
    made = 0
    every = timedelta(hours=kinds.parameter("crl_every_hours", now=now))
    listed = Authority.objects.filter(
        kind__in=(profiles.ROOT, profiles.ISSUING), valid_to__gt=now, revoked_at__isnull=True
    )
    for one in listed:
        # A province's copy of the root, or the headquarters' note of a province's authority, has no key here.
        if not (rootkeys.is_here(one.algorithm) if one.kind == profiles.ROOT else one.sealed_key):
            continue
        with transaction.atomic():
            Authority.objects.select_for_update().get(pk=one.pk)
            last = authorities.latest_list(one)
            wait = timedelta(days=1) if one.kind == profiles.ROOT else every
            if last is None or last.this_update + wait <= now:
                publish(one, now=now)
                made += 1
    return made


def _entries(authority: Authority, now: datetime) -> Iterator[building.RevokedEntry]:
    # A certificate that ended is listed once more at least (RFC 5280, 3.3): for a day here.
    issued = Certificate.objects.filter(
        authority=authority, revoked_at__isnull=False, valid_to__gt=now - timedelta(days=1)
    ).order_by("id")
    rows = issued.values_list("serial", "revoked_at", "revocation_reason")
    for serial, at, reason in rows.iterator(chunk_size=2000):
        assert at is not None, serial
        yield building.RevokedEntry(serial=int(serial, 16), at=at, reason=reason)

"""
The demo world's taxpayers and people as subjects, with the relations between them.

The register and identity have them already; nothing is given here, only written down as what it is.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime

from goldentax.identity import api as identity
from goldentax.node.demo.people import Account
from goldentax.registry.api import TaxpayerView
from goldentax.subjects import api as subjects

_ACTOR = "system:demo"


def enrol_subjects(
    *, taxpayers: Mapping[str, TaxpayerView], settlers: Iterable[Account], now: datetime
) -> None:
    """
    Collect everybody of a demo world, and verify those who have accounts and whom they act for.

    The others are verified by the worker in its first seconds, as if they had been collected at a counter: the start
    does not wait for it. A second time changes nothing.
    """
    settlers = tuple(settlers)
    acted_for = {duty.company for settler in settlers for duty in settler.duties}
    companies = {}
    for key, one in taxpayers.items():
        if key in acted_for and not one.is_person:
            companies[one.tax_id] = subjects.ensure_company(
                tax_id=one.tax_id, name=one.name, actor=_ACTOR, now=now
            )
        elif not one.is_person:
            subjects.collect_subject(
                kind="legal_entity",
                credential="uscc",
                number=one.tax_id,
                name=one.name,
                actor=_ACTOR,
                now=now,
                request_id=f"demo-subject-{key}",
            )
    for settler in settlers:
        person = identity.find_person(login=settler.user)
        assert person is not None, "people are settled before they are enrolled"
        known = subjects.ensure_person(person_id=person.public_id, actor=_ACTOR, now=now)
        for held in identity.list_memberships(person_id=person.public_id, on=now.date()):
            if held.tax_id not in companies:
                continue  # natural persons act for themselves: there is no relation between two
            subjects.adopt_membership(
                from_id=known.public_id,
                to_id=companies[held.tax_id].public_id,
                membership_id=held.public_id,
                duty=held.duty,
                valid_from=held.valid_from,
                actor=_ACTOR,
                now=now,
            )

"""
A company registers itself (设立登记), by its legal representative.

The market regulator says whose the company is (:mod:`goldentax.subjects`); here the verified company becomes a
taxpayer of its office, and its representative may act for it. One transaction: no taxpayer without somebody to
act for it.
"""

import uuid
from datetime import date, datetime

from django.db import transaction

from goldentax.authority import api as authority
from goldentax.kernel.clock import CHINA
from goldentax.kernel.codes import api as codes
from goldentax.registry import errors
from goldentax.registry.models import AnsweredRequest
from goldentax.registry.operations.taxpayers import register_taxpayer
from goldentax.registry.queries import taxpayers
from goldentax.registry.rules import registration as rules
from goldentax.registry.rules.kinds import TaxpayerKind
from goldentax.registry.rules.registration import Registration, TaxKindGrant
from goldentax.registry.rules.views import TaxpayerView
from goldentax.subjects import api as subjects

_TAX_KINDS = ("vat", "urban-construction", "education", "local-education")


def register_company(
    *,
    number: str,
    name: str,
    person_id: uuid.UUID | str,
    actor: str,
    request_id: str,
    now: datetime,
    address: str = "",
    phone: str = "",
) -> TaxpayerView:
    """
    Register a company as a small-scale taxpayer of the office in charge of its place, and let the person act for
    it.

    Small-scale, because a new company is (增值税法: by turnover); becoming a general taxpayer is a matter of its
    own. Not to be called inside a transaction: the market regulator is asked. The same request gets the first
    answer back.

    :raises subjects.AlreadyRegisteredHere: if it is on the register.
    :raises subjects.NotItsRepresentative: if the person is not its legal representative.
    :raises subjects.SourceAway, subjects.SourceDisagrees, subjects.NotVerified: by what the sources say.
    :raises authority.UnknownOffice: if no office here has charge of its place.
    """
    number = rules.tidy_tax_id(number)
    earlier = taxpayers.find_taxpayer(tax_id=number)
    if earlier is not None and not _is_of(earlier, person_id=person_id, request_id=request_id, now=now):
        raise subjects.AlreadyRegisteredHere("number")
    if earlier is not None:
        return earlier
    claim = subjects.claim_company(number=number, name=name, person_id=person_id, actor=actor, now=now)
    facts = claim.answer.facts
    registration = Registration(
        tax_id=claim.number,
        name=facts.get("name", claim.name),
        kind=TaxpayerKind.SMALL,
        office_code=office_for(division=facts.get("division", "") or claim.number[2:8]),
        registered_date=now.astimezone(CHINA).date(),
        economic_type=facts.get("economic_type", ""),
        industry_code=known_industry(facts.get("industry", ""), on=now.astimezone(CHINA).date()),
        address=address or facts.get("address", ""),
        phone=phone,
        representative=facts.get("representative_name", ""),
        tax_kinds=_tax_kinds(now.astimezone(CHINA).date()),
    )
    with transaction.atomic():
        try:
            taxpayer = register_taxpayer(
                registration=registration, actor=actor, request_id=request_id, now=now
            )
        except errors.AlreadyRegistered:
            # Somebody was quicker between the question and here.
            raise subjects.AlreadyRegisteredHere("number") from None
        company = subjects.settle_company(claim=claim, actor=actor, now=now)
        subjects.relate_representative(
            company_id=company.public_id,
            person_subject_id=claim.person_subject,
            taxpayer_public_id=taxpayer.public_id,
            taxpayer_name=taxpayer.name,
            actor=actor,
            now=now,
            request_id=request_id,
        )
        subjects.drop_draft(person_id=person_id, purpose=subjects.COMPANY)
    return taxpayer


def office_for(*, division: str) -> str:
    """
    The office in charge of a division: its county's, else its city's, else its province's.

    :raises authority.UnknownOffice: if none of them is known here.
    """
    for code in (f"1{division}0000", f"1{division[:4]}000000", f"1{division[:2]}00000000"):
        if authority.find_office(code) is not None:
            return code
    raise authority.UnknownOffice("office_code", office=f"1{division}0000")


def known_industry(code: str, *, on: date) -> str:
    """The finest heading of an industry code that the code table here has; a node may have divisions alone."""
    headings = [code[:length] for length in (4, 3, 2) if len(code) >= length]
    known = codes.find_codes(table=codes.INDUSTRY, codes=headings, on=on)
    return next((one for one in headings if one in known), "")


def _tax_kinds(on: date) -> tuple[TaxKindGrant, ...]:
    return tuple(TaxKindGrant(tax=tax, filing_period="quarter", valid_from=on) for tax in _TAX_KINDS)


def _is_of(taxpayer: TaxpayerView, *, person_id: uuid.UUID | str, request_id: str, now: datetime) -> bool:
    """Whether this person registered it by this very request: the answer is repeated to nobody else."""
    answered = AnsweredRequest.objects.filter(scope="", request_id=request_id, result_id=taxpayer.public_id)
    if not answered.exists():
        return False
    members = subjects.list_people(
        tax_id=taxpayer.tax_id, giver_id=person_id, on=now.astimezone(CHINA).date()
    )
    return any(one.duty == "01" and str(one.person_id) == str(person_id) for one in members)

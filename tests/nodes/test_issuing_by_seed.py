"""
Random schedules of issuing, held against a dictionary: ``make sim`` runs more of them, ``make sim SEED=7`` repeats one.

One node so far. The twin knows nothing of SQL: a set of first answers, a sum per month, a counter per year. After each
step both must have answered alike; at the end every sum must agree with the entries in the store.
"""

import os
import random
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db.models import Sum

from goldentax.invoicing import api as invoicing
from goldentax.invoicing import errors
from goldentax.invoicing.models import Invoice, LimitAccount, LimitEntry
from goldentax.kernel.access import ISSUER, PERSON, TAXPAYER, Actor
from goldentax.kernel.refusals import Refusal
from goldentax.kernel.values.identifiers import make_uscc
from goldentax.node.testing import NOW
from goldentax.registry import api as registry

SCHEDULES = int(os.environ.get("SCHEDULES", "12"))
STEPS = 50
SEEDS = [int(os.environ["SEED"])] if os.environ.get("SEED") else range(1, SCHEDULES + 1)
SELLERS = [make_uscc(prefix="91450200", organisation8=f"MA5EED{n:02d}") for n in range(3)]


@dataclass
class Twin:
    """What the answers must be, kept in dictionaries."""

    limits: dict[str, int] = field(default_factory=dict)
    accounts: dict[tuple[str, str], list[int]] = field(
        default_factory=dict
    )  # (seller, month) → [total, used]
    answers: dict[tuple[str, str], tuple[str, str]] = field(
        default_factory=dict
    )  # (seller, id) → (amount, number)

    def issue(self, seller: str, request_id: str, amount: str, now: datetime) -> str:
        """ "" when it must be issued, the number of the first answer, or the code of the refusal."""
        first = self.answers.get((seller, request_id))
        if first:
            return first[1] if first[0] == amount else errors.RequestIdReused.code
        if Decimal(amount) <= 0:
            return errors.NegativeLine.code
        account = self.accounts.get((seller, f"{now:%Y%m}"), [self.limits[seller], 0])
        fen = int(Decimal(amount) * 100)
        if account[1] + fen > account[0]:
            return errors.LimitSpent.code
        self.accounts[(seller, f"{now:%Y%m}")] = [account[0], account[1] + fen]
        return ""

    def grant(self, seller: str, fen: int, now: datetime) -> None:
        self.limits[seller] = fen
        account = self.accounts.get((seller, f"{now:%Y%m}"))
        if account:
            account[0] = max(fen, account[1])


def actor(seller: str) -> Actor:
    return Actor(
        person_id="p", person_name="甲", roles=frozenset({PERSON, TAXPAYER, ISSUER}), taxpayer_id=seller
    )


def draft(request_id: str, amount: str) -> invoicing.InvoiceDraft:
    one = invoicing.LineDraft(name="货", tax_code="1090511030000000000", rate="0.13", amount=Decimal(amount))
    buyer = invoicing.PartyDraft(name="乙", is_person=True)
    return invoicing.InvoiceDraft(request_id=request_id, kind="82", buyer=buyer, lines=(one,))


def grant(seller: str, fen: int, now: datetime, request_id: str) -> None:
    invoicing.grant_limit(
        tax_id=seller, total_fen=fen, valid_from=now.date(), valid_to=None, basis="sim", actor="system:sim",
        now=now, request_id=request_id,
    )  # fmt: skip


def answer_of(seller: str, request_id: str, amount: str, now: datetime) -> tuple[str, Any]:
    try:
        issued = invoicing.issue_invoice(draft=draft(request_id, amount), actor=actor(seller), now=now)
    except Refusal as refusal:
        return refusal.code, None
    return (issued.number if issued.repeated else ""), issued


@pytest.mark.django_db
@pytest.mark.parametrize("seed", SEEDS)
def test_a_schedule_gives_the_twins_answers(seed: int) -> None:
    chance, twin, now = random.Random(seed), Twin(), NOW
    for seller in SELLERS:
        registry.register_taxpayer(
            registration=registry.Registration(
                tax_id=seller, name=f"企业{seller[-3:]}", kind="general", office_code="14500000000",
                registered_date=date(2020, 1, 1),
            ),
            actor="system:sim", request_id=f"sim-{seller}", now=now,
        )  # fmt: skip
        twin.grant(seller, 1000_00, now)
        grant(seller, 1000_00, now, "first")
    for step in range(STEPS):
        seller = chance.choice(SELLERS)
        action = chance.choices(("issue", "grant", "wait"), (20, 2, 1))[0]
        if action == "grant":
            fen = chance.randrange(0, 3000_00)
            now += timedelta(days=1)
            twin.grant(seller, fen, now)
            grant(seller, fen, now, f"step-{step}")
        elif action == "wait":
            now += timedelta(days=chance.randrange(1, 40))
        else:
            request_id = f"request-{chance.randrange(25):04d}"
            amount = f"{chance.choice((-1, 1, 1, 1, 1)) * chance.randrange(1, 400_00) / 100:.2f}"
            known = twin.answers.get((seller, request_id))
            if known and chance.random() < 0.5:
                amount = known[0]
            expected = twin.issue(seller, request_id, amount, now)
            got, issued = answer_of(seller, request_id, amount, now)
            assert got == expected, f"SEED={seed}, step {step}: {request_id} of {amount}"
            if issued and not issued.repeated:
                twin.answers[(seller, request_id)] = (amount, issued.number)
    the_books_agree(twin)


def the_books_agree(twin: Twin) -> None:
    """Every number once, every account the sum of its entries, nothing stored that the twin does not know."""
    stored = Invoice.objects.filter(seller_tax_id__in=SELLERS)
    numbers = [number for _, number in twin.answers.values()]
    assert sorted(numbers) == sorted(stored.values_list("number", flat=True))
    assert len(set(numbers)) == len(numbers)
    for account in LimitAccount.objects.filter(tax_id__in=SELLERS):
        assert twin.accounts[(account.tax_id, account.period)] == [account.total_fen, account.used_fen]
        entries = LimitEntry.objects.filter(account=account)
        assert (entries.aggregate(sum=Sum("amount_fen"))["sum"] or 0) == account.total_fen - account.used_fen

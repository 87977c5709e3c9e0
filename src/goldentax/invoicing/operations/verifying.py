"""
Public verification (查验): counted by invoice, day and client, so that nobody can guess a face by trying.

The count is by client, so one reader's tries never lock another out. Addresses are kept as keyed hashes only.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings as django_settings
from django.db import connection
from django.db.models import Sum

from goldentax.invoicing import errors
from goldentax.invoicing.models import VerificationCount
from goldentax.invoicing.queries.places import by_number
from goldentax.invoicing.rules import documents, verifying
from goldentax.invoicing.rules.documents import InvoiceDocument
from goldentax.invoicing.rules.verifying import Result, VerifyQuery
from goldentax.kernel import lawbook


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyOutcome:
    """What verification says; the document only where everything agreed."""

    result: Result
    document: InvoiceDocument | None
    count: int  # how often this number was asked for, by everyone, today included
    state: str = "N"  # N normal; H, HP, HF once red invoices stand against it

    @property
    def is_match(self) -> bool:
        return self.result is Result.MATCH


_COUNT = """
INSERT INTO invoicing_verification_count (number, day, client, tries) VALUES (%s, %s, %s, 1)
ON CONFLICT ON CONSTRAINT verification_count_one
DO UPDATE SET tries = invoicing_verification_count.tries + 1
RETURNING tries
"""


def verify_invoice(*, query: VerifyQuery, client: str, now: datetime) -> VerifyOutcome:
    """
    Answer whether a face is genuine, and count the question.

    :param client: the reader's network address; only its keyed hash is kept.
    :raises goldentax.invoicing.errors.BadVerifyQuery: if a field is malformed; this is not counted.
    :raises goldentax.invoicing.errors.VerifyTooOften: above the day's limit for this number and client.
    """
    question = verifying.understand(query)
    limit = lawbook.parameter("invoicing/verification_tries_per_day_max", on=now.date())
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [question.number, now.date(), _client_hash(client)])
        (tries,) = cursor.fetchone()
    if tries > limit:
        raise errors.VerifyTooOften("number", limit=limit, retry_after_s=_seconds_to_midnight(now))
    row = by_number(question.number).only("document").first()
    document = documents.decode(bytes(row.document)) if row else None
    result = verifying.judge(question, document)
    total = VerificationCount.objects.filter(number=question.number).aggregate(sum=Sum("tries"))["sum"]
    return VerifyOutcome(
        result=result, document=document if result is Result.MATCH else None, count=int(total or 0)
    )


def _client_hash(client: str) -> str:
    key = django_settings.SECRET_KEY.encode()
    return hmac.new(key, client.encode(), hashlib.sha256).hexdigest()[:32]


def _seconds_to_midnight(now: datetime) -> int:
    return 86_400 - (now.hour * 3600 + now.minute * 60 + now.second)

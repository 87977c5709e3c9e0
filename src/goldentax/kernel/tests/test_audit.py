"""The audit trail as every room writes it: kinds, looks, rows that stay as they are, and the count of transactions."""

from datetime import datetime

import pytest
from django.db import IntegrityError, connection, transaction

from goldentax.kernel import audit
from goldentax.kernel.models import AuditEntry

pytestmark = pytest.mark.django_db
NOW = datetime.fromisoformat("2026-11-18T10:00:00+08:00")


def write(**changes: object) -> AuditEntry:
    given = {"actor": "web:a", "action": "test.thing.do", "subject": "thing:1", "now": NOW}
    audit.record(**(given | changes))  # type: ignore[arg-type]
    return AuditEntry.objects.latest("id")


def test_a_record_is_business_unless_it_says_otherwise() -> None:
    assert write().category == audit.CHANGE


@pytest.mark.parametrize("category", audit.CATEGORIES)
def test_each_category_is_taken(category: str) -> None:
    assert write(category=category).category == category


def test_another_category_is_a_bug_and_the_database_refuses_it_too() -> None:
    with pytest.raises(AssertionError):
        write(category="other")
    with pytest.raises(IntegrityError), transaction.atomic():
        AuditEntry.objects.create(at=NOW, category="other", actor="a", action="b", subject="c")


def test_a_look_keeps_names_of_fields_and_never_what_they_said() -> None:
    audit.note_look(
        actor="web:a",
        subject="person:1",
        fields=["phone", "id_number", "phone"],
        purpose="办税",
        now=NOW,
        request_id="r",
    )
    entry = AuditEntry.objects.latest("id")
    assert (entry.category, entry.action, entry.request_id) == (audit.LOOK, "kernel.personal-data.look", "r")
    assert entry.detail == {"fields": ["id_number", "phone"], "purpose": "办税"}


def test_a_look_without_a_purpose_does_not_happen() -> None:
    with pytest.raises(AssertionError):
        audit.note_look(actor="a", subject="b", fields=["c"], purpose="", now=NOW)


def test_what_is_too_long_is_cut_and_not_refused() -> None:
    entry = write(actor="a" * 500, subject="b" * 500, request_id="c" * 500)
    assert (len(entry.actor), len(entry.subject), len(entry.request_id)) == (120, 120, 64)


@pytest.mark.parametrize("statement", ["UPDATE kernel_audit SET actor = 'x'", "DELETE FROM kernel_audit"])
def test_a_record_stays_as_it_is(statement: str) -> None:
    write()
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_a_record_carries_the_transaction_that_wrote_it() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT kernel_audit_tx()")
        here = cursor.fetchone()[0]
        with transaction.atomic():  # a savepoint is no transaction of its own
            entry = write()
        cursor.execute("SELECT kernel_audit_horizon()")
        horizon = cursor.fetchone()[0]
    assert AuditEntry.objects.get(id=entry.id).tx == here
    assert horizon <= here  # while it runs, nothing at or above it may be sealed

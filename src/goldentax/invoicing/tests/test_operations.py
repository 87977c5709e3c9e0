"""Issuing on a real database: first answers, limits, numbers, races, and what may never be changed."""

import threading
from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from functools import partial
from typing import Any

import msgspec
import pytest
from django.db import DatabaseError, connection, transaction

from goldentax.invoicing import api as invoicing
from goldentax.invoicing import errors
from goldentax.invoicing.models import Invoice, LimitAccount, LimitEntry
from goldentax.invoicing.rules import documents, receipts
from goldentax.invoicing.rules.drafts import InvoiceDraft, LineDraft, PartyDraft
from goldentax.kernel.access import Actor
from goldentax.kernel.crypto import sm
from goldentax.kernel.crypto.keys import node_signer
from goldentax.kernel.models import AuditEntry, OutboxEvent
from goldentax.kernel.values.identifiers import make_uscc
from goldentax.node.testing import NOW
from goldentax.registry import api as registry

SELLER = make_uscc(prefix="91450100", organisation8="MATEXT01")
OTHER = make_uscc(prefix="91450100", organisation8="MATEXT02")


def register(
    tax_id: str, *, kind: str = "general", status: str = registry.NORMAL, limit_fen: int | None = 10_000_00
) -> None:
    registry.register_taxpayer(
        registration=registry.Registration(
            tax_id=tax_id,
            name=f"测试{tax_id[-4:]}有限公司",
            kind=kind,
            office_code="14500000000",
            registered_date=date(2020, 1, 1),
            status=status,
        ),
        actor="system:test",
        request_id=f"register-{tax_id}",
        now=NOW,
    )
    if limit_fen is not None:
        grant(tax_id, limit_fen)


def grant(tax_id: str, limit_fen: int, *, from_: date = date(2020, 1, 1), to: date | None = None) -> None:
    invoicing.grant_limit(
        tax_id=tax_id,
        total_fen=limit_fen,
        valid_from=from_,
        valid_to=to,
        basis="test",
        actor="system:test",
        now=NOW,
        request_id=f"limit-{limit_fen}-{from_}",
    )


@pytest.fixture
def seller(db: None, actor_for: Callable[..., Actor]) -> Actor:
    register(SELLER)
    return actor_for(SELLER)


def draft(request_id: str = "request-0001", amount: str = "100.00", **changes: Any) -> InvoiceDraft:
    one = LineDraft(name="显示器", tax_code="1090511030000000000", rate="0.13", amount=Decimal(amount))
    given: dict[str, Any] = {
        "request_id": request_id,
        "kind": "82",
        "buyer": PartyDraft(name="张三", is_person=True),
        "lines": (one,),
    }
    return InvoiceDraft(**(given | changes))


def used_fen(tax_id: str = SELLER) -> int:
    return LimitAccount.objects.get(tax_id=tax_id, period="202611").used_fen


issue = partial(invoicing.issue_invoice, now=NOW)


def test_an_issued_invoice_is_numbered_stored_charged_audited_and_told(seller: Actor) -> None:
    issued = issue(draft=draft(), actor=seller)
    assert len(issued.number) == 20
    assert issued.number.startswith("26452")
    assert invoicing.get_invoice(number=issued.number, actor=seller) == issued.document
    assert used_fen() == 100_00
    assert AuditEntry.objects.filter(action="invoicing.invoice.issue", subject=issued.number).count() == 1
    told = OutboxEvent.objects.filter(key="45-0").latest("id")
    assert told.type == "invoicing.invoices.issued.v1"
    event = msgspec.json.decode(bytes(told.payload))
    assert event["first_leaf"] == Invoice.objects.get(pk=issued.number).leaf
    (invoice,) = event["invoices"]
    assert (invoice["number"], invoice["gross_fen"]) == (issued.number, 113_00)
    assert invoice["document_hash"] == sm.sm3(documents.encode(issued.document)).hex()


def test_the_receipt_is_signed_by_the_node(seller: Actor) -> None:
    receipt = issue(draft=draft(), actor=seller).receipt

    def verify(data: bytes, signature: bytes) -> bool:
        return sm.verify(public_key_hex=node_signer().public_key_hex, data=data, signature=signature)

    assert receipts.is_genuine(receipt, verify=verify)
    assert not receipts.is_genuine(msgspec.structs.replace(receipt, document_hash="00" * 32), verify=verify)


def test_the_same_request_gets_the_first_answer_back(seller: Actor) -> None:
    first = issue(draft=draft(), actor=seller)
    again = invoicing.issue_invoice(draft=draft(), actor=seller, now=NOW + timedelta(days=40))
    assert again.repeated and not first.repeated
    assert (again.document, again.receipt) == (first.document, first.receipt)
    assert used_fen() == 100_00


def test_the_same_request_id_with_another_content_is_refused(seller: Actor) -> None:
    issue(draft=draft(), actor=seller)
    with pytest.raises(errors.RequestIdReused):
        issue(draft=draft(amount="100.01"), actor=seller)
    assert used_fen() == 100_00


def test_request_ids_of_two_sellers_do_not_meet(seller: Actor, actor_for: Callable[..., Actor]) -> None:
    register(OTHER)
    first = issue(draft=draft(), actor=seller)
    second = issue(draft=draft(), actor=actor_for(OTHER))
    assert first.number != second.number


def test_a_preview_stores_and_charges_nothing(seller: Actor) -> None:
    before = (Invoice.objects.count(), AuditEntry.objects.count(), OutboxEvent.objects.count())
    preview = invoicing.preview_invoice(draft=draft(), actor=seller, now=NOW)
    assert preview.number == ""
    assert (Invoice.objects.count(), AuditEntry.objects.count(), OutboxEvent.objects.count()) == before
    assert not LimitAccount.objects.filter(tax_id=SELLER).exists()


def test_numbers_follow_each_other_and_a_refusal_burns_none(seller: Actor) -> None:
    first = issue(draft=draft("request-0001"), actor=seller)
    with pytest.raises(errors.LimitSpent):
        issue(draft=draft("request-0002", "99999999.00"), actor=seller)
    second = issue(draft=draft("request-0003"), actor=seller)
    assert int(second.number) == int(first.number) + 1


def test_the_limit_may_be_used_to_the_last_fen_and_no_further(seller: Actor) -> None:
    issue(draft=draft("request-0001", "9999.99"), actor=seller)
    with pytest.raises(errors.LimitSpent) as caught:
        issue(draft=draft("request-0002", "0.02"), actor=seller)
    assert caught.value.facts["available"] == "0.01"
    issue(draft=draft("request-0003", "0.01"), actor=seller)
    assert used_fen() == 10_000_00


def test_the_account_equals_the_sum_of_its_entries(seller: Actor) -> None:
    issue(draft=draft("request-0001"), actor=seller)
    grant(SELLER, 50_000_00, from_=date(2026, 11, 1))
    issue(draft=draft("request-0002", "20000.00"), actor=seller)
    account = LimitAccount.objects.get(tax_id=SELLER, period="202611")
    entries = LimitEntry.objects.filter(account=account).values_list("amount_fen", flat=True)
    assert sum(entries) == account.total_fen - account.used_fen == 29_900_00


def test_a_new_month_opens_its_own_account(seller: Actor) -> None:
    issue(draft=draft("request-0001", "10000.00"), actor=seller)
    later = NOW + timedelta(days=20)
    assert invoicing.get_limit(tax_id=SELLER, on=later.date()).available_fen == 10_000_00
    invoicing.issue_invoice(draft=draft("request-0002"), actor=seller, now=later)
    assert invoicing.get_limit(tax_id=SELLER, on=later.date()).available_fen == 9_900_00


@pytest.mark.parametrize(
    ("grants", "refusal"),
    [
        ([], errors.NoLimit),
        ([(10_000_00, date(2026, 1, 1), date(2026, 11, 21))], errors.LimitExpired),
        ([(10_000_00, date(2026, 12, 1), None)], errors.NoLimit),
        ([(0, date(2026, 1, 1), None)], errors.LimitSpent),
    ],
)
def test_without_a_limit_in_force_nothing_is_issued(
    db: None, actor_for: Callable[..., Actor], grants: list[Any], refusal: type[Exception]
) -> None:
    register(OTHER, limit_fen=None)
    for limit_fen, from_, to in grants:
        grant(OTHER, limit_fen, from_=from_, to=to)
    with pytest.raises(refusal):
        issue(draft=draft(), actor=actor_for(OTHER))
    assert not Invoice.objects.filter(seller_tax_id=OTHER).exists()


def test_who_is_not_in_business_issues_nothing(db: None, actor_for: Callable[..., Actor]) -> None:
    register(OTHER, status=registry.CANCELLED)
    with pytest.raises(errors.SellerMayNotIssue):
        issue(draft=draft(), actor=actor_for(OTHER))
    with pytest.raises(errors.SellerUnknown):
        issue(draft=draft(), actor=actor_for(make_uscc(prefix="91450100", organisation8="MATEXT99")))


@pytest.mark.parametrize("table", ["invoicing_invoice", "invoicing_limit_entry", "kernel_audit"])
@pytest.mark.parametrize("statement", ["DELETE FROM {}", "UPDATE {} SET {} = {}"])
def test_what_is_written_is_never_changed(seller: Actor, table: str, statement: str) -> None:
    issue(draft=draft(), actor=seller)
    column = {
        "invoicing_invoice": "gross_fen",
        "invoicing_limit_entry": "amount_fen",
        "kernel_audit": "subject",
    }[table]
    with (
        pytest.raises(DatabaseError, match="never changed"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement.format(table, column, column))


def test_another_taxpayers_invoice_looks_like_none(seller: Actor, actor_for: Callable[..., Actor]) -> None:
    register(OTHER)
    number = issue(draft=draft(), actor=seller).number
    for wanted in (number, "26452000009999999999", "x", "", "\0" * 20):
        with pytest.raises(errors.InvoiceNotFound):
            invoicing.get_invoice(number=wanted, actor=actor_for(OTHER))
    assert not invoicing.list_invoices(actor=actor_for(OTHER), filter_=invoicing.InvoiceFilter()).rows


def test_lists_page_by_cursor_without_gap_or_double(seller: Actor) -> None:
    numbers = [issue(draft=draft(f"request-{n:04d}"), actor=seller).number for n in range(7)]
    seen: list[str] = []
    cursor = ""
    while True:
        page = invoicing.list_invoices(
            actor=seller, filter_=invoicing.InvoiceFilter(), cursor=cursor, page_size=3
        )
        seen += [row.number for row in page.rows]
        cursor = page.next_cursor
        if not cursor:
            break
    assert seen == sorted(numbers, reverse=True)


def test_filters_find_by_text_kind_day_and_amount(seller: Actor) -> None:
    number = issue(draft=draft("request-0001", "1.00"), actor=seller).number
    issue(draft=draft("request-0002", "500.00", buyer=PartyDraft(name="李四", is_person=True)), actor=seller)

    def found(**fields: str) -> int:
        filter_ = invoicing.read_filter(fields)
        return len(invoicing.list_invoices(actor=seller, filter_=filter_).rows)

    assert found() == 2
    assert found(q="李四") == found(q=number) == found(min="565") == found(max="1.13") == 1
    assert found(q="显示器") == found(kind="82") == found(**{"from": "2026-11-21", "to": "2026-11-21"}) == 2
    assert found(kind="81") == found(to="2026-11-20") == found(q="%") == 0
    assert invoicing.summarise_invoices(actor=seller, filter_=invoicing.InvoiceFilter()).gross_fen == 566_13


@pytest.mark.parametrize("fields", [{"kind": "99"}, {"from": "soon"}, {"min": "a lot"}])
def test_a_filter_that_cannot_be_read_is_refused(fields: dict[str, str]) -> None:
    with pytest.raises(errors.BadFilter):
        invoicing.read_filter(fields)


def test_sums_by_month_and_rate_agree_with_the_lines(seller: Actor) -> None:
    issue(draft=draft("request-0001"), actor=seller)
    issue(draft=draft("request-0002"), actor=seller)
    ((month, summary),) = invoicing.summarise_by_month(actor=seller, filter_=invoicing.InvoiceFilter())
    assert (month, summary.count, summary.tax_fen) == ("2026-11", 2, 26_00)
    (by_rate,) = invoicing.summarise_by_rate(actor=seller, from_=date(2026, 11, 1), to=date(2026, 11, 30))
    assert (by_rate.rate, by_rate.line_count, by_rate.amount_fen) == ("0.13", 2, 200_00)


def test_verification_tells_match_and_mismatch_and_blocks_guessing(seller: Actor) -> None:
    number = issue(draft=draft(), actor=seller).number
    query = invoicing.VerifyQuery(number=number, issue_date="2026-11-21", gross="113.00")
    verify = partial(invoicing.verify_invoice, now=NOW)
    assert verify(query=query, client="a").is_match
    wrong = verify(query=msgspec.structs.replace(query, gross="113.01"), client="a")
    assert (wrong.result, wrong.document) == ("03", None)
    for _ in range(3):
        verify(query=query, client="a")
    with pytest.raises(errors.VerifyTooOften):
        verify(query=query, client="a")
    assert verify(query=query, client="b").count == 7
    assert invoicing.verify_invoice(query=query, client="a", now=NOW + timedelta(days=1)).is_match


def test_drafts_belong_to_their_taxpayer(seller: Actor, actor_for: Callable[..., Actor]) -> None:
    draft_id = invoicing.save_draft(actor=seller, fields={"remark": "x"}, title="t", now=NOW)
    assert (
        invoicing.save_draft(actor=seller, fields={"remark": "y"}, title="t", draft_id=draft_id, now=NOW)
        == draft_id
    )
    stranger = actor_for(OTHER)
    assert invoicing.get_draft(actor=stranger, draft_id=draft_id) is None
    invoicing.delete_draft(actor=stranger, draft_id=draft_id)
    found = invoicing.get_draft(actor=seller, draft_id=draft_id)
    assert found is not None and found.fields == {"remark": "y"}


def _together(count: int, work: Callable[[int], Any]) -> list[Any]:
    """Run work in threads that start at once; answers and exceptions in order."""
    answers: list[Any] = [None] * count
    gate = threading.Barrier(count)

    def run(index: int) -> None:
        gate.wait()
        try:
            answers[index] = work(index)
        except Exception as error:
            answers[index] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(index,)) for index in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


@pytest.mark.django_db(transaction=True)
def test_one_request_sent_many_times_at_once_is_issued_once(
    committed_world: None, actor_for: Callable[..., Actor]
) -> None:
    # The limit is just enough for one: a double that comes second must not be told that it is spent.
    register(SELLER, limit_fen=100_00)
    answers = _together(8, lambda _: issue(draft=draft(), actor=actor_for(SELLER)))
    assert len({answer.number for answer in answers}) == 1
    assert sum(not answer.repeated for answer in answers) == 1
    assert used_fen() == 100_00


@pytest.mark.django_db(transaction=True)
def test_a_limit_for_three_lets_three_of_eight_through(
    committed_world: None, actor_for: Callable[..., Actor]
) -> None:
    register(SELLER, limit_fen=350_00)
    answers = _together(8, lambda n: issue(draft=draft(f"request-{n:04d}"), actor=actor_for(SELLER)))
    issued = [one for one in answers if isinstance(one, invoicing.Issued)]
    assert len(issued) == 3
    assert sum(isinstance(one, errors.LimitSpent) for one in answers) == 5
    assert sorted(int(one.number) for one in issued) == list(
        range(min(int(one.number) for one in issued), min(int(one.number) for one in issued) + 3)
    )
    assert used_fen() == 300_00

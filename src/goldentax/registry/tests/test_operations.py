"""Writing and reading the register, on a real PostgreSQL."""

import uuid
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from goldentax.kernel.models import AuditEntry, OutboxEvent
from goldentax.kernel.refusals import Refusal
from goldentax.node.testing import NOW
from goldentax.registry import api as registry
from goldentax.registry import errors
from goldentax.registry.api import Changes, CustomerEntry, GoodEntry, Registration
from goldentax.registry.models import Customer, Taxpayer, TaxpayerKindSpan
from goldentax.registry.tests.conftest import HEADING, OFFICE, OTHER_TAX_ID, TAX_CODE, TAX_ID

pytestmark = pytest.mark.django_db
Make = Callable[..., Registration]


def register(wanted: Registration, request_id: str = "register-0001") -> registry.TaxpayerView:
    return registry.register_taxpayer(registration=wanted, actor="test", request_id=request_id, now=NOW)


@pytest.fixture
def owner(registration: Make) -> registry.TaxpayerView:
    return register(registration())


def add_customer(owner: str, request_id: str = "customer-0001", **changed: object) -> registry.CustomerView:
    entry = CustomerEntry(**{"name": "柳州测试机械有限公司", "tax_id": OTHER_TAX_ID, **changed})
    return registry.save_customer(
        owner_tax_id=owner, entry=entry, actor="test", request_id=request_id, now=NOW
    )


def add_good(owner: str, request_id: str = "good-0001", **changed: object) -> registry.GoodView:
    entry = GoodEntry(**{"name": "白砂糖", "tax_code": TAX_CODE, "rate": "0.13", "unit": "吨", **changed})
    return registry.save_good(owner_tax_id=owner, entry=entry, actor="test", request_id=request_id, now=NOW)


# Registration


def test_registration_is_kept_audited_and_told(registration: Make) -> None:
    events = OutboxEvent.objects.count()
    found = register(registration())
    assert registry.get_taxpayer(tax_id=TAX_ID) == found
    assert found.office_name.endswith("第一税务所")
    assert found.industry_name == "农副食品加工业"
    assert AuditEntry.objects.filter(action="registry.taxpayer.register", subject=TAX_ID).count() == 1
    assert OutboxEvent.objects.count() == events + 1
    event = OutboxEvent.objects.latest("id")
    assert (event.type, event.key) == ("registry.taxpayer.registered.v1", str(found.public_id))


def test_the_same_request_gets_the_first_answer_and_does_nothing(registration: Make) -> None:
    first = register(registration())
    counted = (Taxpayer.objects.count(), AuditEntry.objects.count(), OutboxEvent.objects.count())
    assert register(registration()) == first
    assert (Taxpayer.objects.count(), AuditEntry.objects.count(), OutboxEvent.objects.count()) == counted


def test_the_same_request_id_with_another_content_is_refused(registration: Make) -> None:
    register(registration())
    with pytest.raises(errors.RequestIdReused):
        register(registration(name="另一家公司"))


def test_a_taken_identifier_is_refused_and_nothing_is_written(registration: Make) -> None:
    register(registration())
    counted = (AuditEntry.objects.count(), OutboxEvent.objects.count())
    with pytest.raises(errors.AlreadyRegistered) as refused:
        register(registration(name="另一家公司"), "register-0002")
    assert refused.value.status == 409
    assert (AuditEntry.objects.count(), OutboxEvent.objects.count()) == counted


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"tax_id": TAX_ID[:-1] + "0"}, "REG-TAX-01"),
        ({"office_code": "19999999999"}, "AUT-OFF-01"),
        ({"industry_code": "9Z"}, "REG-TAX-15"),
    ],
)
def test_a_wrong_registration_is_refused_and_nothing_is_stored(
    registration: Make, changed: dict, code: str
) -> None:
    counted = Taxpayer.objects.count()
    with pytest.raises(Refusal) as refused:
        register(registration(**changed))
    assert refused.value.code == code
    assert Taxpayer.objects.count() == counted


def test_a_malformed_request_id_comes_before_everything_else(registration: Make) -> None:
    with pytest.raises(errors.BadRequestId):
        register(registration(tax_id=""), "short")


def test_a_test_taxpayer_keeps_its_masked_number_letter_by_letter(registration: Make) -> None:
    found = register(registration(tax_id="91xxxxxxxxxxxxxxxx3", is_test=True))
    assert (found.tax_id, found.is_test, found.id_kind) == ("91xxxxxxxxxxxxxxxx3", True, "test")


def test_a_change_is_kept_with_what_was_before(owner: registry.TaxpayerView) -> None:
    changed = registry.change_taxpayer(
        tax_id=TAX_ID,
        changes=Changes(phone="0771-5559999"),
        actor="test",
        request_id="change-0001",
        now=NOW,
    )
    assert (changed.phone, changed.address) == ("0771-5559999", owner.address)
    entry = AuditEntry.objects.get(action="registry.taxpayer.change")
    assert entry.detail == {"before": {"phone": owner.phone}, "after": {"phone": "0771-5559999"}}


def test_a_change_of_nobody_is_refused() -> None:
    with pytest.raises(errors.UnknownTaxpayer):
        registry.change_taxpayer(
            tax_id=OTHER_TAX_ID, changes=Changes(phone=""), actor="test", request_id="change-0001", now=NOW
        )


# Kind, asked on a day


def test_the_kind_is_that_of_the_day(owner: registry.TaxpayerView) -> None:
    registry.change_kind(
        tax_id=TAX_ID, kind="general", on=date(2026, 1, 1), actor="test", request_id="kind-00001", now=NOW
    )
    asked = [date(2025, 2, 28), date(2025, 3, 1), date(2025, 12, 31), date(2026, 1, 1), date(2030, 1, 1)]
    assert [registry.kind_on(tax_id=TAX_ID, on=day) for day in asked] == [
        "",
        "small",
        "small",
        "general",
        "general",
    ]
    assert registry.get_taxpayer(tax_id=TAX_ID).kind == "general"


def test_a_change_of_kind_into_the_past_of_the_present_one_is_refused(owner: registry.TaxpayerView) -> None:
    with pytest.raises(errors.BadKindChange):
        registry.change_kind(
            tax_id=TAX_ID, kind="general", on=date(2025, 3, 1), actor="test", request_id="kind-00001", now=NOW
        )


def test_the_kind_of_nobody_is_refused() -> None:
    with pytest.raises(errors.UnknownTaxpayer):
        registry.kind_on(tax_id=OTHER_TAX_ID, on=NOW.date())


# The database holds, whoever writes


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("tax_id", "91xxxx"),
        ("kind", "giant"),
        ("status", "14"),
        ("name", ""),
    ],
)
def test_the_database_refuses_an_impossible_taxpayer(
    owner: registry.TaxpayerView, column: str, value: str
) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Taxpayer.objects.filter(tax_id=TAX_ID).update(**{column: value})


def test_the_database_refuses_two_taxpayers_of_one_identifier(owner: registry.TaxpayerView) -> None:
    row = Taxpayer.objects.get(tax_id=TAX_ID)
    row.pk, row.public_id = None, uuid.uuid4()
    with pytest.raises(IntegrityError), transaction.atomic():
        row.save()


def test_the_database_refuses_two_kinds_on_one_day(owner: registry.TaxpayerView) -> None:
    row = Taxpayer.objects.get(tax_id=TAX_ID)
    with pytest.raises(IntegrityError, match="no_overlap"), transaction.atomic():
        TaxpayerKindSpan.objects.create(
            taxpayer=row, kind="general", from_date=date(2025, 5, 1), to_date=date(2025, 6, 1)
        )


def test_names_are_searched_by_their_index(owner: registry.TaxpayerView) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute(
            "EXPLAIN SELECT 1 FROM registry_taxpayer WHERE UPPER(name::text) LIKE UPPER('%测试糖%')"
        )
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "registry_taxpayer_name_trgm" in plan


# Search and pages


@pytest.mark.parametrize(
    "text", ["测试糖业", "南宁测试", TAX_ID[:12].lower(), "nncsty", "NNCS", " 测试 糖业 "]
)
def test_a_taxpayer_is_found_by_name_number_or_initials(owner: registry.TaxpayerView, text: str) -> None:
    assert TAX_ID in {one.tax_id for one in registry.search_taxpayers(text=text, limit=50)}


@pytest.mark.parametrize("text", ["", "   ", "%", "_", "\x00", "不存在的公司", "' OR 1=1 --"])
def test_a_text_that_fits_nobody_finds_nobody(owner: registry.TaxpayerView, text: str) -> None:
    assert registry.search_taxpayers(text=text, limit=50) == ()


def test_natural_persons_are_found_only_where_asked_for(accounts: dict) -> None:
    name, card = "韦晓彤", accounts["demo-owner"]["tax_id"]
    assert registry.search_taxpayers(text=name) == ()
    assert registry.search_taxpayers(text=card) == ()
    assert [one.name for one in registry.search_taxpayers(text=name, with_persons=True)] == [name]


def test_pages_hold_every_taxpayer_once_and_in_order() -> None:
    seen: list[str] = []
    cursor, pages = "", 0
    while True:
        page = registry.list_taxpayers(cursor=cursor, limit=7)
        assert len(page.items) <= 7
        seen += [str(one.public_id) for one in page.items]
        cursor, pages = page.next_cursor, pages + 1
        if not cursor:
            break
    assert len(seen) == len(set(seen)) == Taxpayer.objects.count()
    assert pages == -(-len(seen) // 7)
    assert seen == sorted(seen)


def test_a_page_does_not_shift_when_somebody_registers_meanwhile(registration: Make) -> None:
    first = registry.list_taxpayers(limit=5)
    before = registry.list_taxpayers(cursor=first.next_cursor, limit=5)
    register(registration())
    assert registry.list_taxpayers(cursor=first.next_cursor, limit=5) == before


@pytest.mark.parametrize("cursor", ["x", "!!!", "AAAA", "é", "A" * 500])
def test_a_cursor_from_elsewhere_is_refused(cursor: str) -> None:
    with pytest.raises(errors.BadCursor):
        registry.list_taxpayers(cursor=cursor)


def test_an_office_lists_those_of_the_offices_below_it(owner: registry.TaxpayerView) -> None:
    def listed(office: str) -> set[str]:
        return {one.tax_id for one in registry.list_taxpayers(office=office, limit=200).items}

    assert TAX_ID in listed(OFFICE) & listed("14501030000") & listed("14501000000") & listed("14500000000")
    assert TAX_ID not in listed("14502000000")


def test_masking_shortens_account_telephone_and_people(owner: registry.TaxpayerView) -> None:
    shown = registry.masked(owner)
    assert owner.bank_account not in repr(shown) and owner.phone not in repr(shown)
    assert (shown.bank_account, shown.representative) == ("622**********678", "黄**")
    assert shown.name == owner.name


# Catalogues


def test_an_entry_is_added_changed_found_and_removed(owner: registry.TaxpayerView) -> None:
    added = add_customer(TAX_ID)
    changed = registry.save_customer(
        owner_tax_id=TAX_ID,
        entry=CustomerEntry(name=added.name, tax_id=added.tax_id, phone="0772-5550002"),
        public_id=added.public_id,
        actor="test",
        request_id="customer-0002",
        now=NOW,
    )
    assert registry.search_customers(owner_tax_id=TAX_ID, text="lzcs") == (changed,)
    registry.remove_customer(
        owner_tax_id=TAX_ID, public_id=added.public_id, actor="test", request_id="customer-0003", now=NOW
    )
    assert registry.list_customers(owner_tax_id=TAX_ID).items == ()


def test_the_same_addition_twice_adds_one(owner: registry.TaxpayerView) -> None:
    assert add_customer(TAX_ID) == add_customer(TAX_ID)
    assert len(registry.list_customers(owner_tax_id=TAX_ID).items) == 1
    with pytest.raises(errors.RequestIdReused):
        add_customer(TAX_ID, phone="0772-5550003")


def test_the_same_name_and_number_under_a_new_request_is_refused(owner: registry.TaxpayerView) -> None:
    add_customer(TAX_ID)
    with pytest.raises(errors.CustomerNameTaken):
        add_customer(TAX_ID, request_id="customer-0002")
    add_good(TAX_ID)
    with pytest.raises(errors.GoodTaken):
        add_good(TAX_ID, request_id="good-0002")


def test_a_removal_repeated_is_done_once_and_a_second_one_is_refused(owner: registry.TaxpayerView) -> None:
    added = add_good(TAX_ID)

    def remove(request_id: str) -> None:
        registry.remove_good(
            owner_tax_id=TAX_ID, public_id=added.public_id, actor="test", request_id=request_id, now=NOW
        )

    remove("good-0002")
    remove("good-0002")
    with pytest.raises(errors.UnknownGood):
        remove("good-0003")


@pytest.mark.parametrize("code", [HEADING, "9999999999999999999", "103", ""])
def test_an_unknown_or_heading_tax_code_is_refused(owner: registry.TaxpayerView, code: str) -> None:
    with pytest.raises(errors.UnknownTaxCode):
        add_good(TAX_ID, tax_code=code)
    assert registry.list_goods(owner_tax_id=TAX_ID).items == ()


def test_nobody_reaches_the_entries_of_another_taxpayer(owner: registry.TaxpayerView, accounts: dict) -> None:
    stranger = accounts["demo-small"]["tax_id"]
    good, customer = add_good(TAX_ID), add_customer(TAX_ID)
    assert good not in registry.search_goods(owner_tax_id=stranger, text=good.name, limit=200)
    assert customer not in registry.search_customers(owner_tax_id=stranger, text="", limit=200)
    reaches: list[Callable[[], object]] = [
        lambda: registry.get_good(owner_tax_id=stranger, public_id=good.public_id),
        lambda: registry.get_customer(owner_tax_id=stranger, public_id=customer.public_id),
        lambda: registry.remove_good(
            owner_tax_id=stranger, public_id=good.public_id, actor="t", request_id="stranger-1", now=NOW
        ),
        lambda: registry.remove_customer(
            owner_tax_id=stranger, public_id=customer.public_id, actor="t", request_id="stranger-2", now=NOW
        ),
        lambda: registry.save_good(
            owner_tax_id=stranger,
            entry=GoodEntry(name="糖", tax_code=TAX_CODE, rate="0.13"),
            public_id=good.public_id,
            actor="t",
            request_id="stranger-3",
            now=NOW,
        ),
    ]
    for reach in reaches:
        with pytest.raises((errors.UnknownGood, errors.UnknownCustomer)):
            reach()
    assert registry.get_good(owner_tax_id=TAX_ID, public_id=good.public_id) == good


def test_one_request_id_serves_two_owners(owner: registry.TaxpayerView, accounts: dict) -> None:
    add_good(TAX_ID)
    assert add_good(accounts["demo-small"]["tax_id"]).name == "白砂糖"


def test_a_batch_is_added_whole_or_not_at_all(owner: registry.TaxpayerView) -> None:
    right = GoodEntry(name="白砂糖", tax_code=TAX_CODE, rate="0.13")
    wrong = GoodEntry(name="", tax_code=HEADING, rate="x")

    def add(entries: list[GoodEntry], request_id: str) -> None:
        registry.add_goods(owner_tax_id=TAX_ID, entries=entries, actor="test", request_id=request_id, now=NOW)

    with pytest.raises(Refusal) as refused:
        add([right, wrong], "batch-0001")
    assert [one.field for one in refused.value.each()] == ["entries.1.name", "entries.1.rate"]
    assert registry.list_goods(owner_tax_id=TAX_ID).items == ()
    with pytest.raises(errors.UnknownTaxCode):
        add([GoodEntry(name="题头", tax_code=HEADING, rate="0.13")], "batch-0002")
    add([right], "batch-0003")
    add([right], "batch-0003")
    add([right, GoodEntry(name="冰糖", tax_code=TAX_CODE, rate="0.13")], "batch-0004")
    assert [one.name for one in registry.list_goods(owner_tax_id=TAX_ID).items] == ["白砂糖", "冰糖"]


def test_a_batch_above_the_limit_is_refused(owner: registry.TaxpayerView) -> None:
    entries = [CustomerEntry(name=f"客户{number}") for number in range(2001)]
    with pytest.raises(errors.BatchTooLarge):
        registry.add_customers(
            owner_tax_id=TAX_ID, entries=entries, actor="test", request_id="batch-0001", now=NOW
        )
    assert not Customer.objects.filter(owner__tax_id=TAX_ID).exists()


def test_tax_kinds_hold_in_their_dates(owner: registry.TaxpayerView) -> None:
    day = date(2025, 3, 1)
    assert [one.tax for one in registry.list_tax_kinds(tax_id=TAX_ID, on=day)] == ["vat"]
    assert registry.list_tax_kinds(tax_id=TAX_ID, on=day - timedelta(days=1)) == ()

"""The parts of the desks without a database: whose turn it is, what waits how long, rates, and facts for a second."""

import asyncio
from collections.abc import Callable, Collection, Coroutine, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldentax.invoicing import errors
from goldentax.invoicing.desk import facts as facts_module
from goldentax.invoicing.desk.facts import FACTS_LAST, READ_AHEAD, KeptFacts
from goldentax.invoicing.desk.queue import FairQueue
from goldentax.invoicing.desk.service import Rates, Service
from goldentax.invoicing.rules.drafts import InvoiceDraft, LineDraft, PartyDraft
from goldentax.invoicing.rules.examining import CodeFacts
from goldentax.node.testing import NOW


@dataclass(frozen=True)
class One:
    """Something that waits."""

    seller_tax_id: str
    place: int


@dataclass
class Hand:
    """A clock that a test moves."""

    at: float = 100.0

    def __call__(self) -> float:
        return self.at


# --- turns

LINES = st.lists(st.sampled_from("ABCDE"), max_size=40)


@given(sellers=LINES, size=st.integers(1, 7))
def test_everything_is_taken_once_and_each_seller_in_order(sellers: list[str], size: int) -> None:
    queue: FairQueue[One] = FairQueue()
    ones = [One(seller, place) for place, seller in enumerate(sellers)]
    for one in ones:
        queue.put(one)
    taken: list[One] = []
    while len(queue):
        batch = queue.take(size)
        assert 0 < len(batch) <= size
        taken += batch
    assert sorted(one.place for one in taken) == list(range(len(ones)))
    for seller in "ABCDE":
        places = [one.place for one in taken if one.seller_tax_id == seller]
        assert places == sorted(places)


@given(before=LINES, after=LINES, size=st.integers(1, 7))
def test_who_has_one_request_waits_one_turn_of_each_seller_before(
    before: list[str], after: list[str], size: int
) -> None:
    # With S sellers in line and batches of B, it is in the ceil((S + 1) / B)-th batch from then on, however many
    # requests the others have and go on sending.
    queue: FairQueue[One] = FairQueue()
    for place, seller in enumerate(before):
        queue.put(One(seller, place))
    quiet = One("quiet", 0)
    queue.put(quiet)
    sellers_before, taken = len(set(before)), []
    later = iter(after)
    for _ in range(-(-(sellers_before + 1) // size)):
        taken += queue.take(size)
        for seller in later:
            queue.put(One(seller, 99))
            break
    assert quiet in taken


@given(sellers=LINES, size=st.integers(1, 40))
def test_what_is_put_back_comes_first_and_in_its_order(sellers: list[str], size: int) -> None:
    queue: FairQueue[One] = FairQueue()
    for place, seller in enumerate(sellers):
        queue.put(One(seller, place))
    taken = queue.take(size)
    queue.put_back(taken)
    assert len(queue) == len(sellers)
    again = queue.take_all()
    assert sorted(one.place for one in again) == list(range(len(sellers)))
    for seller in "ABCDE":
        places = [one.place for one in again if one.seller_tax_id == seller]
        assert places == sorted(places)


# --- waits and rates


def test_a_busy_desk_tells_the_wait_by_its_pace() -> None:
    clock = Hand()
    service = Service(batch_max=256, clock=clock)
    for _ in range(100):  # 256 invoices every 50 ms, without a pause
        clock.at += 0.05
        service.note([clock.at - 0.06] * 256, 0.05)
    assert service.per_second == pytest.approx(5120, rel=0.02)
    assert service.wait_s(5120) == pytest.approx(1.0, rel=0.05)


def test_an_idle_desk_sheds_no_burst() -> None:
    clock = Hand()
    service = Service(batch_max=256, clock=clock)
    for _ in range(9):  # one invoice a second, each in 5 ms
        clock.at += 1.0
        service.note([clock.at - 0.005], 0.005)
    assert service.wait_s(3) == pytest.approx(0.005)
    assert service.wait_s(600) == pytest.approx(0.015)  # three batches


def test_what_lies_behind_the_window_is_forgotten() -> None:
    clock = Hand()
    service = Service(batch_max=256, clock=clock)
    service.note([clock.at] * 10, 1.0)
    clock.at += 60
    service.note([clock.at - 0.25], 0.2)
    told = service.facts(desks=["45-1"], waiting=3, is_shedding=False)
    assert (told.batch_size, told.wait_ms) == (1.0, 150.0)
    assert told.p99_ms == 250.0


def test_nothing_measured_yet_waits_for_nothing() -> None:
    service = Service(batch_max=256, clock=Hand())
    assert service.wait_s(10_000) == 0.0
    assert service.facts(desks=[], waiting=0, is_shedding=False).per_second == 0.0


def test_a_token_gets_its_rate_and_no_more() -> None:
    clock = Hand()
    rates = Rates(10, clock=clock)
    assert [rates.take("a") for _ in range(10)] == list(range(9, -1, -1))
    assert rates.take("a") < 0
    assert rates.take("b") == 9.0
    clock.at += 0.25
    assert [rates.take("a") >= 0 for _ in range(4)] == [True, True, False, False]
    clock.at += 3600
    assert rates.take("a") == 9.0  # as deep as one second, however long it rested


def test_a_take_above_what_is_left_takes_nothing() -> None:
    rates = Rates(10, clock=Hand())
    assert rates.take("a", 11) == -1.0
    assert rates.take("a", 10) == 0.0


def test_buckets_do_not_pile_up() -> None:
    rates = Rates(10, clock=Hand())
    for n in range(3 * Rates.KEPT_MAX):
        rates.take(str(n))
    assert len(rates._buckets) <= Rates.KEPT_MAX


# --- facts

CODE = "1090511030000000000"


def draft(seller_buyer: str = "", short_name: str = "") -> InvoiceDraft:
    line = LineDraft(name="货", tax_code=CODE, rate="0.13", short_name=short_name)
    return InvoiceDraft(kind="82", buyer=PartyDraft(name="乙", tax_id=seller_buyer), lines=(line,))


@dataclass
class Register:
    """Answers in place of the store, and counts what it was asked."""

    asked: list[set[tuple[str, str]]] = field(default_factory=list)
    values: dict[str, Any] = field(default_factory=dict)
    delay_s: float = 0.0
    days: list[datetime] = field(default_factory=list)

    def read(self, keys: Collection[tuple[str, str]], now: datetime) -> dict[tuple[str, str], Any]:
        self.asked.append(set(keys))
        self.days.append(now)
        return {(kind, name): self.values.get(kind, f"{kind} of {now:%d}") for kind, name in keys}


@pytest.fixture
def register(monkeypatch: pytest.MonkeyPatch) -> Register:
    made = Register()
    monkeypatch.setattr(facts_module, "_read", made.read)
    monkeypatch.setattr(facts_module, "in_thread", lambda work: work())
    return made


Run = Callable[[Coroutine[Any, Any, Any]], Any]


@pytest.fixture
def run() -> Iterator[Run]:
    """One loop for a whole test: facts belong to the loop of their worker."""
    with asyncio.Runner() as runner:
        yield runner.run


async def make_ready(facts: KeptFacts, *, now: datetime = NOW, seller: str = "S") -> int:
    """Read what is missing for a draft; how many readings that took."""
    count = 0
    while wanted := facts.missing(draft=draft(), seller=seller, in_doubt=False, now=now):
        await facts.read(wanted, now)
        count += 1
    return count


def test_a_fact_counts_one_second(register: Register, run: Run) -> None:
    clock = Hand()
    facts = KeptFacts(clock)
    assert run(make_ready(facts)) == 1
    clock.at += FACTS_LAST
    assert run(make_ready(facts)) == 0
    clock.at += 0.001
    assert run(make_ready(facts)) == 1
    assert register.asked[0] == {("seller", "S"), ("limit", "S"), ("code", CODE)}


def test_a_refusal_is_a_fact_and_is_told_each_time(register: Register, run: Run) -> None:
    facts = KeptFacts(Hand())
    register.values = {"seller": errors.SellerUnknown("seller_tax_id", tax_id="S"), "limit": 7}
    run(make_ready(facts))
    for _ in range(2):
        with pytest.raises(errors.SellerUnknown):
            facts.seller("S", NOW)
    assert facts.account("S") == 7 and len(register.asked) == 1


def test_what_was_used_is_due_before_it_is_too_old_and_once(register: Register, run: Run) -> None:
    clock = Hand()
    facts = KeptFacts(clock)
    run(make_ready(facts))
    facts.take_due()
    clock.at += READ_AHEAD + 0.01
    assert len(facts.take_due()) == 3  # new facts count as used
    assert facts.take_due() == []
    facts.code(CODE, NOW.date())
    assert facts.take_due() == [("code", CODE)]
    run(facts.read([("code", CODE)], NOW))
    clock.at += 0.5
    # The others are as old as before, and one of them is read again by who needs it.
    wanted = facts.missing(draft=draft(), seller="S", in_doubt=False, now=NOW)
    assert sorted(wanted) == [("limit", "S"), ("seller", "S")]


def test_who_asks_at_once_is_read_together(register: Register, run: Run) -> None:
    facts = KeptFacts(Hand())

    async def all_at_once() -> None:
        await asyncio.gather(*(make_ready(facts, seller=f"S{n}") for n in range(20)))

    run(all_at_once())
    assert len(register.asked) == 1 and len(register.asked[0]) == 41


def test_another_day_knows_nothing_of_the_one_before(register: Register, run: Run) -> None:
    clock = Hand()
    facts = KeptFacts(clock)
    run(make_ready(facts))
    assert str(facts.seller("S", NOW)) == f"seller of {NOW:%d}"
    tomorrow = NOW + timedelta(days=1)
    assert run(make_ready(facts, now=tomorrow)) == 1
    assert str(facts.seller("S", tomorrow)) == f"seller of {tomorrow:%d}"


def test_what_was_read_for_yesterday_does_not_arrive_today(register: Register, run: Run) -> None:
    facts = KeptFacts(Hand())
    tomorrow = NOW + timedelta(days=1)

    async def over_midnight() -> None:
        facts.missing(draft=draft(), seller="S", in_doubt=False, now=NOW)
        late = asyncio.ensure_future(facts.read([("limit", "S")], NOW))
        await asyncio.sleep(0)
        facts.missing(draft=draft(), seller="S", in_doubt=False, now=tomorrow)  # the day has changed
        await late
        wanted = facts.missing(draft=draft(), seller="S", in_doubt=False, now=tomorrow)
        assert ("limit", "S") in wanted, "last month's account would be charged this month"

    run(over_midnight())
    assert facts.of_their_day(tomorrow) == tomorrow
    assert facts.of_their_day(tomorrow + timedelta(days=1)).date() == tomorrow.date()


def test_a_reading_that_fails_fails_who_asked_and_is_tried_again(
    register: Register, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = KeptFacts(Hand())

    def broken(keys: Any, now: Any) -> Any:
        raise OSError("away")

    monkeypatch.setattr(facts_module, "_read", broken)
    with pytest.raises(OSError, match="away"):
        run(make_ready(facts))
    monkeypatch.setattr(facts_module, "_read", register.read)
    assert run(make_ready(facts)) == 1


def test_other_names_are_read_where_a_line_uses_one_and_kept(register: Register, run: Run) -> None:
    reads = []

    def names() -> frozenset[str]:
        reads.append(1)
        return frozenset({"计算机"})

    clock = Hand()
    facts = KeptFacts(clock)
    register.values = {"code": CodeFacts("货物", True, names)}
    run(make_ready(facts))
    assert facts.names_missing(draft(short_name="货物")) == []
    assert facts.names_missing(draft(short_name="计算机")) == [CODE]
    run(facts.read_names([CODE]))
    assert facts.names_missing(draft(short_name="计算机")) == []
    clock.at += FACTS_LAST + 0.1
    run(make_ready(facts))  # read again, unchanged: the names stay known
    assert facts.names_missing(draft(short_name="计算机")) == [] and reads == [1]

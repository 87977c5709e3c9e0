"""
A desk: gathers what waits, gives it numbers and places in the log, signs, commits, answers.

While a batch is on its way to the disk the next one gathers, so a batch is as large as the load makes it and of one
invoice where nobody else waits. The batch is written as if nothing stood against it: that all requests are new and all
limits cover. Where the store says otherwise nothing of the batch stands; the desk asks which of them it is, answers
those, and writes the rest. So one bad invoice never spoils its neighbours, and a good batch costs one statement.
"""

import asyncio
import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from goldentax.invoicing import errors
from goldentax.invoicing.desk.queue import FairQueue
from goldentax.invoicing.desk.store import Answer, DeskLost, LimitShort, Repeated, Store, StoreFull, StoreGone
from goldentax.invoicing.operations.composing import Wish, redated
from goldentax.invoicing.rules import batches
from goldentax.invoicing.rules.batches import Batch, DeskState, NumbersShort
from goldentax.kernel.clock import CHINA
from goldentax.kernel.crypto.sm import Signer
from goldentax.kernel.refusals import Refusal
from goldentax.kernel.values.money import yuan

log = logging.getLogger("goldentax.desk")

BATCH_MAX = 256
"""Invoices in one commit: about 20 ms of work, so nobody waits long for the batch before theirs."""

SPARE_AT_LEAST = 32
"""Requests that must wait before a second desk of a worker joins in: two small batches cost more than one."""

BLOCK_SIZE = 10_000
"""Numbers that a desk takes at once: a second or two at full speed; what a month leaves of one is never issued."""

TRIES_MAX = 12
"""How often one batch is written before its requests are told to come again: each time it is smaller or surer."""

ORDER_TOLERANCE = timedelta(seconds=5)
"""How long before the desk's last batch an invoice may be dated: it waited that long, or the clock went back."""

PAUSE_S = 0.2
"""Between two tries to reach a store that is away."""


@dataclass(slots=True, eq=False)
class Ticket:
    """One request on its way through a desk."""

    wish: Wish
    account_id: int  # of the limit, for the month of the invoice
    answered: "asyncio.Future[Outcome]"
    since: float = field(default_factory=time.perf_counter)

    @property
    def seller_tax_id(self) -> str:
        return self.wish.seller_tax_id


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one request: the answer now made, or the invoice that answered it long ago."""

    body: bytes = b""
    number: str = ""
    earlier: Answer | None = None
    is_repeat: bool = False  # of a request that was still on its way


@dataclass(slots=True, kw_only=True)
class Desk:
    """One writer: takes from a queue that several desks may share."""

    store: Store
    queue: FairQueue[Ticket]
    wake: asyncio.Event
    node: str
    signer: Signer
    now: Callable[[], datetime]
    render: Callable[[Batch, Sequence[Wish]], Sequence[bytes]]  # the answers of a batch, in its order
    on_lease: Callable[[DeskState], None] = lambda _state: None
    on_batch: Callable[[Sequence[Ticket], float], None] = lambda _tickets, _seconds: None
    batch_max: int = BATCH_MAX
    at_least: int = 1  # how many must wait before this desk takes any
    block_size: int = BLOCK_SIZE
    state: DeskState | None = None
    _tight: set[int] = field(default_factory=set)  # limit accounts that did not cover a charge of late

    async def run(self) -> None:
        """Serve until cancelled; what was taken and could not be served goes back in front of the queue."""
        try:
            while True:
                await self.wake.wait()
                if len(self.queue) < self.at_least:
                    self.wake.clear()
                    continue
                tickets = [one for one in self.queue.take(self.batch_max) if not one.answered.done()]
                if tickets:
                    await self.serve(tickets)
        finally:
            await self.store.close()

    async def serve(self, tickets: list[Ticket]) -> None:
        """Answer every one of these requests."""
        started = time.perf_counter()
        try:
            await self._serve(tickets)
        except asyncio.CancelledError:
            _answer_all(tickets, errors.DeskUnavailable())  # the worker ends: whether it stands is told later
            raise
        except (
            Exception
        ) as error:  # the edge: a bug must not leave requests without an answer, nor end the desk
            log.exception("a batch of %s failed", len(tickets))
            self.state = None
            _answer_all(tickets, error)
        self.on_batch(tickets, time.perf_counter() - started)

    async def _serve(self, tickets: list[Ticket]) -> None:
        are_doubtful = False
        for attempt in range(TRIES_MAX):
            try:
                if self.state is None:
                    self.state = await self.store.lease()
                    self.on_lease(self.state)
                    are_doubtful = True  # whatever was under way may stand by now
                if are_doubtful:
                    tickets = await self._without_answered(tickets)
                tickets = self._not_before(await self._within_limits(tickets))
                if tickets:
                    await self._commit(tickets)
                return
            except Repeated:
                are_doubtful = True
            except LimitShort:
                self._tight.update(one.account_id for one in tickets)
            except DeskLost as error:
                log.warning("desk lost: %s", error)
                self.state = None
            except StoreFull as error:
                log.warning("the store is full: %s", error)
                break
            except StoreGone as error:
                log.warning("the store is away: %s", error)
                self.state = None
                await asyncio.sleep(PAUSE_S * min(attempt + 1, 5))
        _answer_all(tickets, errors.DeskUnavailable())

    def _not_before(self, tickets: list[Ticket]) -> list[Ticket]:
        """
        Date nothing before what the desk has issued, though the clock may have gone back while nobody served.

        What would fall into another month is sent away: its limit and its law are asked for anew when it comes again.
        """
        assert self.state is not None
        if self.state.last_at is None:
            return tickets
        last = self.state.last_at.astimezone(CHINA)
        left = []
        for one in tickets:
            at = one.wish.document.issued_at
            if at >= last - ORDER_TOLERANCE:
                left.append(one)
            elif (at.year, at.month) == (last.year, last.month):
                one.wish = redated(one.wish, last.replace(microsecond=0))
                left.append(one)
            elif not one.answered.done():
                one.answered.set_exception(errors.DeskUnavailable())
        return left

    async def _commit(self, tickets: list[Ticket]) -> None:
        """Write one batch, and answer its requests."""
        tickets = sorted(tickets, key=lambda one: (one.wish.seller_tax_id, one.wish.month))
        wishes = [one.wish for one in tickets]
        batch = await self._make(wishes)
        accounts = {(one.wish.seller_tax_id, one.wish.month): one.account_id for one in tickets}
        await self.store.commit(
            batch,
            wishes,
            hashes=[one.request_hash for one in wishes],
            accounts=[accounts[one.seller_tax_id, one.month] for one in batch.charges],
        )
        self.state = batch.after
        for one, entered, body in zip(tickets, batch.entered, self.render(batch, wishes), strict=True):
            if not one.answered.done():
                one.answered.set_result(Outcome(body, entered.number))

    async def _make(self, wishes: Sequence[Wish]) -> Batch:
        while True:
            assert self.state is not None
            try:
                return batches.make_batch(
                    state=self.state, wishes=wishes, node=self.node, at=self.now(), signer=self.signer
                )
            except NumbersShort as short:
                digit, month = short.args
                block = await self.store.take_block(
                    desk=self.state.desk, digit=digit, month=month, size=self.block_size
                )
                blocks = dict(self.state.blocks)
                blocks[digit, month] = (*blocks.get((digit, month), ()), block)
                self.state = replace(self.state, blocks=blocks)

    async def _without_answered(self, tickets: list[Ticket]) -> list[Ticket]:
        """Give those requests their first answer that have one; the rest."""
        found = await self.store.answers((one.seller_tax_id, one.wish.request_id) for one in tickets)
        left = []
        for one in tickets:
            first = found.get((one.seller_tax_id, one.wish.request_id))
            if first is None:
                left.append(one)
            elif not one.answered.done():
                answer_repeat(one, first)
        return left

    async def _within_limits(self, tickets: list[Ticket]) -> list[Ticket]:
        """Refuse what a limit does not cover, where one was short of late; in the order of arrival."""
        doubtful = {one.account_id for one in tickets} & self._tight
        if not doubtful:
            return tickets
        available = dict(await self.store.available(doubtful))
        left, short = [], []
        for one in tickets:
            amount = one.wish.document.amount_fen
            if one.account_id not in doubtful:
                left.append(one)
            elif amount <= available.get(one.account_id, 0):
                available[one.account_id] -= amount
                left.append(one)
            else:
                short.append(one)
        # One that stands already may be what used the limit up: it is answered, whatever is left now.
        for one in await self._without_answered(short) if short else ():
            if not one.answered.done():
                there, needed = available.get(one.account_id, 0), one.wish.document.amount_fen
                one.answered.set_exception(
                    errors.LimitSpent("lines", available=yuan(there), needed=yuan(needed))
                )
        if len(left) == len(tickets):
            self._tight -= doubtful
        return left


def answer_repeat(ticket: Ticket, first: Answer) -> None:
    """The first answer again, or a refusal where the id was used for something else."""
    if first.request_hash == ticket.wish.request_hash:
        ticket.answered.set_result(Outcome(earlier=first))
        return
    ticket.answered.set_exception(
        errors.RequestIdReused("request_id", request_id=ticket.wish.request_id, number=first.number)
    )


def _answer_all(tickets: Sequence[Ticket], error: Exception) -> None:
    told: Exception = error if isinstance(error, Refusal) else errors.DeskUnavailable()
    for one in tickets:
        if not one.answered.done():
            one.answered.set_exception(told)

"""
The hall of one web worker: its desks, what waits for them, and everything a request passes on its way to one.

A request is held against the token's rate and the present load, made a draft, examined by the rules and put in line.
The same request once more, while the first is still on its way, waits for the same answer.
"""

import asyncio
import contextlib
import gc
import logging
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from goldentax.identity import api as identity
from goldentax.invoicing import errors
from goldentax.invoicing.desk import answers
from goldentax.invoicing.desk.desk import BATCH_MAX, SPARE_AT_LEAST, Desk, Outcome, Ticket
from goldentax.invoicing.desk.facts import FACTS_LAST, READ_AHEAD, KeptFacts, in_thread
from goldentax.invoicing.desk.queue import FairQueue
from goldentax.invoicing.desk.service import Facts, Rates, Service
from goldentax.invoicing.desk.store import Answer, PostgresStore
from goldentax.invoicing.operations.composing import Wish, hash_of, wish_of
from goldentax.invoicing.queries.answers import find_answered
from goldentax.invoicing.rules import heads
from goldentax.invoicing.rules.batches import DeskState
from goldentax.invoicing.rules.drafts import InvoiceDraft, identified
from goldentax.kernel import clock
from goldentax.kernel.access import Actor
from goldentax.kernel.clock import CHINA
from goldentax.kernel.crypto.keys import node_signer
from goldentax.kernel.node import this_node
from goldentax.kernel.refusals import Refusal
from goldentax.kernel.settings import settings
from goldentax.kernel.values.identifiers import classify_taxpayer_id

log = logging.getLogger("goldentax.desk")

WAITING_MAX = 20_000
"""Requests in line, about 8 kB each: 160 MB at the most. The load is shed long before, unless the store is away."""

SHED_AFTER_S = 1.5
"""A request that would wait longer is sent away at once: it is better told now than late."""

GARBAGE_THRESHOLDS = (50_000, 20, 50)
"""Allocations between two looks for garbage that counting references does not find; a request makes few of them."""

ANSWER_WITHIN_S = 30.0
"""The longest that a request waits for its answer; the store may be starting again meanwhile."""

FACTS_PAUSE_S = (FACTS_LAST - READ_AHEAD) / 4
"""Between two looks for facts that are soon too old: each is read ahead before its second is over."""


class Hall:
    """The desks of this process, and the way to them. Made and used within one event loop."""

    def __init__(self, *, desks: int) -> None:
        self.facts = KeptFacts()
        self.service = Service(batch_max=BATCH_MAX)
        self.rates = Rates(settings().issue_rate_per_token)
        self.queue: FairQueue[Ticket] = FairQueue()
        self.on_the_way: dict[tuple[str, str], Ticket] = {}
        self._proofs: dict[tuple[str, str], asyncio.Future[identity.TokenHolder]] = {}
        self._are_tokens_used = False  # since they were last proven ahead
        self._last = clock.now()
        self.desks = [
            Desk(
                store=PostgresStore(),
                queue=self.queue,
                wake=asyncio.Event(),
                node=this_node().code,
                signer=node_signer(),
                now=clock.now,
                render=answers.render,
                on_lease=self._catch_up,
                on_batch=self._note,
                at_least=SPARE_AT_LEAST if spare else 1,
            )
            for spare in range(desks)
        ]
        self._tasks: list[asyncio.Task[None]] = []

    def open(self) -> None:
        """Begin to serve."""
        _process.hall = self
        # What stands by now stays: looking through it for garbage again and again costs every invoice.
        gc.collect()
        gc.freeze()
        gc.set_threshold(*GARBAGE_THRESHOLDS)
        self._tasks = [asyncio.create_task(one.run()) for one in self.desks]
        self._tasks.append(asyncio.create_task(self._look_around()))

    async def close(self) -> None:
        """End serving; who still waits is told to come again."""
        for one in self._tasks:
            one.cancel()
        for one in self._tasks:
            with contextlib.suppress(asyncio.CancelledError):
                await one
        for ticket in self.queue.take_all():
            if not ticket.answered.done():
                ticket.answered.set_exception(errors.DeskUnavailable())

    async def actor_of(self, token: str, *, language: str) -> Actor:
        """
        Who stands behind a token; proven at most a second ago.

        :raises Refusal: as :func:`goldentax.identity.api.find_proven_token_holder`.
        """
        now = clock.now()
        self._are_tokens_used = True
        holder = identity.recall_token_holder(text=token, now=now, language=language)
        if holder is None:
            holder = await self._prove(token, language)
        if holder.is_note_due:
            note = partial(identity.note_token_use, token_id=holder.token_id, now=now)
            await asyncio.to_thread(in_thread, note)
        return holder.actor

    async def _prove(self, token: str, language: str) -> identity.TokenHolder:
        """Prove a token in a thread; who comes with the same one meanwhile waits for the same proof."""
        key = (token, language)
        under_way = self._proofs.get(key)
        if under_way is None:
            ask = partial(identity.find_proven_token_holder, text=token, now=clock.now(), language=language)
            work = asyncio.to_thread(in_thread, ask)
            under_way = self._proofs[key] = asyncio.ensure_future(work)
            under_way.add_done_callback(lambda _: self._proofs.pop(key, None))
        return await asyncio.shield(under_way)

    async def issue(self, draft: InvoiceDraft, actor: Actor) -> Outcome:
        """
        Issue an invoice for the taxpayer the actor acts for.

        :raises Refusal: everything the rules have against the draft, the limit's refusal, or that there is no room.
        """
        draft = identified(draft)
        key = (actor.taxpayer_id, draft.request_id)
        request_hash = hash_of(draft)
        first = self.on_the_way.get(key)
        if first is not None:
            return await self.join(first, request_hash)
        try:
            ticket = await self._ticket(draft, actor, request_hash)
        except Refusal:
            earlier = await self._find_earlier(key, request_hash)
            if earlier is None:
                raise
            return earlier
        first = self.on_the_way.get(key)  # it may have come while the facts were read
        if first is not None:
            return await self.join(first, request_hash)
        self.on_the_way[key] = ticket
        ticket.answered.add_done_callback(lambda _: self.on_the_way.pop(key, None))
        self.queue.put(ticket)
        self.wake()
        return await ticket.answered  # who goes away while it waits takes it back

    async def _find_earlier(self, key: tuple[str, str], request_hash: bytes) -> Outcome | None:
        """What stands is answered by its invoice for ever, whatever the rules say of its draft today."""
        ask = partial(find_answered, seller_tax_id=key[0], request_id=key[1])
        found = await asyncio.to_thread(in_thread, ask)
        if found is None:
            return None
        first = Answer(*found)
        if first.request_hash != request_hash:
            raise errors.RequestIdReused("request_id", request_id=key[1], number=first.number)
        return Outcome(earlier=first)

    def wake(self) -> None:
        """Tell the desks that there is something in the queue."""
        waiting = len(self.queue)
        for one in self.desks:
            if waiting >= one.at_least:
                one.wake.set()

    async def join(self, first: Ticket, request_hash: bytes) -> Outcome:
        """The answer of the same request that is on its way already."""
        try:
            outcome = await asyncio.shield(first.answered)
        except asyncio.CancelledError:
            if not first.answered.cancelled():
                raise
            raise errors.DeskUnavailable() from None  # the one who asked first has gone before it was issued
        if first.wish.request_hash != request_hash:
            number = outcome.number or (outcome.earlier.number if outcome.earlier else "")
            raise errors.RequestIdReused("request_id", request_id=first.wish.request_id, number=number)
        return Outcome(outcome.body, outcome.number, outcome.earlier, is_repeat=True)

    async def _ticket(self, draft: InvoiceDraft, actor: Actor, request_hash: bytes) -> Ticket:
        await self.make_ready([draft], actor)
        return self.examine(draft, actor, request_hash)

    async def make_ready(self, drafts: Sequence[InvoiceDraft], actor: Actor) -> None:
        """Read what the rules will ask for about these drafts, where it is not known; all of it at once."""
        is_demo = settings().demo
        doubts = [
            is_demo and bool(one.buyer.tax_id) and classify_taxpayer_id(one.buyer.tax_id) is None
            for one in drafts
        ]
        now = self._now()
        while wanted := [
            key
            for one, in_doubt in zip(drafts, doubts, strict=True)
            for key in self.facts.missing(draft=one, seller=actor.taxpayer_id, in_doubt=in_doubt, now=now)
        ]:
            await self.facts.read(wanted, now)
            now = self._now()
        unnamed = {code for one in drafts for code in self.facts.names_missing(one)}
        if unnamed:
            await self.facts.read_names(list(unnamed))

    def examine(self, draft: InvoiceDraft, actor: Actor, request_hash: bytes) -> Ticket:
        """
        Hold a draft against the rules; what they ask for was made ready right before.

        :raises Refusal: everything the rules have against it, or that there is no limit.
        """
        now = self.facts.of_their_day(self._now())
        wish: Wish = wish_of(draft=draft, request_hash=request_hash, actor=actor, now=now, facts=self.facts)
        account = self.facts.account(actor.taxpayer_id)
        return Ticket(wish, account, asyncio.get_running_loop().create_future())

    def _catch_up(self, state: DeskState) -> None:
        """Go on from where the desk was, if the clock was set back meanwhile."""
        if state.last_at is not None:
            self._last = max(self._last, state.last_at.astimezone(CHINA))

    def _now(self) -> datetime:
        """The moment; where the clock steps back it waits until it is made up for."""
        self._last = max(self._last, clock.now())
        return self._last

    def refuse_if_full(self) -> None:
        """
        Send a request away that would wait too long.

        :raises goldentax.invoicing.errors.DeskBusy: if so.
        """
        waiting = len(self.queue)
        wait = self.service.wait_s(waiting)
        if wait > SHED_AFTER_S or waiting >= WAITING_MAX:
            raise errors.DeskBusy(seconds=max(1, round(wait)))

    def _note(self, tickets: Sequence[Ticket], seconds: float) -> None:
        self.service.note([one.since for one in tickets], seconds)

    async def _look_around(self) -> None:
        """Tell those who wait too long to come again, and read again, in good time, what is in use."""
        while True:
            await asyncio.sleep(FACTS_PAUSE_S)
            latest = time.perf_counter() - ANSWER_WITHIN_S
            for ticket in [one for one in self.on_the_way.values() if one.since < latest]:
                if not ticket.answered.done():
                    ticket.answered.set_exception(errors.DeskUnavailable())
            await self._renew_proofs()
            due = self.facts.take_due()
            if due:
                try:
                    await self.facts.read(due, self._now())
                except Exception:  # the edge: what could not be read ahead is read when it is asked for
                    log.warning("facts could not be read ahead", exc_info=True)

    async def _renew_proofs(self) -> None:
        """Prove the tokens in use again before their second is over, in one thread for all of them."""
        if not self._are_tokens_used:
            return
        self._are_tokens_used = False
        renew = partial(
            identity.renew_token_proofs, now=clock.now(), older_than=timedelta(seconds=READ_AHEAD)
        )
        try:
            await asyncio.to_thread(in_thread, renew)
        except Exception:  # the edge: what could not be renewed is proven when it is used
            log.warning("tokens could not be proven ahead", exc_info=True)

    def now_serving(self) -> Facts:
        """What the desks do now; may be asked from any thread."""
        node = this_node().code
        held = [heads.log_of(node=node, desk=one.state.desk) for one in self.desks if one.state is not None]
        waiting = len(self.queue)
        return self.service.facts(
            desks=held, waiting=waiting, is_shedding=self.service.wait_s(waiting) > SHED_AFTER_S
        )


@dataclass(slots=True)
class _Process:
    """The hall of this process, once its server has opened it."""

    hall: Hall | None = None


_process = _Process()


def now_serving(*, count: int) -> tuple[Facts, float]:
    """
    What the desks of this process do now, and about how many milliseconds so many more invoices would take.

    A process without desks (the worker, a command) serves nobody: all zero.
    """
    hall = _process.hall
    if hall is None:
        return Service(batch_max=1).facts(desks=[], waiting=0, is_shedding=False), 0.0
    facts = hall.now_serving()
    return facts, round(hall.service.wait_s(facts.waiting + count) * 1000, 1)

"""
The door of ``POST /api/v1/invoices:batch``: many invoices in one request, one line of answer for each, in order.

Nothing waits for the whole: invoices are examined :data:`SLICE` at a time, so that single requests get their turn
between, and at most :data:`WINDOW` of one request wait at the desks; the rest follows as those are answered. Answers
leave as they come. The memory of it is bounded by a formula, which stands in the README of this module.
"""

import asyncio
import logging
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Iterator, Sequence
from contextlib import aclosing, contextmanager
from functools import partial
from typing import NamedTuple

import msgspec
from django.db import close_old_connections

from goldentax.invoicing import errors
from goldentax.invoicing.desk import answers, wire
from goldentax.invoicing.desk.desk import Outcome, Ticket
from goldentax.invoicing.desk.facts import in_thread
from goldentax.invoicing.desk.hall import Hall
from goldentax.invoicing.desk.store import Answer
from goldentax.invoicing.desk.wire import Receive, Scope, Send
from goldentax.invoicing.operations.composing import hash_of
from goldentax.invoicing.queries.answers import find_all_answered
from goldentax.invoicing.queries.first_answers import read_answers
from goldentax.invoicing.rules import bulk, documents, receipts
from goldentax.invoicing.rules.bulk import Item
from goldentax.invoicing.rules.drafts import InvoiceDraft, identified
from goldentax.invoicing.rules.reading import read_json
from goldentax.kernel import access
from goldentax.kernel.access import Actor
from goldentax.kernel.refusals import Refusal

log = logging.getLogger("goldentax.desk")

PATH = "/api/v1/invoices:batch"
DOOR = access.Door(roles=(access.ISSUER,), scope="invoices:write")
"""The same as that of the view behind (`invoicing.http.bulk.issue_many`)."""

SLICE = 50
"""Invoices examined before others get their turn: 2 or 3 ms of work."""

WINDOW = 768
"""Invoices of one request that wait at the desks: as many as three batches, so the desks never run dry."""

AT_ONCE = 4
"""Requests worked on at once by one worker."""

COMING_MAX = 16
"""Requests taken in at once by one worker, bodies of up to 10 MiB; more are told to come again."""

BODY_WITHIN_S = 30.0
SEND_WITHIN_S = 30.0
"""How long a client may take to send its body, and to take a piece of the answer."""

CHUNK_BYTES = 64 * 1024
IN_LINE_BYTES = 64 * 1024
"""A body up to this size is opened where we stand; a larger one in a thread."""

LINES = (b"content-type", b"application/jsonl; charset=utf-8")
_DECODER = msgspec.json.Decoder(InvoiceDraft)


class Asked(NamedTuple):
    """What the head of a request says."""

    token: str  # "" for what goes to the application behind
    language: str = "zh"
    is_gzip: bool = False


def asked(scope: Scope) -> Asked:
    """Whether this door serves a request, and how it is packed."""
    token, language, is_gzip = "", "zh", False
    for name, value in scope["headers"]:
        if name == b"authorization" and value[:10].lower() == b"bearer gt_" and len(value) <= 60:
            token = value[7:].decode("latin-1").strip()
        elif name == b"accept-language":
            language = "en" if value[:2].lower() == b"en" else "zh"
        elif name == b"content-encoding" and value.strip().lower() in (b"gzip", b"x-gzip"):
            is_gzip = True
        elif name in (b"cookie", b"content-encoding", b"authorization") or (
            name == b"content-length" and not _is_length(value)
        ):
            return Asked("")
    return Asked("" if scope["query_string"] else token, language, is_gzip)


def _is_length(value: bytes) -> bool:
    return value.isdigit() and int(value) <= wire.BODY_BYTES_MAX


class BulkDoor:
    """Serves batches of one worker."""

    def __init__(self, hall: Hall) -> None:
        self.hall = hall
        self._room = asyncio.Semaphore(AT_ONCE)
        self._coming = 0

    async def serve(self, wish: Asked, receive: Receive, send: Send) -> None:
        """Answer one request: a problem for the whole, or a line for each invoice."""
        left = 0.0
        try:
            self.hall.refuse_if_full()
            actor = await self.hall.actor_of(wish.token, language=wish.language)
            DOOR.hold(actor)
            with self._place():
                data = await _body(receive)
                async with self._room:
                    body, items = await _opened(data, is_gzip=wish.is_gzip)
                    del data
                    left = self._take(wish.token, len(items))
                    headers = [LINES, *wire.load(self.hall, left)]
                    async with aclosing(
                        _Order(self.hall, actor, wish.language, body, items).lines()
                    ) as lines:
                        await _stream(send, lines, headers, wish.language)
            return
        except Refusal as error:
            refusal = error
        except wire.Gone:
            return
        except Exception:  # the edge: a bug becomes an apology, and the log says more
            log.exception("a batch could not be read")
            refusal = errors.DeskUnavailable()
        told = wire.told(refusal, wish.language)
        await wire.send_answer(send, refusal.status, *told, wire.load(self.hall, left), wish.language)

    @contextmanager
    def _place(self) -> Iterator[None]:
        if self._coming >= COMING_MAX:
            raise errors.DeskBusy(seconds=1)
        self._coming += 1
        try:
            yield
        finally:
            self._coming -= 1

    def _take(self, token: str, count: int) -> float:
        left, wait_s = self.hall.rates.take_many(token, count)
        if wait_s:
            raise errors.TooManyRequests(limit=self.hall.rates.per_second, seconds=wait_s)
        return left


async def _body(receive: Receive) -> bytes:
    try:
        async with asyncio.timeout(BODY_WITHIN_S):
            return await wire.read_body(receive, at_most=wire.BODY_BYTES_MAX)
    except TimeoutError:
        raise errors.BodyTooSlow("body", seconds=int(BODY_WITHIN_S)) from None


async def _opened(data: bytes, *, is_gzip: bool) -> tuple[bytes, list[Item]]:
    if len(data) <= IN_LINE_BYTES and not is_gzip:
        return data, bulk.find_items(data)
    return await asyncio.to_thread(_open, data, is_gzip)


def _open(data: bytes, is_gzip: bool) -> tuple[bytes, list[Item]]:
    body = bulk.open_gzip(data) if is_gzip else data
    return body, bulk.find_items(body)


async def _stream(send: Send, lines: AsyncIterator[bytes], headers: wire.Headers, language: str) -> None:
    """Send the answers in pieces; a client that does not take them is left alone."""
    try:
        await send(wire.start(200, headers, language))
        parts, size = [], 0
        async for part in lines:
            parts.append(part)
            size += len(part)
            if size >= CHUNK_BYTES:
                async with asyncio.timeout(SEND_WITHIN_S):
                    await send({"type": "http.response.body", "body": b"".join(parts), "more_body": True})
                parts, size = [], 0
        await send({"type": "http.response.body", "body": b"".join(parts)})
    except (
        Exception
    ) as error:  # the edge: the head is out, so nothing can be said; whoever asks again is answered
        log.warning("a batch was left: %r", error)
        raise wire.Gone from None


class _Refused(NamedTuple):
    """A request that the rules refuse today; it may have its answer from another day."""

    request_id: str
    request_hash: bytes


class _Open(NamedTuple):
    """A place in the order of answers: told already, or waiting for a desk."""

    line: int
    told: bytes = b""
    answered: "asyncio.Future[Outcome] | None" = None
    ticket: Ticket | None = None
    refused: _Refused | None = None

    @property
    def is_ready(self) -> bool:
        return self.answered is None or self.answered.done()


class _Order:
    """One request under way."""

    def __init__(self, hall: Hall, actor: Actor, language: str, body: bytes, items: Sequence[Item]) -> None:
        self._hall, self._actor, self._language = hall, actor, language
        self._body, self._items = body, items
        self._open: deque[_Open] = deque()

    async def lines(self) -> AsyncGenerator[bytes, None]:
        """The answers, in order, some at a time."""
        try:
            for first in range(0, len(self._items), SLICE):
                await self._enter(self._items[first : first + SLICE])
                while len(self._open) >= WINDOW:
                    await self._first()
                    yield await self._ready()
                await asyncio.sleep(0)
                yield await self._ready()
            while self._open:
                await self._first()
                yield await self._ready()
        finally:
            for one in self._open:
                self._leave(one)

    async def _first(self) -> None:
        """Wait for the first that is not answered; its batch answers many behind it."""
        answered = self._open[0].answered
        if answered is not None and not answered.done():
            await asyncio.wait([answered])

    async def _enter(self, items: Sequence[Item]) -> None:
        """Read, examine and put in line some invoices."""
        read: list[tuple[int, InvoiceDraft | Refusal]] = [(one.line, self._read(one)) for one in items]
        drafts = [one for _, one in read if isinstance(one, InvoiceDraft)]
        try:
            if drafts:
                await self._hall.make_ready(drafts, self._actor)
        except (
            Exception
        ) as error:  # the edge: the store is away; each is told so, and the next ones ask again
            log.warning("facts of a batch could not be read: %r", error)
            read = [
                (line, errors.DeskUnavailable() if isinstance(one, InvoiceDraft) else one)
                for line, one in read
            ]
        opened = [self._put(line, one) for line, one in read]
        self._hall.wake()
        self._open.extend(await self._with_earlier(opened))

    async def _with_earlier(self, opened: list[_Open]) -> list[_Open]:
        """What stands is answered by its invoice for ever, whatever the rules say of its draft today."""
        asked = [one.refused.request_id for one in opened if one.refused is not None]
        if not asked:
            return opened
        ask = partial(find_all_answered, seller_tax_id=self._actor.taxpayer_id, request_ids=asked)
        try:
            found = await asyncio.to_thread(in_thread, ask)
        except Exception as error:  # the edge: they are told what the rules said; who asks again is told more
            log.warning("first answers could not be looked up: %r", error)
            return opened
        return [
            self._earlier(one, Answer(*found[one.refused.request_id]))
            if one.refused is not None and one.refused.request_id in found
            else one
            for one in opened
        ]

    def _earlier(self, one: _Open, first: Answer) -> _Open:
        assert one.refused is not None
        request_id, request_hash = one.refused
        if first.request_hash != request_hash:
            reused = errors.RequestIdReused("request_id", request_id=request_id, number=first.number)
            return _Open(one.line, self._refused(one.line, reused))
        answered: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        answered.set_result(Outcome(earlier=first))
        return _Open(one.line, answered=answered)

    def _read(self, item: Item) -> InvoiceDraft | Refusal:
        try:
            return identified(read_json(bulk.cut(self._body, item), _DECODER))
        except Refusal as refusal:
            return refusal

    def _put(self, line: int, draft: InvoiceDraft | Refusal) -> _Open:
        if isinstance(draft, Refusal):
            return _Open(line, self._refused(line, draft))
        hall, key = self._hall, (self._actor.taxpayer_id, draft.request_id)
        request_hash = hash_of(draft)
        first = hall.on_the_way.get(key)
        if first is not None:
            return _Open(line, answered=asyncio.ensure_future(hall.join(first, request_hash)))
        try:
            ticket = hall.examine(draft, self._actor, request_hash)
        except Refusal as refusal:
            told = self._refused(line, refusal)
            return _Open(line, told, refused=_Refused(draft.request_id, request_hash))
        except Exception:  # the edge: one invoice that finds a bug does not spoil its neighbours
            log.exception("an invoice of a batch could not be examined")
            return _Open(line, self._refused(line, errors.DeskUnavailable()))
        hall.on_the_way[key] = ticket
        hall.queue.put(ticket)
        return _Open(line, answered=ticket.answered, ticket=ticket)

    async def _ready(self) -> bytes:
        """The answers that are there, as far as none is missing before them."""
        ready = []
        while self._open and self._open[0].is_ready:
            one = self._open.popleft()
            self._leave(one)
            ready.append((one, self._outcome(one)))
        earlier = [found.earlier for _, found in ready if isinstance(found, Outcome) and found.earlier]
        bodies = {}
        if earlier:
            try:
                bodies = await asyncio.to_thread(_earlier, [(one.number, one.month) for one in earlier])
            except Exception as error:  # the edge: they stand; whoever asks again is told
                log.warning("first answers could not be read: %r", error)
        return b"".join([self._line(one, found, bodies) for one, found in ready])

    def _leave(self, one: _Open) -> None:
        """Give up a place; what nobody waits for any more is taken back where no desk has it yet."""
        if one.answered is not None and not one.answered.done():
            one.answered.cancel()
        if one.ticket is not None:
            wish = one.ticket.wish
            self._hall.on_the_way.pop((wish.seller_tax_id, wish.request_id), None)

    def _outcome(self, one: _Open) -> Outcome | Refusal | None:
        if one.answered is None:
            return None
        if one.answered.cancelled():
            return errors.DeskUnavailable()
        error = one.answered.exception()
        if error is None:
            return one.answered.result()
        return error if isinstance(error, Refusal) else errors.DeskUnavailable()

    def _line(self, one: _Open, found: Outcome | Refusal | None, earlier: dict[str, bytes]) -> bytes:
        if found is None:
            return one.told
        if isinstance(found, Refusal):
            return self._refused(one.line, found)
        if found.earlier is not None:
            body = earlier.get(found.earlier.number)
            if body is None:
                return self._refused(one.line, errors.DeskUnavailable())
            return issued_line(one.line, body, status=200)
        if found.is_repeat:
            body = found.body.replace(b'"repeated":false', b'"repeated":true', 1)
            return issued_line(one.line, body, status=200)
        return issued_line(one.line, found.body, status=201)

    def _refused(self, line: int, refusal: Refusal) -> bytes:
        return refused_line(line, refusal, language=self._language)


def issued_line(line: int, body: bytes, *, status: int) -> bytes:
    """The line of an invoice that was issued, of the answer that it would have got alone."""
    return b'{"line":%d,"status":%d,%b\n' % (line, status, body[1:])


def refused_line(line: int, refusal: Refusal, *, language: str) -> bytes:
    """The line of an invoice that was refused: the problem, with its way out."""
    told = {"line": line, "status": refusal.status} | refusal.as_problem(language)
    return msgspec.json.encode(told) + b"\n"


def _earlier(wanted: Sequence[tuple[str, int]]) -> dict[str, bytes]:
    close_old_connections()
    try:
        found = read_answers(wanted)
    finally:
        close_old_connections()
    return {
        number: answers.write(
            documents.decode(one.document), number, receipts.encode(one.receipt), repeated=True
        )
        for number, one in found.items()
    }

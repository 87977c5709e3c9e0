"""
The door of the desks: takes ``POST /api/v1/invoices`` before the web framework sees it.

Only what is ordinary is served here: a bearer token of ours, a body of the usual length. Everything else (no token, one
of another system, an odd header) goes on to the framework, whose view does the same on the plain path and words every
refusal. So there is one set of rules, and this is only the fast way to them.
"""

import asyncio
import logging
from functools import partial

import msgspec

from goldentax.invoicing import errors
from goldentax.invoicing.desk import answers, bulk, wire
from goldentax.invoicing.desk.desk import Outcome
from goldentax.invoicing.desk.facts import in_thread
from goldentax.invoicing.desk.hall import Hall
from goldentax.invoicing.desk.wire import App, Receive, Scope, Send
from goldentax.invoicing.queries.answers import read_answer
from goldentax.invoicing.rules import documents, receipts
from goldentax.invoicing.rules.drafts import InvoiceDraft
from goldentax.invoicing.rules.reading import read_json
from goldentax.kernel import access
from goldentax.kernel.refusals import Refusal
from goldentax.kernel.settings import settings

log = logging.getLogger("goldentax.desk")

PATH = "/api/v1/invoices"
DOOR = access.Door(roles=(access.ISSUER,), scope="invoices:write")
"""The same as that of the view behind (`invoicing.http.issue`); a house test holds them against each other."""

_DECODER = msgspec.json.Decoder(InvoiceDraft)


class IssuingDoor:
    """Serves the hot route; everything else is the application's behind it."""

    def __init__(self, app: App) -> None:
        self.app = app
        self.hall: Hall | None = None
        self.bulk: bulk.BulkDoor | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["method"] == "POST" and scope["path"] == PATH:
            token, language = wire.asked(scope)
            if token:
                await self._issue(token, language, scope, receive, send)
                return
        elif scope["type"] == "http" and scope["method"] == "POST" and scope["path"] == bulk.PATH:
            wish = bulk.asked(scope)
            if wish.token:
                hall = self._opened()
                self.bulk = self.bulk or bulk.BulkDoor(hall)
                await self.bulk.serve(wish, receive, send)
                return
        elif scope["type"] == "lifespan":
            await self._live(receive, send)
            return
        await self.app(scope, receive, send)

    async def _live(self, receive: Receive, send: Send) -> None:
        """Open the hall when the server starts, and close it before it ends."""
        while True:
            message = await receive()
            if message["type"] == "lifespan.startup":
                self._opened()
                await send({"type": "lifespan.startup.complete"})
            elif message["type"] == "lifespan.shutdown":
                if self.hall is not None:
                    await self.hall.close()
                await send({"type": "lifespan.shutdown.complete"})
                return

    def _opened(self) -> Hall:
        if self.hall is None:
            self.hall = Hall(desks=settings().desks_per_worker)
            self.hall.open()
        return self.hall

    async def _issue(self, token: str, language: str, scope: Scope, receive: Receive, send: Send) -> None:
        hall, left = self._opened(), 0.0
        try:
            hall.refuse_if_full()
            actor = await hall.actor_of(token, language=language)
            DOOR.hold(actor)
            left = hall.rates.take(token)
            if left < 0:
                raise errors.TooManyRequests(limit=hall.rates.per_second)
            draft = read_json(await wire.read_body(receive), _DECODER)
            outcome = await hall.issue(draft, actor)
            body, status = await _answer(outcome)
        except Refusal as refusal:
            told = wire.told(refusal, language)
            await wire.send_answer(send, refusal.status, *told, wire.load(hall, left), language)
            return
        except wire.Gone:
            return
        except Exception:  # the edge: a bug becomes an apology, and the log says more
            log.exception("an invoice could not be issued")
            apology = errors.DeskUnavailable()
            told = wire.told(apology, language)
            await wire.send_answer(send, apology.status, *told, wire.load(hall, left), language)
            return
        number = outcome.number or (outcome.earlier.number if outcome.earlier else "")
        headers = [wire.JSON, (b"location", f"{PATH}/{number}".encode()), *wire.load(hall, left)]
        await wire.send_answer(send, status, body, [], headers, language)


async def _answer(outcome: Outcome) -> tuple[bytes, int]:
    """The body and status: 201 the first time, 200 with the first answer ever after."""
    if outcome.earlier is not None:
        read = partial(_earlier, outcome.earlier.number, outcome.earlier.month)
        return await asyncio.to_thread(in_thread, read), 200
    if outcome.is_repeat:
        return outcome.body.replace(b'"repeated":false', b'"repeated":true', 1), 200
    return outcome.body, 201


def _earlier(number: str, month: int) -> bytes:
    found = read_answer(number=number, month=month)
    document = documents.decode(found.document)
    return answers.write(document, number, receipts.encode(found.receipt), repeated=True)

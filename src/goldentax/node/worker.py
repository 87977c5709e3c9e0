"""
The worker of a node: ``python -m goldentax.node.worker`` sends the outbox to the node's own JetStream, and does the
recurring work that modules registered with :func:`goldentax.kernel.registry.job`.

Events leave in the order they were written, each with its id as message id, so that what is sent twice after a
crash is stored once (within the stream's duplicate window). Other nodes' streams take it from there.
"""

import asyncio
import contextlib
import logging
import os
import signal
import sys
from datetime import datetime

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "goldentax.node.settings")

import django

django.setup()

import nats
from asgiref.sync import sync_to_async
from django.db import close_old_connections, connections
from django.db.utils import OperationalError
from nats.aio.client import Client
from nats.errors import Error as NatsError
from nats.js.api import StorageType, StreamConfig
from nats.js.client import JetStreamContext
from psycopg_pool import PoolTimeout

from goldentax.kernel import clock, outbox, registry
from goldentax.kernel.node import this_node
from goldentax.kernel.settings import settings
from goldentax.node.runtime.messages import messages_url

log = logging.getLogger("goldentax.worker")

DUPLICATE_WINDOW_S = (
    24 * 3600
)  # a crash between sending and marking is repaired at the next start, within a day


async def do_jobs(stop: asyncio.Event) -> None:
    """Do each job at its own pace until told to stop; a job that fails is logged and done again at its next turn."""
    await asyncio.gather(*(repeat(one, stop) for one in registry.jobs()))


async def repeat(job: registry.Job, stop: asyncio.Event) -> None:
    """Do one job again and again; a turn begins ``every_s`` after the last one ended, so turns never overlap."""
    while not stop.is_set():
        try:
            await sync_to_async(_do, thread_sensitive=False)(job)
        except Exception:  # the edge: one job that fails must not end the worker
            log.exception("the job %s failed", job.key)
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), timeout=job.every_s)


def _do(job: registry.Job) -> None:
    try:
        done = job.run(clock.now())
    finally:
        connections.close_all()  # each turn has a thread of its own; its connection goes back to the pool
    if done:
        log.debug("the job %s did %s", job.key, done)


async def run(stop: asyncio.Event) -> None:
    """Relay until told to stop; a broken connection is made anew after a pause."""
    while not stop.is_set():
        try:
            client = await nats.connect(
                settings().messages_url or messages_url(settings().home, settings().node),
                name=f"goldentax-worker-{settings().node}",
                max_reconnect_attempts=0,
                allow_reconnect=False,
                connect_timeout=5,
            )
            try:
                await relay(client, stop)
            finally:
                with contextlib.suppress(NatsError, OSError):
                    await client.close()
        except (NatsError, OSError, OperationalError, PoolTimeout) as error:
            log.warning("the relay pauses: %r", error)
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), timeout=2)


async def relay(client: Client, stop: asyncio.Event) -> None:
    """Send what waits, then wait for more, until told to stop or the connection breaks."""
    stream = client.jetstream(timeout=settings().worker_timeout_s)
    await ensure_stream(stream)
    while not stop.is_set():
        sent = await send_batch(stream, now=clock.now())
        if not sent:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(stop.wait(), timeout=settings().worker_idle_ms / 1000)


async def ensure_stream(stream: JetStreamContext) -> None:
    """Make the node's event stream, or leave it as it is."""
    code = this_node().code
    await stream.add_stream(
        StreamConfig(
            name=f"EVENTS-{code}",
            subjects=[f"events.{code}.>"],
            storage=StorageType.FILE,
            duplicate_window=DUPLICATE_WINDOW_S,
        )
    )


async def send_batch(stream: JetStreamContext, *, now: datetime) -> int:
    """Send one batch of the outbox and note it; how many went."""
    waiting = await sync_to_async(_list_unsent)()
    for one in waiting:
        await stream.publish(
            f"events.{this_node().code}.{one.type}",
            one.body,
            headers={"Nats-Msg-Id": one.event_id, "Content-Type": "application/cloudevents+json"},
        )
    if waiting:
        await sync_to_async(outbox.mark_sent)([one.id for one in waiting], now=now)
    return len(waiting)


def _list_unsent() -> list[outbox.Envelope]:
    close_old_connections()
    return outbox.list_unsent(source=f"urn:goldentax:node:{this_node().code}", limit=settings().worker_batch)


async def main() -> None:
    """Run until SIGTERM or SIGINT."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await asyncio.gather(run(stop), do_jobs(stop))


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))

"""What happened at a node leaves it: the event of an issued invoice stands in its stream, once, as a CloudEvent."""

import asyncio
import json
import os
import signal
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import nats
import pytest

from goldentax.contracts.events import event_types
from goldentax.node.runtime.messages import messages_url
from tests.worlds import World

pytestmark = pytest.mark.journey
EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "invoice.json"
PATIENCE_S = 30


async def events_of(world: World, number: str) -> list[dict[str, Any]]:
    """Every event about an invoice that the province's stream holds."""
    client = await nats.connect(messages_url(world.home, "45"), allow_reconnect=False)
    try:
        stream = client.jetstream()
        subscription = await stream.subscribe("events.45.invoicing.>", ordered_consumer=True)
        found = []
        try:
            while True:
                message = await subscription.next_msg(timeout=1)
                event = json.loads(message.data)
                if any(one["number"] == number for one in event["data"].get("invoices", ())):
                    found.append(event)
        except nats.errors.TimeoutError:
            return found
    finally:
        await client.close()


def wait_for_events(world: World, number: str) -> list[dict[str, Any]]:
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        # In a thread of its own: a browser test before this one may have left its loop in the main thread.
        with ThreadPoolExecutor(1) as thread:
            found = thread.submit(lambda: asyncio.run(events_of(world, number))).result()
        if found:
            return found
    raise AssertionError(f"no event of {number} within {PATIENCE_S} s")


def issue(world: World, request_id: str) -> str:
    wanted = json.loads(EXAMPLE.read_text(encoding="utf-8")) | {"request_id": request_id}
    with world.client(token=world.token()) as client:
        answer = client.post("/api/v1/invoices", json=wanted)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["number"])


def test_an_issued_invoice_is_told_once_in_the_agreed_form(world: World) -> None:
    number = issue(world, "events-journey-1")
    (event,) = wait_for_events(world, number)
    assert event["specversion"] == "1.0"
    assert event["source"] == "urn:goldentax:node:45"
    contract = event_types()[event["type"]]
    assert event["type"] == "invoicing.invoices.issued.v1"
    assert set(event["data"]) == set(contract.__struct_fields__)
    assert event["subject"] == event["data"]["log"]


def test_the_message_server_may_die_and_the_event_still_arrives_once(world: World) -> None:
    os.kill(world.status()["pids"]["messages-45"], signal.SIGKILL)
    number = issue(world, "events-journey-2")
    deadline = time.monotonic() + PATIENCE_S
    while time.monotonic() < deadline:
        try:
            (event,) = wait_for_events(world, number)
            break
        except OSError:
            time.sleep(0.5)
    assert event["subject"] == event["data"]["log"]

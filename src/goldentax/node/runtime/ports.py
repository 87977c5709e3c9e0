"""
Which ports a world listens on.

The web ports are fixed by the settings, because people type them: one that is taken is refused by name. The
ports between the servers are nobody's business: they are looked for from a usual place on, and kept from
start to start while they are free, so that any number of worlds can stand side by side.
"""

import errno
import json
import socket
from contextlib import suppress
from pathlib import Path

from goldentax.kernel.node import NodeDescription
from goldentax.kernel.settings import Settings
from goldentax.node.runtime.errors import NoFreePort, PortTaken

# Far enough above the web ports that all provinces (36) fit below; ten steps leave room for a neighbour
# world.
INTERNAL_OFFSET = 1500
TRIES = 200


def web_port(settings: Settings, node: NodeDescription) -> int:
    """The port of a node's pages and API."""
    return settings.port + node.port_offset


def web_url(settings: Settings, node: NodeDescription) -> str:
    """The local address of a node's pages and API."""
    everywhere = ("0.0.0.0", "::")  # noqa: S104  (compared, not bound)
    host = "127.0.0.1" if settings.host in everywhere else settings.host
    return f"http://{host}:{web_port(settings, node)}"


def is_free(host: str, port: int) -> bool:
    """Whether nobody listens there. Connections that are just closing do not count."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, port))
            trial.listen(1)
        except OSError as error:
            if error.errno in (errno.EADDRINUSE, errno.EACCES):
                return False
            raise
    return True


def require_web_ports(settings: Settings, nodes: tuple[NodeDescription, ...]) -> None:
    """:raises PortTaken: if another program listens on a node's port."""
    for node in nodes:
        port = web_port(settings, node)
        if not is_free(settings.host, port):
            found = listener(port)
            raise PortTaken(
                "port",
                port=port,
                node=node.code,
                by=f" ({found})" if found else "",
                other=_other_port(settings),
            )


def _other_port(settings: Settings) -> int:
    for port in range(settings.port + 100, settings.port + 2000, 100):
        if port < 65_000 and is_free(settings.host, port) and is_free(settings.host, port + 1):
            return port
    return settings.port - 1000


def internal_ports(names: list[str], *, known: Path, first: int) -> dict[str, int]:
    """
    Give every name a free port on the loopback address: the one it had, if that is still free, else another.

    :raises NoFreePort: if there is none left near the usual place.
    """
    try:
        before = {str(name): int(port) for name, port in json.loads(known.read_text()).items()}
    except (OSError, ValueError, AttributeError, TypeError):
        before = {}
    given: dict[str, int] = {}
    for name in names:
        wanted = [before[name]] if name in before else []
        candidates = [*wanted, *range(first, first + TRIES)]
        port = next((one for one in candidates if one not in given.values() and _is_usable(one)), None)
        if port is None:
            raise NoFreePort(first=first, tried=TRIES)
        given[name] = port
    fresh = known.with_name(known.name + ".new")
    fresh.write_text(json.dumps(given))
    fresh.replace(known)
    return given


def _is_usable(port: int) -> bool:
    return 1024 <= port <= 65_535 and is_free("127.0.0.1", port)


def listener(port: int) -> str:
    """The program that listens on a port, as ``name, process n``, as far as this user may know."""
    wanted = {f"socket:[{inode}]" for inode in _listening_inodes(port)}
    for folder in Path("/proc").glob("[0-9]*"):
        if wanted & _open_files(folder):
            name = (folder / "comm").read_text(encoding="utf-8", errors="replace").strip()
            return f"{name}, process {folder.name}"
    return ""


def _open_files(process: Path) -> set[str]:
    found = set()
    try:
        for one in (process / "fd").iterdir():
            # A file may be closed while we look; that one is not what listens.
            with suppress(FileNotFoundError):
                found.add(str(one.readlink()))
    except OSError:
        return found
    return found


def _listening_inodes(port: int) -> set[str]:
    listening = "0A"
    found = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            rows = Path(table).read_text(encoding="ascii").splitlines()[1:]
        except OSError:
            continue
        for row in rows:
            columns = row.split()
            if columns[3] == listening and int(columns[1].rsplit(":", 1)[1], 16) == port:
                found.add(columns[9])
    return found

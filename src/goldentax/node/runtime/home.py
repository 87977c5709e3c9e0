"""
The home folder of a world: where its data, logs and secrets lie, and who may hold it.

Everything below it belongs to one world; two worlds on a machine have two homes. Only the owner can read it.
"""

import fcntl
import os
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from goldentax.node.runtime.errors import AlreadyRunning, DiskFull, HomeUnusable

# Enough for PostgreSQL's first files and write-ahead log (about 60 MB a cluster, 16 MB a segment) and some
# logs.
FREE_MIB_MIN = 300


@dataclass(frozen=True)
class Home:
    """The paths of one world."""

    root: Path

    @property
    def postgres(self) -> Path:
        return self.root / "postgres"

    @property
    def logs(self) -> Path:
        return self.root / "logs"

    @property
    def secrets(self) -> Path:
        return self.root / "secrets"

    @property
    def run(self) -> Path:
        """Sockets, the lock and the state of the running processes; nothing in it outlives a stop."""
        return self.root / "run"

    @property
    def lock_file(self) -> Path:
        return self.run / "lock"

    @property
    def state_file(self) -> Path:
        return self.run / "state.json"

    @property
    def demo_accounts(self) -> Path:
        return self.root / "demo-accounts.json"

    def messages(self, node: str) -> Path:
        """The folder of a node's message store."""
        return self.root / "messages" / node

    def log(self, name: str) -> Path:
        """The log of one process."""
        return self.logs / f"{name}.log"


def prepare_home(home: Home) -> None:
    """
    Make the folders, for the owner only; calling it again changes nothing.

    :raises HomeUnusable: if a folder cannot be made or written.
    :raises DiskFull: if too little room is left.
    """
    try:
        home.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        for folder in (home.logs, home.secrets, home.run):
            folder.mkdir(mode=0o700, exist_ok=True)
        probe = home.run / f".probe-{os.getpid()}"
        probe.write_bytes(b"x" * 4096)
        probe.unlink()
    except OSError as error:
        check_disk(home)
        raise HomeUnusable(home=home.root, reason=error.strerror or error) from error
    check_disk(home)


def check_disk(home: Home) -> None:
    """:raises DiskFull: if too little room is left on the disk of the home."""
    place = next((one for one in (home.root, *home.root.parents) if one.exists()), Path("/"))
    free_mib = shutil.disk_usage(place).free // 2**20
    if free_mib < FREE_MIB_MIN:
        raise DiskFull(home=home.root, free_mib=free_mib, needed_mib=FREE_MIB_MIN)


def secret(home: Home, name: str) -> str:
    """Give the secret of that name, made at random the first time and kept for the owner only."""
    path = home.secrets / name
    if not path.exists():
        home.secrets.mkdir(mode=0o700, parents=True, exist_ok=True)
        fresh = path.with_name(f".{name}-{os.getpid()}-{secrets.token_hex(4)}")
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(32))
            file.flush()
            os.fsync(file.fileno())
        # A link fails where a rename would replace: of two that come at once, both must read the first.
        try:
            os.link(fresh, path)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    return path.read_text(encoding="ascii").strip()


def known_secret(home: Home, name: str) -> str:
    """Give a secret only if it has been made before, else nothing; nothing is written."""
    try:
        return (home.secrets / name).read_text(encoding="ascii").strip()
    except FileNotFoundError:
        return ""


@contextmanager
def hold(home: Home) -> Iterator[None]:
    """
    Hold the home for this process: only one supervisor may run it. The system lets go when the process dies.

    :raises AlreadyRunning: if another process holds it.
    """
    handle = os.open(home.lock_file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        _lock(handle, home)
        os.ftruncate(handle, 0)
        os.pwrite(handle, f"{os.getpid()}\n".encode("ascii"), 0)
        yield
        os.ftruncate(handle, 0)
    finally:
        os.close(handle)


def _lock(handle: int, home: Home) -> None:
    # Whoever asks who holds the home (`holder`) holds it for a moment, with all who ask; a supervisor
    # holds it for longer.
    for _ in range(20):
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            time.sleep(0.02)
    pid = os.pread(handle, 32, 0).decode("ascii", "replace").strip() or "?"
    raise AlreadyRunning(home=home.root, pid=pid)


def holder(home: Home) -> int | None:
    """The process that holds the home, or nothing when nobody runs it."""
    try:
        handle = os.open(home.lock_file, os.O_RDWR | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        text = os.pread(handle, 32, 0).decode("ascii", "replace").strip()
        return int(text) if text.isdigit() else None
    finally:
        os.close(handle)
    return None

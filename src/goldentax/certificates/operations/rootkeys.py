"""
The root's files in the home of the world that keeps it: its key, sealed, its certificate, and what it revoked.

What it revoked lies beside them, one line each, so that all nodes of the home publish the same list.
"""

import fcntl
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

from goldentax.certificates import errors
from goldentax.certificates.rules.building import RevokedEntry
from goldentax.certificates.rules.keys import KeyPair
from goldentax.kernel.crypto import keyfiles
from goldentax.kernel.settings import settings


def root_file(algorithm: str, ending: str) -> Path:
    """Where the root's ``key`` or ``cer`` lies."""
    return settings().home / "secrets" / f"root-{algorithm}.{ending}"


def is_here(algorithm: str) -> bool:
    """Whether this world keeps the root."""
    return root_file(algorithm, "key").exists()


def root_key(algorithm: str) -> KeyPair:
    """
    The key of the root, where this world keeps it.

    :raises errors.AuthorityMissing: if it is kept elsewhere.
    """
    if not is_here(algorithm):
        raise errors.AuthorityMissing()
    return KeyPair.from_bytes(keyfiles.read_sealed(root_file(algorithm, "key")))


def note_revoked(entry: RevokedEntry, *, algorithm: str) -> None:
    """Write down that the root revoked something; twice is once."""
    if any(one.serial == entry.serial for one in list_revoked(algorithm)):
        return
    with root_file(algorithm, "revoked").open("a", encoding="ascii") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        file.write(f"{entry.serial:x} {entry.at.isoformat()} {entry.reason}\n")


def list_revoked(algorithm: str) -> Iterator[RevokedEntry]:
    """What the root revoked, the oldest first."""
    path = root_file(algorithm, "revoked")
    if not path.exists():
        return
    for line in path.read_text(encoding="ascii").splitlines():
        serial, at, reason = line.split()
        yield RevokedEntry(serial=int(serial, 16), at=datetime.fromisoformat(at), reason=reason)

"""
The accounts of a demo world: one generated password each, shown in one file that only its owner may read.

The file holds the accounts of every node of the world; each node writes its own and leaves the others.
"""

import fcntl
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

FILE_NAME = "demo-accounts.json"

# Without signs that are taken for one another; 4 groups of 4 hold 78 bits.
_SIGNS = "abcdefghjkmnpqrstuvwxyz23456789"


def new_password() -> str:
    """A password that can be read out: four groups of four signs."""
    return "-".join("".join(secrets.choice(_SIGNS) for _ in range(4)) for _ in range(4))


def read_accounts(home: Path, *, node: str) -> list[dict[str, str]]:
    """The accounts of one node, none where there is no readable file."""
    return [one for one in _read(home / FILE_NAME) if one.get("node") == node]


def keep_accounts(home: Path, *, node: str, accounts: list[dict[str, str]]) -> None:
    """Write the accounts of one node beside those of the others; safe when two nodes do it at once."""
    path = home / FILE_NAME
    with _alone(home / f"{FILE_NAME}.lock"):
        others = [one for one in _read(path) if one.get("node") != node]
        fresh = path.with_name(f"{FILE_NAME}.{os.getpid()}")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            json.dump([*accounts, *others], file, ensure_ascii=False, indent=1)
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(path)


def _read(path: Path) -> list[dict[str, str]]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with path.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield

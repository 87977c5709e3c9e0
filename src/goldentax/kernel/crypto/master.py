"""
The master key of a world (主密钥): it seals data keys and key files, and nothing else.

It lies in a file that only its owner may read, or never leaves a device: then the command in the setting
``vault_command`` is run with ``wrap LABEL`` or ``unwrap LABEL``, gets base64 on its standard input and answers base64
on its standard output. The file holds one key a line, ``<id> <key>`` in hex; the last line seals, every line opens.
"""

import base64
import contextlib
import fcntl
import os
import shlex
import subprocess
from functools import cache
from pathlib import Path
from typing import Protocol

from goldentax.kernel.crypto import sm
from goldentax.kernel.crypto.errors import BrokenSeal, MasterKeyUnavailable
from goldentax.kernel.settings import settings

COMMAND_TIMEOUT_S = 10
_ID_BYTES = 4


class MasterKey(Protocol):
    """Seals small secrets. The label says what a secret is for; it opens under no other label."""

    def wrap(self, *, secret: bytes, label: str) -> bytes: ...

    def unwrap(self, *, sealed: bytes, label: str) -> bytes: ...


class FileMasterKey:
    """A master key in a file; made once, by whichever process comes first."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._keys: dict[bytes, bytes] = {}

    def wrap(self, *, secret: bytes, label: str) -> bytes:
        """Seal a secret with the newest key."""
        if not self._keys:
            self._read_or_make()
        key_id = list(self._keys)[-1]
        return key_id + sm.sm4_gcm_encrypt(
            key=self._keys[key_id], plaintext=secret, associated=key_id + label.encode()
        )

    def unwrap(self, *, sealed: bytes, label: str) -> bytes:
        """
        Open what any of the keys sealed under this label.

        :raises MasterKeyUnavailable: if it was sealed with a key that is not in the file.
        :raises BrokenSeal: if it was altered, or sealed under another label.
        """
        key_id = sealed[:_ID_BYTES]
        if key_id not in self._keys:
            self._read_or_make()
        if key_id not in self._keys:
            raise MasterKeyUnavailable(reason=f"no key {key_id.hex()} in {self.path.name}")
        secret = sm.sm4_gcm_decrypt(
            key=self._keys[key_id], sealed=sealed[_ID_BYTES:], associated=key_id + label.encode()
        )
        if secret is None:
            raise BrokenSeal(purpose=label)
        return secret

    def add_key(self) -> str:
        """Add a key that seals from now on; what older ones sealed still opens. Gives its id."""
        self._read_or_make()
        with self.path.open("a+", encoding="ascii") as file:
            # Two commands at once write one line each.
            fcntl.flock(file, fcntl.LOCK_EX)
            line = _fresh_line()
            file.write(line)
            file.flush()
            os.fsync(file.fileno())
        self._read_or_make()
        return line.split()[0]

    def _read_or_make(self) -> None:
        if not self.path.exists():
            write_once(self.path, _fresh_line().encode("ascii"))
        try:
            lines = [line.split() for line in self.path.read_text(encoding="ascii").splitlines() if line]
            keys = {bytes.fromhex(key_id): bytes.fromhex(key) for key_id, key in lines}
        except (OSError, ValueError) as error:
            raise MasterKeyUnavailable(reason=f"{self.path.name}: {type(error).__name__}") from None
        if not keys or any(len(i) != _ID_BYTES or len(k) != sm.SM4_KEY_BYTES for i, k in keys.items()):
            raise MasterKeyUnavailable(reason=f"{self.path.name} is not a master key file")
        self._keys = keys


class CommandMasterKey:
    """A master key in a device or a service, reached by a command of the operator's."""

    def __init__(self, command: str) -> None:
        self._words = shlex.split(command)

    def wrap(self, *, secret: bytes, label: str) -> bytes:
        """Let the device seal a secret."""
        return self._run("wrap", label, secret)

    def unwrap(self, *, sealed: bytes, label: str) -> bytes:
        """Let the device open what it sealed."""
        return self._run("unwrap", label, sealed)

    def _run(self, verb: str, label: str, data: bytes) -> bytes:
        try:
            done = subprocess.run(
                [*self._words, verb, label],
                input=base64.b64encode(data),
                capture_output=True,
                timeout=COMMAND_TIMEOUT_S,
                check=True,
            )
            return base64.b64decode(done.stdout.strip(), validate=True)
        except (OSError, subprocess.SubprocessError, ValueError) as error:
            # Its output may hold a secret: only the kind of failure is told.
            raise MasterKeyUnavailable(reason=f"{self._words[0]} {verb}: {type(error).__name__}") from None


@cache
def master_key() -> MasterKey:
    """The master key of this world, as its settings say."""
    if settings().vault_command:
        return CommandMasterKey(settings().vault_command)
    named = settings().vault_key_file
    return FileMasterKey(Path(named).expanduser() if named else settings().home / "secrets" / "world.key")


def write_once(path: Path, content: bytes) -> bool:
    """
    Write a secret file for its owner only, unless it is there; whether this call wrote it.

    The file appears whole or not at all, and the first of several processes wins.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    fresh = _write_aside(path, content)
    try:
        os.link(fresh, path)
    except FileExistsError:
        return False
    finally:
        fresh.unlink()
    return True


def replace(path: Path, content: bytes) -> None:
    """Put another content in the place of a secret file, at once and for its owner only."""
    fresh = _write_aside(path, content)
    with contextlib.suppress(FileNotFoundError):
        fresh.replace(path)


def _write_aside(path: Path, content: bytes) -> Path:
    fresh = path.with_name(f"{path.name}.{os.getpid()}.{os.urandom(4).hex()}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    return fresh


def _fresh_line() -> str:
    return f"{os.urandom(_ID_BYTES).hex()} {os.urandom(sm.SM4_KEY_BYTES).hex()}\n"

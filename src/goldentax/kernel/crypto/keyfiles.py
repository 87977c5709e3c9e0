"""Key files at rest: a signer's secret is sealed by the master key; a raw file of the first release is sealed too."""

from pathlib import Path

from goldentax.kernel.crypto import master
from goldentax.kernel.crypto.sm import Signer

_MARK = b"GTK1"  # then what the master key sealed
_RAW_BYTES = 96  # the first release wrote the key as it is


def load_or_create_signer(path: Path) -> Signer:
    """
    Read the key in this file, or make one; safe when several processes start at once.

    :raises MasterKeyUnavailable: if the master key is not the one that sealed it.
    :raises BrokenSeal: if the file was altered, or is another key's under this name.
    """
    if not path.exists():
        master.write_once(path, _sealed(Signer.generate(), path))
    held = path.read_bytes()
    if len(held) == _RAW_BYTES and not held.startswith(_MARK):
        signer = Signer.from_bytes(held)
        master.replace(path, _sealed(signer, path))
        return signer
    assert held.startswith(_MARK), f"{path} is not a key file"
    return Signer.from_bytes(master.master_key().unwrap(sealed=held.removeprefix(_MARK), label=_label(path)))


def write_sealed(path: Path, secret: bytes) -> bool:
    """Write a secret, sealed, unless the file is there; whether this call wrote it. The first of several wins."""
    return master.write_once(path, _MARK + master.master_key().wrap(secret=secret, label=f"file:{path.name}"))


def read_sealed(path: Path) -> bytes:
    """
    Read what :func:`write_sealed` wrote.

    :raises MasterKeyUnavailable: if the master key is not the one that sealed it.
    :raises BrokenSeal: if the file was altered, or is another one under this name.
    """
    held = path.read_bytes()
    return master.master_key().unwrap(sealed=held.removeprefix(_MARK), label=f"file:{path.name}")


def write_once(path: Path, content: bytes) -> bool:
    """Write a file that is no secret but made once all the same."""
    return master.write_once(path, content)


def _sealed(signer: Signer, path: Path) -> bytes:
    return _MARK + master.master_key().wrap(secret=signer.to_bytes(), label=_label(path))


def _label(path: Path) -> str:
    return f"signer:{path.name}"

"""
The vault (密钥库): data keys by purpose, sealed under the master key, in versions.

What is sealed carries the id of its key in front, so old values open after :func:`rotate`; the job in
``resealing.py`` seals them anew by and by. Data keys lie in the table ``kernel_data_key``, so that every process and
every machine of a node has the same ones; they are written by a connection of their own, for a key must outlive the
transaction that first needed it. A purpose is bound into the seal: what was sealed for one opens for no other.
"""

import os
import threading
import time
from dataclasses import dataclass

from django.db import IntegrityError, connection
from django.db.backends.base.base import BaseDatabaseWrapper

from goldentax.kernel.crypto import sm
from goldentax.kernel.crypto.errors import BrokenSeal, UnknownDataKey
from goldentax.kernel.crypto.master import master_key

RELOAD_S = 60
"""How long a process may go on sealing with a key that another one has rotated away."""

INDEX_PREFIX = "index:"
"""Keys of blind indexes are not rotated: an index is only good while equal texts give equal values."""

_FORMAT = b"\x01"
_ID_BYTES = 4
_HEAD_BYTES = len(_FORMAT) + _ID_BYTES
OVERHEAD_BYTES = _HEAD_BYTES + sm.SM4_GCM_OVERHEAD


@dataclass(frozen=True, slots=True, repr=False)
class _Key:
    key_id: bytes
    purpose: str
    version: int
    secret: bytes
    head: bytes  # what stands in front of all that it seals
    context: bytes  # what is bound into the seal


class _Keys:
    """The keys this process knows."""

    def __init__(self) -> None:
        self.lock = threading.RLock()
        self.by_id: dict[bytes, _Key] = {}
        self.active: dict[str, _Key] = {}
        self.read_at_s: float | None = None

    def is_stale(self) -> bool:
        return self.read_at_s is None or time.monotonic() - self.read_at_s > RELOAD_S


_keys = _Keys()


def seal(data: bytes, purpose: str) -> bytes:
    """Encrypt and authenticate for a purpose: format, key id, nonce, ciphertext, tag."""
    key = _active_key(purpose)
    return key.head + sm.sm4_gcm_encrypt(key=key.secret, plaintext=data, associated=key.context)


def open_sealed(sealed: bytes, purpose: str) -> bytes:
    """
    Read what was sealed for this purpose, with whichever version of its key.

    :raises BrokenSeal: if it was altered, or sealed for another purpose.
    :raises UnknownDataKey: if its key is not in the vault.
    """
    if len(sealed) < OVERHEAD_BYTES or sealed[:1] != _FORMAT:
        raise BrokenSeal(purpose=purpose)
    key = _keys.by_id.get(sealed[1:_HEAD_BYTES]) or _find_key(sealed[1:_HEAD_BYTES], purpose)
    data = None
    if key.purpose == purpose:
        data = sm.sm4_gcm_decrypt(key=key.secret, sealed=sealed[_HEAD_BYTES:], associated=key.context)
    if data is None:
        raise BrokenSeal(purpose=purpose)
    return data


def index_value(data: bytes, purpose: str) -> bytes:
    """HMAC-SM3 under a key of this purpose: equal data, equal value, and no way back. 32 bytes."""
    return sm.sm3_hmac(key=_active_key(INDEX_PREFIX + purpose).secret, data=data)


def active_key_id(purpose: str) -> bytes:
    """The id of the key that seals for a purpose now; four bytes."""
    return _active_key(purpose).key_id


def rotate(purpose: str = "") -> int:
    """
    Make a new key for one purpose, or for every one that is sealed for; how many were made.

    Values sealed before stay readable. Keys of blind indexes are left as they are.
    """
    made = 0
    with _keys.lock:
        _read_keys()
        for known in sorted(_keys.active):
            if known.startswith(INDEX_PREFIX) or purpose not in ("", known):
                continue
            _write_key(known, _keys.active[known].version + 1)
            made += 1
        _read_keys()
    return made


def rewrap() -> int:
    """Seal every data key under the newest master key; how many. For a master key that was changed."""
    own = _own_connection()
    try:
        with own.cursor() as cursor:
            cursor.execute("SELECT id, purpose, sealed_key FROM kernel_data_key ORDER BY id")
            rows = cursor.fetchall()
            for row_id, purpose, sealed in rows:
                secret = master_key().unwrap(sealed=bytes(sealed), label=_label(purpose))
                cursor.execute(
                    "UPDATE kernel_data_key SET sealed_key = %s WHERE id = %s",
                    [master_key().wrap(secret=secret, label=_label(purpose)), row_id],
                )
    finally:
        own.close()
    return len(rows)


def forget() -> None:
    """Let this process read its keys anew; for a process that changed its store."""
    with _keys.lock:
        _keys.by_id, _keys.active, _keys.read_at_s = {}, {}, None


def _active_key(purpose: str) -> _Key:
    key = _keys.active.get(purpose)
    if key is not None and not _keys.is_stale():
        return key
    with _keys.lock:
        if _keys.is_stale():
            _read_keys()
        if purpose not in _keys.active:
            _read_keys()
        if purpose not in _keys.active:
            _write_key(purpose, 1)
            _read_keys()
        return _keys.active[purpose]


def _find_key(key_id: bytes, purpose: str) -> _Key:
    with _keys.lock:
        if key_id not in _keys.by_id:
            _read_keys()
        if key_id not in _keys.by_id:
            raise UnknownDataKey(purpose=purpose, key_id=key_id.hex())
        return _keys.by_id[key_id]


def _read_keys() -> None:
    own = _own_connection()
    try:
        with own.cursor() as cursor:
            cursor.execute(
                "SELECT key_id, purpose, version, sealed_key FROM kernel_data_key ORDER BY version"
            )
            rows = cursor.fetchall()
    finally:
        own.close()
    active: dict[str, _Key] = {}
    for raw_id, purpose, version, sealed in rows:
        key_id = bytes(raw_id)
        key = _keys.by_id.get(key_id)
        if key is None:
            secret = master_key().unwrap(sealed=bytes(sealed), label=_label(purpose))
            head = _FORMAT + key_id
            key = _Key(key_id, purpose, version, secret, head, head + purpose.encode())
            _keys.by_id[key_id] = key
        active[purpose] = key
    _keys.active, _keys.read_at_s = active, time.monotonic()


def _write_key(purpose: str, version: int) -> None:
    sealed = master_key().wrap(secret=os.urandom(sm.SM4_KEY_BYTES), label=_label(purpose))
    own = _own_connection()
    try:
        with own.cursor() as cursor:
            cursor.execute(
                "INSERT INTO kernel_data_key (key_id, purpose, version, sealed_key)"
                " VALUES (%s, %s, %s, %s) ON CONFLICT (purpose, version) DO NOTHING",
                [os.urandom(_ID_BYTES), purpose, version, sealed],
            )
            cursor.execute(
                "UPDATE kernel_data_key SET retired_at = now()"
                " WHERE purpose = %s AND version < %s AND retired_at IS NULL",
                [purpose, version],
            )
    except IntegrityError:
        # Four random bytes met a key that has them already; the next ones will not.
        _write_key(purpose, version)
    finally:
        own.close()


def _label(purpose: str) -> str:
    return f"data:{purpose}"


def _own_connection() -> BaseDatabaseWrapper:
    """A connection outside every transaction of this process, in no pool; the caller closes it."""
    own = connection.copy()
    own.settings_dict["OPTIONS"] = {
        name: value for name, value in own.settings_dict["OPTIONS"].items() if name != "pool"
    }
    return own

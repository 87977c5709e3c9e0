"""SM3 and SM2 agree with the standards and refuse what is altered."""

import os
from pathlib import Path

from goldentax.kernel.crypto import sm


def test_sm3_passes_the_vectors_of_the_standard() -> None:
    # GB/T 32905-2016, annex A.
    assert sm.sm3(b"abc").hex() == "66c7f0f462eeedd9d1f2d46bdc10e4e24167c4875cf2f7a2297da02b8f4ba8e0"
    assert sm.sm3(b"abcd" * 16).hex() == "debe9ff92275b8a138604889c18e5a4d6fdb70e5387e5765293dcba39c0c5732"


def test_a_signature_holds_for_its_data_and_key_only(tmp_path: Path) -> None:
    signer = sm.Signer.load_or_create(tmp_path / "keys" / "one")
    other = sm.Signer.load_or_create(tmp_path / "keys" / "two")
    signature = signer.sign(b"data")
    assert sm.verify(public_key_hex=signer.public_key_hex, data=b"data", signature=signature)
    assert not sm.verify(public_key_hex=signer.public_key_hex, data=b"datA", signature=signature)
    assert not sm.verify(public_key_hex=other.public_key_hex, data=b"data", signature=signature)


def test_malformed_signatures_are_simply_wrong(tmp_path: Path) -> None:
    signer = sm.Signer.load_or_create(tmp_path / "one")
    signature = signer.sign(b"data")
    for bad in (b"", b"\x30", signature[:-1], signature + b"\0", bytes(72), os.urandom(70)):
        assert not sm.verify(public_key_hex=signer.public_key_hex, data=b"data", signature=bad)
    assert not sm.verify(public_key_hex="zz", data=b"data", signature=signature)


def test_the_message_api_of_the_library_agrees(tmp_path: Path) -> None:
    import gmssl_pyx

    signer = sm.Signer.load_or_create(tmp_path / "one")
    assert gmssl_pyx.sm2_verify(signer.public_key, b"data", signer.sign(b"data"))
    theirs = gmssl_pyx.sm2_sign(signer.private_key, signer.public_key, b"data")
    assert sm.verify(public_key_hex=signer.public_key_hex, data=b"data", signature=theirs)


def test_a_key_is_made_once_and_is_its_owners_alone(tmp_path: Path) -> None:
    path = tmp_path / "secrets" / "node"
    first, second = sm.Signer.load_or_create(path), sm.Signer.load_or_create(path)
    assert first == second
    assert path.stat().st_mode & 0o777 == 0o600
    assert first.private_key.hex() not in repr(first)

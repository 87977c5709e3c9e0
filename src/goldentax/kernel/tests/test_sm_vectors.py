"""SM2 and SM4 pass the vectors of their standards; what is altered does not open."""

import subprocess
from pathlib import Path
from shutil import which

import pytest
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from goldentax.kernel.crypto import sm
from goldentax.kernel.crypto.errors import TextTooLong

# GB/T 32918.5-2017, annexes A and C.
_EXAMPLE = sm.Signer(
    private_key=bytes.fromhex("3945208F7B2144B13F36E38AC6D39F95889393692860B51A42FB81EF4DF7C5B8"),
    public_key=bytes.fromhex(
        "09F9DF311E5421A150DD7D161E4BC5C672179FAD1833FC076BB08FF356F35020"
        "CCEA490CE26775A52DC6EA718CC1AA600AED05FBF35E084A6632F6072DA9AD13"
    ),
)
_R = "F5A03B0648D2C4630EEAC513E1BB81A15944DA3827D5B74143AC7EACEEE720B3"
_S = "B1B6AA29DF212FD8763182BC0D421CA1BB9038FD1F7F42D4840B69C485BBC1AA"


def _der(*parts: bytes) -> bytes:
    """A DER sequence of what is given, each part with its tag."""
    body = b"".join(parts)
    return b"\x30" + (bytes([len(body)]) if len(body) < 128 else b"\x81" + bytes([len(body)])) + body


def _integer(number: str) -> bytes:
    raw = bytes.fromhex(number)
    raw = b"\0" + raw if raw[0] & 0x80 else raw
    return b"\x02" + bytes([len(raw)]) + raw


def _octets(text: str) -> bytes:
    raw = bytes.fromhex(text)
    return b"\x04" + bytes([len(raw)]) + raw


def test_sm2_verifies_the_signature_of_the_standard() -> None:
    signature = _der(_integer(_R), _integer(_S))
    holds = {"public_key_hex": _EXAMPLE.public_key_hex, "signature": signature}
    assert sm.verify(data=b"message digest", **holds)
    assert not sm.verify(data=b"message digesT", **holds)
    swapped = _der(_integer(_S), _integer(_R))
    assert not sm.verify(public_key_hex=_EXAMPLE.public_key_hex, data=b"message digest", signature=swapped)


def test_sm2_signs_with_the_key_of_the_standard() -> None:
    signature = _EXAMPLE.sign(b"message digest")
    assert sm.verify(public_key_hex=_EXAMPLE.public_key_hex, data=b"message digest", signature=signature)


def test_sm2_decrypts_the_ciphertext_of_the_standard() -> None:
    point = (
        _integer("04EBFC718E8D1798620432268E77FEB6415E2EDE0E073C0F4F640ECD2E149A73"),
        _integer("E858F9D81E5430A57B36DAAB8F950A3C64E6EE6A63094D99283AFF767E124DF0"),
    )
    digest = _octets("59983C18F809E262923C53AEC295D30383B54E39D609D160AFCB1908D0BD8766")
    text = _octets("21886CA989CA9C7D58087307CA93092D651EFA")
    assert _EXAMPLE.decrypt(_der(*point, digest, text)) == b"encryption standard"
    altered = _octets("21886CA989CA9C7D58087307CA93092D651EFB")
    assert _EXAMPLE.decrypt(_der(*point, digest, altered)) is None


def test_sm2_encryption_opens_for_its_key_only_and_unaltered() -> None:
    ours, theirs = sm.Signer.generate(), sm.Signer.generate()
    sealed = sm.encrypt(public_key=ours.public_key, plaintext=b"a key of sixteen")
    assert ours.decrypt(sealed) == b"a key of sixteen"
    assert theirs.decrypt(sealed) is None
    assert ours.decrypt(sealed[:-1] + bytes([sealed[-1] ^ 1])) is None
    for bad in (b"", b"\x30", bytes(100), sealed[:50]):
        assert ours.decrypt(bad) is None
    for length in (0, 256):
        with pytest.raises(TextTooLong):
            sm.encrypt(public_key=ours.public_key, plaintext=bytes(length))


def test_sm4_passes_the_vectors_of_the_standard() -> None:
    # GB/T 32907-2016, annex A: once, and a million times over.
    key = block = bytes.fromhex("0123456789abcdeffedcba9876543210")
    encryptor = Cipher(algorithms.SM4(key), modes.ECB()).encryptor()
    assert encryptor.update(block).hex() == "681edf34d206965e86b3e94f536e4246"
    for _ in range(1_000_000):
        block = encryptor.update(block)
    assert block.hex() == "595298c7c6fd271f0402f804c33d3f66"


def test_sm4_gcm_passes_the_vector_of_rfc_8998() -> None:
    key = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210")
    nonce = bytes.fromhex("00001234567800000000ABCD")
    associated = bytes.fromhex("FEEDFACEDEADBEEFFEEDFACEDEADBEEFABADDAD2")
    plaintext = b"".join(bytes([byte]) * 8 for byte in bytes.fromhex("AABBCCDDEEFFEEAA"))
    sealed = nonce + bytes.fromhex(
        "17F399F08C67D5EE19D0DC9969C4BB7D5FD46FD3756489069157B282BB200735"
        "D82710CA5C22F0CCFA7CBF93D496AC15A56834CBCF98C397B4024A2691233B8D"
        "83DE3541E4C2B58177E065A9BF7B62EC"
    )
    assert sm.sm4_gcm_decrypt(key=key, sealed=sealed, associated=associated) == plaintext


def test_sm4_gcm_refuses_every_altered_bit() -> None:
    key = bytes(range(16))
    sealed = sm.sm4_gcm_encrypt(key=key, plaintext=b"value", associated=b"here")
    assert sm.sm4_gcm_decrypt(key=key, sealed=sealed, associated=b"here") == b"value"
    for place in range(len(sealed)):
        altered = bytearray(sealed)
        altered[place] ^= 1
        assert sm.sm4_gcm_decrypt(key=key, sealed=bytes(altered), associated=b"here") is None
    assert sm.sm4_gcm_decrypt(key=key, sealed=sealed, associated=b"there") is None
    assert sm.sm4_gcm_decrypt(key=bytes(16), sealed=sealed, associated=b"here") is None
    assert sm.sm4_gcm_decrypt(key=key, sealed=sealed[:20], associated=b"here") is None


def test_the_same_text_is_never_sealed_to_the_same_bytes() -> None:
    assert len({sm.sm4_gcm_encrypt(key=bytes(16), plaintext=b"x") for _ in range(100)}) == 100


@pytest.mark.skipif(which("openssl") is None, reason="there is no openssl command here")
def test_openssl_has_the_same_sm3_and_hmac(tmp_path: Path) -> None:
    (tmp_path / "data").write_bytes(b"data")
    digest = subprocess.run(
        ["openssl", "dgst", "-sm3", "-r", str(tmp_path / "data")], capture_output=True, check=True, text=True
    )
    assert digest.stdout.split()[0] == sm.sm3(b"data").hex()
    mac = subprocess.run(
        ["openssl", "dgst", "-sm3", "-r", "-hmac", "secret", str(tmp_path / "data")],
        capture_output=True,
        check=True,
        text=True,
    )
    assert mac.stdout.split()[0] == sm.sm3_hmac(key=b"secret", data=b"data").hex()

"""
Keys of two families behind one shape: SM2 with SM3 (GB/T 32918), and its twin ES256 (P-256, SHA-256).

A public key is its algorithm and its point; DER goes in and out here and nowhere else.
"""

import os
from dataclasses import dataclass
from functools import cached_property, lru_cache

from asn1crypto import core, keys, pem
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.kdf.pbkdf2 import PBKDF2HMAC
from gmssl_pyx import GmsslInnerError, normalize_sm2_public_key

from goldentax.certificates import errors
from goldentax.kernel.crypto import sm

SM2, ES256 = "sm2", "es256"
ALGORITHMS = (SM2, ES256)

SM2_WITH_SM3 = "1.2.156.10197.1.501"
ECDSA_WITH_SHA256 = "1.2.840.10045.4.3.2"
SIGNATURE_OIDS = {SM2: SM2_WITH_SM3, ES256: ECDSA_WITH_SHA256}
SM3_OID, SHA256_OID = "1.2.156.10197.1.401", "2.16.840.1.101.3.4.2.1"
DIGEST_OIDS = {SM2: SM3_OID, ES256: SHA256_OID}
_CURVES = {SM2: "1.2.156.10197.1.301", ES256: "1.2.840.10045.3.1.7"}
keys.NamedCurve.register("sm2p256v1", _CURVES[SM2], 32)

PASSPHRASE_ROUNDS = 600_000
"""Rounds of PBKDF2 with SHA-256 over a passphrase: what OWASP advises; about 0.2 s here."""


@dataclass(frozen=True)
class PublicKey:
    """A point on one of the two curves."""

    algorithm: str
    point: bytes  # x and y, 64 bytes

    @classmethod
    def from_spki(cls, info: keys.PublicKeyInfo) -> "PublicKey":
        """
        Read a subject public key info.

        :raises errors.UnsupportedKey: if it is of another kind, or no point of its curve.
        """
        try:
            if info["algorithm"]["algorithm"].native != "ec":
                raise errors.UnsupportedKey()
            curve = info["algorithm"]["parameters"].chosen.dotted
            raw = bytes(info["public_key"].native)
        except (ValueError, TypeError, AttributeError, KeyError):
            raise errors.UnsupportedKey() from None
        for algorithm, oid in _CURVES.items():
            if curve == oid and len(raw) == 65 and raw[0] == 4:
                return cls.from_point(algorithm=algorithm, point=raw[1:])
        raise errors.UnsupportedKey()

    @classmethod
    def from_point(cls, *, algorithm: str, point: bytes) -> "PublicKey":
        """
        Take a point of 64 bytes.

        :raises errors.UnsupportedKey: if it does not lie on the curve.
        """
        found = cls(algorithm, point)
        try:
            if algorithm == SM2:
                normalize_sm2_public_key(point)
            else:
                _p256_public(point)
        except (ValueError, GmsslInnerError):
            raise errors.UnsupportedKey() from None
        return found

    @classmethod
    def from_pem(cls, text: bytes) -> "PublicKey":
        """
        Read a public key, PEM or DER.

        :raises errors.UnsupportedKey: if it is none.
        """
        try:
            return cls.from_spki(keys.PublicKeyInfo.load(der_of(text, "PUBLIC KEY"), strict=True))
        except (ValueError, TypeError):
            raise errors.UnsupportedKey() from None

    @cached_property
    def spki(self) -> bytes:
        """The subject public key info, DER."""
        return keys.PublicKeyInfo(
            {
                "algorithm": {
                    "algorithm": "ec",
                    "parameters": keys.ECDomainParameters(name="named", value=_CURVES[self.algorithm]),
                },
                "public_key": keys.ECPointBitString(b"\x04" + self.point),
            }
        ).dump()

    @cached_property
    def key_id(self) -> bytes:
        """The identifier that certificates carry: the first 20 bytes of the SM3 of the public key (cf. RFC 7093)."""
        return sm.sm3(b"\x04" + self.point)[:20]

    @cached_property
    def fingerprint(self) -> str:
        """The SM3 of the whole public key info, hex."""
        return sm.sm3(self.spki).hex()

    def verify(self, *, data: bytes, signature: bytes) -> bool:
        """Tell whether this key signed this data; anything malformed is simply not a signature."""
        if self.algorithm == SM2:
            return sm.verify(public_key_hex=self.point.hex(), data=data, signature=signature)
        try:
            _p256_public(self.point).verify(signature, data, ec.ECDSA(hashes.SHA256()))
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True, repr=False)
class KeyPair:
    """A private key; it never shows its secret by itself."""

    public: PublicKey
    secret: bytes  # 32 bytes

    @classmethod
    def generate(cls, algorithm: str) -> "KeyPair":
        """Make a fresh key pair."""
        if algorithm == SM2:
            signer = sm.Signer.generate()
            return cls(PublicKey(SM2, signer.public_key), signer.private_key)
        private = ec.generate_private_key(ec.SECP256R1())
        return cls._of_p256(private)

    @classmethod
    def from_bytes(cls, held: bytes) -> "KeyPair":
        """Read what :meth:`to_bytes` wrote."""
        algorithm = ALGORITHMS[held[0]]
        assert len(held) == 97, "not a key pair"
        return cls(PublicKey(algorithm, held[33:]), held[1:33])

    def to_bytes(self) -> bytes:
        """Algorithm, secret and point in 97 bytes: for a vault, never for a file or a log."""
        return bytes([ALGORITHMS.index(self.public.algorithm)]) + self.secret + self.public.point

    @property
    def algorithm(self) -> str:
        return self.public.algorithm

    @cached_property
    def signer(self) -> sm.Signer:
        """The same key for SM2's own functions."""
        assert self.algorithm == SM2, self.algorithm
        return sm.Signer(private_key=self.secret, public_key=self.public.point)

    def sign(self, data: bytes) -> bytes:
        """Sign with the algorithm's own digest; DER."""
        if self.algorithm == SM2:
            return self.signer.sign(data)
        return self._p256.sign(data, ec.ECDSA(hashes.SHA256()))

    def to_pem(self, *, passphrase: str = "") -> bytes:
        """PKCS#8, under PBES2 (PBKDF2-SHA-256, AES-256-CBC) where there is a passphrase: OpenSSL reads it."""
        inner = keys.PrivateKeyInfo(
            {
                "version": 0,
                "private_key_algorithm": {
                    "algorithm": "ec",
                    "parameters": keys.ECDomainParameters(name="named", value=_CURVES[self.algorithm]),
                },
                "private_key": keys.ECPrivateKey(
                    {
                        "version": "ecPrivkeyVer1",
                        "private_key": int.from_bytes(self.secret),
                        "public_key": keys.ECPointBitString(b"\x04" + self.public.point),
                    }
                ),
            }
        ).dump()
        if not passphrase:
            return bytes(pem.armor("PRIVATE KEY", inner))
        return bytes(pem.armor("ENCRYPTED PRIVATE KEY", _encrypt_pkcs8(inner, passphrase)))

    @classmethod
    def from_pem(cls, text: bytes, *, passphrase: str = "") -> "KeyPair":
        """
        Read a PKCS#8 key, or OpenSSL's plain EC form.

        :raises errors.BadKeyFile: if it is none, or the passphrase is wrong.
        """
        try:
            name, _, der = pem.unarmor(text)
            if name == "ENCRYPTED PRIVATE KEY":
                der, name = _decrypt_pkcs8(der, passphrase), "PRIVATE KEY"
            if name == "EC PRIVATE KEY":
                held = keys.ECPrivateKey.load(der, strict=True)
                curve = held["parameters"].chosen.dotted
            else:
                info = keys.PrivateKeyInfo.load(der, strict=True)
                held, curve = (
                    info["private_key"].parsed,
                    info["private_key_algorithm"]["parameters"].chosen.dotted,
                )
            algorithm = {oid: one for one, oid in _CURVES.items()}[curve]
            return cls._of_secret(
                algorithm, held["private_key"].native.to_bytes(32), held["public_key"].native
            )
        except (ValueError, TypeError, AttributeError, KeyError, OverflowError):
            raise errors.BadKeyFile() from None

    @classmethod
    def _of_secret(cls, algorithm: str, secret: bytes, point: bytes | None) -> "KeyPair":
        if algorithm == ES256:
            return cls._of_p256(ec.derive_private_key(int.from_bytes(secret), ec.SECP256R1()))
        if point is None or len(point) != 65:
            raise ValueError("an SM2 key file must carry its public point")
        found = cls(PublicKey.from_point(algorithm=SM2, point=bytes(point[1:])), secret)
        if not found.public.verify(data=b"", signature=found.sign(b"")):
            raise ValueError("the two halves of the key do not belong together")
        return found

    @classmethod
    def _of_p256(cls, private: ec.EllipticCurvePrivateKey) -> "KeyPair":
        raw = private.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )
        secret = private.private_numbers().private_value.to_bytes(32)
        return cls(PublicKey(ES256, raw[1:]), secret)

    @cached_property
    def _p256(self) -> ec.EllipticCurvePrivateKey:
        return ec.derive_private_key(int.from_bytes(self.secret), ec.SECP256R1())


@lru_cache(maxsize=1024)
def _p256_public(point: bytes) -> ec.EllipticCurvePublicKey:
    return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), b"\x04" + point)


def der_of(text: bytes, name: str) -> bytes:
    """
    The DER inside PEM of this name, or DER as it is.

    :raises ValueError: if it is PEM of something else.
    """
    if not pem.detect(text):
        return text
    found, _, der = pem.unarmor(text)
    if found != name:
        raise ValueError(f"PEM of {found}")
    return bytes(der)


def _passphrase_key(passphrase: str, salt: bytes, rounds: int) -> bytes:
    return PBKDF2HMAC(hashes.SHA256(), 32, salt, rounds).derive(passphrase.encode())


def _encrypt_pkcs8(inner: bytes, passphrase: str) -> bytes:
    salt, vector = os.urandom(16), os.urandom(16)
    padding = 16 - len(inner) % 16
    encryptor = Cipher(
        algorithms.AES(_passphrase_key(passphrase, salt, PASSPHRASE_ROUNDS)), modes.CBC(vector)
    ).encryptor()
    return keys.EncryptedPrivateKeyInfo(
        {
            "encryption_algorithm": {
                "algorithm": "pbes2",
                "parameters": {
                    "key_derivation_func": {
                        "algorithm": "pbkdf2",
                        "parameters": {
                            "salt": core.OctetString(salt),
                            "iteration_count": PASSPHRASE_ROUNDS,
                            "prf": {"algorithm": "sha256", "parameters": core.Null()},
                        },
                    },
                    "encryption_scheme": {"algorithm": "aes256_cbc", "parameters": vector},
                },
            },
            "encrypted_data": encryptor.update(inner + bytes([padding]) * padding) + encryptor.finalize(),
        }
    ).dump()


def _decrypt_pkcs8(der: bytes, passphrase: str) -> bytes:
    try:
        private = serialization.load_der_private_key(der, passphrase.encode() or b" ")
    except UnsupportedAlgorithm:
        return _decrypt_ours(der, passphrase)
    return private.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def _decrypt_ours(der: bytes, passphrase: str) -> bytes:
    """The library decrypts PBES2 but refuses SM2 inside: then the same steps are taken here."""
    info = keys.EncryptedPrivateKeyInfo.load(der, strict=True)
    parameters = info["encryption_algorithm"]["parameters"]
    derivation = parameters["key_derivation_func"]["parameters"]
    rounds = derivation["iteration_count"].native
    if derivation["prf"]["algorithm"].native != "sha256" or not 1 <= rounds <= 10_000_000:
        raise ValueError("another derivation than PBKDF2 with SHA-256")
    if parameters["encryption_scheme"]["algorithm"].native != "aes256_cbc":
        raise ValueError("another cipher than AES-256-CBC")
    key = _passphrase_key(passphrase, derivation["salt"].native, rounds)
    vector = parameters["encryption_scheme"]["parameters"].native
    decryptor = Cipher(algorithms.AES(key), modes.CBC(vector)).decryptor()
    padded = decryptor.update(info["encrypted_data"].native) + decryptor.finalize()
    padding = padded[-1] if padded else 0
    if not 1 <= padding <= 16 or padded[-padding:] != bytes([padding]) * padding:
        raise ValueError("the passphrase is wrong")
    return padded[:-padding]

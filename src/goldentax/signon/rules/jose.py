"""
Signed tokens in compact form (JWS, RFC 7515) with three algorithms: ES256, RS256 (RFC 7518 §3.3, §3.4) and SM2SM3.

ES256 is what we offer; RS256 is here because OpenID Connect Discovery 1.0 §3 demands it of everybody, and libraries
that were told nothing expect it.

SM2SM3 has no entry in the registry of JOSE. Here it is: SM2 over SM3(Z ‖ signing input) as in GB/T 32918.2 with the
default user id, the signature as r ‖ s of 32 bytes each, the key as ``{"kty": "EC", "crv": "SM2"}``.

A key names its algorithm. The header of a token is held against the key and never chooses: that closes "none", the
signature made with a public key as a shared secret, and the swap of one algorithm for the other.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature, encode_dss_signature

from goldentax.kernel.crypto import sm
from goldentax.signon import errors
from goldentax.signon.rules.encoding import base64url, unbase64url

ES256, RS256, SM2SM3 = "ES256", "RS256", "SM2SM3"
ALGORITHMS = (ES256, RS256, SM2SM3)
COMMON = (ES256, RS256)
"""Algorithms that every library knows."""

CURVES = {ES256: "P-256", SM2SM3: "SM2"}
RSA_BITS = 2048
RSA_EXPONENT = 65537

LENGTH_MAX = 8192
"""Characters of a token: ours are below 1,000; what is longer is not read."""

_PRIVATE_PARTS = ("d", "p", "q", "dp", "dq", "qi", "k")


@dataclass(frozen=True, slots=True)
class PublicKey:
    """A key that verifies: its point (32 bytes each of x and y), or its RSA modulus."""

    kid: str
    algorithm: str
    material: bytes

    def jwk(self) -> dict[str, str]:
        """The key as a program reads it (JWK, RFC 7517)."""
        named = {"use": "sig", "alg": self.algorithm, "kid": self.kid}
        if self.algorithm == RS256:
            exponent = base64url(RSA_EXPONENT.to_bytes(3, "big"))
            return {"kty": "RSA", "n": base64url(self.material), "e": exponent} | named
        x, y = base64url(self.material[:32]), base64url(self.material[32:])
        return {"kty": "EC", "crv": CURVES[self.algorithm], "x": x, "y": y} | named

    def verifies(self, *, data: bytes, signature: bytes) -> bool:
        """Tell whether this key made this signature (of a curve: r ‖ s) over this data."""
        if self.algorithm == RS256:
            return _is_rsa_signature(self.material, data=data, signature=signature)
        if len(signature) != 64:
            return False
        der = encode_dss_signature(
            int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
        )
        if self.algorithm == SM2SM3:
            return sm.verify(public_key_hex=self.material.hex(), data=data, signature=der)
        return _is_p256_signature(self.material, data=data, signature=der)


@dataclass(frozen=True, slots=True, repr=False)
class SigningKey:
    """A key that signs; it never shows its secret."""

    public: PublicKey
    sign_raw: Callable[[bytes], bytes]  # of a curve: DER

    def sign(self, data: bytes) -> bytes:
        """Sign; of a curve: r ‖ s."""
        signature = self.sign_raw(data)
        if self.public.algorithm == RS256:
            return signature
        r, s = decode_dss_signature(signature)
        return r.to_bytes(32, "big") + s.to_bytes(32, "big")


@dataclass(frozen=True, slots=True)
class Signed:
    """A token taken apart, not yet believed."""

    header: dict[str, Any]
    claims: dict[str, Any]
    data: bytes
    signature: bytes


def new_secret(algorithm: str) -> tuple[bytes, bytes]:
    """Make a key of an algorithm: its secret, and what of it is public."""
    if algorithm == SM2SM3:
        pair = sm.Signer.generate()
        return pair.private_key, pair.public_key
    if algorithm == RS256:
        made = rsa.generate_private_key(public_exponent=RSA_EXPONENT, key_size=RSA_BITS)
        secret = made.private_bytes(
            serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        return secret, made.public_key().public_numbers().n.to_bytes(RSA_BITS // 8, "big")
    numbers = ec.generate_private_key(ec.SECP256R1()).private_numbers()
    public = numbers.public_numbers
    return (
        numbers.private_value.to_bytes(32, "big"),
        public.x.to_bytes(32, "big") + public.y.to_bytes(32, "big"),
    )


def signing_key(*, kid: str, algorithm: str, secret: bytes, material: bytes) -> SigningKey:
    """A key that signs, from its kept secret."""
    public = PublicKey(kid, algorithm, material)
    if algorithm == SM2SM3:
        return SigningKey(public, sm.Signer(private_key=secret, public_key=material).sign)
    if algorithm == RS256:
        held = serialization.load_der_private_key(secret, password=None)
        assert isinstance(held, rsa.RSAPrivateKey), kid
        return SigningKey(public, lambda data: held.sign(data, padding.PKCS1v15(), hashes.SHA256()))
    private = ec.derive_private_key(int.from_bytes(secret, "big"), ec.SECP256R1())
    algorithm_of_hash = ec.ECDSA(hashes.SHA256())
    return SigningKey(public, lambda data: private.sign(data, algorithm_of_hash))


def sign(*, claims: Mapping[str, Any], key: SigningKey, type_: str) -> str:
    """Write a signed token; ``type_`` keeps one sort of token from being taken for another (RFC 8725 §3.11)."""
    header = {"alg": key.public.algorithm, "kid": key.public.kid, "typ": type_}
    data = f"{base64url(msgspec.json.encode(header))}.{base64url(msgspec.json.encode(claims))}".encode(
        "ascii"
    )
    return f"{data.decode('ascii')}.{base64url(key.sign(data))}"


def take_apart(text: str) -> Signed:
    """
    Take a token apart without believing it.

    :raises BadSignedToken: if it has not the form of one.
    """
    parts = text.split(".")
    if len(text) > LENGTH_MAX or len(parts) != 3:
        raise errors.BadSignedToken(reason="form")
    try:
        header, claims = (msgspec.json.decode(unbase64url(part)) for part in parts[:2])
        signature = unbase64url(parts[2])
    except (ValueError, UnicodeError) as error:
        raise errors.BadSignedToken(reason="form") from error
    if not isinstance(header, dict) or not isinstance(claims, dict):
        raise errors.BadSignedToken(reason="form")
    return Signed(header, claims, f"{parts[0]}.{parts[1]}".encode("ascii"), signature)


def verify(*, text: str, keys: Iterable[PublicKey], types: tuple[str, ...]) -> dict[str, Any]:
    """
    Give the claims of a token that one of these keys signed.

    :param types: what ``typ`` may say, in lower case; "" lets it be absent.
    :raises BadSignedToken: for anything else. Times and audience are the caller's to check.
    """
    token = take_apart(text)
    wanted = token.header.get("kid")
    found = [key for key in keys if key.kid == wanted]
    if len(found) != 1:
        raise errors.BadSignedToken(reason="kid")
    if token.header.get("alg") != found[0].algorithm:
        raise errors.BadSignedToken(reason="alg")
    if str(token.header.get("typ", "")).lower() not in types:
        raise errors.BadSignedToken(reason="typ")
    # Extensions that must be understood (RFC 7515 §4.1.11) are not: there are none here.
    if "crit" in token.header or not found[0].verifies(data=token.data, signature=token.signature):
        raise errors.BadSignedToken(reason="signature")
    return token.claims


def read_client_keys(jwks: Any) -> list[PublicKey]:
    """
    Read the public keys a client registered: a JWK set of P-256 keys.

    :raises BadPublicKeys: for a private key, another type or curve, a point off the curve, a kid missing or doubled.
    """
    listed = jwks.get("keys") if isinstance(jwks, dict) else None
    if not isinstance(listed, list) or not 1 <= len(listed) <= 10:
        raise errors.BadPublicKeys("public_keys", reason="keys")
    keys = [_client_key(one) for one in listed]
    if len({key.kid for key in keys}) != len(keys):
        raise errors.BadPublicKeys("public_keys", reason="kid")
    return keys


def _client_key(jwk: Any) -> PublicKey:
    if not isinstance(jwk, dict):
        raise errors.BadPublicKeys("public_keys", reason="JWK")
    if any(part in jwk for part in _PRIVATE_PARTS):
        raise errors.BadPublicKeys("public_keys", reason="private key")
    if (jwk.get("kty"), jwk.get("crv")) != ("EC", "P-256") or jwk.get("alg", ES256) != ES256:
        raise errors.BadPublicKeys("public_keys", reason="kty, crv, alg")
    kid = jwk.get("kid")
    if not isinstance(kid, str) or not 1 <= len(kid) <= 120:
        raise errors.BadPublicKeys("public_keys", reason="kid")
    try:
        point = unbase64url(str(jwk.get("x"))) + unbase64url(str(jwk.get("y")))
        _p256_point(point)
    except ValueError as error:
        raise errors.BadPublicKeys("public_keys", reason="x, y") from error
    return PublicKey(kid, ES256, point)


@lru_cache(maxsize=1024)
def _p256_point(point: bytes) -> ec.EllipticCurvePublicKey:
    return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), b"\x04" + point)


def _is_p256_signature(point: bytes, *, data: bytes, signature: bytes) -> bool:
    try:
        _p256_point(point).verify(signature, data, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature:
        return False
    return True


def _is_rsa_signature(modulus: bytes, *, data: bytes, signature: bytes) -> bool:
    try:
        _rsa_key(modulus).verify(signature, data, padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature:
        return False
    return True


@lru_cache(maxsize=16)
def _rsa_key(modulus: bytes) -> rsa.RSAPublicKey:
    return rsa.RSAPublicNumbers(RSA_EXPONENT, int.from_bytes(modulus, "big")).public_key()

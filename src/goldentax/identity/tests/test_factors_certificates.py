"""Signing in with real certificates: issued, answered with their keys, and refused once they are revoked or expired."""

import base64
import uuid
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any, Protocol

import pytest
from asn1crypto import pem
from asn1crypto.core import BitString, ObjectIdentifier, Sequence
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from goldentax.certificates import api as room
from goldentax.identity.models import Person
from goldentax.identity.operations import factors
from goldentax.identity.tests.conftest import NOW
from goldentax.kernel.crypto.sm import Signer

pytestmark = pytest.mark.django_db
MakePerson = Callable[..., Person]
HERE = factors.Context(
    now=NOW,
    network="10.0.0.7",
    binding="this-browser",
    purpose=factors.SIGN_IN,
    origin="https://etax.example.cn",
)


class Key(Protocol):
    """A key pair on the holder's side."""

    def sign(self, data: bytes) -> bytes: ...

    def public_pem(self) -> bytes: ...


class P256:
    """A key of the international family."""

    def __init__(self, folder: Path) -> None:
        self._key = ec.generate_private_key(ec.SECP256R1())

    def sign(self, data: bytes) -> bytes:
        return self._key.sign(data, ec.ECDSA(SHA256()))

    def public_pem(self) -> bytes:
        return self._key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


class _Algorithm(Sequence):
    _fields = [("algorithm", ObjectIdentifier), ("curve", ObjectIdentifier)]


class _PublicKey(Sequence):
    _fields = [("algorithm", _Algorithm), ("key", BitString)]


class Sm2:
    """A key of the national family."""

    def __init__(self, folder: Path) -> None:
        self._signer = Signer.load_or_create(folder / "holder.sm2")

    def sign(self, data: bytes) -> bytes:
        return self._signer.sign(data)

    def public_pem(self) -> bytes:
        point = b"\x04" + self._signer.public_key
        bits = tuple(int(bit) for byte in point for bit in f"{byte:08b}")
        names = {"algorithm": "1.2.840.10045.2.1", "curve": "1.2.156.10197.1.301"}
        made = _PublicKey({"algorithm": _Algorithm(names), "key": bits})
        return pem.armor("PUBLIC KEY", made.dump())


@dataclass(frozen=True)
class Held:
    """A certificate with its key."""

    key: Key
    view: Any


@pytest.fixture
def person(make_person: MakePerson) -> Person:
    return make_person("certified")


@pytest.fixture(params=[Sm2, P256], ids=["sm2", "es256"])
def held(request: pytest.FixtureRequest, person: Person, tmp_path: Path) -> Held:
    return issue(request.param(tmp_path), person=person)


def issue(key: Key, *, person: Person, kind: str = "person") -> Held:
    made_at = NOW - timedelta(days=1)
    request_id, subject_id = str(uuid.uuid4()), str(person.public_id)
    text = room.possession_text(holder_kind=kind, subject_id=subject_id, request_id=request_id)
    view = room.issue_for(
        subject_kind=kind,
        subject_id=subject_id,
        name=person.name,
        csr_or_public_key=key.public_pem(),
        proof=key.sign(text),
        actor="test",
        request_id=request_id,
        now=made_at,
    )
    return Held(key, view)


def answer(
    held: Held, question: factors.Question, *, context: factors.Context = HERE, text: str = ""
) -> Person:
    signed = room.signed_text((text or question.text).encode())
    return factors.prove_by_certificate(
        challenge_id=question.challenge_id,
        certificate_pem=held.view.pem,
        signature=base64.b64encode(held.key.sign(signed)).decode(),
        context=context,
    )


def test_the_holder_signs_in(person: Person, held: Held) -> None:
    assert answer(held, factors.ask_certificate(context=HERE)) == person
    ready = {one.key: one.is_ready for one in factors.offered_to(person, NOW)}
    assert ready["certificate"]


def test_a_signature_over_another_text_does_not(held: Held) -> None:
    question = factors.ask_certificate(context=HERE)
    swapped = question.text.replace("etax.example.cn", "evil.example.cn")
    with pytest.raises(room.WrongSignature):
        answer(held, question, text=swapped)


def test_a_revoked_certificate_does_not(person: Person, held: Held) -> None:
    room.revoke(
        serial=held.view.serial, reason="key_compromise", actor="test", request_id="revoke-once", now=NOW
    )
    with pytest.raises(room.Revoked):
        answer(held, factors.ask_certificate(context=HERE))
    assert not {one.key: one.is_ready for one in factors.offered_to(person, NOW)}["certificate"]


def test_an_expired_certificate_does_not(held: Held) -> None:
    late = replace(HERE, now=held.view.valid_to + timedelta(seconds=1))
    with pytest.raises(room.NotInForce):
        answer(held, factors.ask_certificate(context=late), context=late)

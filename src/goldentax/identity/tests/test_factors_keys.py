"""Passkeys, scanned desks, certificates and faces: enrolled, proved; replayed, swapped, copied, taken elsewhere."""

import base64
import hashlib
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import cbor2
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url

from goldentax.identity.errors import factors as errors
from goldentax.identity.models import Person
from goldentax.identity.models.factors import Passkey, ScanTicket
from goldentax.identity.operations import factors
from goldentax.identity.operations.factors import certificates, faces
from goldentax.identity.tests.conftest import NOW
from goldentax.kernel import access
from goldentax.kernel.models import AuditEntry
from goldentax.kernel.refusals import Refusal
from goldentax.kernel.text import Text

pytestmark = pytest.mark.django_db
MakePerson = Callable[..., Person]
ORIGIN = "https://etax.example.cn"
HERE = factors.Context(
    now=NOW, network="10.0.0.7", binding="this-browser", purpose=factors.SIGN_IN, origin=ORIGIN
)


@pytest.fixture
def person(make_person: MakePerson) -> Person:
    return make_person("key.holder")


# --- Passkeys


@dataclass
class SoftAuthenticator:
    """A security key in software: one P-256 pair, a counter, and flags a test may set."""

    origin: str = ORIGIN
    verifies_user: bool = True
    count: int = 0
    step: int = 1
    private_key: ec.EllipticCurvePrivateKey = field(
        default_factory=lambda: ec.generate_private_key(ec.SECP256R1())
    )
    credential_id: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    user_handle: bytes = b""

    def create(self, options: str, **change: str) -> str:
        asked = json.loads(options)
        self.user_handle = base64url_to_bytes(asked["user"]["id"])
        numbers = self.private_key.public_key().public_numbers()
        cose = {1: 2, 3: -7, -1: 1, -2: numbers.x.to_bytes(32, "big"), -3: numbers.y.to_bytes(32, "big")}
        attested = (
            b"\0" * 16 + len(self.credential_id).to_bytes(2, "big") + self.credential_id + cbor2.dumps(cose)
        )
        data = self._data(asked["rp"]["id"], attested=attested)
        attestation = cbor2.dumps({"fmt": "none", "attStmt": {}, "authData": data})
        client = self._client("webauthn.create", asked["challenge"], **change)
        return self._credential(
            {
                "clientDataJSON": bytes_to_base64url(client),
                "attestationObject": bytes_to_base64url(attestation),
                "transports": ["usb", "nonsense"],
            }
        )

    def get(self, options: str, *, rp_id: str = "", **change: str) -> str:
        asked = json.loads(options)
        self.count += self.step
        data = self._data(rp_id or asked["rpId"])
        client = self._client("webauthn.get", asked["challenge"], **change)
        signature = self.private_key.sign(data + hashlib.sha256(client).digest(), ec.ECDSA(SHA256()))
        return self._credential(
            {
                "clientDataJSON": bytes_to_base64url(client),
                "authenticatorData": bytes_to_base64url(data),
                "signature": bytes_to_base64url(signature),
                "userHandle": bytes_to_base64url(self.user_handle),
            }
        )

    def _data(self, rp_id: str, *, attested: bytes = b"") -> bytes:
        flags = 0x01 | (0x04 if self.verifies_user else 0) | (0x40 if attested else 0)
        return (
            hashlib.sha256(rp_id.encode()).digest()
            + bytes([flags])
            + self.count.to_bytes(4, "big")
            + attested
        )

    def _client(self, kind: str, challenge: str, **change: str) -> bytes:
        said = {"type": kind, "challenge": challenge, "origin": self.origin, "crossOrigin": False} | change
        return json.dumps(said).encode()

    def _credential(self, response: dict[str, Any]) -> str:
        held = bytes_to_base64url(self.credential_id)
        return json.dumps({"id": held, "rawId": held, "type": "public-key", "response": response})


def enrol_passkey(
    person: Person, key: SoftAuthenticator, *, name: str = "办公电脑", level: int = 1
) -> Passkey:
    context = replace(HERE, purpose=factors.ENROL)
    options = factors.begin_passkey(person_id=person.public_id, level=level, context=context)
    return factors.add_passkey(
        person_id=person.public_id,
        name=name,
        credential=key.create(options),
        level=level,
        actor="web:test",
        context=context,
    )


@pytest.fixture
def key(person: Person) -> SoftAuthenticator:
    made = SoftAuthenticator()
    enrol_passkey(person, made)
    return made


def test_a_passkey_signs_its_holder_in_by_itself(person: Person, key: SoftAuthenticator) -> None:
    options = json.loads(factors.ask_passkey(context=HERE))
    assert options["userVerification"] == "required"
    assert options["rpId"] == "etax.example.cn"
    assert options.get("allowCredentials", []) == [], "who asks is not known, and is told nothing"
    proof = factors.prove_by_passkey(credential=key.get(json.dumps(options)), context=HERE)
    assert (proof.person, proof.method) == (person, "passkey")
    assert Passkey.objects.get().sign_count == 1


def test_a_device_keeps_a_discoverable_key_and_only_one_of_each(
    person: Person, key: SoftAuthenticator
) -> None:
    context = replace(HERE, purpose=factors.ENROL)
    options = json.loads(factors.begin_passkey(person_id=person.public_id, level=2, context=context))
    assert options["authenticatorSelection"]["residentKey"] == "required"
    assert [one["id"] for one in options["excludeCredentials"]] == [bytes_to_base64url(key.credential_id)]
    assert Passkey.objects.get().transports == ["usb"]


def test_several_passkeys_have_names_and_one_is_removed(person: Person, key: SoftAuthenticator) -> None:
    second = SoftAuthenticator()
    made = enrol_passkey(person, second, name="手机", level=2)
    assert [one.name for one in factors.list_factors(person)] == ["办公电脑", "手机"]
    how = {"person_id": person.public_id, "key": "passkey", "level": 2, "actor": "web:test", "now": NOW}
    factors.remove_factor(factor_id=made.public_id, **how)
    factors.remove_factor(factor_id=made.public_id, **how)
    assert AuditEntry.objects.filter(action="identity.factor.passkey.remove").count() == 1
    with pytest.raises(errors.PasskeyRefused):
        factors.prove_by_passkey(credential=second.get(factors.ask_passkey(context=HERE)), context=HERE)
    factors.prove_by_passkey(credential=key.get(factors.ask_passkey(context=HERE)), context=HERE)


def test_an_answer_is_taken_once(key: SoftAuthenticator) -> None:
    credential = key.get(factors.ask_passkey(context=HERE))
    factors.prove_by_passkey(credential=credential, context=HERE)
    with pytest.raises(errors.ChallengeOver):
        factors.prove_by_passkey(credential=credential, context=HERE)


@pytest.mark.parametrize(
    "change",
    [
        {"binding": "another-browser"},
        {"purpose": factors.STEP_UP},
        {"now": NOW + timedelta(seconds=300)},
    ],
)
def test_an_answer_serves_only_the_browser_purpose_and_time_it_was_asked_for(
    key: SoftAuthenticator, change: dict[str, Any]
) -> None:
    options = factors.ask_passkey(context=HERE)
    with pytest.raises(errors.ChallengeOver):
        factors.prove_by_passkey(credential=key.get(options), context=replace(HERE, **change))
    factors.prove_by_passkey(credential=key.get(options), context=HERE)


def test_a_challenge_nobody_made_is_refused(key: SoftAuthenticator) -> None:
    options = json.loads(factors.ask_passkey(context=HERE)) | {"challenge": bytes_to_base64url(b"x" * 32)}
    with pytest.raises(errors.ChallengeOver):
        factors.prove_by_passkey(credential=key.get(json.dumps(options)), context=HERE)


def _from_another_site(key: SoftAuthenticator, options: str) -> str:
    return key.get(options, origin="https://etax.examp1e.cn")


def _of_another_kind(key: SoftAuthenticator, options: str) -> str:
    return key.get(options, type="webauthn.create")


def _for_another_name(key: SoftAuthenticator, options: str) -> str:
    return key.get(options, rp_id="examp1e.cn")


def _without_its_user(key: SoftAuthenticator, options: str) -> str:
    key.verifies_user = False
    return key.get(options)


def _signed_by_another_key(key: SoftAuthenticator, options: str) -> str:
    other = SoftAuthenticator(credential_id=key.credential_id, user_handle=key.user_handle)
    return other.get(options)


def _changed_after_it_was_signed(key: SoftAuthenticator, options: str) -> str:
    made = json.loads(key.get(options))
    data = bytearray(base64url_to_bytes(made["response"]["authenticatorData"]))
    data[-1] ^= 0x10
    made["response"]["authenticatorData"] = bytes_to_base64url(bytes(data))
    return json.dumps(made)


def _unknown_here(key: SoftAuthenticator, options: str) -> str:
    return SoftAuthenticator().get(options)


@pytest.mark.parametrize(
    "spoil",
    [
        _from_another_site,
        _of_another_kind,
        _for_another_name,
        _without_its_user,
        _signed_by_another_key,
        _changed_after_it_was_signed,
        _unknown_here,
    ],
)
def test_an_answer_with_one_thing_wrong_is_refused(
    key: SoftAuthenticator, spoil: Callable[[SoftAuthenticator, str], str]
) -> None:
    with pytest.raises(errors.PasskeyRefused) as refused:
        factors.prove_by_passkey(credential=spoil(key, factors.ask_passkey(context=HERE)), context=HERE)
    assert refused.value.facts == {}, "nobody learns which thing was wrong"
    key.verifies_user = True
    factors.prove_by_passkey(credential=key.get(factors.ask_passkey(context=HERE)), context=HERE)


@pytest.mark.parametrize(
    "junk",
    [
        "",
        "[]",
        "{}",
        '{"response": 1}',
        '{"response": {}}',
        '{"response": {"clientDataJSON": "%%%"}}',
        "x" * 9,
    ],
)
def test_what_is_no_credential_is_refused(person: Person, junk: str) -> None:
    with pytest.raises(errors.BadAnswer):
        factors.prove_by_passkey(credential=junk, context=HERE)


def test_a_counter_that_goes_back_is_refused_and_noted(person: Person, key: SoftAuthenticator) -> None:
    key.count = 10
    factors.prove_by_passkey(credential=key.get(factors.ask_passkey(context=HERE)), context=HERE)
    key.count = 5
    with pytest.raises(errors.PasskeyCopied):
        factors.prove_by_passkey(credential=key.get(factors.ask_passkey(context=HERE)), context=HERE)
    assert AuditEntry.objects.filter(action="identity.factor.copied").count() == 1
    key.count, key.step = 0, 0  # a copy that stopped counting
    with pytest.raises(errors.PasskeyCopied):
        factors.prove_by_passkey(credential=key.get(factors.ask_passkey(context=HERE)), context=HERE)


def test_a_synced_passkey_that_never_counts_is_taken(person: Person) -> None:
    key = SoftAuthenticator(step=0)
    enrol_passkey(person, key)
    for _ in range(2):
        factors.prove_by_passkey(credential=key.get(factors.ask_passkey(context=HERE)), context=HERE)


def test_as_a_second_factor_a_touch_counts_for_less(person: Person, key: SoftAuthenticator) -> None:
    context = replace(HERE, purpose=factors.SECOND)
    options = factors.ask_passkey(context=context, person=person)
    assert json.loads(options)["allowCredentials"][0]["id"] == bytes_to_base64url(key.credential_id)
    assert factors.prove(person, "passkey", key.get(options), context).method == "passkey"
    key.verifies_user = False
    options = factors.ask_passkey(context=context, person=person)
    assert factors.prove(person, "passkey", key.get(options), context).method == "passkey-touch"


def test_anothers_passkey_is_no_second_factor(
    person: Person, key: SoftAuthenticator, make_person: MakePerson
) -> None:
    other, context = make_person("key.other"), replace(HERE, purpose=factors.SECOND)
    with pytest.raises(errors.PasskeyRefused):
        factors.prove(other, "passkey", key.get(factors.ask_passkey(context=context, person=other)), context)
    # Nor does a challenge that was made for one person serve another.
    with pytest.raises(errors.ChallengeOver):
        factors.prove(person, "passkey", key.get(factors.ask_passkey(context=context, person=other)), context)


def test_the_passkey_of_a_closed_account_opens_nothing(person: Person, key: SoftAuthenticator) -> None:
    Person.objects.filter(pk=person.pk).update(is_active=False)
    with pytest.raises(errors.PasskeyRefused):
        factors.prove_by_passkey(credential=key.get(factors.ask_passkey(context=HERE)), context=HERE)


def test_a_passkey_is_enrolled_once_and_with_a_name(
    person: Person, key: SoftAuthenticator, make_person: MakePerson
) -> None:
    with pytest.raises(errors.PasskeyKnown):
        enrol_passkey(make_person("key.other"), key)
    with pytest.raises(errors.NoFactorName):
        enrol_passkey(person, SoftAuthenticator(), name="  ", level=2)


def test_an_enrolment_answers_what_this_person_was_asked(person: Person, make_person: MakePerson) -> None:
    context, new = replace(HERE, purpose=factors.ENROL), SoftAuthenticator()
    options = factors.begin_passkey(person_id=person.public_id, level=1, context=context)
    how = {"name": "x", "level": 1, "actor": "web:test"}
    with pytest.raises(errors.ChallengeOver):
        factors.add_passkey(
            person_id=make_person("key.other").public_id,
            credential=new.create(options),
            context=context,
            **how,
        )
    with pytest.raises(errors.PasskeyRefused):
        factors.add_passkey(
            person_id=person.public_id,
            credential=new.create(options, origin="https://evil.example"),
            context=context,
            **how,
        )
    with pytest.raises(errors.ChallengeOver):  # used up by the wrong answer
        factors.add_passkey(
            person_id=person.public_id, credential=new.create(options), context=context, **how
        )


def test_a_bare_address_has_no_passkeys(person: Person) -> None:
    with pytest.raises(errors.PasskeysNeedAName):
        factors.ask_passkey(context=replace(HERE, origin="http://127.0.0.1:8001"))


def test_a_network_cannot_fill_the_table(db: None) -> None:
    for _ in range(120):
        factors.ask_passkey(context=HERE)
    with pytest.raises(errors.TooManyChallenges):
        factors.ask_passkey(context=HERE)
    factors.ask_passkey(context=replace(HERE, network="10.0.0.8"))


# --- Scanned desks


PHONE = replace(HERE, binding="the-phone", network="203.0.113.5")


def actor_of(person: Person, assurance: int = 3) -> access.Actor:
    return access.Actor(person_id=str(person.public_id), assurance=assurance)


def confirm(
    person: Person, shown: Any, *, number: str = "", assurance: int = 3, context: Any = PHONE
) -> None:
    factors.confirm_ticket(
        ticket=shown.ticket,
        match_number=number or shown.match_number,
        actor=actor_of(person, assurance),
        person=person,
        context=context,
    )


def test_a_phone_lets_a_desk_in_and_never_at_the_highest_level(person: Person) -> None:
    shown = factors.make_ticket(context=HERE)
    assert factors.state_of_ticket(context=HERE) == "waiting"
    asked = factors.open_ticket(ticket=shown.ticket, person=person, context=PHONE)
    assert (asked.network, asked.is_same_network) == ("10.0.0.7", False)
    assert factors.state_of_ticket(context=HERE) == "opened"
    confirm(person, shown)
    confirm(person, shown)  # twice is once
    assert factors.state_of_ticket(context=HERE) == "confirmed"
    taken = factors.take_ticket(context=HERE)
    assert (taken.person, taken.assurance) == (person, 2)
    assert shown.ticket not in str(ScanTicket.objects.values().get())


def test_a_desk_gets_no_more_than_the_phone_has(person: Person) -> None:
    shown = factors.make_ticket(context=HERE)
    factors.open_ticket(ticket=shown.ticket, person=person, context=PHONE)
    confirm(person, shown, assurance=1)
    assert factors.take_ticket(context=HERE).assurance == 1


def test_a_ticket_is_used_once(person: Person) -> None:
    shown = factors.make_ticket(context=HERE)
    factors.open_ticket(ticket=shown.ticket, person=person, context=PHONE)
    confirm(person, shown)
    factors.take_ticket(context=HERE)
    with pytest.raises(errors.TicketOver):
        factors.take_ticket(context=HERE)
    with pytest.raises(errors.TicketOver):
        factors.open_ticket(ticket=shown.ticket, person=person, context=PHONE)


def test_another_browser_cannot_take_a_confirmed_ticket(person: Person) -> None:
    shown = factors.make_ticket(context=HERE)
    factors.open_ticket(ticket=shown.ticket, person=person, context=PHONE)
    confirm(person, shown)
    with pytest.raises(errors.TicketOver):
        factors.take_ticket(context=replace(HERE, binding="another-browser"))
    assert factors.take_ticket(context=HERE).person == person


def test_a_ticket_that_nobody_confirmed_or_that_is_late_lets_nobody_in(person: Person) -> None:
    shown = factors.make_ticket(context=HERE)
    with pytest.raises(errors.TicketOver):
        factors.take_ticket(context=HERE)
    factors.open_ticket(ticket=shown.ticket, person=person, context=PHONE)
    with pytest.raises(errors.TicketOver):
        factors.take_ticket(context=HERE)
    late = NOW + timedelta(seconds=120)
    with pytest.raises(errors.TicketOver):
        confirm(person, shown, context=replace(PHONE, now=late))
    confirm(person, shown)
    with pytest.raises(errors.TicketOver):
        factors.take_ticket(context=replace(HERE, now=late))
    assert factors.state_of_ticket(context=replace(HERE, now=late)) == "over"


def test_two_wrong_numbers_end_the_ticket(person: Person) -> None:
    shown = factors.make_ticket(context=HERE)
    factors.open_ticket(ticket=shown.ticket, person=person, context=PHONE)
    wrong = "10" if shown.match_number != "10" else "11"
    for _ in range(2):
        with pytest.raises(errors.WrongMatchNumber):
            confirm(person, shown, number=wrong)
    with pytest.raises(errors.TicketOver):
        confirm(person, shown)
    assert factors.state_of_ticket(context=HERE) == "refused"


def test_one_mistake_is_forgiven(person: Person) -> None:
    shown = factors.make_ticket(context=HERE)
    factors.open_ticket(ticket=shown.ticket, person=person, context=PHONE)
    with pytest.raises(errors.WrongMatchNumber):
        confirm(person, shown, number="1")
    confirm(person, shown)
    assert factors.take_ticket(context=HERE).person == person


def test_who_opened_a_ticket_has_it_for_themselves(person: Person, make_person: MakePerson) -> None:
    other = make_person("key.other")
    shown = factors.make_ticket(context=HERE)
    with pytest.raises(errors.TicketOver):  # not opened yet
        confirm(person, shown)
    factors.open_ticket(ticket=shown.ticket, person=person, context=PHONE)
    with pytest.raises(errors.TicketOver):
        factors.open_ticket(ticket=shown.ticket, person=other, context=PHONE)
    with pytest.raises(errors.TicketOver):
        confirm(other, shown)


def test_not_me_keeps_the_desk_out(person: Person) -> None:
    shown = factors.make_ticket(context=HERE)
    factors.open_ticket(ticket=shown.ticket, person=person, context=PHONE)
    factors.refuse_ticket(ticket=shown.ticket, person=person, actor="web:test", context=PHONE)
    with pytest.raises(errors.TicketRefused):
        factors.take_ticket(context=HERE)
    with pytest.raises(errors.TicketOver):
        confirm(person, shown)


def test_a_new_code_ends_the_one_before(person: Person) -> None:
    first = factors.make_ticket(context=HERE)
    factors.make_ticket(context=replace(HERE, now=NOW + timedelta(seconds=1)))
    with pytest.raises(errors.TicketOver):
        factors.open_ticket(
            ticket=first.ticket, person=person, context=replace(PHONE, now=NOW + timedelta(seconds=2))
        )


def test_a_person_whose_account_was_closed_meanwhile_lets_nobody_in(person: Person) -> None:
    shown = factors.make_ticket(context=HERE)
    factors.open_ticket(ticket=shown.ticket, person=person, context=PHONE)
    confirm(person, shown)
    Person.objects.filter(pk=person.pk).update(is_active=False)
    with pytest.raises(errors.TicketOver):
        factors.take_ticket(context=HERE)


# --- Certificates


class WrongSignature(Refusal):
    """What the room of certificates says in these tests."""

    code = "TST-CRT-01"


class Certificates:
    """A room of certificates that knows one certificate and checks by equality what it was asked about."""

    def __init__(self, *, kind: str, subject: str) -> None:
        self.kind, self.subject = kind, subject

    def verify_challenge(
        self, *, certificate_pem: str, challenge: bytes, signature: bytes, now: datetime
    ) -> Any:
        if signature != hashlib.sha256(challenge).digest():
            raise WrongSignature()
        return SimpleNamespace(subject_kind=self.kind, subject_id=self.subject, serial="01")


def sign(text: str) -> str:
    return base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()


@pytest.fixture
def ca(person: Person, monkeypatch: pytest.MonkeyPatch) -> Certificates:
    made = Certificates(kind="person", subject=str(person.public_id))
    monkeypatch.setattr(certificates, "room", made)
    return made


def answer(question: factors.Question, signature: str, context: Any = HERE, **more: Any) -> Person:
    return factors.prove_by_certificate(
        challenge_id=question.challenge_id,
        certificate_pem="PEM",
        signature=signature,
        context=context,
        **more,
    )


def test_a_signed_challenge_proves_the_certificates_holder_once(person: Person, ca: Certificates) -> None:
    question = factors.ask_certificate(context=HERE)
    assert f"origin={ORIGIN} purpose=sign-in" in question.text
    assert answer(question, sign(question.text)) == person
    with pytest.raises(errors.ChallengeOver):
        answer(question, sign(question.text))


def test_a_signature_for_another_challenge_is_refused(ca: Certificates) -> None:
    first, second = factors.ask_certificate(context=HERE), factors.ask_certificate(context=HERE)
    with pytest.raises(WrongSignature):
        answer(second, sign(first.text))
    with pytest.raises(errors.ChallengeOver):  # there is no second try
        answer(second, sign(second.text))


@pytest.mark.parametrize(
    "change",
    [{"binding": "x"}, {"purpose": factors.STEP_UP}, {"now": NOW + timedelta(seconds=300)}],
)
def test_a_challenge_serves_only_the_browser_purpose_and_time_it_was_made_for(
    ca: Certificates, change: dict[str, Any]
) -> None:
    question = factors.ask_certificate(context=HERE)
    with pytest.raises(errors.ChallengeOver):
        answer(question, sign(question.text), replace(HERE, **change))
    answer(question, sign(question.text))


@pytest.mark.parametrize(("kind", "subject"), [("taxpayer", ""), ("person", "nobody"), ("device", "x")])
def test_a_certificate_of_no_person_here_is_refused(
    person: Person, ca: Certificates, kind: str, subject: str
) -> None:
    ca.kind, ca.subject = kind, subject or str(person.public_id)
    question = factors.ask_certificate(context=HERE)
    with pytest.raises(errors.NotAPersonsCertificate):
        answer(question, sign(question.text))


def test_as_a_second_factor_it_must_be_the_persons_own(
    person: Person, ca: Certificates, make_person: MakePerson
) -> None:
    other = make_person("key.other")
    question = factors.ask_certificate(context=HERE, person=other)
    with pytest.raises(errors.NotThisPerson):
        answer(question, sign(question.text), person=other)


@pytest.mark.parametrize("signature", ["", "%%%", "汉字", "A" * 2000])
def test_what_is_no_signature_is_refused_and_the_challenge_kept(ca: Certificates, signature: str) -> None:
    question = factors.ask_certificate(context=HERE)
    with pytest.raises(errors.BadAnswer):
        answer(question, signature)
    answer(question, sign(question.text))


def test_a_made_up_challenge_id_is_refused(ca: Certificates) -> None:
    question = factors.ask_certificate(context=HERE)
    with pytest.raises(errors.ChallengeOver):
        answer(replace(question, challenge_id="no-id"), sign(question.text))


# --- Faces


class Bureau:
    """A provider of face verification that a test registers; it says what the test decides."""

    key = "bureau"
    label = Text("公安核验", "Police register")

    def __init__(self) -> None:
        self.says = "passed"

    def begin(self, *, person_id: str, name: str, id_card_number: str, purpose: str, now: datetime) -> Any:
        return faces.FaceSession(reference=f"ref-{person_id}", url="https://face.example/x")

    def outcome(self, *, reference: str, person_id: str, now: datetime) -> str:
        if self.says == "silent":
            raise TimeoutError
        assert reference == f"ref-{person_id}"
        return self.says


@pytest.fixture
def bureau(monkeypatch: pytest.MonkeyPatch) -> Bureau:
    made = Bureau()
    monkeypatch.setattr(faces, "_providers", {made.key: made})
    monkeypatch.setattr(faces, "settings", lambda: SimpleNamespace(face_provider="bureau"))
    return made


@pytest.fixture
def known_person(make_person: MakePerson) -> Person:
    return make_person("face.holder", id_card_number="450102199003070016")


SECOND = replace(HERE, purpose=factors.SECOND)


def test_without_a_provider_no_face_is_verified(known_person: Person) -> None:
    assert factors.find_face_provider() is None
    with pytest.raises(errors.NoFaceProvider):
        factors.begin_face(person=known_person, context=SECOND)
    with pytest.raises(errors.NoFaceProvider):
        factors.prove_by_face(person=known_person, context=SECOND)
    assert "face" not in {one.key for one in factors.offered_to(known_person, NOW)}


def test_a_provider_confirms_a_face_once(known_person: Person, bureau: Bureau) -> None:
    assert "face" in {one.key for one in factors.offered_to(known_person, NOW) if one.is_ready}
    factors.begin_face(person=known_person, context=SECOND)
    bureau.says = "waiting"
    with pytest.raises(errors.FaceNotYet):
        factors.prove_by_face(person=known_person, context=SECOND)
    bureau.says = "silent"
    with pytest.raises(errors.ProviderSilent):
        factors.prove_by_face(person=known_person, context=SECOND)
    bureau.says = "passed"
    factors.prove_by_face(person=known_person, context=SECOND)
    with pytest.raises(errors.ChallengeOver):
        factors.prove_by_face(person=known_person, context=SECOND)


@pytest.mark.parametrize("says", ["failed", "PASSED", "", "nonsense"])
def test_what_is_not_passed_is_no_proof(known_person: Person, bureau: Bureau, says: str) -> None:
    factors.begin_face(person=known_person, context=SECOND)
    bureau.says = says
    with pytest.raises(errors.FaceNotPassed):
        factors.prove_by_face(person=known_person, context=SECOND)


@pytest.mark.parametrize(
    "change",
    [{"binding": "x"}, {"purpose": factors.STEP_UP}, {"now": NOW + timedelta(seconds=300)}],
)
def test_a_verification_serves_only_the_browser_purpose_and_time_it_was_begun_for(
    known_person: Person, bureau: Bureau, change: dict[str, Any]
) -> None:
    factors.begin_face(person=known_person, context=SECOND)
    with pytest.raises(errors.ChallengeOver):
        factors.prove_by_face(person=known_person, context=replace(SECOND, **change))


def test_who_has_no_identity_card_on_file_is_not_compared(person: Person, bureau: Bureau) -> None:
    with pytest.raises(errors.FactorNotOffered):
        factors.begin_face(person=person, context=SECOND)

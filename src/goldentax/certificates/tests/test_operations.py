"""Certificates are issued to who holds the key, renewed in time, revoked once, and believed only while they should."""

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from goldentax.certificates import api as certificates
from goldentax.certificates import errors
from goldentax.certificates.models import Authority, Certificate, RevocationList
from goldentax.certificates.operations import authorities as authority_operations
from goldentax.certificates.rules import building, challenges, profiles, reading
from goldentax.certificates.rules.keys import ALGORITHMS, KeyPair
from goldentax.kernel.models import AuditEntry

Issue = Callable[..., Any]
CHALLENGE = b"one of today"


def _answer(issued: Any, challenge: bytes = CHALLENGE) -> bytes:
    return challenges.signature_of(challenges.answer(challenge, key=issued.key))


def _sign_in(
    issued: Any, *, now: datetime, challenge: bytes = CHALLENGE, signature: bytes | None = None
) -> Any:
    return certificates.verify_challenge(
        certificate_pem=issued.view.pem,
        challenge=challenge,
        signature=_answer(issued) if signature is None else signature,
        now=now,
    )


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_person_proves_who_they_are_with_their_certificate(
    issue: Issue, at: datetime, algorithm: str
) -> None:
    one = issue(algorithm=algorithm)
    found = _sign_in(one, now=at)
    assert (found.subject_kind, found.subject_id, found.name) == ("person", one.view.subject_id, "张三")
    assert found.serial == one.view.serial
    assert AuditEntry.objects.filter(
        action="certificates.certificate.issue", subject=f"person:{one.view.subject_id}"
    ).exists()


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_another_challenge_or_key_does_not_pass(issue: Issue, at: datetime, algorithm: str) -> None:
    one = issue(algorithm=algorithm)
    with pytest.raises(errors.WrongSignature):
        _sign_in(one, now=at, challenge=b"one of yesterday")
    other = KeyPair.generate(algorithm).sign(challenges.signed_text(CHALLENGE))
    with pytest.raises(errors.WrongSignature):
        _sign_in(one, now=at, signature=other)
    for bad in (b"", b"0" * 70, _answer(one)[:-1]):
        with pytest.raises(errors.WrongSignature):
            _sign_in(one, now=at, signature=bad)
    # A signature over a document is no answer, even where the document is the challenge.
    with pytest.raises(errors.WrongSignature):
        _sign_in(one, now=at, signature=one.key.sign(CHALLENGE))


def test_outside_its_period_it_is_not_believed(issue: Issue, at: datetime) -> None:
    one = issue()
    assert _sign_in(one, now=one.view.valid_to)
    for moment in (at - timedelta(minutes=1), one.view.valid_to + timedelta(seconds=1)):
        with pytest.raises(errors.NotInForce):
            _sign_in(one, now=moment)


def test_a_revoked_certificate_is_not_believed_from_then_on(issue: Issue, at: datetime) -> None:
    one = issue()
    later = at + timedelta(hours=1)
    revoked = certificates.revoke(
        serial=one.view.serial, reason="key_compromise", actor="test", request_id=str(uuid.uuid4()), now=later
    )
    assert revoked.state(at) == "valid" and revoked.state(later) == "revoked"
    assert _sign_in(one, now=later - timedelta(seconds=1))
    with pytest.raises(errors.Revoked):
        _sign_in(one, now=later)
    assert AuditEntry.objects.filter(action="certificates.certificate.revoke").exists()


def test_every_altered_byte_is_noticed(issue: Issue, at: datetime) -> None:
    one = issue()
    for place in range(0, len(one.view.der), 7):
        altered = bytearray(one.view.der)
        altered[place] ^= 1
        with pytest.raises((errors.UnreadableCertificate, errors.UnknownIssuer, errors.UnsupportedKey)):
            certificates.verify_certificate(certificate=bytes(altered), now=at)
    for bad in (
        b"",
        one.view.der + b"\0",
        one.view.der[:-1],
        b"-----BEGIN CERTIFICATE-----\n",
        bytes(20_000),
    ):
        with pytest.raises(errors.UnreadableCertificate):
            certificates.verify_certificate(certificate=bad, now=at)


def test_another_issuer_of_the_same_name_is_unknown(issue: Issue, at: datetime) -> None:
    one = issue()
    ours = reading.read_certificate(
        bytes(Authority.objects.get(kind="issuing", algorithm="sm2", retired_at=None).der)
    )

    theirs = KeyPair.generate("sm2")
    order = building.Order(
        holder=profiles.Holder(kind="person", subject_id=one.view.subject_id, name="张三"),
        public_key=one.key.public,
        organisation="test",
        valid_from=at,
        valid_to=at + timedelta(days=1),
        serial=int(one.view.serial, 16),
        places=building.Places(),
    )
    forged = building.build_certificate(order, issuer_key=theirs, issuer_name=ours.subject)
    with pytest.raises(errors.UnknownIssuer):
        certificates.verify_certificate(certificate=forged, now=at)
    # A certificate of ours is no authority, whatever it signs.
    below = building.build_certificate(
        order, issuer_key=one.key, issuer_name=reading.read_certificate(one.view.der).subject
    )
    with pytest.raises(errors.UnknownIssuer):
        certificates.verify_certificate(certificate=below, now=at)


def test_what_our_key_signed_but_our_books_do_not_hold_is_unknown(issue: Issue, at: datetime) -> None:
    one = issue()
    issuing = Authority.objects.get(kind="issuing", algorithm="sm2", retired_at=None)

    from goldentax.certificates.queries import authorities

    order = building.Order(
        holder=profiles.Holder(kind="officer", subject_id="x", name="x"),
        public_key=one.key.public,
        organisation="test",
        valid_from=at,
        valid_to=at + timedelta(days=1),
        serial=building.new_serial(),
        places=building.Places(),
    )
    stray = building.build_certificate(
        order, issuer_key=authorities.key_of(issuing), issuer_name=bytes(issuing.subject)
    )
    with pytest.raises(errors.UnknownIssuer):
        certificates.verify_certificate(certificate=stray, now=at)


@pytest.mark.parametrize("kind", ["taxpayer", "encipherment", "device", "oidc"])
def test_a_certificate_for_something_else_does_not_sign_anybody_in(
    issue: Issue, at: datetime, kind: str
) -> None:
    one = issue(kind, subject_id="914501000000000000")
    with pytest.raises(errors.WrongUsage):
        _sign_in(one, now=at)


def test_a_revoked_authority_takes_all_it_issued_with_it(issue: Issue, at: datetime) -> None:
    one, twin = issue(), issue(algorithm="es256")
    former = Authority.objects.get(kind="issuing", algorithm="sm2", retired_at=None)
    authority_operations.revoke_authority(
        serial=former.serial, reason="ca_compromise", actor="test", now=at + timedelta(hours=1)
    )
    with pytest.raises(errors.Revoked):
        _sign_in(one, now=at + timedelta(hours=1))
    assert _sign_in(twin, now=at + timedelta(hours=1))
    again = issue(now=at + timedelta(hours=1))
    assert again.view.issuer_key_id != one.view.issuer_key_id
    assert _sign_in(again, now=at + timedelta(hours=1))


def test_the_same_request_gets_the_first_certificate_back(issue: Issue, at: datetime) -> None:
    key = KeyPair.generate("sm2")
    holder = certificates.Holder(kind="person", subject_id="p-1", name="张三")
    asked = {
        "subject_kind": "person",
        "subject_id": "p-1",
        "name": "张三",
        "csr_or_public_key": certificates.build_request(key=key, holder=holder, organisation="x"),
        "actor": "test",
        "request_id": "request-1",
    }
    first = certificates.issue_for(**asked, now=at)
    assert certificates.issue_for(**asked, now=at + timedelta(days=1)) == first
    assert Certificate.objects.filter(subject_id="p-1").count() == 1
    with pytest.raises(errors.RequestIdReused):
        certificates.issue_for(**asked | {"name": "李四"}, now=at)
    with pytest.raises(errors.BadRequestId):
        certificates.issue_for(**asked | {"request_id": "x"}, now=at)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_request_without_possession_is_refused(at: datetime, db: None, algorithm: str) -> None:
    from asn1crypto import csr, pem

    ours, theirs = KeyPair.generate(algorithm), KeyPair.generate(algorithm)
    holder = certificates.Holder(kind="person", subject_id="p-1", name="张三")
    _, _, der = pem.unarmor(certificates.build_request(key=theirs, holder=holder, organisation="x"))
    request = csr.CertificationRequest.load(der)
    request["signature"] = ours.sign(request["certification_request_info"].dump())
    asked = {
        "subject_kind": "person",
        "subject_id": "p-1",
        "name": "张三",
        "actor": "test",
        "request_id": "request-1",
        "now": at,
    }
    with pytest.raises(errors.PossessionNotProven):
        certificates.issue_for(**asked, csr_or_public_key=request.dump())
    # A bare public key without its proof is not a request at all.
    with pytest.raises(errors.UnreadableRequest):
        certificates.issue_for(**asked, csr_or_public_key=theirs.public.spki)
    text = certificates.possession_text(holder_kind="person", subject_id="p-1", request_id="request-1")
    with pytest.raises(errors.PossessionNotProven):
        certificates.issue_for(**asked, csr_or_public_key=theirs.public.spki, proof=ours.sign(text))
    other = certificates.possession_text(holder_kind="person", subject_id="p-2", request_id="request-1")
    with pytest.raises(errors.PossessionNotProven):
        certificates.issue_for(**asked, csr_or_public_key=theirs.public.spki, proof=theirs.sign(other))
    assert certificates.issue_for(**asked, csr_or_public_key=theirs.public.spki, proof=theirs.sign(text))


def test_the_name_in_a_request_counts_for_nothing(issue: Issue, at: datetime) -> None:
    key = KeyPair.generate("sm2")
    lie = certificates.Holder(kind="officer", subject_id="boss", name="局长")
    view = certificates.issue_for(
        subject_kind="person",
        subject_id="p-1",
        name="张三",
        csr_or_public_key=certificates.build_request(key=key, holder=lie, organisation="国家税务总局"),
        actor="test",
        request_id="request-1",
        now=at,
    )
    held = reading.read_certificate(view.der)
    assert held.holder == certificates.Holder(kind="person", subject_id="p-1", name="张三")
    assert not held.is_authority and "key_cert_sign" not in held.key_usage


def test_a_key_belongs_to_one_holder_and_a_leaked_one_to_nobody(issue: Issue, at: datetime) -> None:
    one = issue()
    with pytest.raises(errors.KeyTaken):
        issue(subject_id="p-2", key=one.key)
    assert issue(key=one.key)
    certificates.revoke(
        serial=one.view.serial, reason="key_compromise", actor="test", request_id="revoke-1", now=at
    )
    with pytest.raises(errors.KeyTaken):
        issue(key=one.key)


def test_other_keys_and_kinds_are_refused(issue: Issue, at: datetime, db: None) -> None:
    from cryptography.hazmat.primitives.asymmetric import ec, rsa
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import Encoding
    from cryptography.x509 import CertificateSigningRequestBuilder, Name

    asked = {"subject_kind": "person", "subject_id": "p-1", "name": "张三", "actor": "test", "now": at}
    for number, private in enumerate(
        (rsa.generate_private_key(65537, 2048), ec.generate_private_key(ec.SECP384R1()))
    ):
        request = CertificateSigningRequestBuilder().subject_name(Name([])).sign(private, SHA256())
        with pytest.raises(errors.UnsupportedKey):
            certificates.issue_for(
                **asked, csr_or_public_key=request.public_bytes(Encoding.PEM), request_id=f"request-{number}"
            )
    for kind in ("root", "issuing", "ocsp", "timestamp", "nothing"):
        with pytest.raises(errors.UnknownKind):
            issue(kind)
    for name, subject_id in (("", "p-1"), ("x" * 201, "p-1"), ("a\nb", "p-1"), ("张三", ""), ("张三", "a:b")):
        with pytest.raises(errors.BadSubject):
            issue(name=name, subject_id=subject_id)
    with pytest.raises(errors.WrongAlgorithm):
        key = KeyPair.generate("es256")
        holder = certificates.Holder(kind="person", subject_id="p-1", name="张三")
        certificates.issue_for(
            **asked,
            csr_or_public_key=certificates.build_request(key=key, holder=holder, organisation="x"),
            algorithm="sm2",
            request_id="request-9",
        )


def test_a_holder_has_only_so_many(issue: Issue) -> None:
    for _ in range(5):
        issue()
    with pytest.raises(errors.TooManyCertificates):
        issue()


def test_it_is_renewed_near_its_end_and_both_are_good_until_then(issue: Issue, at: datetime) -> None:
    one = issue()
    renew = {"serial": one.view.serial, "actor": "test"}
    with pytest.raises(errors.NotRenewable):
        certificates.renew(**renew, request_id="renew-01", now=at + timedelta(days=300))
    near = one.view.valid_to - timedelta(days=10)
    second = certificates.renew(**renew, request_id="renew-02", now=near)
    assert certificates.renew(**renew, request_id="renew-02", now=near) == second
    assert (second.subject_id, second.name, second.key_fingerprint) == (
        one.view.subject_id,
        one.view.name,
        one.view.key_fingerprint,
    )
    assert second.serial != one.view.serial and second.valid_to == one.view.valid_to + timedelta(days=365)
    for pem in (one.view.pem, second.pem):
        assert certificates.verify_certificate(certificate=pem.encode(), now=near)
    with pytest.raises(errors.NotRenewable):
        certificates.renew(**renew, request_id="renew-03", now=near)
    with pytest.raises(errors.NotRenewable):
        certificates.renew(**renew, request_id="renew-04", now=one.view.valid_to + timedelta(days=1))


def test_a_renewal_may_bring_a_fresh_key_of_the_holders_only(issue: Issue, at: datetime) -> None:
    one, other = issue(), issue(subject_id="p-2")
    near = one.view.valid_to - timedelta(days=1)
    fresh = KeyPair.generate("sm2")
    holder = certificates.Holder(kind="person", subject_id=one.view.subject_id, name="张三")

    def csr(key: KeyPair) -> bytes:
        return certificates.build_request(key=key, holder=holder, organisation="x")

    renew = {"serial": one.view.serial, "actor": "test", "now": near}
    with pytest.raises(errors.KeyTaken):
        certificates.renew(**renew, csr=csr(other.key), request_id="renew-01")
    second = certificates.renew(**renew, csr=csr(fresh), request_id="renew-02")
    assert second.key_fingerprint == fresh.public.fingerprint


def test_a_revocation_happens_once_and_needs_a_reason(issue: Issue, at: datetime) -> None:
    one = issue()
    revoke = {"serial": one.view.serial, "actor": "test", "now": at}
    with pytest.raises(errors.UnknownReason):
        certificates.revoke(**revoke, reason="certificate_hold", request_id="revoke-1")
    first = certificates.revoke(**revoke, reason="superseded", request_id="revoke-2")
    assert certificates.revoke(**revoke, reason="superseded", request_id="revoke-2") == first
    with pytest.raises(errors.AlreadyRevoked):
        certificates.revoke(**revoke, reason="superseded", request_id="revoke-3")
    with pytest.raises(errors.UnknownCertificate):
        certificates.revoke(**revoke | {"serial": "00ff"}, reason="superseded", request_id="revoke-4")


def test_a_revocation_is_in_the_next_list_at_once(issue: Issue, at: datetime) -> None:
    from asn1crypto import crl

    one = issue()
    issuing = Authority.objects.get(kind="issuing", algorithm="sm2", retired_at=None)
    before = RevocationList.objects.filter(authority=issuing).latest("number")
    certificates.revoke(
        serial=one.view.serial, reason="key_compromise", actor="test", request_id="revoke-1", now=at
    )
    after = RevocationList.objects.filter(authority=issuing).latest("number")
    assert (after.number, after.entry_count) == (before.number + 1, before.entry_count + 1)
    listed = crl.CertificateList.load(bytes(after.der), strict=True)["tbs_cert_list"]["revoked_certificates"]
    assert [one["user_certificate"].native for one in listed][-1] == int(one.view.serial, 16)
    assert listed[len(listed) - 1].crl_reason_value.native == "key_compromise"
    assert certificates.publish_due(now=at + timedelta(hours=1)) == 0
    assert certificates.publish_due(now=at + timedelta(hours=13)) == 2
    assert certificates.publish_due(now=at + timedelta(hours=13)) == 0
    long_after = one.view.valid_to + timedelta(days=2)
    certificates.publish_due(now=long_after)
    assert RevocationList.objects.filter(authority=issuing).latest("number").entry_count == before.entry_count


def test_everything_of_a_holder_who_leaves_is_revoked(issue: Issue, at: datetime) -> None:
    issue(), issue(algorithm="es256"), issue(subject_id="p-2")
    asked = {
        "subject_kind": "person",
        "subject_id": "0190f3a0-0000-7000-8000-000000000001",
        "reason": "cessation_of_operation",
        "actor": "test",
        "request_id": str(uuid.uuid4()),
        "now": at,
    }
    assert certificates.revoke_all_of(**asked) == 2
    assert certificates.revoke_all_of(**asked) == 0


def test_services_are_made_anew_before_they_end(issue: Issue, at: datetime) -> None:
    issue()
    assert certificates.make_authorities(now=at) == 0
    assert certificates.make_authorities(now=at + timedelta(days=70)) == 2  # the two responders
    views = certificates.list_authorities()
    assert [(one.kind, one.algorithm) for one in views] == [
        (kind, algorithm) for algorithm in ALGORITHMS for kind in ("root", "issuing", "ocsp", "timestamp")
    ]


def test_a_rolled_over_authority_still_vouches_for_what_it_issued(issue: Issue, at: datetime) -> None:
    one = issue("taxpayer", subject_id="914501000000000000")
    ends = certificates.list_authorities()[1].valid_to
    late = ends - timedelta(days=700)
    assert certificates.make_authorities(now=late) >= 2
    two = issue("taxpayer", subject_id="914501000000000001", now=late)
    assert two.view.issuer_key_id != one.view.issuer_key_id
    assert two.view.valid_to == late + timedelta(days=730)
    assert certificates.verify_certificate(certificate=one.view.der, now=at)
    responders = Authority.objects.filter(kind="ocsp", algorithm="sm2", retired_at=None)
    assert {row.parent.key_id for row in responders if row.parent} == {
        one.view.issuer_key_id,
        two.view.issuer_key_id,
    }


def test_no_row_of_a_certificate_can_be_changed_otherwise(issue: Issue) -> None:
    one = issue()
    rows = Certificate.objects.filter(serial=one.view.serial)
    for attempt in (
        lambda: rows.update(name="李四"),
        lambda: rows.delete(),
        lambda: rows.update(valid_to=one.view.valid_to + timedelta(days=1)),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            attempt()


def test_no_key_of_an_authority_lies_open(issue: Issue) -> None:
    from goldentax.certificates.operations import rootkeys
    from goldentax.certificates.queries import authorities

    issue()
    for row in Authority.objects.exclude(kind="root"):
        assert authorities.key_of(row).secret not in bytes(row.sealed_key)
    for algorithm in ALGORITHMS:
        path = rootkeys.root_file(algorithm, "key")
        assert rootkeys.root_key(algorithm).secret not in path.read_bytes()
        assert path.stat().st_mode & 0o777 == 0o600


def test_a_province_of_its_own_asks_the_headquarters(
    issue: Issue, at: datetime, monkeypatch: pytest.MonkeyPatch
) -> None:
    issue()
    request = authority_operations.request_authority(algorithm="sm2", now=at, actor="test")
    signed = authority_operations.sign_authority(
        request=request, node="45", now=at, actor="test", base_url="https://hq.example"
    )
    certificate, _, root = signed.partition(b"-----END CERTIFICATE-----\n")
    certificate += b"-----END CERTIFICATE-----\n"
    with pytest.raises(errors.WrongAuthorityCertificate):
        certificates.install_authority(certificate=root, root=root, now=at, actor="test")
    certificates.install_authority(certificate=certificate, root=root, now=at, actor="test")
    one = issue(subject_id="p-9")
    assert one.view.issuer_key_id == reading.read_certificate(certificate).key_id.hex()
    assert _sign_in(one, now=at)
    serial = reading.serial_text(reading.read_certificate(certificate).serial)
    certificates.revoke_authority(
        serial=serial, reason="superseded", actor="test", now=at + timedelta(hours=1)
    )
    listed = certificates.find_published("root-sm2.crl")
    assert listed is not None and bytes.fromhex(serial) in listed.content
    with pytest.raises(errors.Revoked):
        _sign_in(one, now=at + timedelta(hours=1))

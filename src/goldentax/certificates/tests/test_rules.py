"""Keys, requests, envelopes and names, without a database."""

from datetime import UTC, datetime, timedelta

import pytest
from asn1crypto import algos, core, x509
from hypothesis import given, settings
from hypothesis import strategies as st

from goldentax.certificates import errors
from goldentax.certificates.rules import (
    building,
    der,
    envelopes,
    ocsp,
    profiles,
    reading,
    signed_data,
    timestamps,
)
from goldentax.certificates.rules.keys import ALGORITHMS, KeyPair, PublicKey
from goldentax.kernel.refusals import Refusal

AT = datetime(2026, 11, 21, 2, tzinfo=UTC)


def _certificate(key: KeyPair, kind: str = "person", issuer: KeyPair | None = None) -> reading.Certificate:
    order = building.Order(
        holder=profiles.Holder(kind=kind, subject_id="p-1", name="张三"),
        public_key=key.public,
        organisation="国家税务总局",
        valid_from=AT,
        valid_to=AT + timedelta(days=30),
        serial=building.new_serial(),
        places=building.Places(),
    )
    name = profiles.distinguished_name(
        profiles.Holder(kind="root", subject_id="00", name="根"), organisation="国家税务总局"
    )
    return reading.read_certificate(
        building.build_certificate(order, issuer_key=issuer or key, issuer_name=name if issuer else None)
    )


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_key_file_opens_with_its_passphrase_only(algorithm: str) -> None:
    key = KeyPair.generate(algorithm)
    assert KeyPair.from_pem(key.to_pem()) == key
    closed = key.to_pem(passphrase="口令 pass")
    assert key.secret not in closed and b"ENCRYPTED" in closed
    assert KeyPair.from_pem(closed, passphrase="口令 pass") == key
    for wrong in ("", "other"):
        with pytest.raises(errors.BadKeyFile):
            KeyPair.from_pem(closed, passphrase=wrong)
    for bad in (b"", b"x", key.public.spki, closed[:100]):
        with pytest.raises(errors.BadKeyFile):
            KeyPair.from_pem(bad)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_secret_never_shows_itself(algorithm: str) -> None:
    key = KeyPair.generate(algorithm)
    assert key.secret.hex() not in repr(key) and repr(key.secret)[2:-1] not in repr(key)
    assert KeyPair.from_bytes(key.to_bytes()) == key


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_point_off_its_curve_is_no_key(algorithm: str) -> None:
    with pytest.raises(errors.UnsupportedKey):
        PublicKey.from_point(algorithm=algorithm, point=bytes(63) + b"\1")
    other = KeyPair.generate(next(one for one in ALGORITHMS if one != algorithm))
    with pytest.raises(errors.UnsupportedKey):
        PublicKey.from_point(algorithm=algorithm, point=other.public.point)


def test_a_key_of_one_family_verifies_nothing_of_the_other() -> None:
    sm2, es256 = KeyPair.generate("sm2"), KeyPair.generate("es256")
    assert not sm2.public.verify(data=b"x", signature=es256.sign(b"x"))
    assert not es256.public.verify(data=b"x", signature=sm2.sign(b"x"))


def test_serial_numbers_are_random_positive_and_of_one_length() -> None:
    serials = {building.new_serial() for _ in range(1000)}
    assert len(serials) == 1000
    assert all(one.bit_length() == 127 for one in serials)


def test_a_long_name_is_cut_in_the_certificate_but_the_id_is_whole() -> None:
    holder = profiles.Holder(kind="taxpayer", subject_id="914501000000000000", name="长" * 120)
    name = x509.Name.load(profiles.distinguished_name(holder, organisation="x" * 100), strict=True).native
    assert len(name["common_name"]) == 64 and len(name["organization_name"]) == 64
    assert name["serial_number"] == "914501000000000000"


def test_certificates_after_2049_are_dated_in_full() -> None:
    assert der.time(datetime(2049, 12, 31, 23, 59, 59, tzinfo=UTC)) == b"\x17\x0d491231235959Z"
    assert der.time(datetime(2050, 1, 1, tzinfo=UTC)) == b"\x18\x0f20500101000000Z"


@given(st.integers(0, 1 << 200), st.binary(max_size=70_000), st.frozensets(st.integers(0, 8)))
@settings(max_examples=50)
def test_what_is_written_is_what_the_reader_of_others_reads(
    number: int, data: bytes, named: frozenset[int]
) -> None:
    assert core.Integer.load(der.integer(number), strict=True).native == number
    assert core.OctetString.load(der.octets(data), strict=True).native == data
    assert der.integer(number) == core.Integer(number).dump()
    names = {x509.KeyUsage._map[one] for one in named}
    assert x509.KeyUsage.load(der.named_bits(named), strict=True).native == names


def test_two_algorithms_in_one_certificate_are_refused() -> None:
    key = KeyPair.generate("es256")
    loaded = x509.Certificate.load(_certificate(key).der)
    loaded["signature_algorithm"] = algos.SignedDigestAlgorithm.load(building.signature_algorithm("sm2"))
    with pytest.raises(errors.UnreadableCertificate):
        reading.read_certificate(loaded.dump(force=True))


def test_an_envelope_opens_for_each_recipient_and_nobody_else() -> None:
    keys = [KeyPair.generate("sm2") for _ in range(3)]
    issuer = KeyPair.generate("sm2")
    held = [_certificate(one, "encipherment", issuer) for one in keys]
    content = bytes(range(256)) * 40
    closed = envelopes.build(content, recipients=held[:2])
    assert content[:64] not in closed
    for key, certificate in zip(keys[:2], held[:2], strict=True):
        assert envelopes.open_envelope(closed, key=key, certificate=certificate) == content
    with pytest.raises(errors.BadEnvelope):
        envelopes.open_envelope(closed, key=keys[2], certificate=held[2])
    with pytest.raises(errors.BadEnvelope):
        envelopes.open_envelope(closed, key=keys[2], certificate=held[0])
    for place in range(0, len(closed), 97):
        altered = bytearray(closed)
        altered[place] ^= 1
        try:
            opened = envelopes.open_envelope(bytes(altered), key=keys[0], certificate=held[0])
        except errors.BadEnvelope:
            continue
        # Only what belongs to the other recipient is not bound to the content.
        assert opened == content


def test_an_envelope_is_not_closed_for_a_signing_key() -> None:
    key = KeyPair.generate("sm2")
    for kind, holder in (("person", key), ("encipherment", KeyPair.generate("es256"))):
        with pytest.raises(errors.WrongUsage):
            envelopes.build(b"x", recipients=[_certificate(holder, kind)])


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_seal_holds_for_its_document_and_certificate(algorithm: str) -> None:
    key = KeyPair.generate(algorithm)
    certificate = _certificate(key)
    seal = signed_data.build(b"document", key=key, certificate=certificate, now=AT)
    assert signed_data.read(seal, content=b"document").certificate == certificate
    again = _certificate(key)
    for content, shown in ((b"documenT", None), (None, None), (b"document", again.der)):
        with pytest.raises(errors.WrongSignature):
            signed_data.read(seal, content=content, certificate=shown)
    for place in range(0, len(seal), 31):
        altered = bytearray(seal)
        altered[place] ^= 1
        try:
            found = signed_data.read(bytes(altered), content=b"document").certificate
        except Refusal:
            continue
        assert found.public_key == key.public


def test_timestamp_requests_are_taken_or_rejected_in_the_words_of_the_standard() -> None:
    from asn1crypto import tsp

    def request(**changes: object) -> bytes:
        parts: dict[str, object] = {
            "version": "v1",
            "message_imprint": {"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": bytes(32)},
            "cert_req": True,
        }
        return tsp.TimeStampReq(parts | changes).dump()

    assert isinstance(timestamps.read_request(request()), timestamps.Wish)
    sha1 = {"hash_algorithm": {"algorithm": "sha1"}, "hashed_message": bytes(20)}
    short = {"hash_algorithm": {"algorithm": "sha256"}, "hashed_message": bytes(31)}
    for data, failure in (
        (request(message_imprint=sha1), "bad_alg"),
        (request(message_imprint=short), "bad_data_format"),
        (request(req_policy="1.2.3"), "unaccepted_policy"),
        (b"", "bad_data_format"),
        (b"\x30\x80", "bad_data_format"),
        (bytes(20_000), "bad_data_format"),
    ):
        assert timestamps.read_request(data) == timestamps.Rejection(failure=failure)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_stamp_says_what_was_stamped(algorithm: str) -> None:
    key = KeyPair.generate(algorithm)
    certificate = _certificate(key, "timestamp")
    wish = timestamps.Wish(
        hash_oid="2.16.840.1.101.3.4.2.1", digest=timestamps.digest("2.16.840.1.101.3.4.2.1", b"x")
    )
    token = timestamps.build_token(wish, key=key, certificate=certificate, now=AT)
    stamp = timestamps.read_token(token)
    assert (stamp.at, stamp.digest, stamp.certificate) == (AT, wish.digest, certificate)
    with pytest.raises(errors.WrongSignature):
        timestamps.read_token(signed_data.build(b"x", key=key, certificate=certificate, now=AT))


def test_status_questions_that_are_none_are_not_read() -> None:
    for bad in (b"", b"\x30\x00", b"\x30\x80\x00", bytes(70_000), b"GET /"):
        assert ocsp.read_questions(bad) is None

"""
What we write is read, and found good, by the OpenSSL command; what it writes is read by us.

OpenSSL 3 knows SM2 but takes an empty signer id where none is said, and says one (1234567812345678, GM/T 0009) only for
the certificate it is asked about: an SM2 chain is verified link by link, and signatures over lists, status answers and
timestamps by the public key alone. The ES256 twins are verified as a whole.
"""

import re
import subprocess
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from shutil import which
from typing import Any

import pytest
from asn1crypto import cms, crl, ocsp, pem, tsp
from django.test import Client

from goldentax.certificates import api as certificates
from goldentax.certificates import errors
from goldentax.certificates.rules import reading
from goldentax.certificates.rules.keys import ALGORITHMS, KeyPair, PublicKey
from goldentax.certificates.rules.requests import proven_key

pytestmark = pytest.mark.skipif(which("openssl") is None, reason="there is no openssl command here")

Issue = Callable[..., Any]
SIGNER_ID = "distid:1234567812345678"


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., subprocess.CompletedProcess[str]]:
    """Run openssl in the folder of the test."""

    def openssl(*words: str, fails: bool = False) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            ["openssl", *words], cwd=tmp_path, capture_output=True, text=True, timeout=30, check=False
        )
        assert (done.returncode != 0) == fails, done.stdout + done.stderr
        return done

    return openssl


@pytest.fixture
def folder(tmp_path: Path, client: Client, issue: Issue, at: datetime) -> Path:
    """The published files of both families, fetched as anybody fetches them."""
    certificates.make_authorities(now=at)
    for algorithm in ALGORITHMS:
        for name in ("root", "issuing", "timestamp"):
            answer = client.get(f"/pki/{name}-{algorithm}.cer")
            assert answer.status_code == 200 and answer["Content-Type"] == "application/pkix-cert"
            (tmp_path / f"{name}-{algorithm}.pem").write_text(reading.to_pem(answer.content))
        (tmp_path / f"chain-{algorithm}.pem").write_bytes(client.get(f"/pki/chain-{algorithm}.pem").content)
    return tmp_path


def _fetch_crl(client: Client, folder: Path, name: str) -> bytes:
    content = client.get(f"/pki/{name}.crl").content
    (folder / f"{name}.crl").write_text(bytes(pem.armor("X509 CRL", content)).decode())
    return content


def _openssl_verifies(run: Any, folder: Path, *, key: PublicKey, data: bytes, signature: bytes) -> None:
    """Let openssl verify a bare signature."""
    (folder / "public.pem").write_bytes(pem.armor("PUBLIC KEY", key.spki))
    (folder / "signed").write_bytes(data)
    (folder / "signature").write_bytes(signature)
    words = ["-digest", "sm3", "-pkeyopt", SIGNER_ID] if key.algorithm == "sm2" else ["-digest", "sha256"]
    files = ["-inkey", "public.pem", "-in", "signed", "-sigfile", "signature"]
    run("pkeyutl", "-verify", "-pubin", *files, "-rawin", *words)
    (folder / "signed").write_bytes(data + b"!")
    run("pkeyutl", "-verify", "-pubin", *files, "-rawin", *words, fails=True)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_the_chain_verifies(run: Any, folder: Path, issue: Issue, at: datetime, algorithm: str) -> None:
    one = issue("taxpayer", algorithm=algorithm, subject_id="914501000000000000", name="广西某某公司")
    (folder / "leaf.pem").write_text(one.view.pem)
    words = ["-x509_strict", "-attime", str(int(at.timestamp()) + 1)]
    words += ["-vfyopt", SIGNER_ID] if algorithm == "sm2" else []
    run("verify", *words, "-CAfile", f"root-{algorithm}.pem", f"issuing-{algorithm}.pem")
    run("verify", *words, "-partial_chain", "-trusted", f"issuing-{algorithm}.pem", "leaf.pem")
    other = next(name for name in ALGORITHMS if name != algorithm)
    run("verify", *words, "-partial_chain", "-trusted", f"issuing-{other}.pem", "leaf.pem", fails=True)
    if algorithm == "es256":
        run("verify", *words, "-CAfile", "root-es256.pem", "-untrusted", "issuing-es256.pem", "leaf.pem")
    for kind in ("person", "encipherment", "officer", "device", "oidc"):
        (folder / "leaf.pem").write_text(issue(kind, algorithm=algorithm).view.pem)
        run("verify", *words, "-partial_chain", "-trusted", f"issuing-{algorithm}.pem", "leaf.pem")
    altered = bytearray(one.view.der)
    altered[len(altered) // 2] ^= 1
    (folder / "altered.pem").write_text(reading.to_pem(bytes(altered)))
    run("verify", *words, "-partial_chain", "-trusted", f"issuing-{algorithm}.pem", "altered.pem", fails=True)


def test_openssl_reads_what_a_certificate_says(run: Any, folder: Path, issue: Issue) -> None:
    one = issue("officer")
    (folder / "leaf.pem").write_text(one.view.pem)
    text = run("x509", "-in", "leaf.pem", "-noout", "-text", "-nameopt", "utf8").stdout
    for words in (
        "SM2-with-SM3",
        "C=CN, O=",
        "CN=张三",
        "CA:FALSE",
        "Digital Signature, Non Repudiation",
        "X509v3 Authority Key Identifier",
        "TLS Web Client Authentication",
        f"URI:urn:goldentax:holder:officer:{one.view.subject_id}",
        f"/pki/{one.view.issuer_key_id}.crl",
        "/pki/ocsp",
        "X509v3 Certificate Policies",
    ):
        assert words in text, words
    serial = run("x509", "-in", "leaf.pem", "-noout", "-serial").stdout.strip().partition("=")[2]
    assert serial.lower() == one.view.serial


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_a_request_of_openssl_is_issued_and_ours_is_verified_by_it(
    run: Any, folder: Path, issue: Issue, at: datetime, algorithm: str
) -> None:
    curve = "SM2" if algorithm == "sm2" else "P-256"
    run("genpkey", "-algorithm", "EC", "-pkeyopt", f"ec_paramgen_curve:{curve}", "-out", "theirs.key")
    signed = ["-sm3", "-sigopt", SIGNER_ID] if algorithm == "sm2" else ["-sha256"]
    run("req", "-new", "-key", "theirs.key", "-subj", "/CN=somebody", *signed, "-out", "theirs.csr")
    key = proven_key((folder / "theirs.csr").read_bytes())
    assert key == KeyPair.from_pem((folder / "theirs.key").read_bytes()).public
    ours = KeyPair.generate(algorithm)
    holder = certificates.Holder(kind="person", subject_id="p-1", name="张三")
    (folder / "ours.csr").write_bytes(certificates.build_request(key=ours, holder=holder, organisation="x"))
    words = ["-vfyopt", SIGNER_ID] if algorithm == "sm2" else []
    assert "verify OK" in run("req", "-in", "ours.csr", "-verify", "-noout", *words).stderr


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_key_files_go_both_ways(run: Any, folder: Path, algorithm: str) -> None:
    key = KeyPair.generate(algorithm)
    (folder / "ours.key").write_bytes(key.to_pem(passphrase="secret"))
    shown = run("pkey", "-in", "ours.key", "-passin", "pass:secret", "-noout", "-text_pub").stdout
    point = re.sub(r"[^0-9a-f]", "", shown.partition("pub:")[2].partition("ASN1")[0])
    assert point == "04" + key.public.point.hex()
    run("pkey", "-in", "ours.key", "-passin", "pass:wrong", "-noout", fails=True)
    run(
        "pkey",
        "-in",
        "ours.key",
        "-passin",
        "pass:secret",
        "-aes256",
        "-passout",
        "pass:x",
        "-out",
        "again.key",
    )
    assert KeyPair.from_pem((folder / "again.key").read_bytes(), passphrase="x") == key


def test_signatures_and_sm2_ciphertexts_go_both_ways(run: Any, folder: Path) -> None:
    key = KeyPair.generate("sm2")
    _openssl_verifies(run, folder, key=key.public, data=b"data", signature=key.sign(b"data"))
    (folder / "ours.key").write_bytes(key.to_pem())
    (folder / "data").write_bytes(b"data")
    words = ["-rawin", "-digest", "sm3", "-pkeyopt", SIGNER_ID]
    run("pkeyutl", "-sign", "-inkey", "ours.key", "-in", "data", "-out", "sig", *words)
    assert key.public.verify(data=b"data", signature=(folder / "sig").read_bytes())
    from goldentax.kernel.crypto import sm

    run("pkeyutl", "-encrypt", "-inkey", "ours.key", "-in", "data", "-out", "theirs.enc")
    assert key.signer.decrypt((folder / "theirs.enc").read_bytes()) == b"data"
    (folder / "ours.enc").write_bytes(sm.encrypt(public_key=key.public.point, plaintext=b"data"))
    run("pkeyutl", "-decrypt", "-inkey", "ours.key", "-in", "ours.enc", "-out", "opened")
    assert (folder / "opened").read_bytes() == b"data"


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_the_revocation_list_names_what_was_revoked(
    run: Any, folder: Path, client: Client, issue: Issue, at: datetime, algorithm: str
) -> None:
    good, bad = issue(algorithm=algorithm), issue(algorithm=algorithm)
    certificates.revoke(
        serial=bad.view.serial, reason="key_compromise", actor="test", request_id="revoke-1", now=at
    )
    der = _fetch_crl(client, folder, f"issuing-{algorithm}")
    text = run("crl", "-in", f"issuing-{algorithm}.crl", "-noout", "-text").stdout
    assert bad.view.serial.upper() in text and "Key Compromise" in text
    assert good.view.serial.upper() not in text
    parsed = crl.CertificateList.load(der, strict=True)
    issuing = reading.read_certificate((folder / f"issuing-{algorithm}.pem").read_bytes())
    _openssl_verifies(
        run,
        folder,
        key=issuing.public_key,
        data=parsed["tbs_cert_list"].dump(),
        signature=parsed["signature"].native,
    )
    if algorithm == "sm2":
        return  # here openssl takes the empty signer id, and no option says another
    assert (
        "verify OK" in run("crl", "-in", "issuing-es256.crl", "-CAfile", "issuing-es256.pem", "-noout").stderr
    )
    _fetch_crl(client, folder, "root-es256")
    for view, fails in ((good.view, False), (bad.view, True)):
        (folder / "leaf.pem").write_text(view.pem)
        lists = ["-CRLfile", "issuing-es256.crl", "-CRLfile", "root-es256.crl"]
        done = run(
            *("verify", "-attime", str(int(at.timestamp()) + 1), "-crl_check_all", "-x509_strict", *lists),
            *("-CAfile", "root-es256.pem", "-untrusted", "issuing-es256.pem", "leaf.pem"),
            fails=fails,
        )
        assert ("certificate revoked" in done.stderr) == fails


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_the_status_service_answers_openssl(
    run: Any, folder: Path, client: Client, issue: Issue, at: datetime, stopped_clock: Any, algorithm: str
) -> None:
    good, bad = issue(algorithm=algorithm), issue(algorithm=algorithm)
    certificates.revoke(
        serial=bad.view.serial, reason="superseded", actor="test", request_id="revoke-1", now=at
    )
    asked = (
        (good.view.serial, "good"),
        (bad.view.serial, "revoked"),
        ("00ff", "unknown"),
    )
    for serial, state in asked:
        run("ocsp", "-issuer", f"issuing-{algorithm}.pem", "-serial", f"0x{serial}", "-reqout", "ask.der")
        question = (folder / "ask.der").read_bytes()
        answer = client.post("/pki/ocsp", question, content_type="application/ocsp-request")
        assert answer["Content-Type"] == "application/ocsp-response"
        (folder / "answer.der").write_bytes(answer.content)
        basic = ocsp.OCSPResponse.load(answer.content, strict=True).basic_ocsp_response
        responder = reading.read_certificate(basic["certs"][0].dump())
        _openssl_verifies(
            run,
            folder,
            key=responder.public_key,
            data=basic["tbs_response_data"].dump(),
            signature=basic["signature"].native,
        )
        shown = run("ocsp", "-respin", "answer.der", "-resp_text", "-noverify").stdout
        assert f"Cert Status: {state}" in shown
        if algorithm == "es256":
            done = run(
                *("ocsp", "-reqin", "ask.der", "-respin", "answer.der", "-issuer", "issuing-es256.pem"),
                *("-CAfile", "chain-es256.pem", "-attime", str(int(at.timestamp()) + 1)),
            )
            assert "Response verify OK" in done.stderr
        import base64
        from urllib.parse import quote

        by_get = client.get(f"/pki/ocsp/{quote(base64.b64encode(question).decode(), safe='')}")
        assert (
            ocsp.OCSPResponse.load(by_get.content).response_data["responses"][0]["cert_status"].name == state
        )


def test_a_nonce_comes_back_and_nonsense_is_called_malformed(
    run: Any, folder: Path, client: Client, issue: Issue
) -> None:
    one = issue()
    run(
        "ocsp",
        "-issuer",
        "issuing-sm2.pem",
        "-serial",
        f"0x{one.view.serial}",
        "-nonce",
        "-reqout",
        "ask.der",
    )
    question = (folder / "ask.der").read_bytes()
    answer = client.post("/pki/ocsp", question, content_type="application/ocsp-request")
    nonce = ocsp.OCSPRequest.load(question).nonce_value.native
    assert ocsp.OCSPResponse.load(answer.content).nonce_value.native == nonce
    for bad in (b"", b"\x30\x00", b"x" * 1000):
        answer = client.post("/pki/ocsp", bad, content_type="application/ocsp-request")
        assert ocsp.OCSPResponse.load(answer.content)["response_status"].native == "malformed_request"
    assert client.post("/pki/ocsp", bytes(70_000), content_type="application/ocsp-request").status_code == 413


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("hashed", ["sha256", "sm3"])
def test_timestamps_are_verified_by_openssl(
    run: Any, folder: Path, client: Client, stopped_clock: Any, at: datetime, algorithm: str, hashed: str
) -> None:
    (folder / "data").write_bytes(b"a document")
    run("ts", "-query", "-data", "data", f"-{hashed}", "-cert", "-out", "ask.tsq")
    address = "/pki/timestamp" if algorithm == "es256" else "/pki/timestamp/sm2"
    answer = client.post(
        address, (folder / "ask.tsq").read_bytes(), content_type="application/timestamp-query"
    )
    assert answer["Content-Type"] == "application/timestamp-reply"
    (folder / "answer.tsr").write_bytes(answer.content)
    assert "Status: Granted" in run("ts", "-reply", "-in", "answer.tsr", "-text").stdout
    token = tsp.TimeStampResp.load(answer.content, strict=True)["time_stamp_token"]
    signer = token["content"]["signer_infos"][0]
    stamping = reading.read_certificate((folder / f"timestamp-{algorithm}.pem").read_bytes())
    _openssl_verifies(
        run,
        folder,
        key=stamping.public_key,
        data=cms.CMSAttributes(list(signer["signed_attrs"])).dump(),
        signature=signer["signature"].native,
    )
    if algorithm == "es256":
        words = ("-in", "answer.tsr", "-CAfile", "chain-es256.pem", "-attime", str(int(at.timestamp()) + 1))
        run("ts", "-verify", "-queryfile", "ask.tsq", *words)
        (folder / "data").write_bytes(b"another document")
        run("ts", "-verify", "-data", "data", *words, fails=True)
    found = certificates.verify_timestamp(data=b"a document", token=token.dump(), now=at)
    assert found.at == at
    with pytest.raises(errors.WrongSignature):
        certificates.verify_timestamp(data=b"another document", token=token.dump(), now=at)


def test_a_weak_digest_gets_no_timestamp(run: Any, folder: Path, client: Client) -> None:
    (folder / "data").write_bytes(b"a document")
    run("ts", "-query", "-data", "data", "-sha1", "-out", "ask.tsq")
    answer = client.post(
        "/pki/timestamp", (folder / "ask.tsq").read_bytes(), content_type="application/timestamp-query"
    )
    (folder / "answer.tsr").write_bytes(answer.content)
    shown = run("ts", "-reply", "-in", "answer.tsr", "-text").stdout
    assert "Status: Rejected" in shown and "unsupported algorithm" in shown


def test_an_es256_seal_is_verified_by_openssl(run: Any, folder: Path, issue: Issue, at: datetime) -> None:
    from goldentax.certificates.rules import signed_data

    one = issue("taxpayer", algorithm="es256", subject_id="914501000000000000")
    seal = signed_data.build(
        b"a document", key=one.key, certificate=reading.read_certificate(one.view.der), now=at
    )
    (folder / "seal.der").write_bytes(seal)
    (folder / "data").write_bytes(b"a document")
    words = ["-binary", "-CAfile", "chain-es256.pem", "-attime", str(int(at.timestamp()) + 1)]
    run("cms", "-verify", "-inform", "DER", "-in", "seal.der", "-content", "data", *words)
    (folder / "data").write_bytes(b"another document")
    run("cms", "-verify", "-inform", "DER", "-in", "seal.der", "-content", "data", *words, fails=True)

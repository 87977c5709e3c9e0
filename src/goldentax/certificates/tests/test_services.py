"""Seals with timestamps, envelopes, and the whole way on the command line."""

import stat
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from goldentax.certificates import api as certificates
from goldentax.certificates import errors
from goldentax.certificates.commands import PASSPHRASE_VARIABLE, group
from goldentax.certificates.models import Certificate
from goldentax.certificates.rules import envelopes, reading
from goldentax.kernel.crypto.keys import node_signer
from goldentax.kernel.refusals import Refusal

Issue = Callable[..., Any]


def test_a_document_is_sealed_and_stamped(issue: Issue, at: datetime) -> None:
    sealed = certificates.seal_document(data=b"document", now=at)
    found = certificates.verify_sealed(data=b"document", seal=sealed.seal, timestamp=sealed.timestamp, now=at)
    assert (found.by.subject_kind, found.by.subject_id, found.stamped_at) == ("node", "45", at)
    assert Certificate.objects.filter(holder_kind="node").count() == 1
    certificates.seal_document(data=b"another", now=at)
    assert Certificate.objects.filter(holder_kind="node").count() == 1
    held = reading.read_certificate(certificates.get_certificate(serial=found.by.serial).der)
    assert held.public_key.point == node_signer().public_key
    other = certificates.seal_document(data=b"other", now=at)
    for data, seal, stamp in (
        (b"documenT", sealed.seal, sealed.timestamp),
        (b"document", other.seal, other.timestamp),
        (b"document", sealed.seal, other.timestamp),
        (b"document", sealed.timestamp, b""),
    ):
        with pytest.raises(errors.WrongSignature):
            certificates.verify_sealed(data=data, seal=seal, timestamp=stamp, now=at)


def test_a_stamped_seal_outlives_its_certificate_but_not_a_revocation_before_it(
    issue: Issue, at: datetime
) -> None:
    before = certificates.seal_document(data=b"document", now=at)
    serial = certificates.verify_sealed(data=b"document", seal=before.seal, now=at).by.serial
    later = at + timedelta(days=1)
    certificates.revoke(serial=serial, reason="superseded", actor="test", request_id="revoke-1", now=later)
    with pytest.raises(errors.Revoked):
        certificates.verify_sealed(data=b"document", seal=before.seal, now=later)
    stamped = {"data": b"document", "seal": before.seal, "timestamp": before.timestamp}
    assert certificates.verify_sealed(**stamped, now=later).stamped_at == at
    assert certificates.verify_sealed(**stamped, now=at + timedelta(days=900)).stamped_at == at
    # The same old seal, stamped only after the revocation, proves nothing.
    late = certificates.timestamp(data=before.seal, now=later)
    with pytest.raises(errors.Revoked):
        certificates.verify_sealed(**stamped | {"timestamp": late}, now=later)


def test_envelopes_are_closed_for_believed_encryption_certificates_only(issue: Issue, at: datetime) -> None:
    one = issue("encipherment", subject_id="914501000000000000")
    closed = certificates.encrypt_for(content=b"secret", certificates=[one.view.pem.encode()], now=at)
    held = reading.read_certificate(one.view.der)
    assert envelopes.open_envelope(closed, key=one.key, certificate=held) == b"secret"
    with pytest.raises(errors.WrongUsage):
        certificates.encrypt_for(content=b"x", certificates=[issue().view.der], now=at)
    certificates.revoke(
        serial=one.view.serial, reason="superseded", actor="test", request_id="revoke-1", now=at
    )
    with pytest.raises(errors.Revoked):
        certificates.encrypt_for(content=b"x", certificates=[one.view.der], now=at)


@pytest.mark.parametrize("algorithm", ["sm2", "es256"])
def test_the_command_line_goes_the_whole_way(
    db: None,
    stopped_clock: Any,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    algorithm: str,
    at: datetime,
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(PASSPHRASE_VARIABLE, "secret words")

    def run(*words: str) -> str:
        done = CliRunner().invoke(group, list(words), catch_exceptions=False)
        assert done.exit_code == 0, done.output
        assert "PRIVATE" not in done.output
        return str(done.stdout)

    run("request", "--key", "my.key", "--out", "my.csr", "--algorithm", algorithm)
    assert stat.S_IMODE(Path("my.key").stat().st_mode) == 0o600
    assert b"ENCRYPTED PRIVATE KEY" in Path("my.key").read_bytes()
    named = ("--kind", "person", "--subject", "p-7", "--name", "韦小红", "--csr", "my.csr", "--out", "my.pem")
    line = run("issue", *named, "--request-id", "cli-request-1")
    serial = line.split()[0]
    assert run("issue", *named, "--request-id", "cli-request-1").split()[0] == serial
    assert serial in run("list", "--text", "韦小红") and "韦小红" in run("show", serial)
    assert run("show", serial, "--pem") == Path("my.pem").read_text()
    pasted = run("answer", "--key", "my.key", "--certificate", "my.pem", "--challenge", "K7-Q9")
    proof = {"certificate_pem": Path("my.pem").read_text(), "signature": certificates.signature_of(pasted)}
    assert certificates.verify_challenge(**proof, challenge=b"K7-Q9", now=at).subject_id == "p-7"
    with pytest.raises(errors.WrongSignature):
        certificates.verify_challenge(**proof, challenge=b"K7-Q8", now=at)
    Path("paper").write_bytes(b"paper")
    run("sign", "--key", "my.key", "paper", "--out", "paper.sig")
    assert serial in run("verify", "my.pem", "--data", "paper", "--signature", "paper.sig")
    run("seal", "paper", "--out", "paper.p7s")
    assert "node  45" in run("verify-seal", "paper", "--seal", "paper.p7s", "--timestamp", "paper.p7s.tst")
    run("revoke", serial, "--reason", "superseded")
    run("crl", "--algorithm", algorithm, "--out", "list.crl")
    assert bytes.fromhex(serial) in Path("list.crl").read_bytes()
    with pytest.raises(errors.Revoked):
        run("verify", "my.pem")
    with pytest.raises(errors.NotRenewable):
        run("renew", serial)
    assert f"issuing   {algorithm}" in run("authority", "list")


def test_envelopes_on_the_command_line(
    db: None, stopped_clock: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv(PASSPHRASE_VARIABLE, "")

    def run(*words: str) -> Any:
        return CliRunner().invoke(group, list(words))

    assert run("request", "--key", "my.key", "--out", "my.csr").exit_code == 0
    named = ("--kind", "encipherment", "--subject", "914501000000000000", "--name", "某某公司")
    assert run("issue", *named, "--csr", "my.csr", "--out", "my.pem").exit_code == 0
    Path("paper").write_bytes(b"paper" * 1000)
    assert run("encrypt", "--to", "my.pem", "paper", "--out", "paper.p7m").exit_code == 0
    mine = ("decrypt", "--key", "my.key", "--certificate", "my.pem")
    assert run(*mine, "paper.p7m", "--out", "opened").exit_code == 0
    assert Path("opened").read_bytes() == b"paper" * 1000
    altered = bytearray(Path("paper.p7m").read_bytes())
    altered[-1] ^= 1
    Path("altered.p7m").write_bytes(altered)
    refused = run(*mine, "altered.p7m", "--out", "opened-2")
    assert isinstance(refused.exception, errors.BadEnvelope) and not Path("opened-2").exists()
    assert run("request", "--key", "other.key", "--out", "other.csr").exit_code == 0
    other = run("decrypt", "--key", "other.key", "--certificate", "my.pem", "paper.p7m", "--out", "opened-3")
    assert isinstance(other.exception, Refusal) and isinstance(other.exception, errors.BadKeyFile)

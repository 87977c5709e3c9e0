"""
``goldentax certificate``: for operators, the authorities and what they issued; for holders, keys, requests, answers.

A private key is made here and written to a file of its own, under a passphrase where one is given; it is never printed.
The passphrase comes from a prompt or from the environment variable ``GOLDENTAX_KEY_PASSPHRASE``, never from the command
line, which other users of the machine can see.
"""

import getpass
import os
from pathlib import Path

import click

from goldentax.certificates import api as certificates
from goldentax.certificates import errors
from goldentax.certificates.queries import issued
from goldentax.certificates.rules import challenges, envelopes, reading
from goldentax.certificates.rules.keys import ALGORITHMS, SM2, KeyPair
from goldentax.kernel import clock
from goldentax.kernel.ids import new_public_id
from goldentax.kernel.settings import settings
from goldentax.kernel.text import Text

PASSPHRASE_VARIABLE = "GOLDENTAX_KEY_PASSPHRASE"  # noqa: S105  (the name of a variable)

_file = click.Path(exists=True, dir_okay=False, path_type=Path)
_new_file = click.Path(dir_okay=False, path_type=Path)
_algorithm = click.option("--algorithm", type=click.Choice(ALGORITHMS), default=SM2, show_default=True)
_request_id = click.option("--request-id", default="", help="重复执行时用同一编号 · the same id does it once")
_key = click.option("--key", "key_file", type=_file, required=True, help="私钥文件 · the key file")
_certificate = click.option(
    "--certificate", "certificate_file", type=_file, required=True, help="证书 · certificate"
)


@click.group(name="certificate")
def group() -> None:
    """数字证书 · Certificates: authorities, keys, requests, signatures, envelopes."""


@group.command(name="list")
@click.option("--text", default="", help="名称、标识或序列号 · name, id or serial number")
@click.option("--kind", default="", help="种类 · kind")
@click.option("--state", type=click.Choice(["valid", "expired", "revoked"]), help="状态 · state")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 200))
@click.option("--cursor", default="")
def list_(text: str, kind: str, state: str | None, limit: int, cursor: str) -> None:
    """列出已签发的证书 · List what was issued, the newest first."""
    now = clock.now()
    page = certificates.list_certificates(
        text=text, kind=kind, state=state or "", now=now, cursor=cursor, limit=limit
    )
    for one in page.items:
        _print_line(one)
    if page.next_cursor:
        click.echo(f"--cursor {page.next_cursor}", err=True)


@group.command()
@click.argument("serial")
@click.option("--pem", is_flag=True, help="只输出 PEM · PEM only")
def show(serial: str, pem: bool) -> None:
    """显示一张证书 · Show one certificate."""
    one = certificates.get_certificate(serial=serial)
    if pem:
        click.echo(one.pem, nl=False)
        return
    facts = {
        "serial": one.serial,
        "kind": one.kind,
        "subject_id": one.subject_id,
        "name": one.name,
        "algorithm": one.algorithm,
        "state": one.state(clock.now()),
        "valid_from": f"{one.valid_from:%Y-%m-%d %H:%M:%S %z}",
        "valid_to": f"{one.valid_to:%Y-%m-%d %H:%M:%S %z}",
        "issued_by": one.issued_by,
        "issuer_key_id": one.issuer_key_id,
        "key_fingerprint": one.key_fingerprint,
        "revoked": f"{one.revoked_at:%Y-%m-%d %H:%M:%S %z} {one.revocation_reason}" if one.revoked_at else "",
    }
    for name, value in facts.items():
        click.echo(f"{name:<16}{value}")


@group.command()
@click.option(
    "--key",
    "key_file",
    type=_new_file,
    required=True,
    help="私钥写到这里；已有则沿用 · made, or used if there",
)
@click.option("--out", type=_new_file, required=True, help="请求写到这里 · where the request goes")
@_algorithm
@click.option(
    "--name", default="", help="请求中的名称，不写入证书 · a name for the request; it is not certified"
)
def request(key_file: Path, out: Path, algorithm: str, name: str) -> None:
    """生成密钥和证书请求 · Make a key and a request for a certificate."""
    if key_file.exists():
        key = _read_key(key_file)
    else:
        key = KeyPair.generate(algorithm)
        _write_secret(key_file, key.to_pem(passphrase=_new_passphrase()))
    holder = certificates.Holder(
        kind=certificates.PERSON, subject_id="request", name=name or getpass.getuser()
    )
    out.write_bytes(certificates.build_request(key=key, holder=holder, organisation="Golden Tax"))
    click.echo(str(out))


@group.command()
@click.option("--kind", required=True, help="种类 · kind")
@click.option("--subject", required=True, help="主体标识 · the holder's id")
@click.option("--name", required=True, help="持有人名称 · the holder's name")
@click.option("--csr", type=_file, required=True, help="证书请求 · the request")
@click.option("--out", type=_new_file, help="证书写到这里 · where the certificate goes")
@_request_id
def issue(kind: str, subject: str, name: str, csr: Path, out: Path | None, request_id: str) -> None:
    """签发证书 · Issue a certificate."""
    one = certificates.issue_for(
        subject_kind=kind,
        subject_id=subject,
        name=name,
        csr_or_public_key=csr.read_bytes(),
        actor=_actor(),
        request_id=request_id or _fresh_id(),
        now=clock.now(),
    )
    _give(one, out)


@group.command()
@click.argument("serial")
@click.option(
    "--csr", type=_file, help="新密钥的请求；不给则沿用原密钥 · with a fresh key; else the key stays"
)
@click.option("--out", type=_new_file)
@_request_id
def renew(serial: str, csr: Path | None, out: Path | None, request_id: str) -> None:
    """更新证书 · Renew a certificate near its end."""
    one = certificates.renew(
        serial=serial,
        csr=csr.read_bytes() if csr else b"",
        actor=_actor(),
        request_id=request_id or _fresh_id(),
        now=clock.now(),
    )
    _give(one, out)


@group.command()
@click.argument("serial")
@click.option("--reason", required=True, type=click.Choice(list(certificates.REASONS)), help="原因 · reason")
@_request_id
def revoke(serial: str, reason: str, request_id: str) -> None:
    """吊销证书 · Revoke a certificate, for good."""
    one = certificates.revoke(
        serial=serial,
        reason=reason,
        actor=_actor(),
        request_id=request_id or _fresh_id(),
        now=clock.now(),
    )
    _print_line(one)


@group.command()
@_algorithm
@click.option("--root", is_flag=True, help="根的吊销列表 · the root's list")
@click.option("--out", type=_new_file, required=True)
def crl(algorithm: str, root: bool, out: Path) -> None:
    """导出吊销列表 · Write the present revocation list to a file, DER."""
    certificates.publish_due(now=clock.now())
    found = certificates.find_published(f"{'root' if root else 'issuing'}-{algorithm}.crl")
    if found is None:
        raise errors.AuthorityMissing()
    out.write_bytes(found.content)
    click.echo(str(out))


@group.command()
@click.argument("certificate_file", type=_file)
@click.option("--data", type=_file, help="被签的文件 · the file that was signed")
@click.option("--signature", type=_file, help="签名（DER），或配 --sealed 的签章 · the signature, or seal")
@click.option("--use", type=click.Choice(["", "sign", "sign_in", "encrypt", "stamp"]), default="")
def verify(certificate_file: Path, data: Path | None, signature: Path | None, use: str) -> None:
    """核验证书，及其对文件的签名 · Verify a certificate, and a signature over a file."""
    certificate, now = certificate_file.read_bytes(), clock.now()
    if (data is None) != (signature is None):
        raise click.UsageError("--data and --signature go together")
    if data is not None and signature is not None:
        found = certificates.verify_signature(
            certificate=certificate, data=data.read_bytes(), signature=signature.read_bytes(), now=now
        )
    else:
        found = certificates.verify_certificate(certificate=certificate, now=now, use=use)
    good = Text("有效", "good").in_language(settings().language)
    click.echo(f"{good}  {found.serial}  {found.subject_kind}  {found.subject_id}  {found.name}")


@group.command()
@_key
@_certificate
@click.option("--challenge", required=True, help="登录页显示的质询 · what the sign-in page shows")
def answer(key_file: Path, certificate_file: Path, challenge: str) -> None:
    """回答登录质询 · Answer the challenge of the sign-in page; prints what to paste there."""
    key = _key_of(key_file, certificate_file)
    click.echo(challenges.answer(challenge.encode(), key=key))


@group.command()
@_key
@click.argument("data", type=_file)
@click.option("--out", type=_new_file, required=True)
def sign(key_file: Path, data: Path, out: Path) -> None:
    """签名文件 · Sign a file; a plain signature, DER."""
    out.write_bytes(_read_key(key_file).sign(data.read_bytes()))
    click.echo(str(out))


@group.command()
@click.argument("data", type=_file)
@click.option(
    "--out",
    type=_new_file,
    required=True,
    help="签章；时间戳写到 .tsr 旁 · the seal; its timestamp beside it",
)
def seal(data: Path, out: Path) -> None:
    """以本节点名义签章并加时间戳 · Seal a file as this node, with a timestamp."""
    made = certificates.seal_document(data=data.read_bytes(), now=clock.now())
    out.write_bytes(made.seal)
    out.with_suffix(out.suffix + ".tst").write_bytes(made.timestamp)
    click.echo(str(out))


@group.command(name="verify-seal")
@click.argument("data", type=_file)
@click.option("--seal", "seal_file", type=_file, required=True)
@click.option("--timestamp", "timestamp_file", type=_file)
def verify_seal(data: Path, seal_file: Path, timestamp_file: Path | None) -> None:
    """核验签章 · Verify a seal over a file."""
    found = certificates.verify_sealed(
        data=data.read_bytes(),
        seal=seal_file.read_bytes(),
        timestamp=timestamp_file.read_bytes() if timestamp_file else b"",
        now=clock.now(),
    )
    at = f"{found.stamped_at.astimezone(clock.CHINA):%Y-%m-%d %H:%M:%S}" if found.stamped_at else "-"
    click.echo(f"{found.by.subject_kind}  {found.by.subject_id}  {found.by.name}  {at}")


@group.command()
@click.option(
    "--to", "to_files", type=_file, multiple=True, required=True, help="收件证书，可多张 · recipients"
)
@click.argument("data", type=_file)
@click.option("--out", type=_new_file, required=True)
def encrypt(to_files: tuple[Path, ...], data: Path, out: Path) -> None:
    """信封加密文件 · Put a file into an envelope for certificates."""
    if data.stat().st_size > envelopes.CONTENT_BYTES_MAX or len(to_files) > envelopes.RECIPIENTS_MAX:
        raise click.UsageError(
            f"at most {envelopes.CONTENT_BYTES_MAX >> 20} MiB and {envelopes.RECIPIENTS_MAX} recipients"
        )
    closed = certificates.encrypt_for(
        content=data.read_bytes(), certificates=[one.read_bytes() for one in to_files], now=clock.now()
    )
    out.write_bytes(closed)
    click.echo(str(out))


@group.command()
@_key
@_certificate
@click.argument("data", type=_file)
@click.option("--out", type=_new_file, required=True)
def decrypt(key_file: Path, certificate_file: Path, data: Path, out: Path) -> None:
    """打开信封 · Open an envelope with one's own key."""
    key = _key_of(key_file, certificate_file)
    certificate = reading.read_certificate(certificate_file.read_bytes())
    opened = envelopes.open_envelope(data.read_bytes(), key=key, certificate=certificate)
    _write_secret(out, opened)
    click.echo(str(out))


@group.group(name="authority")
def authority() -> None:
    """签发机构 · The authorities."""


@authority.command(name="list")
def list_authorities() -> None:
    """列出机构 · List the authorities, former ones too."""
    for one in certificates.list_authorities(with_former=True):
        state = "revoked" if one.revoked_at else "former" if one.retired_at else "signing"
        ends = f"{one.valid_to:%Y-%m-%d}"
        click.echo(
            f"{one.kind:<10}{one.algorithm:<7}{state:<9}{ends}  {one.serial}  crl {one.crl_number}  {one.name}"
        )


@authority.command()
def make() -> None:
    """建立缺少的机构 · Make what is missing or near its end."""
    click.echo(str(certificates.make_authorities(now=clock.now(), actor=_actor())))


@authority.command(name="revoke")
@click.argument("serial")
@click.option("--reason", type=click.Choice(["ca_compromise", "superseded"]), required=True)
@click.confirmation_option(prompt="它签发的全部证书将立即失效 · Everything it issued ends at once. OK?")
def revoke_authority(serial: str, reason: str) -> None:
    """吊销签发机构 · Revoke an issuing authority, and make another."""
    certificates.revoke_authority(
        serial=issued.tidied_serial(serial), reason=reason, actor=_actor(), now=clock.now()
    )


@authority.command(name="request")
@_algorithm
@click.option("--out", type=_new_file, required=True)
def request_authority(algorithm: str, out: Path) -> None:
    """省局：生成机构请求 · In a province of its own: the request the headquarters signs."""
    out.write_bytes(certificates.request_authority(algorithm=algorithm, now=clock.now(), actor=_actor()))
    click.echo(str(out))


@authority.command(name="sign")
@click.argument("request_file", type=_file)
@click.option("--for-node", required=True, help="省局节点代码 · the province's node code")
@click.option("--base-url", required=True, help="本节点对外网址 · the address of this node as others see it")
@click.option("--out", type=_new_file, required=True)
def sign_authority(request_file: Path, for_node: str, base_url: str, out: Path) -> None:
    """总局：签发省局机构证书 · At the headquarters: sign a province's request."""
    signed = certificates.sign_authority(
        request=request_file.read_bytes(), node=for_node, now=clock.now(), actor=_actor(), base_url=base_url
    )
    out.write_bytes(signed)
    click.echo(str(out))


@authority.command()
@click.argument("chain_file", type=_file)
def install(chain_file: Path) -> None:
    """省局：安装机构证书 · In a province of its own: install what came back (certificate, then root)."""
    end = b"-----END CERTIFICATE-----"
    parts = [one + end for one in chain_file.read_bytes().split(end)[:-1]]
    if len(parts) != 2:
        raise errors.WrongAuthorityCertificate("certificate")
    certificates.install_authority(certificate=parts[0], root=parts[1], now=clock.now(), actor=_actor())


def _actor() -> str:
    return f"cli:os-{getpass.getuser()}"


def _fresh_id() -> str:
    return f"cli-{new_public_id()}"


def _print_line(one: certificates.CertificateView) -> None:
    state = one.state(clock.now())
    click.echo(
        f"{one.serial}  {one.kind:<12}{one.algorithm:<6}{state:<8}{one.valid_to:%Y-%m-%d}  {one.subject_id}  {one.name}"
    )


def _give(one: certificates.CertificateView, out: Path | None) -> None:
    if out is None:
        click.echo(one.pem, nl=False)
        return
    out.write_text(one.pem, encoding="ascii")
    _print_line(one)


def _read_key(path: Path) -> KeyPair:
    text = path.read_bytes()
    if b"ENCRYPTED" not in text:
        return KeyPair.from_pem(text)
    passphrase = os.environ.get(PASSPHRASE_VARIABLE)
    if passphrase is None:
        passphrase = click.prompt("口令 · Passphrase", hide_input=True, err=True)
    return KeyPair.from_pem(text, passphrase=passphrase)


def _key_of(key_file: Path, certificate_file: Path) -> KeyPair:
    """The key, if it is that of the certificate."""
    key, certificate = _read_key(key_file), reading.read_certificate(certificate_file.read_bytes())
    if key.public != certificate.public_key:
        raise errors.BadKeyFile("key")
    return key


def _new_passphrase() -> str:
    given = os.environ.get(PASSPHRASE_VARIABLE)
    if given is not None:
        return given
    words = "口令（可空）· Passphrase (may be empty)"
    return str(
        click.prompt(
            words, default="", show_default=False, hide_input=True, confirmation_prompt=True, err=True
        )
    )


def _write_secret(path: Path, content: bytes) -> None:
    """Write a file that only its owner reads, and never over one that is there."""
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)

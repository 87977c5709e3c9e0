"""``goldentax log …``: heads, receipts and proofs of the transparency log; ``verify`` needs no database."""

import getpass
import json
import sys
from pathlib import Path

import click
import msgspec

from goldentax.invoicing import errors
from goldentax.invoicing.operations import witnessing
from goldentax.invoicing.queries import auditing, log
from goldentax.invoicing.queries.places import by_number
from goldentax.invoicing.queries.receipts import receipt_of_row
from goldentax.invoicing.rules import cosigning, heads, receipts
from goldentax.kernel import clock
from goldentax.kernel.crypto import merkle
from goldentax.kernel.crypto.keys import node_signer
from goldentax.kernel.settings import settings

FINDINGS_SHOWN_MAX = 50
_MARKS = {"passed": "✓", "failed": "✗", "skipped": "–"}


@click.group("log")
def log_group() -> None:
    """透明日志：树头、回执、证明、审计 Heads, receipts, proofs and audit of the transparency log."""


@log_group.command("heads")
@click.argument("name", required=False)
@click.option("--before", default=0, help="only heads of smaller trees")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, log.HEADS_MAX))
def show_heads(name: str | None, before: int, limit: int) -> None:
    """Print the heads of log NAME, the newest first, one as JSON a line; without NAME the newest of every log."""
    if name:
        found = log.list_heads(log=name, before=before, limit=limit).heads
    else:
        found = tuple(one.head for one in log.list_logs() if one.head)
    for head in found:
        click.echo(msgspec.json.encode(heads.to_text(head)))


@log_group.command("receipt")
@click.argument("number")
@click.option("--document", type=click.Path(path_type=Path), help="write the canonical document here too")
def show_receipt(number: str, document: Path | None) -> None:
    """Print the receipt of invoice NUMBER, as it was first given."""
    row = by_number(number).first()
    if row is None:
        raise errors.InvoiceNotFound("number", number=number[:40])
    click.echo(receipts.encode(receipt_of_row(row)))
    if document:
        document.write_bytes(bytes(row.document))


@log_group.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--document", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--key", metavar="HEX", help="the node's public key, had from elsewhere; else this node's own")
@click.option("--json", "as_json", is_flag=True, help="print the steps as JSON")
def verify(file: Path, document: Path | None, key: str | None, as_json: bool) -> None:
    """Check the receipt in FILE, and the canonical document if given; asks no database, ends with 1 if it fails."""
    try:
        receipt = receipts.decode(file.read_bytes()[: receipts.RECEIPT_BYTES_MAX])
    except (msgspec.MsgspecError, UnicodeDecodeError):
        raise errors.ReceiptUnreadable("file") from None
    steps = receipts.examine_receipt(
        receipt,
        document=document.read_bytes() if document else None,
        public_key=key or _own_key(),
    )
    holds = not any(one.outcome == "failed" for one in steps)
    if as_json:
        said = [{"step": one.code, "outcome": one.outcome, "detail": one.detail.en} for one in steps]
        click.echo(json.dumps({"number": receipt.number, "holds": holds, "steps": said}))
    else:
        for one in steps:
            click.echo(f"{_MARKS[one.outcome]} {one.name.zh} {one.name.en}: {one.detail.zh} {one.detail.en}")
        click.echo("✓ 回执成立 the receipt holds" if holds else "✗ 回执不成立 the receipt does not hold")
    sys.exit(0 if holds else 1)


def _own_key() -> str:
    """This node's public key; a home without one gets none made for the asking."""
    if not (settings().home / "secrets" / f"node-{settings().node}.sm2").exists():
        raise click.UsageError("--key is needed: this home has no key of a node")
    return node_signer().public_key_hex


@log_group.command()
@click.argument("first", type=int)
@click.argument("second", type=int)
@click.option("--log", "name", required=True, metavar="LOG", help="such as 45-1")
def consistency(first: int, second: int, name: str) -> None:
    """Prove that the log under its head of size SECOND begins with the log of size FIRST, and check the proof."""
    earlier, later = log.get_head(log=name, tree_size=first), log.get_head(log=name, tree_size=second)
    path = log.prove_consistency(log=name, first=first, second=second)
    holds = merkle.verify_consistency(
        first=first, second=second, first_root=earlier.root, second_root=later.root, path=path
    )
    said = {
        "first": msgspec.to_builtins(heads.to_text(earlier)),
        "second": msgspec.to_builtins(heads.to_text(later)),
        "path": [one.hex() for one in path],
        "holds": holds,
    }
    click.echo(json.dumps(said, indent=1))
    sys.exit(0 if holds else 1)


@log_group.command()
@click.option("--log", "name", default="", metavar="LOG", help="only this log, without the books beside it")
@click.option("--heads", "kept", type=click.Path(exists=True, path_type=Path), help="heads kept elsewhere")
@click.option("--key", "keys", multiple=True, metavar="HEX", help="a key the node signed with before")
@click.option("--json", "as_json", is_flag=True, help="print the result as JSON")
def audit(name: str, kept: Path | None, keys: tuple[str, ...], as_json: bool) -> None:
    """Grow every tree anew from the store and hold the books against it; ends with 1 if anything differs."""
    published = [*_heads_in(witnessing.heads_file()), *(_heads_in(kept) if kept else [])]
    with auditing.steadily():
        report = auditing.audit_logs(
            log=name, published=published, known_keys=frozenset(keys), progress=_progress(shown=not as_json)
        )
    totals = {
        "logs": report.logs,
        "heads": report.heads,
        "invoices": report.invoices,
        "plain_invoices": report.plain_invoices,
        "heads_compared": report.heads_compared,
    }
    if as_json:
        listed = [
            {"kind": one.kind, "log": one.log, "message": one.message("en")}
            | {fact: str(value) for fact, value in one.facts.items()}
            for one in report.findings
        ]
        click.echo(json.dumps({**totals, "whole": report.is_whole, "findings": listed}))
        sys.exit(0 if report.is_whole else 1)
    if sys.stderr.isatty():
        click.echo("", err=True)
    click.echo("  ".join(f"{one} {value:,}" for one, value in totals.items()))
    for one in report.findings[:FINDINGS_SHOWN_MAX]:
        click.echo(f"✗ {one.log} {one.message()} / {one.message('en')}")
    if len(report.findings) > FINDINGS_SHOWN_MAX:
        click.echo(f"… 另有 {len(report.findings) - FINDINGS_SHOWN_MAX} 处 more")
    click.echo("✓ 完好 whole" if report.is_whole else "✗ 日志与库不符 the log and the store differ")
    sys.exit(0 if report.is_whole else 1)


def _heads_in(path: Path) -> list[heads.TreeHead]:
    return witnessing.read_heads(path.read_bytes()) if path.exists() else []


def _progress(*, shown: bool) -> auditing.Progress:
    def show(name: str, done: int, total: int) -> None:
        if shown and sys.stderr.isatty():
            click.echo(f"\r{name}  {done:>12,} / {total:,}", nl=False, err=True)

    return show


@log_group.command()
def publish() -> None:
    """Note the newest heads outside the database now, without waiting for the worker."""
    click.echo(f"{witnessing.publish_heads(now=clock.now())} 个树头 heads → {witnessing.heads_file()}")


@log_group.group()
def witness() -> None:
    """见证人 Who may cosign heads."""


@witness.command("add")
@click.argument("name")
@click.option("--key", required=True, metavar="HEX")
@click.option("--algorithm", default="SM2", show_default=True, type=click.Choice(cosigning.ALGORITHMS))
def add_witness(name: str, key: str, algorithm: str) -> None:
    """Register the public key of witness NAME."""
    witnessing.add_witness(
        name=name, algorithm=algorithm, public_key=key, actor=f"cli:os-{getpass.getuser()}", now=clock.now()
    )
    click.echo(f"{name}  {algorithm}  {key[:16]}…")


@witness.command("remove")
@click.argument("name")
def remove_witness(name: str) -> None:
    """Take no more cosignatures of witness NAME; those given stay."""
    witnessing.remove_witness(name=name, actor=f"cli:os-{getpass.getuser()}", now=clock.now())
    click.echo(name)


@witness.command("list")
def list_witnesses() -> None:
    """List the witnesses."""
    for one in log.list_witnesses():
        state = "active" if one.removed_at is None else "removed"
        click.echo(f"{one.name:<40} {one.algorithm:<8} {state:<8} {one.public_key}")

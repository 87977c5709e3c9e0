"""``goldentax invoice …``: issue, import, show, verify and export from the command line."""

import getpass
import json
import sys
import uuid
from pathlib import Path
from typing import BinaryIO

import click
import msgspec

from goldentax.invoicing import api as invoicing
from goldentax.invoicing import errors
from goldentax.invoicing.commands.log import log_group
from goldentax.invoicing.operations.importing import ImportOutcome
from goldentax.invoicing.rules.drafts import InvoiceDraft
from goldentax.kernel import clock
from goldentax.kernel.access import ISSUER, PERSON, TAXPAYER, Actor
from goldentax.kernel.refusals import Refusal
from goldentax.kernel.settings import settings
from goldentax.kernel.values.money import yuan, yuan_grouped
from goldentax.registry import api as registry

FINDINGS_SHOWN_MAX = 8
SELLER_OPTION = click.option(
    "--seller", default="", metavar="TAX_ID", help="the taxpayer acted for; in a demo world the demo seller"
)


@click.group("invoice")
def group() -> None:
    """开具、导入、查看、查验、导出发票 Issue, import, show, verify and export invoices."""


more = (log_group,)


def _actor(seller: str) -> Actor:
    """The person at this machine, acting for a taxpayer; who can read the node's secrets may."""
    taxpayer = registry.get_taxpayer(tax_id=seller or _demo_seller())
    return Actor(
        person_id=f"os-{getpass.getuser()}",
        person_name=taxpayer.representative or taxpayer.name,
        roles=frozenset({PERSON, TAXPAYER, ISSUER}),
        taxpayer_id=taxpayer.tax_id,
        taxpayer_name=taxpayer.name,
        taxpayer_public_id=str(taxpayer.public_id),
        channel="cli",
        language=settings().language,
    )


def _demo_seller() -> str:
    accounts = settings().home / "demo-accounts.json"
    if not (settings().demo and accounts.is_file()):
        raise click.UsageError("--seller is needed outside a demo world")
    for account in json.loads(accounts.read_text(encoding="utf-8")):
        if account.get("user") == "demo-seller":
            return str(account["tax_id"])
    raise click.UsageError("the demo world has no demo-seller; give --seller")


@group.command()
@click.argument("file", type=click.File("rb"))
@SELLER_OPTION
@click.option("--fresh", is_flag=True, help="use a new request id instead of the file's: issue it once more")
@click.option("--dry-run", is_flag=True, help="work it out only; nothing is stored")
@click.option("--json", "as_json", is_flag=True, help="print the answer as JSON")
def issue(file: BinaryIO, seller: str, fresh: bool, dry_run: bool, as_json: bool) -> None:
    """Issue the invoice that FILE asks for (the JSON of docs/examples/invoice.json; - reads standard input)."""
    draft = _read_draft(file.read())
    if fresh:
        draft = msgspec.structs.replace(draft, request_id=uuid.uuid4().hex)
    actor = _actor(seller or draft.seller_tax_id)
    if dry_run:
        _show(invoicing.preview_invoice(draft=draft, actor=actor, now=clock.now()))
        return
    issued = invoicing.issue_invoice(draft=draft, actor=actor, now=clock.now())
    if as_json:
        click.echo(
            msgspec.json.encode(
                {"number": issued.number, "repeated": issued.repeated, "receipt": issued.receipt}
            )
        )
        return
    _show(issued.document)
    click.echo(f"回执 receipt  {issued.receipt.signature[:40]}…  key {issued.receipt.key_id}")
    click.echo(
        ("重复请求，返回首次结果 repeated: the first answer  " if issued.repeated else "已开具 issued  ")
        + issued.number
    )


def _read_draft(data: bytes) -> InvoiceDraft:
    try:
        return msgspec.json.decode(data, type=InvoiceDraft)
    except (msgspec.MsgspecError, UnicodeError) as error:
        raise errors.Unreadable("file", reason=str(error)[:200]) from None


def _show(document: invoicing.InvoiceDocument) -> None:
    click.echo(
        f"{document.title}  {document.number or '（试算 preview）'}  {document.issued_at:%Y-%m-%d %H:%M:%S}"
    )
    click.echo(f"销售方 seller  {document.seller.name}  {document.seller.tax_id}")
    click.echo(f"购买方 buyer   {document.buyer_printed_name}  {document.buyer.tax_id}")
    for line in document.lines:
        click.echo(
            f"{line.number:>5}  {line.full_name}  {line.quantity} {line.unit}  "
            f"{yuan_grouped(line.amount_fen)}  {line.rate_text}  {yuan_grouped(line.tax_fen)}"
        )
    click.echo(
        f"合计 total  {yuan_grouped(document.amount_fen)} + {yuan_grouped(document.tax_fen)}"
        f" = ¥{yuan_grouped(document.gross_fen)}"
    )


@group.command("import")
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option(
    "--reissue/--read-only", default=None, help="issue again as a new invoice (demo worlds; their default)"
)
def import_(files: tuple[Path, ...], reissue: bool | None) -> None:
    """Read delivered XML or OFD FILES, check them, and in a demo world issue them again and compare."""
    actor = Actor(person_id=f"os-{getpass.getuser()}", roles=frozenset({PERSON}), channel="cli")
    wrong = 0
    for file in files:
        click.echo(f"— {file.name}")
        try:
            outcome = invoicing.import_file(
                data=file.read_bytes(),
                reissue=settings().demo if reissue is None else reissue,
                actor=actor,
                now=clock.now(),
            )
        except Refusal as refusal:
            for one in refusal.each():
                click.echo(f"  ✗ {one.code} {one.field} {one.message()} / {one.message('en')}")
                click.echo(f"    → {one.way_out_text()} / {one.way_out_text('en')}")
            wrong += 1
            continue
        _report(outcome)
        wrong += bool(outcome.differences)
    sys.exit(2 if wrong else 0)


def _report(outcome: ImportOutcome) -> None:
    click.echo(f"  {outcome.kind_of_file.zh} {outcome.kind_of_file.en}")
    if outcome.receiver:
        found = outcome.receiver
        click.echo(f"  {found.number}  {found.seller.name}  ¥{yuan(found.gross_fen)}")
    if outcome.fields:
        tagged = outcome.fields
        gross = "—" if tagged.gross_fen is None else yuan(tagged.gross_fen)
        click.echo(
            f"  {tagged.number}  {tagged.issue_date}  {tagged.seller.name} → {tagged.buyer.name}  ¥{gross}"
        )
    if outcome.delivered:
        read = outcome.delivered
        click.echo(
            f"  {read.number}  {read.kind}  {read.seller.name} → {read.buyer.name}  "
            f"{len(read.lines)} 行 lines  ¥{yuan(read.gross_fen)}"
        )
    for finding in outcome.findings[:FINDINGS_SHOWN_MAX]:
        click.echo(f"  · {finding.code} {finding.field}: {finding.text.zh} / {finding.text.en}")
    if len(outcome.findings) > FINDINGS_SHOWN_MAX:
        click.echo(f"  · … 另有 {len(outcome.findings) - FINDINGS_SHOWN_MAX} 处 more")
    for party in outcome.parties:
        done = "，已登记 registered now" if party.registered else ""
        click.echo(f"  {party.side}: {party.name} {party.tax_id} [{party.state}]{done}")
    if outcome.not_reissued:
        click.echo(f"  只读 read only: {outcome.not_reissued.zh} / {outcome.not_reissued.en}")
    if outcome.issued:
        again = "（首次结果 first answer）" if outcome.issued.repeated else ""
        click.echo(f"  重新开具 issued again as {outcome.issued.number}{again}")
        for difference in outcome.differences:
            click.echo(f"  ✗ {difference}")
        if outcome.is_equal:
            click.echo("  ✓ 业务要素逐项一致 equal in every business field")


@group.command()
@click.argument("number")
@SELLER_OPTION
@click.option("--json", "as_json", is_flag=True, help="print the whole stored document as JSON")
def show(number: str, seller: str, as_json: bool) -> None:
    """Show one issued invoice by its NUMBER."""
    document = invoicing.get_invoice(number=number, actor=_actor(seller))
    if as_json:
        click.echo(msgspec.json.encode(document))
    else:
        _show(document)


@group.command()
@click.argument("number")
@click.argument("issue_date")
@click.argument("gross")
@click.option("--kind", default="", help="81 or 82")
def verify(number: str, issue_date: str, gross: str, kind: str) -> None:
    """Verify NUMBER, ISSUE_DATE (yyyy-MM-dd) and GROSS (total including tax) as they stand on a face."""
    query = invoicing.VerifyQuery(number=number, issue_date=issue_date, gross=gross, kind=kind)
    outcome = invoicing.verify_invoice(query=query, client=f"cli:{getpass.getuser()}", now=clock.now())
    words = {"00": "一致 match", "02": "查无此票 not found", "03": "不一致 mismatch"}
    click.echo(f"{outcome.result} {words[str(outcome.result)]}  (查验次数 count {outcome.count})")
    if outcome.document:
        _show(outcome.document)
    sys.exit(0 if outcome.is_match else 1)


@group.command()
@click.argument("number", required=False)
@SELLER_OPTION
@click.option("--form", type=click.Choice(["xml", "pdf", "ofd", "csv", "xlsx"]), default="xml")
@click.option(
    "-o", "--output", type=click.Path(path_type=Path), help="a file or a folder; the official name by default"
)
@click.option("--from", "from_", default="", help="first day, for csv and xlsx")
@click.option("--to", default="", help="last day, for csv and xlsx")
def export(number: str | None, seller: str, form: str, output: Path | None, from_: str, to: str) -> None:
    """Export one invoice (NUMBER with --form xml, pdf or ofd), or the list (--form csv or xlsx)."""
    actor = _actor(seller)
    if form in ("csv", "xlsx"):
        filter_ = invoicing.read_filter({"q": number or "", "from": from_, "to": to})
        name, data = f"invoices.{form}", invoicing.export_invoices(actor=actor, filter_=filter_, form=form)
    elif number:
        rendered = invoicing.render_form(number=number, form=form, actor=actor, now=clock.now())
        name, data = rendered.file_name, rendered.data
    else:
        raise click.UsageError("which invoice? give its number, or --form csv")
    target = output / name if output and output.is_dir() else output or Path(name)
    target.write_bytes(data)
    click.echo(str(target))

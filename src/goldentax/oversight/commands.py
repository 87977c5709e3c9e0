"""``goldentax audit …``: verify the chain, search the trail, print reports, heads and proofs."""

import getpass
import json
import sys
from pathlib import Path
from typing import TextIO

import click

from goldentax.kernel import clock
from goldentax.kernel.access import Actor
from goldentax.kernel.node import this_node
from goldentax.kernel.settings import settings
from goldentax.oversight import operations, queries
from goldentax.oversight.rules.reports import Period
from goldentax.oversight.rules.searching import read_filter, read_moment

FINDINGS_SHOWN_MAX = 50


@click.group("audit")
def group() -> None:
    """审计链与审计记录：校验、检索、报表 Verify, search and report on the audit trail."""


def _actor() -> Actor:
    """The person at this machine; who can read the node's secrets may read its trail, and is noted in it."""
    return Actor(person_id=f"os-{getpass.getuser()}", channel="cli")


@group.command()
@click.option("--heads", type=click.File("r"), help="heads kept elsewhere, a JSON object a line")
@click.option(
    "--key", "keys", multiple=True, metavar="HEX", help="a public key the node has signed with before"
)
@click.option("--json", "as_json", is_flag=True, help="print the result as JSON")
def verify(heads: TextIO | None, keys: tuple[str, ...], as_json: bool) -> None:
    """Read the whole trail again and hold it against its chain; ends with status 1 if anything differs."""
    kept = queries.read_heads(heads) if heads else []

    def show(done: int, total: int) -> None:
        if not as_json and sys.stderr.isatty():
            click.echo(f"\r{done:>12,} / {total:,}", nl=False, err=True)

    report = queries.verify_chain(progress=show, heads=kept, known_keys=frozenset(keys))
    operations.note_verification(
        actor=_actor(), is_whole=report.is_whole, blocks=report.blocks, rows=report.rows, now=clock.now()
    )
    if as_json:
        findings = [
            {"kind": one.kind, "block": one.number, "record": one.entry_id, "message": one.message("en")}
            for one in report.findings
        ]
        totals = {"blocks": report.blocks, "rows": report.rows, "waiting": report.waiting}
        click.echo(json.dumps({**totals, "last_hash": report.last_hash, "findings": findings}))
        sys.exit(0 if report.is_whole else 1)
    if sys.stderr.isatty():
        click.echo("", err=True)
    click.echo(
        f"块 blocks {report.blocks:,}  记录 records {report.rows:,}  待封存 waiting {report.waiting:,}"
        f"  比对链头 heads compared {report.heads_compared:,}"
    )
    click.echo(f"链头 head  {report.last_number}  {report.last_hash}")
    for one in report.findings[:FINDINGS_SHOWN_MAX]:
        click.echo(f"✗ {one.message()} / {one.message('en')}")
    if len(report.findings) > FINDINGS_SHOWN_MAX:
        click.echo(f"… 另有 {len(report.findings) - FINDINGS_SHOWN_MAX} 处 more")
    click.echo("✓ 完好 whole" if report.is_whole else "✗ 审计链不完好 the chain is not whole")
    sys.exit(0 if report.is_whole else 1)


@group.command()
@click.option("--person", default="", help="login name or public id of who did it")
@click.option("--subject", default="", help="what it was done to: a person, a tax id, an invoice number")
@click.option("--action", default="", help="beginning of the action, such as authority.")
@click.option("--category", default="", help="change, sign_in, grant, look or privileged")
@click.option("--from", "from_", default="", help="2026-11-21 or 2026-11-21T09:30")
@click.option("--to", default="", help="as --from; a day means its whole")
@click.option("--text", default="", help="words in the detail")
@click.option("--request-id", default="")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 100_000))
def search(
    person: str,
    subject: str,
    action: str,
    category: str,
    from_: str,
    to: str,
    text: str,
    request_id: str,
    limit: int,
) -> None:
    """Search the trail, the newest first, a JSON object a line; the search is recorded."""
    asked = {"person": queries.find_person(person), "subject": subject, "action": action}
    asked |= {"category": category, "from": from_, "to": to, "text": text, "request_id": request_id}
    filter_ = read_filter(asked, zone=this_node().time_zone)
    left, cursor = limit, ""
    while left > 0:
        page = operations.search_trail_for(
            actor=_actor(), filter_=filter_, cursor=cursor, limit=min(left, 500), now=clock.now()
        )
        for one in page.entries:
            row = {"id": one.id, "at": one.at.astimezone(this_node().time_zone).isoformat()}
            row |= {"category": one.category, "actor": one.actor, "action": one.action}
            row |= {"subject": one.subject, "request_id": one.request_id, "detail": one.detail}
            click.echo(json.dumps(row, ensure_ascii=False))
        left, cursor = left - len(page.entries), page.next_cursor
        if not cursor:
            return


@group.command()
@click.argument("key", required=False)
@click.option("--from", "from_", default="", help="first day; thirty days back by default")
@click.option("--to", default="", help="last day")
def report(key: str | None, from_: str, to: str) -> None:
    """Print the compliance report KEY as CSV; without KEY, list the reports."""
    if not key:
        for one in queries.list_reports():
            click.echo(f"{one.key:<20} {one.title.zh} {one.title.en}")
        return
    zone = this_node().time_zone
    period = Period.of(
        from_=read_moment(from_, field="from", zone=zone),
        to=read_moment(to, field="to", zone=zone, is_end=True),
        now=clock.now(),
    )
    rows = operations.read_report_for(actor=_actor(), key=key, period=period, now=clock.now())
    click.echo(queries.report_csv(queries.get_report(key), rows, language=settings().language), nl=False)


@group.command()
@click.option("--after", default=0, help="number of the last head one has already")
@click.option("--limit", default=1000, show_default=True, type=click.IntRange(1, 100_000))
def heads(after: int, limit: int) -> None:
    """Print the heads of the chain, a JSON object a line, to be kept where nobody of this node can change them."""
    for one in queries.list_heads(after=after, limit=limit):
        click.echo(json.dumps(one))


@group.command()
@click.argument("entry_id", type=int)
def prove(entry_id: int) -> None:
    """Print the proof that record ENTRY_ID stands in the chain; it can be checked without this node."""
    click.echo(json.dumps(queries.prove_entry(entry_id), ensure_ascii=False, indent=1))


@group.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--key", required=True, metavar="HEX", help="the node's public key, had from elsewhere")
def check(file: Path, key: str) -> None:
    """Check the proof in FILE under a public key; needs no database."""
    try:
        proof = json.loads(file.read_text(encoding="utf-8"))
    except ValueError:
        proof = None
    holds = isinstance(proof, dict) and queries.is_proof(proof, public_key=key)
    click.echo("✓ 成立 it holds" if holds else "✗ 不成立 it does not hold")
    sys.exit(0 if holds else 1)


@group.command("continue")
def continue_() -> None:
    """After a database was restored into another server, and before the node starts: count on from where it ended."""
    offset = operations.continue_count(actor=_actor().label, now=clock.now())
    click.echo(f"+{offset}" if offset else "无需处理 nothing was behind")


@group.command()
def seal() -> None:
    """Seal everything that can be sealed now, without waiting for a block to fill."""
    click.echo(f"{operations.seal(now=clock.now(), at_once=True):,} 条记录已封存 records sealed")

"""``goldentax codes``: import, look up, search and export code tables at the terminal."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from goldentax.kernel import clock
from goldentax.kernel.codes import api as codes
from goldentax.kernel.settings import settings
from goldentax.kernel.text import Text

DAY = click.DateTime(formats=["%Y-%m-%d"])

_STEPS = {"check": Text("检查", "check"), "store": Text("写入", "store")}


@click.group(name="codes")
def group() -> None:
    """Code tables: import, show, search, export. 代码表"""


@group.command(name="import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--table", default="", help="The table, where the header of the file does not tell it.")
@click.option("--valid-from", type=DAY, help="The first day of the new version; today if left out.")
@click.option("--source", default="", help="Where the rows come from; the file names if left out.")
@click.option("--part", is_flag=True, help="The rows are only a part: codes that are missing stay open.")
@click.option("--dry-run", is_flag=True, help="Tell what would change, and change nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print the outcome as JSON.")
def import_(
    files: tuple[Path, ...],
    table: str,
    valid_from: datetime | None,
    source: str,
    part: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Import code tables from CSV, TSV or JSON files."""
    contents = [content for file in files for content in codes.read_file(file, table=table)]
    with _progress() as progress:
        diffs = codes.import_files(
            files=contents,
            valid_from=_day(valid_from),
            source=source or ", ".join(file.name for file in files),
            now=clock.now(),
            actor="cli:codes",
            is_whole=not part,
            dry_run=dry_run,
            progress=progress,
        )
    if as_json:
        click.echo(json.dumps([asdict(diff) for diff in diffs], ensure_ascii=False))
        return
    for diff in diffs:
        click.echo(_told(diff).in_language(_language()))


def _told(diff: codes.Diff) -> Text:
    counts = (diff.added, diff.changed, diff.closed, diff.unchanged)
    zh = "{}：新增 {}，变更 {}，停用 {}，未变 {}".format(diff.table, *counts)
    en = "{}: {} added, {} changed, {} closed, {} unchanged".format(diff.table, *counts)
    if diff.is_dry_run:
        return Text(zh + "（试运行，未写入）", en + " (dry run, nothing stored)")
    return Text(f"{zh}；版本 {diff.version}", f"{en}; version {diff.version}")


@group.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def list_(as_json: bool) -> None:
    """List the code tables."""
    tables = codes.list_tables()
    if as_json:
        click.echo(json.dumps([asdict(one) for one in tables], ensure_ascii=False))
        return
    for one in tables:
        label = Text(one.label_zh, one.label_en).in_language(_language())
        click.echo(f"{one.name:<32} {one.code_count:>6}  v{one.version:<3} {label}  ({one.source})")


@group.command()
@click.argument("table")
@click.argument("code")
@click.option("--on", type=DAY, help="The day; today if left out.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def show(table: str, code: str, on: datetime | None, as_json: bool) -> None:
    """Show one code: where it stands, what it says, and its versions."""
    day = _day(on)
    found = codes.get_code(table=table, code=code, on=day)
    versions = codes.list_versions(table=table, code=code)
    above = codes.list_ancestors(table=table, code=code, on=day)
    if as_json:
        answer = asdict(found) | {
            "ancestors": [one.code for one in above],
            "versions": [asdict(v) for v in versions],
        }
        click.echo(json.dumps(answer, ensure_ascii=False, default=str))
        return
    for depth, one in enumerate((*above, found)):
        click.echo(
            "  " * depth + f"{one.code} {one.name}" + (f" *{one.short_name}*" if one.short_name else "")
        )
    if found.description:
        click.echo(found.description)
    for name, value in found.attributes.items():
        click.echo(f"{name}: {value}")
    for one in versions:
        click.echo(f"[{one.valid_from}, {one.valid_to or '…'}) v{one.version} {one.name} ({one.source})")


@group.command()
@click.argument("table")
@click.argument("text")
@click.option("--on", type=DAY, help="The day; today if left out.")
@click.option("--all", "with_groups", is_flag=True, help="Groups too, not only codes that can be used.")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 200))
@click.option("--json", "as_json", is_flag=True, help="Print JSON.")
def search(table: str, text: str, on: datetime | None, with_groups: bool, limit: int, as_json: bool) -> None:
    """Search by code, words, pinyin or initials: 餐饮, canyin, cyfw, 30704."""
    codes.get_table(table=table)
    found = codes.search_codes(table=table, text=text, on=_day(on), leaves_only=not with_groups, limit=limit)
    if as_json:
        click.echo(json.dumps([asdict(one) for one in found], ensure_ascii=False, default=str))
        return
    for one in found:
        click.echo(f"{one.code}  {one.name}" + (f"  *{one.short_name}*" if one.short_name else ""))


@group.command()
@click.argument("table")
@click.option("--on", type=DAY, help="The day; today if left out.")
@click.option(
    "--to", type=click.Path(path_type=Path, dir_okay=False), help="A file; the terminal if left out."
)
def export(table: str, on: datetime | None, to: Path | None) -> None:
    """Write a table as the CSV that an import reads back unchanged."""
    codes.get_table(table=table)
    rows = codes.iterate_codes(table=table, on=_day(on))
    if to is None:
        codes.write_csv(codes=rows, to=sys.stdout)
        return
    with to.open("w", encoding="utf-8", newline="") as file:
        count = codes.write_csv(codes=rows, to=file)
    click.echo(Text(f"已写入 {count} 行：{to}", f"{count} rows written to {to}").in_language(_language()))


def _day(given: datetime | None) -> date:
    return given.date() if given is not None else clock.today()


def _language() -> str:
    return settings().language


@contextmanager
def _progress() -> Iterator[codes.Progress]:
    """A bar on the error stream for people; where no one watches it stays silent."""
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn())
    with Progress(*columns, console=console, transient=True, disable=not console.is_terminal) as bars:
        task = bars.add_task("", total=None)

        def show_step(step: str, done: int, total: int) -> None:
            name = _STEPS.get(step, Text(step, step)).in_language(_language())
            bars.update(task, description=name, completed=done, total=total)

        yield show_step

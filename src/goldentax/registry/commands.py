"""``goldentax taxpayer``: look at the register from the command line; accounts and telephones stay masked."""

import dataclasses
import json
from typing import Any

import click

from goldentax.kernel.settings import settings
from goldentax.registry import api as registry


@click.group(name="taxpayer")
def group() -> None:
    """纳税人登记 · Look at the register of taxpayers."""


@group.command(name="list")
@click.option("--text", default="", help="名称、识别号开头或拼音首字母 · name, start of the id, or initials")
@click.option("--kind", type=click.Choice([str(kind) for kind in registry.TaxpayerKind]), help="类型 · kind")
@click.option("--office", default="", help="税务机关代码 · code of an office, with those below it")
@click.option("--cursor", default="", help="上一页给出的标记 · the cursor the page before ended with")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 200))
@click.option("--json", "as_json", is_flag=True, help="JSON")
def list_(text: str, kind: str | None, office: str, cursor: str, limit: int, as_json: bool) -> None:
    """列出纳税人 · List taxpayers in the order of registration."""
    page = registry.list_taxpayers(text=text, kind=kind or "", office=office, cursor=cursor, limit=limit)
    if as_json:
        _print_json({"items": [_plain(one) for one in page.items], "next_cursor": page.next_cursor})
        return
    _print_rows(page.items)
    if page.next_cursor:
        click.echo(f"--cursor {page.next_cursor}", err=True)


@group.command()
@click.argument("text")
@click.option("--limit", default=20, show_default=True, type=click.IntRange(1, 200))
@click.option("--json", "as_json", is_flag=True, help="JSON")
def search(text: str, limit: int, as_json: bool) -> None:
    """搜索纳税人 · Search by name, start of the identifier, or pinyin initials."""
    found = registry.search_taxpayers(text=text, limit=limit, with_persons=True)
    if as_json:
        _print_json([_plain(one) for one in found])
    else:
        _print_rows(found)


@group.command()
@click.argument("tax_id")
@click.option("--json", "as_json", is_flag=True, help="JSON")
def show(tax_id: str, as_json: bool) -> None:
    """显示一户 · Show one taxpayer."""
    found = _plain(registry.get_taxpayer(tax_id=tax_id))
    if as_json:
        _print_json(found)
        return
    width = max(len(name) for name in found)
    for name, value in found.items():
        click.echo(f"{name:<{width}}  {value}")


def _plain(taxpayer: registry.TaxpayerView) -> dict[str, Any]:
    values = dataclasses.asdict(registry.masked(taxpayer))
    language = settings().language
    return {
        **{name: value if isinstance(value, bool | str) else str(value) for name, value in values.items()},
        "kind_name": taxpayer.kind_name.in_language(language),
        "status_name": taxpayer.status_name.in_language(language),
    }


def _print_rows(taxpayers: tuple[registry.TaxpayerView, ...]) -> None:
    language = settings().language
    for one in map(registry.masked, taxpayers):
        kind, status = one.kind_name.in_language(language), one.status_name.in_language(language)
        click.echo(f"{one.tax_id:<20}  {kind}  {status}  {one.name}  {one.office_name}")


def _print_json(value: object) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))

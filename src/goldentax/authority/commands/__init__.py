"""``goldentax authority``: ask for a decision, ask who could, read the catalogue, make a world of full size."""

import json
from datetime import datetime
from typing import Any

import click

from goldentax.authority import api as authority
from goldentax.authority.commands.worlds import generate, load
from goldentax.kernel import clock
from goldentax.kernel.settings import settings

LEVELS = click.IntRange(0, 3)
_MOMENT = "时刻，如 2026-11-21T09:00:00+08:00 · a moment; now where left out"


@click.group(name="authority")
def group() -> None:
    """机构、岗位、授权 · Offices, posts and grants: who may what, and why."""


@group.command(name="may")
@click.argument("person_id")
@click.argument("function")
@click.option("--acting-for", default="", help="身份：税号或 office:代码 · a tax id, or office:<code>")
@click.option("--office", default="", help="对象所属机关 · the office the object lies in")
@click.option("--taxpayer", default="", help="对象所属纳税人 · the taxpayer it belongs to")
@click.option("--field", default="", help="字段 · one field of it")
@click.option("--assurance", default=1, show_default=True, type=LEVELS, help="认证强度 · level of assurance")
@click.option("--at", default="", help=_MOMENT)
@click.option("--json", "as_json", is_flag=True, help="JSON")
def may(
    person_id: str,
    function: str,
    acting_for: str,
    office: str,
    taxpayer: str,
    field: str,
    assurance: int,
    at: str,
    as_json: bool,
) -> None:
    """解释一个人能否使用某功能 · Decide whether a person may use a function, and say why."""
    anywhere = not (office or taxpayer or field)
    now = clock.now()
    decision = authority.explain_for(
        actor=authority.SHELL,
        subject=authority.Subject(person_id, acting_for, assurance, "cli"),
        function=function,
        object=None if anywhere else authority.Object(office=office, taxpayer=taxpayer, field=field),
        at=_moment(at, now=now),
        now=now,
    )
    language = settings().language
    reasons = [{"code": one.code, "text": one.in_language(language)} for one in decision.reasons]
    if as_json:
        _print_json({"allowed": decision.allowed, "reasons": reasons})
        return
    click.echo({True: "允许 · allowed", False: "拒绝 · refused"}[decision.allowed])
    for one in reasons:
        click.echo(f"  {one['text']}")


@group.command(name="who-could")
@click.argument("function")
@click.option("--office", default="", help="对象所属机关 · the office the object lies in")
@click.option("--taxpayer", default="", help="对象所属纳税人 · the taxpayer it belongs to")
@click.option("--at", default="", help=_MOMENT)
@click.option("--json", "as_json", is_flag=True, help="JSON")
def who_could(function: str, office: str, taxpayer: str, at: str, as_json: bool) -> None:
    """查询某一时刻谁能办理 · Tell who could use a function on something at a moment."""
    now = clock.now()
    found = authority.who_could_for(
        actor=authority.SHELL,
        function=function,
        object=authority.Object(office=office, taxpayer=taxpayer),
        at=_moment(at, now=now),
        now=now,
    )
    if as_json:
        _print_json([_plain(one) for one in found])
        return
    for one in found:
        until = str(one.valid_to or "")
        click.echo(
            f"{one.person_id}  {one.via}:{one.code:<24}  {one.office or '—':<11}  {one.valid_from} → {until}"
        )
    click.echo(f"{len(found)}", err=True)


@group.command(name="catalogue")
@click.argument("code", default="")
@click.option("--posts", is_flag=True, help="岗位 · posts instead of functions")
@click.option("--sets", is_flag=True, help="功能集 · function sets instead of functions")
def catalogue(code: str, posts: bool, sets: bool) -> None:
    """列出功能树、岗位或功能集 · List the function tree below CODE, or posts, or function sets."""
    found = authority.get_catalogue(on=clock.today())
    language = settings().language
    if posts or sets:
        shelf: Any = found.posts if posts else found.function_sets
        for one in shelf.values():
            if one.code.startswith(code):
                carried = one.duties if posts else one.functions
                click.echo(f"{one.code:<26} {one.label.in_language(language)}  ← {', '.join(carried)}")
        return
    for name, function in sorted(found.functions.items()):
        if name == code or name.startswith(f"{code}.") or not code:
            marks = "·2FA" if function.sensitive else ""
            depth = "  " * name.count(".")
            click.echo(f"{depth}{name}  {function.label.in_language(language)}  [{function.kind}{marks}]")


group.add_command(generate)
group.add_command(load)


def _moment(text: str, *, now: datetime) -> datetime:
    if not text:
        return now
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise click.BadParameter(_MOMENT, param_hint="--at") from None


def _plain(one: authority.Holder) -> dict[str, Any]:
    return {
        "person_id": one.person_id,
        "function_set": one.function_set,
        "via": one.via,
        "code": one.code,
        "office": one.office,
        "taxpayers": sorted(one.taxpayers),
        "fields": sorted(one.fields),
        "valid_from": one.valid_from.isoformat(),
        "valid_to": one.valid_to.isoformat() if one.valid_to else None,
        "granted_at": one.granted_at.isoformat(),
        "ended_at": one.ended_at.isoformat() if one.ended_at else None,
        "reference": one.reference,
        "source": one.source,
    }


def _print_json(value: object) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2))

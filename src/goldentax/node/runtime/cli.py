"""The commands that run a world and tell about it. None of them loads Django, so they answer at once."""

import json
import sys

import click

from goldentax.kernel.settings import help_text, setting_names, settings
from goldentax.kernel.text import Text


@click.command()
@click.option(
    "--detach", is_flag=True, help="Return once everything is ready; stop it with “goldentax stop”."
)
def run(detach: bool) -> None:
    """Start database, messages and nodes, and keep them running. 启动"""
    from goldentax.node.runtime.control import start_in_background
    from goldentax.node.runtime.progress import Progress, terminal_language
    from goldentax.node.runtime.world import run_world

    world = settings()
    progress = Progress(language=terminal_language(world))
    if detach:
        start_in_background(world, progress=progress)
    else:
        progress.say(Text(f"金税 · {world.home}", f"Golden Tax · {world.home}"), style="bold")
        run_world(world, progress=progress)


@click.command()
def stop() -> None:
    """Stop the running world; its data stays. 停止"""
    from goldentax.node.runtime.control import stop_world
    from goldentax.node.runtime.progress import Progress, terminal_language

    world = settings()
    progress = Progress(language=terminal_language(world))
    with progress.step(Text(f"停止 {world.home}", f"Stopping {world.home}")):
        stop_world(world)


@click.command()
@click.option("--json", "as_json", is_flag=True, help="For programs: one JSON object.")
def status(as_json: bool) -> None:
    """Tell what runs, where, and whether it is ready (exit code 0) or not (1). 状态"""
    from goldentax.node.runtime.state import current_status

    found = current_status(settings())
    if as_json:
        click.echo(json.dumps(found, ensure_ascii=False, indent=2))
    else:
        click.echo(f"{'ready' if found['ready'] else 'not ready'} ({found['phase']})  {found['home']}")
        for node in found["nodes"]:
            words = "ready" if node["ready"] else node["reason"]
            click.echo(f"  {node['code']} {node['name']}  {node['url']}  {words}")
        for one in found["processes"]:
            details = f"restarted {one['restarts']}×, last: {one['last_exit']}" if one["restarts"] else ""
            click.echo(f"  {one['name']:<12} {one['pid'] or '-':<8} {one['state']:<9} {details}")
    sys.exit(0 if found["ready"] else 1)


@click.command(name="settings")
@click.option("--json", "as_json", is_flag=True, help="For programs: one JSON object.")
def show_settings(as_json: bool) -> None:
    """Print every setting, its value and where it came from. 设置"""
    world = settings()
    rows = {name: {"value": world.shown(name), "origin": world.origin(name)} for name in setting_names()}
    if as_json:
        click.echo(json.dumps(rows, ensure_ascii=False, indent=2))
        return
    width = max(len(row["value"]) for row in rows.values())
    for name, row in rows.items():
        click.echo(f"{name:<16} {row['value']:<{min(width, 44)}}  {row['origin']:<24}  {help_text(name).en}")


@click.command()
def version() -> None:
    """Print the version. 版本"""
    from goldentax import __version__

    click.echo(__version__)


@click.command()
@click.option("--yes", is_flag=True, help="Do not ask.")
def wipe(yes: bool) -> None:
    """Remove all data of the world, for good. 清除"""
    from goldentax.node.runtime.control import wipe_world

    world = settings()
    if not yes:
        question = Text(f"删除 {world.home} 中的全部数据？", f"Remove all data in {world.home}?")
        click.confirm(f"{question.zh} {question.en}", abort=True)
    wipe_world(world)

"""
The ``goldentax`` command: the commands of the runtime, and those the modules offer.

A command is loaded when it is named. Those of the runtime need no Django; a module's command stands in
`goldentax.kernel.registry.commands` once Django is set up, for the node named by ``--node`` anywhere in the
line. People get refusals with code and way out, never a traceback.
"""

import importlib
import os
import sys
import tempfile
import traceback
from collections.abc import Sequence
from pathlib import Path

import click

from goldentax.kernel.refusals import Refusal
from goldentax.kernel.settings import settings

# name → where its click command is
BUILT_IN = {
    "run": "goldentax.node.runtime.cli:run",
    "stop": "goldentax.node.runtime.cli:stop",
    "status": "goldentax.node.runtime.cli:status",
    "settings": "goldentax.node.runtime.cli:show_settings",
    "wipe": "goldentax.node.runtime.cli:wipe",
    "version": "goldentax.node.runtime.cli:version",
}
REFUSED, BROKEN, INTERRUPTED = 2, 70, 130


class CommandTree(click.Group):
    """The root of the command tree."""

    def list_commands(self, context: click.Context) -> list[str]:
        return [*BUILT_IN, *sorted(module_commands())]

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        if name in BUILT_IN:
            module, attribute = BUILT_IN[name].split(":")
            found = getattr(importlib.import_module(module), attribute)
            assert isinstance(found, click.Command)
            return found
        return module_commands().get(name)


@click.group(cls=CommandTree, context_settings={"help_option_names": ["-h", "--help"]})
def root() -> None:
    """
    Golden Tax, an open tax information system. 金税

    Every command takes --node CODE, the node it acts for (default: the setting “node”).
    """


def module_commands() -> dict[str, click.Command]:
    """The commands the modules offer, and the node's own that need them; sets Django up when it is not yet."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "goldentax.node.settings")
    import django

    django.setup()
    from django.db import connections

    from goldentax.kernel import registry
    from goldentax.node.walk import demo

    # A command needs one connection, once. A pool would try again for ten seconds where no database runs.
    connections.settings["default"]["OPTIONS"].pop("pool", None)

    return {**registry.commands, "demo": demo}


def main(arguments: Sequence[str] | None = None) -> None:
    """Run one command and exit with its code: 0 done, 2 refused, 70 a bug, 130 interrupted."""
    sys.exit(run_command(sys.argv[1:] if arguments is None else arguments))


def run_command(arguments: Sequence[str]) -> int:
    """Run one command; what goes wrong is printed for people, and answered with an exit code."""
    try:
        rest = take_node(arguments)
        result = root.main(args=rest, prog_name="goldentax", standalone_mode=False)
        return result if isinstance(result, int) else 0
    except Refusal as refusal:
        _print_refusal(refusal)
        return REFUSED
    except click.exceptions.Exit as ended:
        return ended.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except BrokenPipeError:
        # The reader (head, less) has had enough. Nothing must be flushed into the broken pipe on the way out.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:
        return _apologise(error)


def take_node(arguments: Sequence[str]) -> list[str]:
    """
    Take ``--node CODE`` out of a command line, wherever it stands, and make this process act for that node.

    :raises click.UsageError: if no code follows.
    """
    rest: list[str] = []
    waiting = iter(arguments)
    for one in waiting:
        if one == "--":
            rest += [one, *waiting]
        elif one == "--node":
            code = next(waiting, None)
            if code is None:
                raise click.UsageError("--node needs the code of a node, such as --node 45")
            os.environ["GOLDENTAX_NODE"] = code
        elif one.startswith("--node="):
            os.environ["GOLDENTAX_NODE"] = one.removeprefix("--node=")
        else:
            rest.append(one)
    return rest


def _print_refusal(refusal: Refusal) -> None:
    language = _language()
    for one in refusal.each():
        field = f" [{one.field}]" if one.field else ""
        click.echo(f"{one.code}{field} {one.message(language)}", err=True)
        if way_out := one.way_out_text(language):
            click.echo(f"  → {way_out}", err=True)


def _language() -> str:
    from goldentax.node.runtime.progress import locale_language, terminal_language

    try:
        return terminal_language(settings())
    except Refusal:
        # It is the settings that are refused; their words are needed all the same.
        return locale_language(os.environ)


def _apologise(error: Exception) -> int:
    """
    Say sorry for a bug and keep its traceback where operations finds it; a database that is away is no
    bug.
    """
    from goldentax.node.runtime.errors import CommandBroken, DatabaseNotStarted
    from goldentax.node.runtime.home import Home

    if _is_unreachable_database(error):
        _print_refusal(DatabaseNotStarted(home=settings().home))
        return REFUSED
    log = Home(settings().home).log("commands")
    text = "".join(traceback.format_exception(error))
    try:
        with log.open("a", encoding="utf-8") as file:
            file.write(text)
    except OSError:
        # There is no home to write to; the system's temporary folder is always there.
        handle, name = tempfile.mkstemp(prefix="goldentax-", suffix=".log", text=True)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
        log = Path(name)
    _print_refusal(CommandBroken(reason=f"{type(error).__name__}: {error}", log=log))
    return BROKEN


def _is_unreachable_database(error: BaseException) -> bool:
    seen: BaseException | None = error
    while seen is not None:
        if type(seen).__name__ in ("OperationalError", "PoolTimeout"):
            return True
        seen = seen.__cause__ or seen.__context__
    return False


if __name__ == "__main__":
    main()

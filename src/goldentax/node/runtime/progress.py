"""What a start or stop shows while it works: one line for each step, alive on a terminal, plain elsewhere."""

import os
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress

from rich.console import Console

from goldentax.kernel.settings import DEFAULT, Settings
from goldentax.kernel.text import Text


def terminal_language(settings: Settings, *, environment: Mapping[str, str] = os.environ) -> str:
    """
    The language for the terminal: the setting if somebody chose one, else what the terminal itself
    speaks.
    """
    if settings.origin("language") != DEFAULT:
        return settings.language
    return locale_language(environment)


def locale_language(environment: Mapping[str, str]) -> str:
    """The language a terminal speaks, ``zh`` or ``en``."""
    locale = environment.get("LC_ALL") or environment.get("LC_MESSAGES") or environment.get("LANG") or ""
    return "zh" if locale.lower().startswith("zh") else "en"


class Progress:
    """Prints steps to a console; what is under way turns on a terminal and is one plain line elsewhere."""

    def __init__(self, *, language: str, console: Console | None = None) -> None:
        self.language = language
        self.console = console or _console()

    def say(self, text: Text, *, style: str = "") -> None:
        """Print one line; where nobody reads any more (a closed terminal or pipe), nothing happens."""
        with suppress(OSError, SystemExit):
            self.console.print(text.in_language(self.language), style=style, markup=False)

    @contextmanager
    def step(self, text: Text) -> Iterator["Step"]:
        """Show a step while the block runs, then its mark and how long it took."""
        words = text.in_language(self.language)
        begun = time.monotonic()
        if self.console.is_terminal:
            with self.console.status(words) as status:
                step = Step(self.console, update=lambda detail: status.update(f"{words} · {detail}"))
                yield step
        else:
            self.console.print(f"  … {words}", markup=False)
            step = Step(self.console)
            yield step
        note = f" · {step.result}" if step.result else ""
        self.console.print(f"  ✓ {words}{note}  ({time.monotonic() - begun:.1f} s)", markup=False)


def _console() -> Console:
    found = Console(highlight=False, soft_wrap=True)
    if not found.is_terminal:
        # A file or a pipe has no width; lines are broken by whoever reads them.
        found.width = 200
    return found


class Step:
    """A step that is under way."""

    def __init__(self, console: Console, *, update: Callable[[str], None] = lambda detail: None) -> None:
        self.console = console
        self.update = update  # shows a passing detail, on a terminal only
        self.result = ""

    def note(self, line: str) -> None:
        """Print a detail below the step."""
        self.console.print(f"      {line}", style="dim", markup=False)

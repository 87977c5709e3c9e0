"""
Preparing nodes before they serve: migrations, lawbook, code tables and, in a demo world, its people and
goods.

Each node is prepared by a process of its own (``goldentax.node.prepare``), all at the same time; the lines
they print are shown as they come.
"""

import os
import selectors
import signal
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from goldentax.node.runtime.errors import StepFailed
from goldentax.node.runtime.postgres import LAUNCH, tail
from goldentax.node.runtime.supervisor import Stopped

MODULE = "goldentax.node.prepare"


@dataclass(frozen=True, kw_only=True)
class Preparation:
    """The preparation of one node."""

    node: str
    log: Path
    environment: Mapping[str, str]
    command: tuple[str, ...] = ()

    @property
    def command_line(self) -> list[str]:
        command = self.command or (sys.executable, "-m", MODULE, "--node", self.node)
        return [sys.executable, "-I", "-S", str(LAUNCH), "--death-signal", "SIGTERM", "--", *command]


def prepare_nodes(
    preparations: list[Preparation],
    *,
    say: Callable[[str], None],
    update: Callable[[str], None],
    is_stopping: Callable[[], bool],
) -> None:
    """
    Prepare all nodes and show what they print: ``say`` gets what should stay, ``update`` what passes.

    :raises StepFailed: if one of them fails; the others are ended.
    :raises Stopped: if a stop was asked for meanwhile.
    """
    running = [(one, _start(one)) for one in preparations]
    try:
        _relay(running, say=say, update=update, is_stopping=is_stopping)
        for preparation, process in running:
            if process.wait() != 0:
                raise _failure(preparation)
    finally:
        for _, process in running:
            _end(process)


def _start(preparation: Preparation) -> subprocess.Popen[bytes]:
    with preparation.log.open("ab") as log:
        return subprocess.Popen(
            preparation.command_line,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=log,
            env={**os.environ, **preparation.environment, "PYTHONUNBUFFERED": "1"},
            cwd="/",
            start_new_session=True,
        )


def _relay(
    running: list[tuple[Preparation, subprocess.Popen[bytes]]],
    *,
    say: Callable[[str], None],
    update: Callable[[str], None],
    is_stopping: Callable[[], bool],
) -> None:
    with selectors.DefaultSelector() as selector:
        for preparation, process in running:
            assert process.stdout is not None
            selector.register(process.stdout, selectors.EVENT_READ, (preparation, process))
        while selector.get_map():
            if is_stopping():
                raise Stopped
            for key, _ in selector.select(timeout=0.2):
                preparation, process = key.data
                assert process.stdout is not None
                line = process.stdout.readline()
                if not line:
                    selector.unregister(process.stdout)
                    if process.wait() != 0:
                        raise _failure(preparation)
                    continue
                _show(preparation, line, say=say, update=update)


def _show(
    preparation: Preparation, line: bytes, *, say: Callable[[str], None], update: Callable[[str], None]
) -> None:
    """Show one line, ``step``, or ``step<TAB>done<TAB>total``: of a count only its end stays."""
    with preparation.log.open("ab") as log:
        log.write(line)
    step, _, count = line.decode("utf-8", "replace").strip().partition("\t")
    done, _, total = count.partition("\t")
    is_passing = total not in ("", "0") and done != total
    detail = f"{done}/{total}" if total not in ("", "0", "1") else ""
    text = " ".join(one for one in (preparation.node, step, detail) if one)
    if is_passing:
        update(text)
    elif step:
        update(text)
        say(text)


def _failure(preparation: Preparation) -> StepFailed:
    lines = [line.strip() for line in tail(preparation.log).splitlines() if line.strip()]
    return StepFailed(
        step=f"{MODULE} --node {preparation.node}",
        reason=lines[-1] if lines else "it said nothing",
        log=preparation.log,
    )


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
    if process.stdout is not None:
        process.stdout.close()

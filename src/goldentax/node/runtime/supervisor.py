"""
The supervisor: starts programs, watches them, brings back the ones that die, and stops all in order.

It is one thread that looks around a few times a second. A program that keeps dying is tried again more and
more slowly, and its last words are shown; the others go on. It knows nothing of what the programs do.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from goldentax.kernel.text import Text
from goldentax.node.runtime.errors import NotReady
from goldentax.node.runtime.postgres import LAUNCH, tail

TICK_S = 0.2
# The wait before another try doubles from the first to the last of these seconds.
BACK_OFF_S_MIN, BACK_OFF_S_MAX = 0.2, 30.0
# A program that lived this long before it died is not counted as failing at the start.
STABLE_S = 30.0
FAILING_AFTER = 5
LOGS_KEPT = 3
LAST_WORDS_LINES = 8


@dataclass(frozen=True, kw_only=True)
class Program:
    """
    A program to be kept running.

    ``before`` puts right what an earlier run left behind, and is called before every start.
    ``reason_not_ready`` answers "" once the program serves. Programs stop in the opposite order of their
    start.
    """

    name: str
    command: list[str]
    log: Path
    environment: Mapping[str, str] = field(default_factory=dict)
    node: str = ""
    stop_signal: signal.Signals = signal.SIGTERM
    guarded: bool = False  # the command itself sees to it that the program ends with its supervisor
    before: Callable[[], None] = lambda: None
    reason_not_ready: Callable[[], str] = lambda: ""


class Child:
    """One program and its present process."""

    def __init__(self, program: Program) -> None:
        self.program = program
        self.process: subprocess.Popen[bytes] | None = None
        self.state = "stopped"  # stopped, starting, running, waiting, failing
        self.restarts = 0
        self.failures_in_a_row = 0
        self.last_exit = ""
        self.started_at_s = 0.0
        self.next_start_s = 0.0

    @property
    def pid(self) -> int | None:
        return self.process.pid if self.process is not None else None

    def start(self) -> None:
        """Start the process; what it prints goes to its log."""
        self.program.before()
        self.program.log.parent.mkdir(parents=True, exist_ok=True)
        command = self.program.command
        if not self.program.guarded:
            death = self.program.stop_signal.name
            command = [sys.executable, "-I", "-S", str(LAUNCH), "--death-signal", death, "--", *command]
        with self.program.log.open("ab") as log:
            self.process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env={**os.environ, **self.program.environment},
                cwd="/",
                # A session of its own: Ctrl-C reaches the supervisor only, which stops all in order.
                start_new_session=True,
            )
        self.started_at_s = time.monotonic()
        self.state = "starting"

    def has_ended(self) -> bool:
        """Whether the process has ended; its descendants are ended with it, and its exit is noted."""
        if self.process is None:
            return True
        if self.process.returncode is None and not _is_ended_unreaped(self.process.pid):
            return False
        # The dead process is not yet reaped, so its number, and the number of its group, is still its own.
        _signal_group(self.process.pid, signal.SIGKILL)
        self.last_exit = describe_exit(self.process.wait())
        self.process = None
        return True

    def ask_to_stop(self) -> None:
        """Send the program the signal it takes as the wish to end."""
        if self.process is not None:
            self.process.send_signal(self.program.stop_signal)

    def kill(self) -> None:
        """End the process and its descendants at once."""
        if self.process is not None:
            _signal_group(self.process.pid, signal.SIGKILL)
            self.process.kill()


class Supervisor:
    """
    Keeps programs running in the order they were given.

    ``note`` gets the ordinary course of things, ``warn`` what a person should see; ``changed`` is called
    whenever a state changes.
    """

    def __init__(
        self,
        *,
        note: Callable[[str], None] = lambda line: None,
        warn: Callable[[Text], None] = lambda text: None,
        changed: Callable[[], None] = lambda: None,
        stop_timeout_s: float = 20,
        log_bytes_max: int = 16 * 2**20,
    ) -> None:
        self.children: list[Child] = []
        self.note = note
        self.warn = warn
        self.changed = changed
        self.stop_timeout_s = stop_timeout_s
        self.log_bytes_max = log_bytes_max
        self.is_stopping = False

    def start(self, program: Program) -> Child:
        """Start a program and keep it from now on."""
        child = Child(program)
        self.children.append(child)
        child.start()
        self.note(f"{program.name}: started, process {child.pid}")
        self.changed()
        return child

    def wait_until_ready(self, child: Child, *, timeout_s: float) -> None:
        """
        Wait until a program serves; others that die meanwhile are brought back.

        :raises NotReady: if it does not in time, or dies again and again.
        :raises Stopped: if a stop was asked for.
        """
        begun = time.monotonic()
        while True:
            self.look_around()
            reason = child.program.reason_not_ready() if child.process is not None else child.last_exit
            if child.process is not None and not reason:
                child.state = "running"
                self.changed()
                return
            if self.is_stopping:
                raise Stopped
            waited_s = time.monotonic() - begun
            if child.state == "failing" or waited_s > timeout_s:
                words = " / ".join(last_words(child.program.log)[-2:])
                raise NotReady(
                    name=child.program.name,
                    seconds=int(waited_s),
                    reason=words or reason,
                    log=child.program.log,
                )
            time.sleep(0.05)

    def watch_once(self) -> None:
        """Look around once and rest."""
        self.look_around()
        time.sleep(TICK_S)

    def look_around(self) -> None:
        """Notice what died, start again what is due, and turn over logs that grew too large."""
        now_s = time.monotonic()
        for child in self.children:
            if child.state in ("starting", "running") and child.has_ended():
                self._note_death(child, now_s)
            elif (
                child.state in ("waiting", "failing") and now_s >= child.next_start_s and not self.is_stopping
            ):
                self._start_again(child)
            elif child.state == "starting" and not child.program.reason_not_ready():
                child.state = "running"
                self.note(f"{child.program.name}: ready")
                self.changed()
            elif child.state == "running" and now_s - child.started_at_s > STABLE_S:
                child.failures_in_a_row = 0
            turn_over(child.program.log, bytes_max=self.log_bytes_max)

    def ask_to_stop(self) -> None:
        """Note the wish to stop; safe to call from a signal handler."""
        self.is_stopping = True

    def stop_all(self) -> None:
        """Stop every program, the last started first, each given its time before it is ended by force."""
        self.is_stopping = True
        for child in reversed(self.children):
            for _ in self.stopping(child):
                time.sleep(0.02)

    def stopping(self, child: Child) -> Iterator[None]:
        """Stop one program, giving way to the caller while it waits."""
        child.ask_to_stop()
        deadline = time.monotonic() + self.stop_timeout_s
        while not child.has_ended():
            if time.monotonic() > deadline:
                name, seconds = child.program.name, int(self.stop_timeout_s)
                self.warn(
                    Text(
                        f"{name} 在 {seconds} 秒内没有停止，已强制结束",
                        f"{name} did not stop within {seconds} s and was ended by force",
                    )
                )
                child.kill()
                deadline += self.stop_timeout_s
            yield
        if child.state != "stopped":
            self.note(f"{child.program.name}: stopped ({child.last_exit or 'was not running'})")
        child.state = "stopped"
        self.changed()

    def _note_death(self, child: Child, now_s: float) -> None:
        lived_s = now_s - child.started_at_s
        child.failures_in_a_row = 1 if lived_s > STABLE_S else child.failures_in_a_row + 1
        wait_s = min(BACK_OFF_S_MIN * 2 ** (child.failures_in_a_row - 1), BACK_OFF_S_MAX)
        child.next_start_s = now_s + wait_s
        child.state = "failing" if child.failures_in_a_row >= FAILING_AFTER else "waiting"
        name, how, wait = child.program.name, child.last_exit, f"{wait_s:.1f}"
        self.warn(
            Text(f"{name} 已终止（{how}），{wait} 秒后重启", f"{name} ended ({how}), again in {wait} s")
        )
        if child.state == "failing":
            times = child.failures_in_a_row
            words = "\n".join(f"    {line}" for line in last_words(child.program.log))
            self.warn(
                Text(
                    f"{name} 连续 {times} 次终止，日志 {child.program.log} 的最后几行：\n{words}",
                    f"{name} ended {times} times in a row; the end of {child.program.log}:\n{words}",
                )
            )
        self.changed()

    def _start_again(self, child: Child) -> None:
        child.restarts += 1
        try:
            child.start()
        except Exception as error:  # whatever keeps one program from starting must not end the others
            child.last_exit = str(error)
            self._note_death(child, time.monotonic())
            return
        name, pid = child.program.name, child.pid
        self.warn(Text(f"{name} 已重新启动（进程 {pid}）", f"{name} was started again (process {pid})"))
        self.changed()


class Stopped(Exception):
    """A stop was asked for while something was still being started."""


def describe_exit(code: int) -> str:
    """An exit in words: the signal's name, or the code."""
    if code >= 0:
        return f"exit code {code}"
    try:
        return f"killed by {signal.Signals(-code).name}"
    except ValueError:
        return f"killed by signal {-code}"


def last_words(log: Path) -> list[str]:
    """The last lines of a log."""
    return [line.rstrip() for line in tail(log).splitlines() if line.strip()][-LAST_WORDS_LINES:]


def turn_over(log: Path, *, bytes_max: int) -> None:
    """
    Keep a log below its size: its text moves to ``.1``, what was there to ``.2``, and so on.

    The file is emptied, not renamed, because its program keeps it open; a line written in that moment is
    lost.
    """
    try:
        if log.stat().st_size <= bytes_max:
            return
        for number in range(LOGS_KEPT - 1, 0, -1):
            older = log.with_name(f"{log.name}.{number}")
            if older.exists():
                older.replace(log.with_name(f"{log.name}.{number + 1}"))
        log.with_name(f"{log.name}.1").write_bytes(log.read_bytes())
        os.truncate(log, 0)
    except OSError:
        # A log that cannot be turned over is no reason to stop the world; it is tried again at the next look.
        return


def _is_ended_unreaped(pid: int) -> bool:
    try:
        found = os.waitid(os.P_PID, pid, os.WEXITED | os.WNOHANG | os.WNOWAIT)
    except ChildProcessError:
        return True
    return found is not None


def _signal_group(pid: int, number: signal.Signals) -> None:
    try:
        os.killpg(pid, number)
    except (ProcessLookupError, PermissionError):
        return

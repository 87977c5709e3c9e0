"""Reaching a world from outside its supervisor: start it in the background, stop it."""

import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

from goldentax.kernel.settings import Settings
from goldentax.node.runtime.errors import AlreadyRunning, NotAHome, NotRunning, StepFailed
from goldentax.node.runtime.home import Home, hold, holder, prepare_home
from goldentax.node.runtime.progress import Progress
from goldentax.node.runtime.state import RUNNING, read_state


def start_in_background(settings: Settings, *, progress: Progress) -> None:
    """
    Start the world in a process of its own, show what it prints, and return once it is ready.

    :raises AlreadyRunning: if somebody runs it.
    :raises StepFailed: if it ends before it is ready; what it said was shown by then.
    """
    home = Home(settings.home)
    prepare_home(home)
    if (pid := holder(home)) is not None:
        raise AlreadyRunning(home=home.root, pid=pid)
    printed = home.log("start")
    with printed.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "goldentax.node.commands", "run"],
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            env={**os.environ, "PYTHONUNBUFFERED": "1"},
            start_new_session=True,
        )
    shown = 0
    while True:
        state = read_state(home)
        is_over = process.poll() is not None
        is_ready = state.get("pid") == process.pid and state.get("phase") == RUNNING
        if is_ready:
            # The summary follows the change of phase at once; it is the last thing to show.
            time.sleep(0.5)
        shown = _show(printed, shown, progress)
        if is_over:
            raise StepFailed(step="goldentax run", reason=f"exit code {process.returncode}", log=printed)
        if is_ready:
            # The process goes on; it is no longer this one's to wait for.
            process.returncode = 0
            return
        time.sleep(0.1)


def _show(printed: Path, shown: int, progress: Progress) -> int:
    with printed.open("rb") as file:
        file.seek(shown)
        text = file.read()
    whole = text[: text.rfind(b"\n") + 1]
    if whole:
        progress.console.print(whole.decode("utf-8", "replace"), end="", markup=False)
    return shown + len(whole)


def stop_world(settings: Settings) -> int:
    """
    Ask the supervisor of the world to stop, wait until it has, and tell which process it was.

    :raises NotRunning: if nobody runs it.
    :raises StepFailed: if it does not stop in time.
    """
    home = Home(settings.home)
    pid = holder(home)
    if pid is None:
        raise NotRunning(home=home.root)
    os.kill(pid, signal.SIGTERM)
    # Every process is given its time in turn: database, two for messages, and two for each node.
    patience_s = settings.stop_timeout_s * (3 + 2 * len(settings.nodes))
    deadline = time.monotonic() + patience_s
    while holder(home) == pid:
        if time.monotonic() > deadline:
            raise StepFailed(
                step="goldentax stop",
                reason=f"still running after {patience_s} s",
                log=home.log("supervisor"),
            )
        time.sleep(0.05)
    return pid


def wipe_world(settings: Settings) -> None:
    """
    Remove the home of a world with everything in it.

    :raises AlreadyRunning: if somebody runs it.
    :raises NotAHome: if the folder does not look like one, so that a mistyped path costs nothing.
    """
    home = Home(settings.home)
    if not (home.run.is_dir() and home.secrets.is_dir() and home.logs.is_dir()):
        raise NotAHome(home=home.root)
    with hold(home):
        shutil.rmtree(home.root)

"""The supervisor: programs come back, stop in order, and leave nothing behind."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from goldentax.kernel.text import Text
from goldentax.node.runtime import leftovers, supervisor
from goldentax.node.runtime.errors import NotReady
from goldentax.node.runtime.supervisor import Program, Stopped, Supervisor, turn_over

SLEEP = [sys.executable, "-c", "import time; print('up', flush=True); time.sleep(1000)"]


class Watched:
    """A supervisor whose words are kept."""

    def __init__(self) -> None:
        self.warnings: list[Text] = []
        self.notes: list[str] = []
        self.supervisor = Supervisor(note=self.notes.append, warn=self.warnings.append, stop_timeout_s=5)

    def look_until(self, condition: Callable[[], bool], *, timeout_s: float = 20) -> None:
        deadline = time.monotonic() + timeout_s
        while not condition():
            assert time.monotonic() < deadline, (self.notes, self.warnings)
            self.supervisor.look_around()
            time.sleep(0.02)


@pytest.fixture
def watched() -> Iterator[Watched]:
    made = Watched()
    yield made
    made.supervisor.stop_all()


def is_alive(pid: int | None) -> bool:
    return pid is not None and Path(f"/proc/{pid}").exists()


def test_a_killed_program_comes_back_and_it_is_said(watched: Watched, tmp_path: Path):
    child = watched.supervisor.start(Program(name="sleeper", command=SLEEP, log=tmp_path / "log"))
    watched.supervisor.wait_until_ready(child, timeout_s=10)
    first = child.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    watched.look_until(lambda: child.state == "running" and child.pid not in (None, first))
    assert child.restarts == 1
    assert any("SIGKILL" in one.en and "sleeper" in one.en for one in watched.warnings)
    assert any("重新启动" in one.zh for one in watched.warnings)


def test_a_program_that_dies_at_once_is_tried_ever_more_slowly_and_its_last_words_shown(
    watched: Watched, tmp_path: Path
):
    command = [sys.executable, "-c", "import sys; sys.exit('the cause of it all')"]
    child = watched.supervisor.start(
        Program(name="dying", command=command, log=tmp_path / "log", reason_not_ready=lambda: "never")
    )
    with pytest.raises(NotReady) as refused:
        watched.supervisor.wait_until_ready(child, timeout_s=30)
    assert "the cause of it all" in refused.value.message("en")
    assert child.state == "failing"
    waits = [one.en.rsplit(" ", 2)[1] for one in watched.warnings if "again in" in one.en]
    assert waits == ["0.2", "0.4", "0.8", "1.6", "3.2"]
    assert any("the cause of it all" in one.zh for one in watched.warnings)


def test_the_others_run_on_while_one_fails(watched: Watched, tmp_path: Path):
    good = watched.supervisor.start(Program(name="good", command=SLEEP, log=tmp_path / "good"))
    bad = watched.supervisor.start(Program(name="bad", command=["/bin/false"], log=tmp_path / "bad"))
    pid = good.pid
    watched.look_until(lambda: bad.restarts >= 2)
    assert good.pid == pid and good.restarts == 0


def test_a_start_that_raises_counts_as_a_death_and_is_tried_again(watched: Watched, tmp_path: Path):
    tries: list[int] = []

    def before() -> None:
        tries.append(1)
        if len(tries) in (2, 3):
            raise OSError("the disk is away")

    child = watched.supervisor.start(Program(name="p", command=SLEEP, log=tmp_path / "log", before=before))
    child.kill()
    watched.look_until(lambda: len(tries) == 4 and child.state == "running")
    assert any("the disk is away" in one.en for one in watched.warnings)


def test_readiness_is_waited_for_and_a_slow_start_refused(watched: Watched, tmp_path: Path):
    ready_at = time.monotonic() + 0.5
    slow = Program(
        name="slow",
        command=SLEEP,
        log=tmp_path / "log",
        reason_not_ready=lambda: "" if time.monotonic() > ready_at else "warming up",
    )
    watched.supervisor.wait_until_ready(watched.supervisor.start(slow), timeout_s=5)
    assert time.monotonic() >= ready_at
    never = Program(name="never", command=SLEEP, log=tmp_path / "log2", reason_not_ready=lambda: "not yet")
    child = watched.supervisor.start(never)
    with pytest.raises(NotReady):
        watched.supervisor.wait_until_ready(child, timeout_s=0.3)


def test_a_wish_to_stop_ends_the_waiting(watched: Watched, tmp_path: Path):
    never = Program(name="never", command=SLEEP, log=tmp_path / "log", reason_not_ready=lambda: "not yet")
    child = watched.supervisor.start(never)
    watched.supervisor.ask_to_stop()
    with pytest.raises(Stopped):
        watched.supervisor.wait_until_ready(child, timeout_s=30)


def test_programs_stop_in_the_opposite_order(watched: Watched, tmp_path: Path):
    pids = []
    for name in ("database", "messages", "web"):
        child = watched.supervisor.start(Program(name=name, command=SLEEP, log=tmp_path / name))
        pids.append(child.pid)
    watched.supervisor.stop_all()
    stopped = [one.split(":")[0] for one in watched.notes if ": stopped" in one]
    assert stopped == ["web", "messages", "database"]
    assert not any(is_alive(pid) for pid in pids)


def test_a_program_that_will_not_stop_is_ended_by_force(tmp_path: Path):
    watched = Watched()
    watched.supervisor.stop_timeout_s = 0.5
    script = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1, flush=True)\n"
    command = [sys.executable, "-c", script + "time.sleep(1000)"]
    log = tmp_path / "log"
    child = watched.supervisor.start(Program(name="stubborn", command=command, log=log))
    watched.look_until(lambda: log.read_text() != "")
    pid = child.pid
    watched.supervisor.stop_all()
    assert not is_alive(pid)
    assert any("by force" in one.en for one in watched.warnings)


def test_the_descendants_of_a_killed_program_are_ended_before_it_comes_back(watched: Watched, tmp_path: Path):
    script = (
        "import subprocess, sys, time\n"
        "print(subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(1000)']).pid, flush=True)\n"
        "time.sleep(1000)"
    )
    log = tmp_path / "log"
    child = watched.supervisor.start(Program(name="p", command=[sys.executable, "-c", script], log=log))
    watched.look_until(lambda: log.read_text() != "")
    grandchild = int(log.read_text())
    assert is_alive(grandchild)
    assert child.pid is not None
    os.kill(child.pid, signal.SIGKILL)
    watched.look_until(lambda: child.restarts == 1)
    state = Path(f"/proc/{grandchild}/stat")
    assert not state.exists() or state.read_text().rsplit(")", 1)[1].split()[0] == "Z"


def test_children_die_with_a_killed_supervisor(tmp_path: Path):
    script = (
        "import sys, time, pathlib\n"
        "from goldentax.node.runtime.supervisor import Program, Supervisor\n"
        "s = Supervisor()\n"
        "child = s.start(Program(name='p', command=['/bin/sleep', '1000'], log=pathlib.Path(sys.argv[1])))\n"
        "time.sleep(0.3)\n"
        "print(child.pid, flush=True)\n"
        "time.sleep(1000)"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path / "log")], stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    pid = int(parent.stdout.readline())
    assert is_alive(pid)
    parent.kill()
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + 10
    while is_alive(pid):
        assert time.monotonic() < deadline
        time.sleep(0.02)


def test_a_log_is_turned_over_at_its_size_and_three_are_kept(tmp_path: Path):
    log = tmp_path / "log"
    for number in range(6):
        with log.open("ab") as file:
            file.write(str(number).encode() * 100)
            file.flush()
            turn_over(log, bytes_max=50)
            # The writer goes on in the emptied file.
            file.write(b".")
    kept = {one.name: one.read_bytes().strip(b".")[:1] for one in tmp_path.iterdir()}
    assert kept == {"log": b"", "log.1": b"5", "log.2": b"4", "log.3": b"3"}


@pytest.mark.parametrize(
    ("code", "words"), [(0, "exit code 0"), (-9, "killed by SIGKILL"), (-200, "killed by signal 200")]
)
def test_an_exit_is_put_into_words(code: int, words: str):
    assert supervisor.describe_exit(code) == words


def test_what_an_earlier_supervisor_left_is_ended_and_nothing_else(tmp_path: Path):
    marked = {**os.environ, leftovers.MARK: str(tmp_path)}
    stubborn = (
        "import signal, time; signal.signal(15, signal.SIG_IGN); print(1, flush=True); time.sleep(1000)"
    )
    ours = [
        subprocess.Popen(["/bin/sleep", "1000"], env=marked),
        subprocess.Popen([sys.executable, "-c", stubborn], env=marked, stdout=subprocess.PIPE),
    ]
    assert ours[1].stdout is not None and ours[1].stdout.readline() == b"1\n"
    ours[1].stdout.close()
    theirs = subprocess.Popen(["/bin/sleep", "1000"], env={**os.environ, leftovers.MARK: f"{tmp_path}2"})
    try:
        assert leftovers.end_leftovers(tmp_path, patience_s=0.5) == 2
        assert [one.wait() for one in ours] == [-signal.SIGTERM, -signal.SIGKILL]
        assert theirs.poll() is None
    finally:
        for one in (*ours, theirs):
            one.kill()
            one.wait()

"""The home folder: its folders, secrets and lock."""

import fcntl
import os
import shutil
import stat
import subprocess
import sys
import time
from collections import namedtuple
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pytest

from goldentax.node.runtime import home as module
from goldentax.node.runtime.errors import AlreadyRunning, DiskFull, HomeUnusable
from goldentax.node.runtime.home import Home, hold, holder, known_secret, prepare_home, secret


@pytest.fixture
def home(tmp_path: Path) -> Home:
    place = Home(tmp_path / "deep" / "home")
    prepare_home(place)
    return place


def test_only_the_owner_can_enter(home: Home):
    for folder in (home.root, home.logs, home.secrets, home.run):
        assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    prepare_home(home)


def test_a_home_that_is_a_file_is_refused(tmp_path: Path):
    (tmp_path / "home").write_text("")
    with pytest.raises(HomeUnusable):
        prepare_home(Home(tmp_path / "home"))


def test_a_full_disk_is_refused_and_told_in_numbers(home: Home, monkeypatch: pytest.MonkeyPatch):
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage(10**12, 10**12, 7 * 2**20))
    with pytest.raises(DiskFull) as refused:
        prepare_home(home)
    assert "7 MiB" in refused.value.message("en")


def test_a_secret_is_made_once_and_kept_for_the_owner(home: Home):
    assert known_secret(home, "some") == ""
    with ThreadPoolExecutor(8) as pool:
        given = set(pool.map(lambda _: secret(home, "some"), range(40)))
    assert len(given) == 1 and len(given.pop()) > 30
    assert stat.S_IMODE((home.secrets / "some").stat().st_mode) == 0o600
    assert [one.name for one in home.secrets.iterdir()] == ["some"]


def test_a_second_holder_is_told_who_the_first_is(home: Home):
    assert holder(home) is None
    script = (
        "import sys, pathlib; from goldentax.node.runtime import home as m\n"
        "with m.hold(m.Home(pathlib.Path(sys.argv[1]))): print('held', flush=True); sys.stdin.read()"
    )
    other = subprocess.Popen(
        [sys.executable, "-c", script, str(home.root)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert other.stdin and other.stdout and other.stdout.readline() == b"held\n"
    assert holder(home) == other.pid
    with pytest.raises(AlreadyRunning) as refused, hold(home):
        raise AssertionError("both hold it")
    assert str(other.pid) in refused.value.message("en")
    other.kill()
    other.wait()
    other.stdin.close()
    other.stdout.close()
    # The system let go when the process died; its number in the file means nothing.
    assert holder(home) is None
    with hold(home):
        assert holder(home) == os.getpid()


def test_room_is_looked_for_above_a_home_that_does_not_exist(tmp_path: Path):
    module.check_disk(Home(tmp_path / "not" / "yet"))


def test_asking_who_holds_the_home_does_not_keep_anybody_from_holding_it(home: Home):
    home.lock_file.touch()
    asking = os.open(home.lock_file, os.O_RDONLY)
    fcntl.flock(asking, fcntl.LOCK_SH)
    try:
        with ThreadPoolExecutor(1) as pool, hold_soon(home, pool):
            time.sleep(0.05)
            fcntl.flock(asking, fcntl.LOCK_UN)
    finally:
        os.close(asking)


@contextmanager
def hold_soon(home: Home, pool: ThreadPoolExecutor) -> Iterator[None]:
    """Hold the home from another thread meanwhile, and fail if that was refused."""

    def take() -> int | None:
        with hold(home):
            return holder(home)

    taken = pool.submit(take)
    yield
    assert taken.result(timeout=10) == os.getpid()

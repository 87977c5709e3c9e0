"""The embedded PostgreSQL: made whole or not at all, mended after every kind of sudden death."""

import os
import pwd
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from goldentax.node.runtime import postgres
from goldentax.node.runtime.errors import DiskFull, HomeUnusable, PostgresFailed, PostgresRefusesRoot
from goldentax.node.runtime.postgres import Cluster, Identity


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("cluster")
    place.chmod(0o700)
    return place


@pytest.fixture(scope="module")
def cluster(folder: Path) -> Cluster:
    """A durable cluster below a folder that only its owner can enter."""
    made = Cluster(
        data=folder / "postgres",
        sockets=postgres.socket_folder(folder / "run"),
        password="pass/word@:",
        log=folder / "postgres.log",
    )
    assert postgres.make_cluster(made) is True
    return made


@contextmanager
def running(cluster: Cluster) -> Iterator[subprocess.Popen[bytes]]:
    postgres.make_ready_to_start(cluster)
    with cluster.log.open("ab") as log:
        server = subprocess.Popen(postgres.server_command(cluster), stdout=log, stderr=log)
    try:
        postgres.wait_until_accepting(cluster, server=server, timeout_s=30)
        yield server
    finally:
        if server.poll() is None:
            server.send_signal(signal.SIGINT)
            server.wait(timeout=30)


def test_it_is_durable_utf8_and_closed_to_the_network(cluster: Cluster):
    expected = {
        "fsync": "on",
        "synchronous_commit": "on",
        "full_page_writes": "on",
        "server_encoding": "UTF8",
        "listen_addresses": "",
    }
    with running(cluster), psycopg.connect(cluster.url("postgres")) as connection:
        shown = {name: connection.execute(f"SHOW {name}").fetchone() for name in expected}
    assert shown == {name: (value,) for name, value in expected.items()}


def test_a_wrong_password_does_not_get_in(cluster: Cluster):
    wrong = Cluster(data=cluster.data, sockets=cluster.sockets, password="wrong", log=cluster.log)
    with running(cluster), pytest.raises(psycopg.OperationalError, match="password"):
        psycopg.connect(wrong.url("postgres"))


def test_a_database_is_created_once(cluster: Cluster):
    with running(cluster):
        assert postgres.ensure_database(cluster, "goldentax_45") is True
        assert postgres.ensure_database(cluster, "goldentax_45") is False


def test_a_cluster_that_is_there_is_left_alone(cluster: Cluster):
    before = (cluster.data / "PG_VERSION").stat().st_mtime_ns
    assert postgres.make_cluster(cluster) is False
    assert (cluster.data / "PG_VERSION").stat().st_mtime_ns == before


def test_a_start_that_was_interrupted_while_making_it_is_mended(tmp_path: Path):
    half = Cluster(
        data=tmp_path / "postgres",
        sockets=postgres.socket_folder(tmp_path / "run"),
        password="p",
        log=tmp_path / "log",
        durable=False,
    )
    (tmp_path / "postgres.new" / "base").mkdir(parents=True)
    (tmp_path / "postgres").mkdir()
    (tmp_path / "postgres" / "rubbish").write_text("")
    assert postgres.make_cluster(half) is True
    assert not (tmp_path / "postgres.new").exists() and not (tmp_path / "postgres" / "rubbish").exists()
    assert not (tmp_path / "postgres.new-password").exists()
    with running(half):
        assert postgres.is_accepting(half)


def test_what_was_committed_survives_the_death_of_server_and_supervisor(cluster: Cluster):
    with running(cluster) as server:
        with psycopg.connect(cluster.url("postgres"), autocommit=True) as connection:
            connection.execute("CREATE TABLE IF NOT EXISTS kept (n int)")
            connection.execute("INSERT INTO kept VALUES (1)")
        server.kill()
        server.wait()
    assert (cluster.data / "postmaster.pid").exists()
    with running(cluster), psycopg.connect(cluster.url("postgres")) as connection:
        assert connection.execute("SELECT count(*) >= 1 FROM kept").fetchone() == (True,)


def test_a_lock_file_whose_number_now_belongs_to_another_program_does_not_stop_the_start(cluster: Cluster):
    with running(cluster) as server:
        server.kill()
        server.wait()
    stranger = subprocess.Popen(["sleep", "60"])
    try:
        for lock in (cluster.data / "postmaster.pid", cluster.sockets / ".s.PGSQL.5432.lock"):
            lines = lock.read_text().split("\n")
            lock.write_text("\n".join([str(stranger.pid), *lines[1:]]))
        with running(cluster):
            assert postgres.is_accepting(cluster)
        assert stranger.poll() is None
    finally:
        stranger.kill()
        stranger.wait()


def test_a_server_left_by_an_earlier_supervisor_is_stopped_first(cluster: Cluster):
    with running(cluster) as left:
        assert postgres.server_pid(cluster) == left.pid
        # Only its own parent can reap it; here that is this test, beside the second start.
        with running(cluster) as second:
            assert left.wait(timeout=1) == 0
            assert postgres.server_pid(cluster) == second.pid


def test_the_server_dies_with_its_supervisor(cluster: Cluster, tmp_path: Path):
    postgres.make_ready_to_start(cluster)
    command = postgres.server_command(cluster)
    # A supervisor that does nothing but start the server and wait.
    supervisor = subprocess.Popen(["/bin/sh", "-c", '"$@" & wait', "sh", *command], stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 30
    while not postgres.is_accepting(cluster):
        assert time.monotonic() < deadline
    pid = postgres.server_pid(cluster)
    assert pid is not None
    supervisor.kill()
    supervisor.wait()
    while postgres.server_pid(cluster) is not None:
        assert time.monotonic() < deadline
        time.sleep(0.05)
    # It shut down in good order: the lock file is gone.
    assert not (cluster.data / "postmaster.pid").exists()


@pytest.mark.skipif(os.geteuid() != 0, reason="takes root to become another user")
def test_where_namespaces_are_forbidden_it_runs_as_another_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    tmp_path.chmod(0o700)
    person = pwd.getpwnam("nobody")
    other = Identity("other", person.pw_uid, person.pw_gid)
    monkeypatch.setattr(postgres, "identity", lambda folder: other)
    made = Cluster(
        data=tmp_path / "postgres",
        sockets=postgres.socket_folder(tmp_path / "run"),
        password="p",
        log=tmp_path / "log",
        durable=False,
    )
    postgres.make_cluster(made)
    with running(made) as server:
        uids = Path(f"/proc/{server.pid}/status").read_text().split("Uid:")[1].split("\n")[0].split()
        assert set(uids) == {str(person.pw_uid)}
    # The same files serve when namespaces are allowed again.
    monkeypatch.undo()
    assert postgres.make_cluster(made) is False
    with running(made):
        assert postgres.is_accepting(made)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root is refused")
def test_root_without_any_other_identity_is_refused_with_a_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    failed = subprocess.CompletedProcess([], 1, stdout="unshare: Operation not permitted\n")
    monkeypatch.setattr(postgres, "_run", lambda command, who: failed)
    with pytest.raises(PostgresRefusesRoot) as refused:
        postgres.identity(tmp_path)
    assert "Operation not permitted" in refused.value.message("en")
    assert "GOLDENTAX_DATABASE_URL" in refused.value.way_out_text("en")


def test_a_long_home_gets_a_short_socket_folder_of_the_same_owner(tmp_path: Path):
    long = tmp_path / ("x" * 90) / "run"
    short = postgres.socket_folder(long)
    assert short != long and len(str(short)) < 80
    assert short == postgres.socket_folder(long) != postgres.socket_folder(long.with_name("other"))
    assert postgres.socket_folder(Path("/h/a,b")) != Path("/h/a,b")
    assert postgres.socket_folder(Path("/h/税 务")) == Path("/h/税 务")


def test_a_socket_folder_of_somebody_else_is_refused(cluster: Cluster, tmp_path: Path):
    (tmp_path / "theirs").symlink_to("/")
    trapped = Cluster(data=cluster.data, sockets=tmp_path / "theirs", password="p", log=cluster.log)
    with pytest.raises(HomeUnusable):
        postgres.make_ready_to_start(trapped)


@pytest.mark.parametrize(
    ("said", "refusal"),
    [
        ("initdb: error: could not write: No space left on device", DiskFull),
        ("FATAL:  something else\nHINT: no", PostgresFailed),
    ],
)
def test_a_failure_to_make_it_says_why(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, said: str, refusal: type[Exception]
):
    failed = subprocess.CompletedProcess([], 1, stdout=said)
    monkeypatch.setattr(postgres, "identity", lambda folder: Identity("same", os.geteuid(), os.getegid()))
    monkeypatch.setattr(postgres, "_run", lambda command, who: failed)
    broken = Cluster(data=tmp_path / "postgres", sockets=tmp_path, password="p", log=tmp_path / "log")
    with pytest.raises(refusal):
        postgres.make_cluster(broken)
    assert list(tmp_path.iterdir()) == []


def test_an_address_in_the_words_of_django_keeps_everything():
    address = "postgresql://me:p%40ss@db.example:6000/tax?sslmode=require"
    assert postgres.django_database(address) == {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": "tax",
        "USER": "me",
        "PASSWORD": "p@ss",
        "HOST": "db.example",
        "PORT": "6000",
        "OPTIONS": {"sslmode": "require"},
    }

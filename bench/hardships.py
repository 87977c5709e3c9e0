"""
Hardships other than kills: storms of connections, clients that drip or vanish, a full disk, a clock that steps back.

Each is done to the running world while an ordinary client goes on issuing, and says what was seen. A full disk is
provoked for real, without needing a small disk: the server's processes are given a limit on the size of a file
(``RLIMIT_FSIZE``), which PostgreSQL meets as it meets a full disk: the extension of a table fails, or the write-ahead
log cannot be written. What is not tried: a disk that is full for the home's other files, one that answers late, and one
that lies about what it has kept.
"""

import resource
import socket
import struct
import time
import uuid
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

import httpx
import psycopg

from bench import issuing, plans
from bench.world import Bench, descendants
from goldentax.node.runtime import postgres

STORM, DRIPPERS, VANISHING = 2_000, 200, 300
ORDINARY_S = 5.0
SLOWEST_ALLOWED_S = 5.0  # of an ordinary client while others misbehave
CLIENT_TIMEOUT_S = 8.0
BACK_WITHIN_S = 90.0
FULL_TRIES = 3
FILL_TIMES, FILL_S = 20, 5.0
MIB = 2**20
WAL_SEGMENT = 16 * MIB


@dataclass(frozen=True, kw_only=True)
class Hardship:
    """What was done, what was seen, and whether that is what is wanted."""

    name: str
    seen: str
    is_right: bool


@dataclass
class Client:
    """An ordinary client: issues one invoice after another, and remembers what it was told."""

    bench: Bench
    name: str = field(default_factory=lambda: uuid.uuid4().hex[:12])
    told: dict[str, str] = field(default_factory=dict)
    errors: Counter[str] = field(default_factory=Counter)
    slowest_s: float = 0.0

    def __post_init__(self) -> None:
        self.parcels = plans.parcels(self.bench.sellers[:4], buyers=self.bench.buyers)
        self.ids = plans.request_ids(self.name)
        self.http = httpx.Client(
            base_url=f"http://127.0.0.1:{self.bench.address[1]}",
            timeout=CLIENT_TIMEOUT_S,
            limits=httpx.Limits(max_connections=1),
        )

    def issue(self, id_: str = "") -> int:
        """Issue one invoice, under that id where one is given; the status, 0 for no answer."""
        id_ = id_ or next(self.ids).decode()
        token, draft = self.parcels[int(id_[-6:]) % len(self.parcels)]
        headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        body = draft.replace(plans.MARK, id_).encode()
        began = time.monotonic()
        try:
            answer = self.http.post("/api/v1/invoices", content=body, headers=headers)
        except httpx.HTTPError as error:
            self.errors[type(error).__name__] += 1
            return 0
        self.slowest_s = max(self.slowest_s, time.monotonic() - began)
        if answer.status_code not in (200, 201):
            self.errors[f"HTTP {answer.status_code}"] += 1
            return answer.status_code
        number = answer.json()["number"]
        if self.told.setdefault(id_, number) != number:
            self.errors["another number for the same request"] += 1
        return answer.status_code

    def go_on(self, *, seconds: float) -> None:
        """Issue for some seconds."""
        until = time.monotonic() + seconds
        while time.monotonic() < until:
            self.issue()

    def wait_until_served(self) -> float:
        """Seconds until an invoice is issued again."""
        began = time.monotonic()
        while self.issue() not in (200, 201):
            assert time.monotonic() - began < BACK_WITHIN_S, "the service did not come back"
            time.sleep(0.1)
        return time.monotonic() - began

    def repeats_agree(self) -> bool:
        """Whether everything it was told is still the answer."""
        return all(self.issue(id_) == 200 for id_ in list(self.told)[-200:]) and not any(
            "another number" in kind for kind in self.errors
        )

    def words(self) -> str:
        """What it saw."""
        errors = ", ".join(f"{kind} {count}×" for kind, count in self.errors.items())
        return f"{len(self.told)} issued, slowest {self.slowest_s:.2f} s, errors: {errors or 'none'}"


def endure(bench: Bench) -> list[Hardship]:
    """All hardships, one after another; the world runs and serves at the end."""
    works = (storm, asking_storm, slow_clients, vanishing_clients, disk_full, log_disk_full, clock_back)
    done = []
    for work in works:
        try:
            found = work(bench)
        except (AssertionError, OSError, httpx.HTTPError, psycopg.Error) as error:
            # The others, and what the kills showed, are told all the same.
            words = " ".join(str(error).split())[:300]
            found = Hardship(name=work.__name__, seen=f"broke off: {words}", is_right=False)
        print(f"{found.name}: {found.seen}", flush=True)
        done.append(found)
    return done


def storm(bench: Bench) -> Hardship:
    """Many connections at once that ask nothing."""
    client, sockets = Client(bench), []
    try:
        sockets, failed = _connected(bench, b"")
        client.go_on(seconds=ORDINARY_S)
    finally:
        for one in sockets:
            one.close()
    return Hardship(
        name=f"{STORM:,} connections at once that ask nothing",
        seen=f"{len(sockets):,} connected, {failed} refused; beside them {client.words()}",
        is_right=not failed and _was_served(client),
    )


def asking_storm(bench: Bench) -> Hardship:
    """As many, each with a request at once, and nobody reads before an ordinary client has gone on."""
    client, sockets = Client(bench), []
    request = f"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1:{bench.address[1]}\r\n\r\n".encode()
    try:
        sockets, failed = _connected(bench, request)
        client.go_on(seconds=ORDINARY_S)
        waited_s = client.wait_until_served()
        answered = sum(_starts_with(one, b"HTTP/1.1 200") for one in sockets)
    finally:
        for one in sockets:
            one.close()
    return Hardship(
        name=f"{STORM:,} connections at once, each with a request",
        seen=f"{answered:,} answered, {failed} refused; beside them {client.words()}; served {waited_s:.1f} s later",
        # The ordinary client may have to wait or be told to; it may not be forgotten.
        is_right=answered + failed >= STORM * 0.99 and client.slowest_s < SLOWEST_ALLOWED_S,
    )


def _connected(bench: Bench, request: bytes) -> tuple[list[socket.socket], int]:
    sockets, failed = [], 0
    for _ in range(STORM):
        try:
            one = socket.create_connection(bench.address, timeout=5)
            if request:
                one.sendall(request)
            sockets.append(one)
        except OSError:
            failed += 1
    return sockets, failed


def slow_clients(bench: Bench) -> Hardship:
    """Connections that send a request byte by byte."""
    client, sockets = Client(bench), []
    head = plans.head("/api/v1/invoices", host="127.0.0.1", length=1000, token=bench.sellers[0]["token"])
    try:
        sockets = [socket.create_connection(bench.address, timeout=5) for _ in range(DRIPPERS)]
        until = time.monotonic() + ORDINARY_S
        place = 0
        while time.monotonic() < until:
            for one in sockets:
                with suppress(OSError):
                    one.send(head[place % len(head) : place % len(head) + 1])
            place += 1
            client.go_on(seconds=0.2)
    finally:
        for one in sockets:
            one.close()
    return Hardship(
        name=f"{DRIPPERS} clients that send a byte every 0.2 s",
        seen=f"beside them {client.words()}",
        is_right=_was_served(client),
    )


def vanishing_clients(bench: Bench) -> Hardship:
    """Clients that send a whole request, or half of one, and reset the connection; then ask again."""
    client = Client(bench)
    ids = [next(client.ids).decode() for _ in range(VANISHING)]
    for place, id_ in enumerate(ids):
        token, draft = client.parcels[int(id_[-6:]) % len(client.parcels)]
        body = draft.replace(plans.MARK, id_).encode()
        whole = plans.head("/api/v1/invoices", host="127.0.0.1", length=len(body), token=token) + body
        one = socket.create_connection(bench.address, timeout=5)
        one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        one.sendall(whole if place % 3 else whole[: len(whole) // 2])
        time.sleep(0.002 * (place % 5))
        one.close()
    statuses = Counter(client.issue(id_) for id_ in ids)
    return Hardship(
        name=f"{VANISHING} clients that reset the connection in the middle, and ask again",
        seen=f"{statuses[200]} had been issued, {statuses[201]} were issued now, others {_others(statuses)}",
        is_right=set(statuses) <= {200, 201} and _stored_once(bench, client),
    )


def disk_full(bench: Bench) -> Hardship:
    """Tables cannot grow: issuing fails, reading goes on, and all is well once there is room."""
    client = Client(bench)
    client.go_on(seconds=1)
    limit = _filled(bench, client.parcels)
    before = len(client.told)
    with _files_at_most(bench, limit):
        until = time.monotonic() + 60
        while not client.errors and time.monotonic() < until:
            client.issue()
        met = dict(client.errors)
        reads = client.http.get("/healthz").status_code
        refused = sum(client.issue() not in (200, 201) for _ in range(FULL_TRIES))
    back_s = client.wait_until_served()
    return Hardship(
        name=f"no table can grow beyond {limit // MIB} MiB, as on a full disk",
        seen=f"after {len(client.told) - before} more invoices {met or 'no refusal'}, then {refused} of {FULL_TRIES} "
        f"not issued, /healthz {reads}; served again {back_s:.1f} s after there was room",
        is_right=bool(met) and reads == 200 and client.repeats_agree() and _stored_once(bench, client),
    )


def _filled(bench: Bench, parcels: list[list[str]]) -> int:
    """
    The size of the largest table of invoices, filled up until it is larger than a segment of the write-ahead log.

    A limit below that would stop the log first, which is the next hardship.
    """
    plan = {"source": "single", "judge": "issued", "path": "/api/v1/invoices", "parcels": parcels}
    for _ in range(FILL_TIMES):
        ((size,),) = bench.ask(
            "SELECT max(pg_relation_size(oid)) FROM pg_class WHERE relname LIKE 'invoicing_invoice%'"
        )
        if size > WAL_SEGMENT:
            return int(size)
        issuing.load(bench, plan | {"connections": 64}, seconds=FILL_S)
    raise AssertionError("the table of invoices did not grow")


def log_disk_full(bench: Bench) -> Hardship:
    """The write-ahead log cannot be written: PostgreSQL stops, is started again, and nothing is lost."""
    client = Client(bench)
    client.go_on(seconds=1)
    with _files_at_most(bench, 4 * MIB):
        until = time.monotonic() + 60
        while not client.errors and time.monotonic() < until:
            client.issue()
        met = dict(client.errors)
        refused = sum(client.issue() not in (200, 201) for _ in range(FULL_TRIES))
    back_s = client.wait_until_served()
    return Hardship(
        name="the write-ahead log cannot be written, as on a full disk",
        seen=f"{met or 'no refusal'}, then {refused} of {FULL_TRIES} not issued; served again {back_s:.1f} s after "
        "there was room",
        is_right=bool(met) and client.repeats_agree() and _stored_once(bench, client),
    )


def clock_back(bench: Bench) -> Hardship:
    """The node's clock runs a day ahead, then steps back: no log goes back in time."""
    from bench.faults import start

    world, client = bench.world, Client(bench)
    world.cli("stop")
    world.settings["GOLDENTAX_CLOCK_AHEAD_DAYS"] = "1"
    start(world)
    client.go_on(seconds=1)
    ahead = len(client.told)
    world.cli("stop")
    del world.settings["GOLDENTAX_CLOCK_AHEAD_DAYS"]
    start(world)
    bench.pid = int(world.status()["pid"])
    client.errors.clear()
    client.go_on(seconds=1)
    ((backwards,),) = bench.ask(
        "SELECT count(*) FROM (SELECT issued_at < lag(issued_at) OVER (PARTITION BY desk ORDER BY leaf) AS earlier "
        "FROM invoicing_invoice WHERE desk >= 0) AS steps WHERE earlier"
    )
    return Hardship(
        name="the clock steps back by a day",
        seen=f"{ahead} issued a day ahead, {len(client.told) - ahead} after the step; {backwards} dated before the "
        f"one before them; {client.words()}",
        is_right=backwards == 0 and client.repeats_agree() and _stored_once(bench, client),
    )


@contextmanager
def _files_at_most(bench: Bench, limit: int) -> Iterator[None]:
    """No process of PostgreSQL may write a file beyond that size."""
    _limit_files(bench, limit)
    try:
        yield
    finally:
        _limit_files(bench, resource.RLIM_INFINITY)


def _limit_files(bench: Bench, limit: int) -> None:
    server = postgres.server_pid(bench.cluster)
    assert server is not None, "PostgreSQL does not run"
    for pid in descendants(server):
        with suppress(ProcessLookupError):
            resource.prlimit(pid, resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))


def _starts_with(one: socket.socket, words: bytes) -> bool:
    try:
        return one.recv(len(words)) == words
    except OSError:
        return False


def _was_served(client: Client) -> bool:
    return bool(client.told) and not client.errors and client.slowest_s < SLOWEST_ALLOWED_S


def _stored_once(bench: Bench, client: Client) -> bool:
    """Whether the store has each of the client's invoices once, under the number it was told."""
    rows = bench.ask(
        "SELECT request_id, number FROM invoicing_invoice WHERE request_id LIKE %s", f"{client.name}%"
    )
    stored = dict(rows)
    return len(stored) == len(rows) and all(stored.get(id_) == number for id_, number in client.told.items())


def _others(statuses: Counter[int]) -> str:
    return (
        ", ".join(f"{count}× {status}" for status, count in statuses.items() if status not in (200, 201))
        or "none"
    )

"""
Running a world: from an empty folder to nodes that serve, and back to stillness.

The order is fixed: database, messages, preparation, then each node's pages and worker; a stop goes the other
way. Whatever may go wrong on the way is a coded refusal, and everything that was started by then is stopped
again.
"""

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from goldentax.kernel import clock
from goldentax.kernel.node import NodeDescription, get_node
from goldentax.kernel.settings import Settings
from goldentax.kernel.text import Text
from goldentax.node.runtime import messages, ports, postgres, state
from goldentax.node.runtime.errors import OneDatabaseForManyNodes
from goldentax.node.runtime.home import Home, hold, prepare_home
from goldentax.node.runtime.leftovers import MARK, end_leftovers
from goldentax.node.runtime.prepare import Preparation, prepare_nodes
from goldentax.node.runtime.progress import Progress
from goldentax.node.runtime.supervisor import Program, Stopped, Supervisor

WEB_APPLICATION = "goldentax.node.asgi:application"
WORKER_MODULE = "goldentax.node.worker"


@dataclass(frozen=True, kw_only=True)
class Commands:
    """The command lines of the parts that come from the node's program."""

    web: Callable[[Settings, NodeDescription], list[str]] = field(
        default=lambda one, node: web_command(one, node)
    )
    worker: Callable[[NodeDescription], list[str]] = field(default=lambda node: worker_command())
    prepare: Callable[[NodeDescription], tuple[str, ...]] = field(default=lambda node: ())


def web_command(settings: Settings, node: NodeDescription) -> list[str]:
    """The command line of a node's web server."""
    return [
        *(sys.executable, "-m", "granian", "--interface", "asgi", "--no-ws"),
        *("--host", settings.host, "--port", str(ports.web_port(settings, node))),
        *("--workers", str(settings.web_workers), "--respawn-failed-workers"),
        *("--runtime-mode", "mt", "--runtime-threads", "1", "--respawn-interval", "0.5"),
        # Connections that ask nothing take no place from those that do; the desks send away what is too much.
        *("--backlog", "4096", "--backpressure", "10000"),
        # Requests in flight get this long to end; half of what the supervisor gives the whole server.
        *("--workers-kill-timeout", str(max(settings.stop_timeout_s // 2, 1))),
        *("--log-level", settings.log_level, WEB_APPLICATION),
    ]


def worker_command() -> list[str]:
    """The command line of a node's worker."""
    return [sys.executable, "-m", WORKER_MODULE]


def run_world(settings: Settings, *, progress: Progress, commands: Commands | None = None) -> None:
    """
    Start the world, keep it running until SIGTERM or Ctrl-C, and stop it.

    :raises Refusal: if it cannot be started; everything is stopped again by then.
    """
    nodes = tuple(get_node(code) for code in settings.nodes)
    home = Home(settings.home)
    if settings.database_url and "{node}" not in settings.database_url and len(nodes) > 1:
        raise OneDatabaseForManyNodes("database_url", nodes=", ".join(settings.nodes))
    prepare_home(home)
    with hold(home):
        World(
            settings=settings, home=home, nodes=nodes, progress=progress, commands=commands or Commands()
        ).run()


class World:
    """One world while it is being run by this process, which holds its home."""

    def __init__(
        self,
        *,
        settings: Settings,
        home: Home,
        nodes: tuple[NodeDescription, ...],
        progress: Progress,
        commands: Commands,
    ) -> None:
        self.settings, self.home, self.nodes = settings, home, nodes
        self.progress, self.commands = progress, commands
        self.phase = state.STARTING
        self.started_at = clock.now().isoformat(timespec="seconds")
        self.journal = home.log("supervisor")
        self.supervisor = Supervisor(
            note=self._log,
            warn=self._warn,
            changed=self._write_state,
            stop_timeout_s=settings.stop_timeout_s,
            log_bytes_max=settings.log_size_mib * 2**20,
        )

    def run(self) -> None:
        """Start, watch, stop."""
        self._log(f"start of {self.home.root}, process {os.getpid()}")
        with self._signals():
            try:
                self._start()
                self.phase = state.RUNNING
                self._write_state()
                self._print_summary()
                while not self.supervisor.is_stopping:
                    self.supervisor.watch_once()
            except Stopped:
                self._log("a stop was asked for during the start")
            finally:
                self._stop()

    def _start(self) -> None:
        self._write_state()
        if ended := end_leftovers(self.home.root):
            self._warn(
                Text(
                    f"已结束上次遗留的 {ended} 个进程",
                    f"{ended} processes left from an earlier start were ended",
                )
            )
        ports.require_web_ports(self.settings, self.nodes)
        if not self.settings.database_url:
            self._start_postgres()
        if not self.settings.messages_url:
            self._start_messages()
        self._prepare_nodes()
        self._start_nodes()

    def _start_postgres(self) -> None:
        cluster = postgres.cluster_to_start(self.home)
        if not (cluster.data / "PG_VERSION").exists():
            with self.progress.step(Text("建立 PostgreSQL 数据目录", "Making the PostgreSQL cluster")):
                postgres.make_cluster(cluster)
        program = Program(
            name="postgres",
            command=postgres.server_command(cluster),
            log=cluster.log,
            environment=self._environment(),
            stop_signal=signal.SIGINT,
            guarded=True,
            before=lambda: postgres.make_ready_to_start(cluster),
            reason_not_ready=lambda: "" if postgres.is_accepting(cluster) else "not accepting connections",
        )
        with self.progress.step(Text("启动 PostgreSQL", "Starting PostgreSQL")):
            self._start_and_wait(program)
            for node in self.nodes:
                postgres.ensure_database(cluster, postgres.database_name(node.code))

    def _start_messages(self) -> None:
        given = ports.internal_ports(
            messages.port_names(self.nodes),
            known=self.home.root / messages.PORTS,
            first=self.settings.port + ports.INTERNAL_OFFSET,
        )
        with self.progress.step(Text("启动消息服务（NATS）", "Starting the message servers (NATS)")):
            for server in messages.write_configs(self.home, nodes=self.nodes, ports=given):
                self._start_and_wait(self._message_program(server))

    def _message_program(self, server: messages.MessageServer) -> Program:
        return Program(
            name=f"messages-{server.node.code}",
            node=server.node.code,
            command=messages.server_command(server),
            log=self.home.log(f"messages-{server.node.code}"),
            environment=self._environment(),
            reason_not_ready=lambda: "" if messages.is_answering(server.port) else "not answering",
        )

    def _prepare_nodes(self) -> None:
        preparations = [
            Preparation(
                node=node.code,
                log=self.home.log(f"prepare-{node.code}"),
                environment=self._environment(node),
                command=self.commands.prepare(node),
            )
            for node in self.nodes
        ]
        with self.progress.step(Text("准备各节点的数据", "Preparing the data of each node")) as step:
            prepare_nodes(
                preparations,
                say=step.note,
                update=step.update,
                is_stopping=lambda: self.supervisor.is_stopping,
            )

    def _start_nodes(self) -> None:
        """Start all at once, then wait for each: they need one core each, not one after the other."""
        webs = []
        for node in self.nodes:
            self.supervisor.start(self._worker_program(node))
            webs.append((node, self.supervisor.start(self._web_program(node))))
        for node, child in webs:
            code, name = node.code, node.name
            words = Text(f"启动节点 {code} {name.zh}", f"Starting node {code} {name.en}")
            with self.progress.step(words) as step:
                self.supervisor.wait_until_ready(child, timeout_s=self.settings.ready_timeout_s)
                step.result = ports.web_url(self.settings, node)

    def _web_program(self, node: NodeDescription) -> Program:
        url = ports.web_url(self.settings, node)
        return Program(
            name=f"web-{node.code}",
            node=node.code,
            command=self.commands.web(self.settings, node),
            log=self.home.log(f"web-{node.code}"),
            environment=self._environment(node),
            # The supervisor waits with everything else meanwhile, so not for long.
            reason_not_ready=lambda: state.reason_not_ready(url, timeout_s=1),
        )

    def _worker_program(self, node: NodeDescription) -> Program:
        return Program(
            name=f"worker-{node.code}",
            node=node.code,
            command=self.commands.worker(node),
            log=self.home.log(f"worker-{node.code}"),
            environment=self._environment(node),
        )

    def _start_and_wait(self, program: Program) -> None:
        child = self.supervisor.start(program)
        self.supervisor.wait_until_ready(child, timeout_s=self.settings.ready_timeout_s)

    def _environment(self, node: NodeDescription | None = None) -> dict[str, str]:
        known = {
            "GOLDENTAX_HOME": str(self.home.root),
            "GOLDENTAX_PORT": str(self.settings.port),
            MARK: str(self.home.root),
            "PYTHONUNBUFFERED": "1",
        }
        return known if node is None else {**known, "GOLDENTAX_NODE": node.code}

    def _stop(self) -> None:
        self.phase = state.STOPPING
        self._write_state()
        try:
            if self.supervisor.children:
                with self.progress.step(Text("停止所有进程", "Stopping every process")):
                    self.supervisor.stop_all()
        finally:
            # Also when there is nobody left to show it to; what has stopped is not stopped twice.
            self.supervisor.stop_all()
            self.home.state_file.unlink(missing_ok=True)
            if (sockets := postgres.socket_folder(self.home.run)) != self.home.run:
                with suppress(OSError):
                    sockets.rmdir()
        self._log("stopped")

    @contextmanager
    def _signals(self) -> Iterator[None]:
        """Take SIGTERM, SIGINT and SIGHUP as the wish to stop; a second one makes it quick."""

        def ask(number: int, frame: object) -> None:
            if self.supervisor.is_stopping:
                self.supervisor.stop_timeout_s = 1
            self.supervisor.ask_to_stop()

        wishes = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
        # What is ignored stays ignored: that is how nohup and background jobs outlive their terminal.
        taken = [one for one in wishes if signal.getsignal(one) is not signal.SIG_IGN]
        before = {number: signal.signal(number, ask) for number in taken}
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)

    def _write_state(self) -> None:
        state.write_state(
            self.home,
            phase=self.phase,
            pid=os.getpid(),
            started_at=self.started_at,
            nodes=[state.describe_node(one, self.settings) for one in self.nodes],
            children=self.supervisor.children,
        )

    def _log(self, line: str) -> None:
        with self.journal.open("a", encoding="utf-8") as file:
            file.write(f"{clock.now().isoformat(timespec='milliseconds')} {line}\n")

    def _warn(self, text: Text) -> None:
        self._log(text.en)
        self.progress.say(text, style="yellow")

    def _print_summary(self) -> None:
        from goldentax.node.runtime.summary import print_summary

        print_summary(self.progress, settings=self.settings, nodes=self.nodes)

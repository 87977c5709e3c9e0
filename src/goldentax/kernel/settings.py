"""
The settings of a world: one typed object, read once at start.

Each value comes from the first of three places that has it, last one wins: the default written here, the file
``goldentax.toml`` in the home folder, the environment (``GOLDENTAX_`` and the name in capitals). Every value
remembers its place, and ``goldentax settings`` prints both. What differs between nodes by law is not a
setting but lawbook data; what a node is (level, duties, peers) stands in `goldentax.kernel.node`.
"""

import os
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

from goldentax.kernel.refusals import Refusal
from goldentax.kernel.text import Text

ENVIRONMENT_PREFIX = "GOLDENTAX_"
FILE_NAME = "goldentax.toml"
DEFAULT = "default"
MASK = "********"

_TRUE, _FALSE = {"1", "true", "yes", "on"}, {"0", "false", "no", "off", ""}
_LOG_LEVELS = ("debug", "info", "warning", "error")
# Internal ports of a world lie up to 2,000 above its first one, and a port is a 16-bit number.
_PORT_MAX = 60_000


class BadSetting(Refusal):
    """A setting has a value it cannot have."""

    code = "KRN-SET-01"
    title = Text(
        "设置项 {name} 的值“{value}”无效（来自 {origin}）：{reason_zh}",
        "The setting {name} cannot be “{value}” (from {origin}): {reason_en}",
    )
    way_out = Text(
        "请更正 {origin} 中的 {name}；“goldentax settings” 列出全部设置项。",
        "Correct {name} in {origin}; “goldentax settings” lists every setting.",
    )


class UnreadableSettings(Refusal):
    """The settings file is not valid TOML, or cannot be read."""

    code = "KRN-SET-02"
    title = Text("设置文件 {path} 无法读取：{reason}", "The settings file {path} cannot be read: {reason}")
    way_out = Text("请更正或删除该文件。", "Correct or remove that file.")


class UnknownSetting(Refusal):
    """The settings file names something that is not a setting."""

    code = "KRN-SET-03"
    title = Text("设置文件 {path} 中的“{name}”不是设置项", "“{name}” in {path} is not a setting")
    way_out = Text("可用的设置项：{known}。", "The settings are: {known}.")


def _about(zh: str, en: str, *, secret: bool = False) -> dict[str, object]:
    return {"help": Text(zh, en), "secret": secret}


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Everything a person who runs a world may choose. Seconds are whole; ports are TCP ports on ``host``."""

    PATHS_NEVER_IN_FILE: ClassVar[frozenset[str]] = frozenset({"home"})

    home: Path = field(
        default=Path(),
        metadata=_about("数据目录", "the folder of data, logs and secrets"),
    )
    host: str = field(
        default="127.0.0.1",
        metadata=_about("监听地址", "the address the servers listen on"),
    )
    port: int = field(
        default=8000,
        metadata=_about(
            "第一个端口（总局），各节点依次加一", "the first port (HQ); the nodes count up from it"
        ),
    )
    node: str = field(
        default="45",
        metadata=_about("命令默认所用的节点", "the node that commands and processes act for"),
    )
    nodes: tuple[str, ...] = field(
        default=("00", "45"),
        metadata=_about("启动的节点", "the nodes that “goldentax run” starts"),
    )
    demo: bool = field(
        default=True,
        metadata=_about("演示环境：建立演示数据", "a demo world: believable data, demo accounts"),
    )
    clock_ahead_days: int = field(
        default=0,
        metadata=_about(
            "演示环境的时钟比真实时间快几天，用于教学和演练",
            "days by which the clock of a demo world runs ahead, for lessons and drills",
        ),
    )
    language: str = field(
        default="zh",
        metadata=_about("默认语言：zh 或 en", "the default language, zh or en"),
    )
    database_url: str = field(
        default="",
        metadata=_about(
            "外部 PostgreSQL 地址，{node} 代表节点代码；空则用内置",
            "an outside PostgreSQL, {node} stands for the node code; empty: the embedded one",
            secret=True,
        ),
    )
    messages_url: str = field(
        default="",
        metadata=_about(
            "外部 NATS 地址；空则用内置", "an outside NATS server; empty: the embedded one", secret=True
        ),
    )
    allowed_hosts: tuple[str, ...] = field(
        default=("127.0.0.1", "localhost", "[::1]"),
        metadata=_about("网页可用的主机名", "the host names the pages answer to"),
    )
    public_url: str = field(
        default="",
        metadata=_about("对外网址；空则用本机地址", "the address people see; empty: the local one"),
    )
    assets: Path = field(
        default=Path(),
        metadata=_about("前端资源与字体目录", "the folder of front-end assets and fonts"),
    )
    lawbook: Path = field(
        default=Path(),
        metadata=_about("法规数据目录", "the folder of the lawbook"),
    )
    desks_per_worker: int = field(
        default=2,
        metadata=_about(
            "每个网页进程的开票台数", "issuing desks in each web worker: one numbers while another commits"
        ),
    )
    issue_rate_per_token: int = field(
        default=20_000,
        metadata=_about("每个令牌每秒最多开具的张数", "invoices that one token may issue in a second"),
    )
    sms_provider: str = field(
        default="outbox",
        metadata=_about(
            "短信通道：outbox 仅限演示环境，webhook 转交短信网关",
            "who carries SMS: outbox (demo worlds only), webhook, or a registered provider",
        ),
    )
    sms_webhook_url: str = field(
        default="", metadata=_about("短信网关的地址", "the address of the SMS gateway")
    )
    sms_webhook_secret: str = field(
        default="",
        metadata=_about("与短信网关共享的密钥", "the secret shared with the SMS gateway", secret=True),
    )
    face_provider: str = field(
        default="",
        metadata=_about("人脸核验服务商；空则不提供", "who verifies faces; empty: nobody"),
    )
    vault_key_file: str = field(
        default="",
        metadata=_about(
            "密钥库主密钥文件；空则为数据目录下的 secrets/world.key",
            "the file of the vault's master key; empty: secrets/world.key in the home folder",
        ),
    )
    vault_command: str = field(
        default="",
        metadata=_about(
            "由硬件密码机或密钥管理服务封装数据密钥的命令；空则用主密钥文件",
            "a command of an HSM or key service that seals data keys; empty: the master key file does",
        ),
    )
    log_level: str = field(
        default="info",
        metadata=_about("日志级别", "debug, info, warning or error"),
    )
    log_size_mib: int = field(
        default=16,
        metadata=_about("每个日志文件的上限（MiB）", "the size at which a log file is turned over"),
    )
    web_workers: int = field(
        default=1,
        metadata=_about("每个节点的网页进程数", "web processes of each node"),
    )
    worker_batch: int = field(
        default=200,
        metadata=_about("后台一次发送的事件数", "events the worker sends at a time"),
    )
    worker_idle_ms: int = field(
        default=500,
        metadata=_about("后台空闲时的轮询间隔（毫秒）", "how long an idle worker waits, in ms"),
    )
    worker_timeout_s: int = field(
        default=30,
        metadata=_about("后台一次发送的时限（秒）", "the longest one delivery may take"),
    )
    ready_timeout_s: int = field(
        default=120,
        metadata=_about("等待服务就绪的时限（秒）", "how long a start waits for a server"),
    )
    stop_timeout_s: int = field(
        default=20,
        metadata=_about("等待进程停止的时限（秒）", "how long a stop waits for a process"),
    )

    _origins: Mapping[str, str] = field(default_factory=dict, repr=False, compare=False)

    def origin(self, name: str) -> str:
        """
        Tell where a value came from: ``default``, the path of the settings file, or the environment variable.

        :raises AttributeError: if there is no such setting.
        """
        getattr(self, name)
        return self._origins.get(name, DEFAULT)

    def shown(self, name: str) -> str:
        """Write a value for people; secrets are masked."""
        value = getattr(self, name)
        if value and is_secret(name):
            return MASK
        if isinstance(value, bool):
            return str(value).lower()
        return ",".join(value) if isinstance(value, tuple) else str(value)


def setting_names() -> tuple[str, ...]:
    """Every setting, in the order it is printed."""
    return tuple(one.name for one in fields(Settings) if not one.name.startswith("_"))


def help_text(name: str) -> Text:
    """One phrase that says what a setting is for."""
    text = _field(name).metadata["help"]
    assert isinstance(text, Text)
    return text


def is_secret(name: str) -> bool:
    """Whether a setting may hold a password and must not be printed."""
    return bool(_field(name).metadata["secret"])


def environment_name(name: str) -> str:
    """The environment variable of a setting, e.g. ``GOLDENTAX_PORT``."""
    return ENVIRONMENT_PREFIX + name.upper()


def source_root() -> Path:
    """The folder that holds ``src/`` and ``lawbook/``: where the product was cloned."""
    return Path(__file__).resolve().parents[3]


@cache
def settings() -> Settings:
    """The settings of this process; the first call reads them, every later one gives the same object."""
    return read_settings(environment=os.environ)


def read_settings(*, environment: Mapping[str, str]) -> Settings:
    """
    Read the settings from their three places.

    :raises BadSetting: if a value cannot be what it says.
    :raises UnreadableSettings: if the settings file is broken.
    :raises UnknownSetting: if the settings file names something else.
    """
    values: dict[str, object] = {"assets": source_root() / ".assets", "lawbook": source_root() / "lawbook"}
    origins: dict[str, str] = {}
    variable = environment_name("home")
    if environment.get(variable):
        values["home"], origins["home"] = _parse("home", environment[variable], variable), variable
    else:
        values["home"] = default_home(environment=environment)
    home = values["home"]
    assert isinstance(home, Path)
    for name, raw in _read_file(home / FILE_NAME).items():
        origin = str(home / FILE_NAME)
        values[name], origins[name] = _parse(name, raw, origin), origin
    for name in setting_names():
        variable = environment_name(name)
        if variable in environment and name != "home":
            values[name], origins[name] = _parse(name, environment[variable], variable), variable
    found = Settings(**values, _origins=origins)  # type: ignore[arg-type]
    if found.clock_ahead_days and not found.demo:
        raise BadSetting(
            "clock_ahead_days",
            name="clock_ahead_days",
            value=found.clock_ahead_days,
            origin=found.origin("clock_ahead_days"),
            reason_zh="只有演示环境可以拨快时钟",
            reason_en="only a demo world may have a clock that runs ahead",
        )
    return found


def default_home(*, environment: Mapping[str, str]) -> Path:
    """
    Where data goes when nobody says: the system's place for root, the user's data folder for all others.
    """
    if os.geteuid() == 0:
        return Path("/var/lib/goldentax")
    if environment.get("XDG_DATA_HOME"):
        return Path(environment["XDG_DATA_HOME"]) / "goldentax"
    return Path.home() / ".local" / "share" / "goldentax"


def _field(name: str) -> Any:
    return next(one for one in fields(Settings) if one.name == name)


def _read_file(path: Path) -> dict[str, object]:
    if not path.exists():
        return {}
    try:
        found = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UnreadableSettings(path=path, reason=error) from error
    known = [name for name in setting_names() if name not in Settings.PATHS_NEVER_IN_FILE]
    for name in found:
        if name not in known:
            raise UnknownSetting(name, path=path, name=name, known=", ".join(known))
    return found


def _parse(name: str, raw: object, origin: str) -> object:
    default = _field(name).default
    try:
        value = _PARSERS[type(default)](raw)
        check = _CHECKS.get(name)
        if check is not None:
            check(value)
    except _Bad as bad:
        shown = MASK if is_secret(name) else raw
        raise BadSetting(
            name, name=name, value=shown, origin=origin, reason_zh=bad.text.zh, reason_en=bad.text.en
        ) from bad
    return value


class _Bad(Exception):
    def __init__(self, zh: str, en: str) -> None:
        super().__init__(en)
        self.text = Text(zh, en)


def _parse_path(raw: object) -> Path:
    if not isinstance(raw, str) or not raw.strip():
        raise _Bad("应为路径", "it must be a path")
    return Path(raw).expanduser().absolute()


def _parse_integer(raw: object) -> int:
    if isinstance(raw, bool):
        raise _Bad("应为整数", "it must be a whole number")
    try:
        return int(str(raw).strip())
    except ValueError:
        raise _Bad("应为整数", "it must be a whole number") from None


def _parse_yes_no(raw: object) -> bool:
    word = str(raw).strip().lower()
    if word not in _TRUE | _FALSE:
        raise _Bad("应为 true 或 false", "it must be true or false")
    return word in _TRUE


def _parse_words(raw: object) -> tuple[str, ...]:
    words = raw if isinstance(raw, list) else str(raw).split(",")
    found = tuple(str(word).strip() for word in words if str(word).strip())
    if not found:
        raise _Bad("至少一项", "it must name at least one")
    return found


def _parse_string(raw: object) -> str:
    return str(raw).strip()


_PARSERS: dict[type, Callable[[object], object]] = {
    type(Path()): _parse_path,
    bool: _parse_yes_no,
    int: _parse_integer,
    tuple: _parse_words,
    str: _parse_string,
}


def _between(low: int, high: int) -> Callable[[Any], None]:
    def check(value: int) -> None:
        if not low <= value <= high:
            raise _Bad(f"应在 {low} 与 {high} 之间", f"it must lie between {low} and {high}")

    return check


def _one_of(*allowed: str) -> Callable[[Any], None]:
    def check(value: str) -> None:
        if value not in allowed:
            raise _Bad("应为 " + "、".join(allowed) + " 之一", "it must be one of " + ", ".join(allowed))

    return check


def _node_code(value: str) -> None:
    if not (len(value) == 2 and value.isascii() and value.isdigit()):
        raise _Bad("应为两位节点代码，如 45", "it must be a node's two digits, such as 45")


def _node_codes(value: tuple[str, ...]) -> None:
    for one in value:
        _node_code(one)


_CHECKS: dict[str, Callable[[Any], None]] = {
    "port": _between(1024, _PORT_MAX),
    "node": _node_code,
    "nodes": _node_codes,
    "language": _one_of("zh", "en"),
    "log_level": _one_of(*_LOG_LEVELS),
    "clock_ahead_days": _between(0, 3660),
    "log_size_mib": _between(1, 1024),
    "web_workers": _between(1, 64),
    "desks_per_worker": _between(1, 8),
    "issue_rate_per_token": _between(1, 1_000_000),
    "worker_batch": _between(1, 1000),
    "worker_idle_ms": _between(10, 60_000),
    "worker_timeout_s": _between(1, 600),
    "ready_timeout_s": _between(5, 3600),
    "stop_timeout_s": _between(1, 600),
}

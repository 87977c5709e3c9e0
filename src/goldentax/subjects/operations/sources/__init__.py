"""
Which adapter answers for which source.

A node is connected to real sources by a file that only its owner may read, ``<home>/secrets/sources.json``:
``{"market_regulator": {"url": "https://…", "key_id": "…", "secret": "…"}}``. A source that is not in it is answered
for by the local one in a demo world, and is away in a real one: an invented record must never verify a real subject.
"""

import json
import stat
from functools import cache
from typing import Any

from goldentax.kernel.refusals import Refusal
from goldentax.kernel.settings import settings
from goldentax.kernel.text import Text
from goldentax.subjects.operations.sources.local import LocalRegister
from goldentax.subjects.operations.sources.over_http import HttpSource
from goldentax.subjects.rules import sources
from goldentax.subjects.rules.sources import Answer, Query, Source

FILE_NAME = "sources.json"


class BadSourcesFile(Refusal):
    """The file of connections cannot be used."""

    code = "SUB-SRC-09"
    status = 503
    title = Text("数据源连接文件有误：{reason}", "The file of source connections is wrong: {reason}")
    way_out = Text(
        "请检查 secrets/sources.json：每个数据源需 url（https）、key_id、secret（至少 32 字符），且仅属主可读",
        "Look at secrets/sources.json: each source needs url (https), key_id, secret (32 characters or more), and"
        " only its owner may read it",
    )


class Unconnected:
    """A source that nobody connected: it never answers."""

    def __init__(self, key: str) -> None:
        self.key = key

    def ask(self, query: Query) -> Answer:
        return Answer(verdict=sources.AWAY)


def get_source(key: str) -> Source:
    """
    The adapter of a source.

    :raises BadSourcesFile: if the file of connections is wrong.
    """
    connection = _connections().get(key)
    if connection is not None:
        return HttpSource(key=key, **connection)
    return LocalRegister(key) if settings().demo else Unconnected(key)


@cache
def _connections() -> dict[str, dict[str, Any]]:
    path = settings().home / "secrets" / FILE_NAME
    if not path.exists():
        return {}
    if stat.S_IMODE(path.stat().st_mode) & 0o077:
        raise BadSourcesFile(reason="others may read it")
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        return {key: _checked(key, connection) for key, connection in found.items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise BadSourcesFile(reason=type(error).__name__) from None


def _checked(key: str, connection: dict[str, Any]) -> dict[str, Any]:
    if key not in sources.LABELS:
        raise BadSourcesFile(reason=f"no source is called {key}")
    url, secret = str(connection["url"]), str(connection["secret"])
    is_near = url.startswith(("http://127.0.0.1:", "http://localhost:"))  # a gateway on the same machine
    if not (url.startswith("https://") or is_near):
        raise BadSourcesFile(reason=f"{key} is not reached by https")
    if len(secret) < 32:
        raise BadSourcesFile(reason=f"the secret of {key} is too short")
    return {"url": url, "key_id": str(connection["key_id"]), "secret": secret}

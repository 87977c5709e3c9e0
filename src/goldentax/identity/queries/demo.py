"""The accounts of a demo world."""

import json
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoAccount:
    """An account of a demo world, shown on its sign-in page and in the table a start ends with."""

    user: str  # the login name
    password: str
    who_zh: str  # who that is, for instance: 桂海新能源 · 开票员 韦晓燕
    who_en: str
    node: str  # the code of the node that has it
    url: str = ""


def list_demo_accounts(*, path: Path, node: str = "") -> list[DemoAccount]:
    """The accounts of a demo world, as the node that made it wrote them; none where there is no file."""
    try:
        rows = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    found = [DemoAccount(**{name: str(row.get(name, "")) for name in DemoAccount.__slots__}) for row in rows]
    return [one for one in found if not node or one.node in (node, "")]

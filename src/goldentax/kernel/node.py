"""
Which node this process is, and which others there are.

Headquarters and provinces run the same program with another description, kept in ``lawbook/nodes.yaml``.
Rules never ask where they run; the edges ask `this_node` for a duty (`NodeDescription.has_duty`), not for a
code.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml

from goldentax.kernel.refusals import Refusal
from goldentax.kernel.settings import settings
from goldentax.kernel.text import Text

LEVELS = ("hq", "province")


class UnknownNode(Refusal):
    """There is no description of that node."""

    code = "KRN-NODE-01"
    title = Text("没有代码为 {node} 的节点", "There is no node with the code {node}")
    way_out = Text(
        "可用的节点：{known}；节点在 lawbook/nodes.yaml 中说明。",
        "The nodes are {known}; they are described in lawbook/nodes.yaml.",
    )


class BadNodeDescription(Refusal):
    """The description of the nodes contradicts itself."""

    code = "KRN-NODE-02"
    title = Text("{path} 中的节点说明有误：{reason}", "The nodes described in {path} are wrong: {reason}")
    way_out = Text("请更正该文件。", "Correct that file.")


@dataclass(frozen=True, kw_only=True)
class NodeDescription:
    """A node (节点): the headquarters (总局) or one province's (省局) installation."""

    code: str  # two digits: 00 for the headquarters, otherwise the province's division code
    level: str  # one of LEVELS
    name: Text
    bureau_code: str  # 税务机关代码, 11 digits
    bureau_name: Text  # the Chinese one stands in documents
    time_zone: ZoneInfo
    port_offset: int
    duties: frozenset[str]
    peers: tuple[str, ...]

    def has_duty(self, duty: str) -> bool:
        """Whether this node does that kind of work, e.g. ``issuing``."""
        return duty in self.duties

    @property
    def is_headquarters(self) -> bool:
        return self.level == "hq"


def this_node() -> NodeDescription:
    """
    The node this process acts for.

    :raises UnknownNode: if the setting ``node`` names none that is described.
    """
    return get_node(settings().node)


def get_node(code: str) -> NodeDescription:
    """
    One node by its code.

    :raises UnknownNode: if there is no description of it.
    """
    described = {one.code: one for one in all_nodes()}
    if code not in described:
        raise UnknownNode("node", node=code, known=", ".join(described))
    return described[code]


@cache
def all_nodes() -> tuple[NodeDescription, ...]:
    """Every node that is described, the headquarters first."""
    return load_nodes(settings().lawbook / "nodes.yaml")


def load_nodes(path: Path) -> tuple[NodeDescription, ...]:
    """
    Read descriptions from a file.

    :raises BadNodeDescription: if it cannot be read, or two nodes share a code or a port, or a peer is
        unknown.
    """
    try:
        rows = yaml.safe_load(path.read_text(encoding="utf-8"))["nodes"]
        found = tuple(_node(row) for row in rows)
    except (OSError, yaml.YAMLError, KeyError, TypeError, ValueError) as error:
        raise BadNodeDescription(path=path, reason=repr(error)) from error
    reason = _contradiction(found)
    if reason:
        raise BadNodeDescription(path=path, reason=reason)
    return tuple(sorted(found, key=lambda one: (LEVELS.index(one.level), one.code)))


def _node(row: dict[str, Any]) -> NodeDescription:
    return NodeDescription(
        code=str(row["code"]),
        level=str(row["level"]),
        name=Text(**row["name"]),
        bureau_code=str(row["bureau_code"]),
        bureau_name=Text(**row["bureau_name"]),
        time_zone=ZoneInfo(row["time_zone"]),
        port_offset=int(row["port_offset"]),
        duties=frozenset(row["duties"]),
        peers=tuple(row["peers"]),
    )


def _contradiction(nodes: tuple[NodeDescription, ...]) -> str:
    codes = [one.code for one in nodes]
    offsets = [one.port_offset for one in nodes]
    if len(set(codes)) != len(codes):
        return "two nodes share a code"
    if len(set(offsets)) != len(offsets):
        return "two nodes share a port_offset"
    for one in nodes:
        if one.level not in LEVELS:
            return f"node {one.code} has the level {one.level}"
        if len(one.bureau_code) != 11 or not one.bureau_code.isdigit():
            return f"node {one.code} has the bureau_code {one.bureau_code}"
        unknown = set(one.peers) - set(codes)
        if unknown:
            return f"node {one.code} names peers that are not described: {', '.join(sorted(unknown))}"
    return ""

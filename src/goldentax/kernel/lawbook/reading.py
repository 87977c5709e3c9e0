"""
Reads a YAML file of the lawbook strictly.

Plain YAML 1.1 is a trap for law: ``1.10`` becomes a float, ``010`` eight, ``12:30`` a number, ``no`` false,
and a key written twice is quietly the last one. Here a float is refused, a number is plain digits, only
``true`` and ``false`` are flags, and a double key is refused. Mappings remember their line, so that a
mistake can be pointed at.
"""

import re
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from goldentax.kernel.lawbook.errors import BadLaw
from goldentax.kernel.text import Text

SIZE_MAX = 4 * 1024 * 1024  # bytes; law is written by people, and no file of it comes near


class Located(dict[str, Any]):
    """A mapping that knows its line, counted from 1."""

    line = 0


# The parser in C where the wheel has it: the lawbook is read at every start, and it is ten times as fast.
class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """The strict loader; the class attribute ``yaml_implicit_resolvers`` is replaced below."""


_KEPT = {
    "tag:yaml.org,2002:null",
    "tag:yaml.org,2002:timestamp",
    "tag:yaml.org,2002:float",
    "tag:yaml.org,2002:merge",
}
_Loader.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in resolvers if tag in _KEPT]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))
_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:int", re.compile(r"^-?(?:0|[1-9][0-9]*)$"), list("-0123456789")
)


def _mapping(loader: _Loader, node: yaml.MappingNode) -> Located:
    found = Located()
    found.line = node.start_mark.line + 1
    loader.flatten_mapping(node)
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if not isinstance(key, str):
            raise _bad(
                key_node,
                "key",
                Text(f"键“{key}”须为文字，请加引号", f"the key {key} must be text; put it in quotes"),
            )
        if key in found:
            raise _bad(key_node, "twice", Text(f"键“{key}”重复", f"the key “{key}” stands twice"))
        found[key] = loader.construct_object(value_node, deep=True)
    return found


def _float(loader: _Loader, node: yaml.ScalarNode) -> None:
    raise _bad(
        node,
        "float",
        Text(
            f"小数 {node.value} 须加引号，不得为浮点数",
            f"the number {node.value} would be a float; put it in quotes",
        ),
    )


def _date(loader: _Loader, node: yaml.ScalarNode) -> Any:
    try:
        found = loader.construct_yaml_timestamp(node)
    except ValueError:
        raise _bad(node, "date", Text(f"“{node.value}”不是日期", f"“{node.value}” is not a date")) from None
    if isinstance(found, datetime):
        raise _bad(node, "date", Text("须为日期，不含时刻", "it must be a date, without a time of day"))
    return found


_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)
_Loader.add_constructor("tag:yaml.org,2002:float", _float)
_Loader.add_constructor("tag:yaml.org,2002:timestamp", _date)


class _Bad(Exception):
    def __init__(self, line: int, rule: str, reason: Text) -> None:
        super().__init__(reason.en)
        self.line, self.rule, self.reason = line, rule, reason


def _bad(node: yaml.Node, rule: str, reason: Text) -> _Bad:
    return _Bad(node.start_mark.line + 1, rule, reason)


def read_yaml(path: Path, *, name: str) -> Located:
    """
    Read one file whose top is a mapping.

    :param name: how refusals call the file.
    :raises BadLaw: if it cannot be read, or breaks one of the rules above.
    """
    try:
        if path.stat().st_size > SIZE_MAX:
            raise _Bad(1, "size", Text("文件过大", "the file is too large"))
        found = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 (a SafeLoader)
        if not isinstance(found, Located):
            raise _Bad(1, "shape", Text("文件顶层须为键值", "the top of the file must be a mapping"))
    except _Bad as bad:
        raise BadLaw(place=f"{name}:{bad.line}", rule=bad.rule, reason=bad.reason) from bad
    except (yaml.YAMLError, UnicodeDecodeError, OSError) as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark is not None else 1
        problem = str(getattr(error, "problem", None) or error).splitlines()[0]
        reason = Text(f"无法读取：{problem}", f"it cannot be read: {problem}")
        raise BadLaw(place=f"{name}:{line}", rule="yaml", reason=reason) from error
    return found

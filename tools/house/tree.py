"""The files of a tree, read once, and where each stands in the house."""

import ast
import re
import subprocess
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

PACKAGE = "src/goldentax"
EDGES = frozenset(
    {"web", "http", "commands", "handlers", "jobs", "offers", "demo", "middleware", "apps", "desk", "tests"}
)
"""Floors that speak with the outside: they may read the clock, and they are not pure."""

_SKIPPED_FOLDERS = frozenset(
    {
        ".git",
        ".venv",
        ".assets",
        "node_modules",
        "__pycache__",
        "build",
        ".hypothesis",
        ".import_linter_cache",
    }
)
_SKIPPED_ENDINGS = ("_cache", ".egg-info")


def list_files(root: Path) -> list[Path]:
    """
    Every file that is kept: what git tracks or would, or, where there is no git, all but caches.

    Paths are relative to the root, in order.
    """
    if (root / ".git").exists():
        shown = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=root,
            capture_output=True,
            check=True,
        ).stdout.decode()
        found = [Path(one) for one in shown.split("\0") if one]
        return sorted(one for one in set(found) if (root / one).is_file())
    return sorted(
        one.relative_to(root)
        for one in root.rglob("*")
        if one.is_file() and not _is_skipped(one.relative_to(root))
    )


def _is_skipped(path: Path) -> bool:
    return any(part in _SKIPPED_FOLDERS or part.endswith(_SKIPPED_ENDINGS) for part in path.parts)


def source_files(root: Path, *, ending: str = ".py") -> Iterator[Path]:
    """Files of the package with an ending, relative to the root."""
    for path in sorted((root / PACKAGE).rglob(f"*{ending}")):
        relative = path.relative_to(root)
        if not _is_skipped(relative):
            yield relative


def modules(root: Path) -> list[Path]:
    """The rooms of the house: the packages directly below ``goldentax``, relative to the root."""
    return sorted(one.parent.relative_to(root) for one in (root / PACKAGE).glob("*/__init__.py"))


def steps_inside(path: Path) -> tuple[str, ...]:
    """``src/goldentax/invoicing/rules/amounts.py`` as ``("invoicing", "rules", "amounts")``."""
    return path.with_suffix("").parts[2:]


def is_edge(path: Path) -> bool:
    """Whether a file speaks with the outside: the node, or an edge floor of a module."""
    steps = steps_inside(path)
    return not steps or steps[0] == "node" or bool(EDGES.intersection(steps[1:])) or "migrations" in steps


def is_test(path: Path) -> bool:
    """Whether a file is a test or belongs to tests."""
    return "tests" in path.parts


@lru_cache(maxsize=2048)
def _parsed(path: Path, _changed_ns: int) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def parsed(root: Path, path: Path) -> ast.Module:
    """The syntax tree of a file; each version is parsed once."""
    return _parsed(root / path, (root / path).stat().st_mtime_ns)


def text_of(root: Path, path: Path) -> str | None:
    """The text of a file; None if it is not UTF-8 text."""
    try:
        return (root / path).read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return None


def line_of(text: str, position: int) -> int:
    """The number of the line that holds a position."""
    return text.count("\n", 0, position) + 1


def table_rows(text: str) -> Iterator[list[str]]:
    """The cells of every row of the Markdown tables in a text, headings and rules left out."""
    for block in re.split(r"\n(?!\|)", text):
        rows = [one for one in block.splitlines() if one.startswith("|")]
        for row in rows[2:]:
            yield [cell.strip() for cell in re.split(r"(?<!\\)\|", row.strip().strip("|"))]

"""Rules of documents and of the whole tree: true tables, links that lead somewhere, nothing foreign."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tools.house import tree

SYSTEMS = "docs/systems.md"
STATES = ("working", "partial", "planned")
FILE_BYTES_MAX = 1024 * 1024
SYSTEM_IDS = tuple(
    f"{group}-{number}"
    for group, count in {
        "EI": 18, "IC": 6, "ET": 12, "SO": 7, "DC": 4, "ID": 6, "OP": 11, "CL": 4,
        "DS": 2, "RM": 2, "CO": 4, "DR": 2, "MG": 2, "EX": 1, "AD": 1,
    }.items()
    for number in range(1, count + 1)
)  # fmt: skip
"""Every row that the system is to have; the list is kept here so that no row can be lost from the page."""

_LINK = re.compile(r"\[[^\]]*\]\(([^)#\s]+)(?:#[^)]*)?\)|<img[^>]+src=\"([^\"]+)\"")
_QUOTED = re.compile(r"`([^`]+)`")
# Put together from halves, so that this file does not trip over itself.
_FOREIGN = re.compile(
    "|".join(
        (
            r"\bpypi" + r"\.(?:org|tuna)", "python" + "hosted", "registry" + r"\.npm", "npm" + "mirror",
            r"mirrors?\." + r"[a-z0-9.-]+/pypi", r"(?<![\w.~-])/wo" + r"rk/(?!flow)",
            r"(?<![\w.])/tmp/g" + r"t\b",
            "extra-" + "index-url", r"://[^/\s\"'@]+:[^/\s\"'@{}$]+@[a-z0-9.-]+\.[a-z]{2,}/simple",
        )
    )
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemRow:
    """One row of docs/systems.md."""

    id: str
    what: str
    state: str
    code: tuple[str, ...]
    tests: tuple[str, ...]
    see: str
    line: int


def read_systems(root: Path) -> list[SystemRow]:
    """Read the table; a row that has not six cells is left out, and so is missed."""
    found = []
    text = (root / SYSTEMS).read_text(encoding="utf-8") if (root / SYSTEMS).is_file() else ""
    for number, written in enumerate(text.splitlines(), start=1):
        cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", written.strip().strip("|"))]
        if written.startswith("|") and len(cells) == 6 and re.fullmatch(r"[A-Z]{2}-\d+", cells[0]):
            code, tests = tuple(_QUOTED.findall(cells[3])), tuple(_QUOTED.findall(cells[4]))
            found.append(
                SystemRow(
                    id=cells[0],
                    what=cells[1],
                    state=cells[2],
                    code=code,
                    tests=tests,
                    see=cells[5],
                    line=number,
                )
            )
    return found


def check_systems(root: Path) -> list[str]:
    """Every system has its row, with a state, and, unless it is only planned, files and tests that exist."""
    rows = read_systems(root)
    wrong = [
        f"{SYSTEMS} has no row {id_}; add it with its state ({', '.join(STATES)})"
        for id_ in SYSTEM_IDS
        if id_ not in {row.id for row in rows}
    ]
    seen: set[str] = set()
    for row in rows:
        at = f"{SYSTEMS}:{row.line} {row.id}"
        if row.id in seen:
            wrong.append(f"{at} stands there twice; keep one")
        if row.id not in SYSTEM_IDS:
            wrong.append(
                f"{at} is no system; add it to SYSTEM_IDS in tools/house/papers.py or remove the row"
            )
        if row.state not in STATES:
            wrong.append(f"{at} has the state “{row.state}”; write {', '.join(STATES)}")
        seen.add(row.id)
        wrong += [f"{at} {complaint}" for complaint in _complaints(root, row)]
    return wrong


def _complaints(root: Path, row: SystemRow) -> Iterator[str]:
    if row.state != "planned":
        if not row.code:
            yield "names no code; name the files a reader should open, in backquotes"
        if not row.tests:
            yield "names no test; name the test that fails without it, in backquotes"
        if not row.see:
            yield "does not say how to see it; write the page, the command or the request"
    for path in (*row.code, *row.tests):
        if not (root / path).exists():
            yield f"points at {path}, which does not exist; point at the file that does it"


def check_links(root: Path) -> list[str]:
    """Every link inside the documents leads to a file."""
    wrong = []
    for path in tree.list_files(root):
        if path.suffix != ".md":
            continue
        text = tree.text_of(root, path) or ""
        for found in _LINK.finditer(text):
            target = found.group(1) or found.group(2)
            if re.match(r"[a-z]+:", target):
                continue
            if not (root / path.parent / target).exists():
                at = f"{path}:{tree.line_of(text, found.start())}"
                wrong.append(f"{at} links to {target}, which does not exist; link to what does")
    return wrong


def check_quoted_paths(root: Path) -> list[str]:
    """A path that a document names in backquotes exists."""
    wrong = []
    for path in tree.list_files(root):
        if path.suffix != ".md" or path.name == "CHANGELOG.md":
            continue
        text = tree.text_of(root, path) or ""
        for found in _QUOTED.finditer(text):
            name = found.group(1).split(":")[0]
            is_path = re.fullmatch(r"(?:src|lawbook|tests|tools|docs|deploy|bench)/[\w./-]+", name)
            # A module's README names its own files from where it stands.
            if is_path and not any((root / one / name).exists() for one in (".", path.parent)):
                at = f"{path}:{tree.line_of(text, found.start())}"
                wrong.append(f"{at} names {name}, which does not exist; name the file that does")
    return wrong


def check_foreign_places(root: Path) -> list[str]:
    """No file names a package registry, or a folder of the machine it was written on."""
    wrong = []
    for path in tree.list_files(root):
        text = tree.text_of(root, path) or ""
        for found in _FOREIGN.finditer(text):
            at = f"{path}:{tree.line_of(text, found.start())}"
            wrong.append(
                f"{at} names {found.group()}; leave registries to the package managers' own settings, and "
                "write paths relative to the tree"
            )
    return wrong


def check_sizes(root: Path) -> list[str]:
    """No file is over a mebibyte."""
    return [
        f"{path} has {size:,} bytes, above {FILE_BYTES_MAX:,}; keep large data outside, or split it"
        for path in tree.list_files(root)
        if (size := (root / path).stat().st_size) > FILE_BYTES_MAX
    ]

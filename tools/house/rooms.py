"""Rules of modules: a README each, refusal codes used once, events with a golden payload."""

import ast
import re
from collections import defaultdict
from pathlib import Path

from tools.house import tree

GOLDENS = "src/goldentax/contracts/tests/goldens"
_CODE = re.compile(r"[A-Z]{3}-[A-Z]{2,5}-\d{2}")


def check_readmes(root: Path) -> list[str]:
    """Every room says at its door what it owns, its words, and where to start."""
    return [
        f"{folder} has no README.md; write what it owns, its words, events out and in, three places to start"
        for folder in tree.modules(root)
        if not (root / folder / "README.md").is_file()
    ]


def check_refusal_codes(root: Path) -> list[str]:
    """A refusal code is well formed and belongs to one class, for ever."""
    wrong: list[str] = []
    used: dict[str, list[str]] = defaultdict(list)
    for path in tree.source_files(root):
        if tree.is_test(path):
            continue
        for node in ast.walk(tree.parsed(root, path)):
            if isinstance(node, ast.ClassDef) and (code := _code_of(node)):
                used[code].append(f"{path}:{node.lineno} {node.name}")
                if not _CODE.fullmatch(code):
                    wrong.append(
                        f"{path}:{node.lineno} {node.name} has the code {code}; write it like INV-LIM-03"
                    )
    wrong += [
        f"{' and '.join(places)} share the refusal code {code}; give the newer one a number never used"
        for code, places in used.items()
        if len(places) > 1
    ]
    return wrong


def check_goldens(root: Path) -> list[str]:
    """Each version of each event keeps one golden payload, and no golden payload loses its event."""
    wrong, events = [], _event_names(root)
    kept = {one.stem for one in (root / GOLDENS).glob("*.json")}
    for name, place in events.items():
        if name not in kept:
            wrong.append(f"{place} has no golden payload; keep one in {GOLDENS}/{name}.json")
    for name in sorted(kept - set(events)):
        wrong.append(
            f"{GOLDENS}/{name}.json has no event any more; a version once sent is understood for ever"
        )
    return wrong


def _code_of(node: ast.ClassDef) -> str:
    """The refusal code a class declares: a class attribute ``code`` of a class that also has a ``title``."""
    values = {
        target.id: one.value
        for one in node.body
        if isinstance(one, ast.Assign)
        for target in one.targets
        if isinstance(target, ast.Name)
    }
    code = values.get("code")
    if (
        isinstance(code, ast.Constant)
        and isinstance(code.value, str)
        and ("title" in values or "way_out" in values)
    ):
        return code.value
    return ""


def _event_names(root: Path) -> dict[str, str]:
    """Wire names of the events of ``contracts`` and where each is written."""
    found = {}
    for path in sorted((root / tree.PACKAGE / "contracts").glob("*.py")):
        relative = path.relative_to(root)
        for node in tree.parsed(root, relative).body:
            if isinstance(node, ast.ClassDef) and any(
                getattr(one, "id", "") == "Event" for one in node.bases
            ):
                words = re.findall(r"[A-Z][a-z]+|V\d+$", node.name)
                name = f"{path.stem}.{'-'.join(words[:-2])}.{words[-2]}.{words[-1]}".lower()
                found[name] = f"{relative}:{node.lineno} {node.name}"
    return found

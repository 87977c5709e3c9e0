"""Rules of code: the clock at the edges, nothing unfinished, no floats in rules, keywords at front doors."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tools.house import tree

CLOCK_HOME = "src/goldentax/kernel/clock.py"
_CLOCK_CALLS = re.compile(
    r"(?:^|\.)(?:datetime\.(?:now|utcnow|today)|date\.today|timezone\.now|clock\.(?:now|today)"
    r"|time\.(?:time|time_ns|localtime|gmtime))$"
)
# Put together from halves, so that this file does not trip over itself.
_UNFINISHED = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME)\b|rai" + r"se NotImplemented(?:Error)?\b")
_PLAIN_TEXT = (".py", ".md", ".html", ".css", ".js", ".yaml", ".toml", ".sql", ".txt", "Makefile")


def check_clock(root: Path) -> list[str]:
    """The clock is read only at the edges; below them ``now`` and ``today`` come in as arguments."""
    return [
        f"{path}:{line} reads the clock ({name}); take now or today as an argument, and read "
        "it in web, http, commands, handlers or jobs"
        for path in tree.source_files(root)
        if not tree.is_edge(path) and str(path) != CLOCK_HOME and not tree.is_test(path)
        for line, name in _called_or_imported(tree.parsed(root, path))
        if _CLOCK_CALLS.search(name)
    ]


def check_unfinished(root: Path) -> list[str]:
    """Nothing is left for later: what ends is written, what does not exist is said in the module's README."""
    wrong = []
    for path in tree.list_files(root):
        if not str(path).endswith(_PLAIN_TEXT):
            continue
        text = tree.text_of(root, path) or ""
        wrong += [
            f"{path}:{tree.line_of(text, found.start())} leaves {found.group()} behind; finish it, or say "
            "in the module's README what it cannot do"
            for found in _UNFINISHED.finditer(text)
        ]
    return wrong


def check_floats(root: Path) -> list[str]:
    """Rules, money and quantities know no binary fractions."""
    wrong = []
    for path in tree.source_files(root):
        steps = tree.steps_inside(path)
        if tree.is_test(path) or not ("rules" in steps[1:] or steps[:2] == ("kernel", "values")):
            continue
        for node in ast.walk(tree.parsed(root, path)):
            is_call = isinstance(node, ast.Call) and _name(node.func) == "float"
            is_literal = isinstance(node, ast.Constant) and isinstance(node.value, float)
            if is_call or is_literal:
                wrong.append(f"{path}:{node.lineno} uses a float; use int fen or Decimal from a string")
    return wrong


def check_keywords(root: Path) -> list[str]:
    """What a module offers at its door takes two or more arguments by keyword only."""
    wrong = []
    for door in sorted((root / tree.PACKAGE).rglob("api.py")):
        for source, name in _exported(root, door.relative_to(root)):
            for function in tree.parsed(root, source).body:
                if isinstance(function, ast.FunctionDef) and function.name == name:
                    positional = [*function.args.posonlyargs, *function.args.args]
                    if len(positional) > 1:
                        wrong.append(
                            f"{source}:{function.lineno} {name} takes {len(positional)} arguments by "
                            "position; put “*,” before them"
                        )
    return wrong


def check_doors_only_import(root: Path) -> list[str]:
    """The front door of a module imports and lists; nothing is defined in it."""
    wrong = []
    for place in sorted((root / tree.PACKAGE).glob("*/api.py")):
        door = place.relative_to(root)
        for node in tree.parsed(root, door).body:
            is_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
            is_list = isinstance(node, ast.Assign) and [_name(one) for one in node.targets] == ["__all__"]
            if not (isinstance(node, ast.Import | ast.ImportFrom) or is_text or is_list):
                wrong.append(
                    f"{door}:{node.lineno} defines something; move it to operations or queries and import it"
                )
    return wrong


def check_no_utils(root: Path) -> list[str]:
    """A file is named by what it is about."""
    return [
        f"{path} is named for nothing; name it by what it is about"
        for path in tree.source_files(root)
        if path.stem in ("utils", "util", "helpers", "misc", "common")
    ]


def check_docstrings(root: Path) -> list[str]:
    """Every file of the product opens with what it is for."""
    return [
        f"{path} does not say what it is for; begin it with a docstring"
        for path in tree.source_files(root)
        if "migrations" not in path.parts
        and tree.parsed(root, path).body
        and ast.get_docstring(tree.parsed(root, path)) is None
    ]


def _called_or_imported(module: ast.Module) -> Iterator[tuple[int, str]]:
    """The dotted names of what a file calls, and of what it takes out of other modules."""
    for node in ast.walk(module):
        if isinstance(node, ast.Call):
            yield node.lineno, _name(node.func)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node.lineno, f"{node.module}.{one.name}") for one in node.names)


def _name(node: ast.expr) -> str:
    """A dotted name as it is written; "" for anything else."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{_name(node.value)}.{node.attr}"
    return ""


def _exported(root: Path, door: Path) -> Iterator[tuple[Path, str]]:
    """The files and names that a front door imports from inside the product."""
    for node in tree.parsed(root, door).body:
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("goldentax."):
            base = Path("src", *(node.module or "").split("."))
            for source in (base.with_suffix(".py"), base / "__init__.py"):
                if (root / source).is_file():
                    yield from ((source, one.name) for one in node.names)

"""
Cases: examples beside the law, read by tax people and run by tests (``make law T=invoicing``).

A file ``*.cases.yaml`` names a runner and lists cases: a name, what is given, what is expected, where it
comes from. A runner is a function from what is given to a result; the case holds if every expected entry
equals the result's. The kernel runs ``lawbook.*``; a module offers its own as ``RUNNERS`` in
``rules/cases.py``, so ``invoicing.line`` is found in `goldentax.invoicing.rules.cases`. A runner may
refuse: then the result is the refusal's code and field.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from goldentax.kernel import lawbook
from goldentax.kernel.lawbook.book import CASES_SUFFIX
from goldentax.kernel.lawbook.errors import BadLaw, UnknownRunner
from goldentax.kernel.lawbook.reading import Located, read_yaml
from goldentax.kernel.refusals import Refusal
from goldentax.kernel.text import Text

Runner = Callable[[dict[str, Any]], Mapping[str, Any]]

_FILE_KEYS = {"run", "source", "cases", "note"}
_CASE_KEYS = {"name", "given", "expected", "source", "run"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One example (案例)."""

    run: str
    name: str
    given: dict[str, Any]
    expected: dict[str, Any]
    source: str
    place: str  # file and line

    @property
    def topic(self) -> str:
        """What ``make law T=…`` chooses by: the path of the file below the lawbook."""
        return self.place.partition(CASES_SUFFIX)[0]


def load_cases(folder: Path, *, topic: str = "") -> list[Case]:
    """
    Read every case below a folder whose file begins with the topic.

    :raises BadLaw: if a case has no name, source, runner or expectation.
    """
    found: list[Case] = []
    for file in sorted(folder.rglob("*" + CASES_SUFFIX)):
        name = file.relative_to(folder).as_posix()
        if name.startswith(topic):
            found += _read(file, name)
    return found


def _read(file: Path, name: str) -> list[Case]:
    top = read_yaml(file, name=name)
    cases = top.get("cases")
    if not set(top) <= _FILE_KEYS or not isinstance(cases, list) or not cases:
        reason = Text(
            "案例文件须有 run、source、cases", "a file of cases has “run”, “source” and “cases”, nothing else"
        )
        raise BadLaw(place=f"{name}:1", rule="cases", reason=reason)
    return [_case(top, at, name) for at in cases]


def _case(top: Located, at: Any, name: str) -> Case:
    place = f"{name}:{getattr(at, 'line', 1)}"
    given = at if isinstance(at, dict) else {}
    run, source = given.get("run", top.get("run")), given.get("source", top.get("source"))
    whole = (
        given.get("name")
        and run
        and source
        and isinstance(given.get("given"), dict)
        and given.get("expected")
    )
    if not whole or not set(given) <= _CASE_KEYS or not isinstance(given["expected"], dict):
        reason = Text(
            "案例须有 name、given、expected 与 source",
            "a case needs “name”, “given”, “expected” and “source”, nothing else",
        )
        raise BadLaw(place=place, rule="cases", reason=reason)
    return Case(
        run=str(run),
        name=str(given["name"]),
        given=dict(given["given"]),
        expected=dict(given["expected"]),
        source=str(source),
        place=place,
    )


def run_case(case: Case) -> list[str]:
    """
    Run one case and tell what differs from the expectation; nothing if it holds.

    :raises UnknownRunner: if nobody offers its runner.
    """
    runner = find_runner(case)
    try:
        result = runner(dict(case.given))
    except Refusal as refusal:
        result = {"refusal": refusal.code, "field": refusal.field}
    return [
        f"{key}: expected {wanted!r}, got {result.get(key)!r}"
        for key, wanted in case.expected.items()
        if key not in result or not _same(wanted, result[key])
    ]


def find_runner(case: Case) -> Runner:
    """
    The function a case is run with.

    :raises UnknownRunner: if the module named before the dot offers none of that name.
    """
    module = case.run.partition(".")[0]
    runners = dict(RUNNERS) if module == "lawbook" else _offered(f"goldentax.{module}")
    if case.run not in runners:
        raise UnknownRunner(case.place, place=case.place, run=case.run, known=", ".join(runners) or "-")
    return runners[case.run]


def _offered(package: str) -> dict[str, Runner]:
    for path in (package, f"{package}.rules", f"{package}.rules.cases"):
        if find_spec(path) is None:
            return {}
    found: dict[str, Runner] = import_module(f"{package}.rules.cases").RUNNERS
    return found


def _same(wanted: Any, got: Any) -> bool:
    """Equal in value: decimals are written as text in YAML, tuples as lists, bilingual texts as mappings."""
    if isinstance(got, Decimal):
        try:
            return Decimal(wanted) == got
        except (InvalidOperation, TypeError, ValueError):
            return False
    if isinstance(got, Text):
        return isinstance(wanted, dict) and wanted == {"zh": got.zh, "en": got.en}
    if isinstance(got, Mapping) and isinstance(wanted, Mapping):
        return all(key in got and _same(value, got[key]) for key, value in wanted.items())
    if isinstance(got, Sequence) and not isinstance(got, str) and isinstance(wanted, list):
        return len(got) == len(wanted) and all(_same(a, b) for a, b in zip(wanted, got, strict=True))
    return type(wanted) is type(got) and bool(wanted == got)


def _run_parameter(given: dict[str, Any]) -> Mapping[str, Any]:
    fact = lawbook.explain(given["path"], on=given["on"])
    return {"value": fact.value, "state": fact.state, "confidence": fact.confidence}


def _run_table(given: dict[str, Any]) -> Mapping[str, Any]:
    """Rows whose columns equal ``where`` (a list column: contains it)."""
    rows = lawbook.table(given["path"], on=given["on"])
    where = given.get("where", {})
    fitting = [row for row in rows if all(_fits(value, row[column]) for column, value in where.items())]
    return {"count": len(fitting), "row": fitting[0] if fitting else {}, "rows": fitting}


def _fits(wanted: Any, got: Any) -> bool:
    return wanted in got if isinstance(got, tuple) and isinstance(wanted, str) else _same(wanted, got)


def _run_prefix(given: dict[str, Any]) -> Mapping[str, Any]:
    day: date = given["on"]
    rows = lawbook.table(given["path"], on=day)
    for column, value in given.get("where", {}).items():
        rows = tuple(row for row in rows if _fits(value, row[column]))
    row = lawbook.longest_prefix(rows, code=given["code"])
    return dict(row) if row is not None else {"prefix": None}


RUNNERS: Mapping[str, Runner] = {
    "lawbook.parameter": _run_parameter,
    "lawbook.table": _run_table,
    "lawbook.prefix": _run_prefix,
}

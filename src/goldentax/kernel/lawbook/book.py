"""The lawbook as a whole: every file below one folder, read once, checked, and never changed afterwards."""

import difflib
import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from goldentax.kernel.lawbook.errors import BadLaw, MissingFact, UnknownFact
from goldentax.kernel.lawbook.facts import Fact, Parameter, Row, Table
from goldentax.kernel.lawbook.forms import read_parameter, read_table
from goldentax.kernel.lawbook.reading import Located, read_yaml
from goldentax.kernel.refusals import Refusal, raise_all
from goldentax.kernel.settings import settings
from goldentax.kernel.text import Text

CASES_SUFFIX = ".cases.yaml"
# Not law, or read by others: the nodes by `goldentax.kernel.node`, the code tables by
# `goldentax.kernel.codes`.
_ELSEWHERE = ("nodes.yaml", "codes/")

_consulted: ContextVar[list[Fact] | None] = ContextVar("consulted", default=None)


class Lawbook:
    """All parameters and tables by their path."""

    def __init__(self, *, parameters: dict[str, Parameter], tables: dict[str, Table], version: str) -> None:
        self.parameters = parameters
        self.tables = tables
        self.version = version

    @classmethod
    def load(cls, folder: Path) -> "Lawbook":
        """
        Read every file below a folder.

        :raises BadLaw: if a file breaks a rule; where several do, all of them are named.
        """
        parameters: dict[str, Parameter] = {}
        tables: dict[str, Table] = {}
        wrong: list[Refusal] = []
        for file in law_files(folder):
            name = file.relative_to(folder).as_posix()
            try:
                for fact in _read(file, name):
                    if fact.path in parameters or fact.path in tables:
                        reason = Text(
                            f"“{fact.path}”已在别处定义", f"“{fact.path}” is defined elsewhere already"
                        )
                        raise BadLaw(place=fact.origin, rule="twice", reason=reason)
                    (parameters if isinstance(fact, Parameter) else tables)[fact.path] = fact  # type: ignore[assignment]
            except BadLaw as bad:
                wrong.append(bad)
        raise_all(wrong)
        return cls(parameters=parameters, tables=tables, version=digest(folder))

    def parameter(self, path: str, *, on: date) -> Any:
        """
        The value in force that day: a Decimal, int, str, bool, date or tuple of str, by its unit.

        :raises UnknownFact: if there is no such parameter.
        :raises MissingFact: if it has no value that day.
        """
        fact = self._parameter(path).find(on)
        _note(fact)
        if fact.value is None:
            raise MissingFact(path, path=path, on=on, why=fact.basis)
        return fact.value

    def table(self, path: str, *, on: date) -> tuple[Row, ...]:
        """
        The rows in force that day, read-only, in the order of the file.

        :raises UnknownFact: if there is no such table.
        :raises MissingFact: if no row is in force.
        """
        table = self._table(path)
        if _consulted.get() is not None:
            _note(table.explain(on))
        return table.find(on)

    def explain(self, path: str, *, on: date) -> Fact:
        """
        Why: the value with its basis, confidence, state and period. A missing value is told, not refused.

        :raises UnknownFact: if there is neither such a parameter nor such a table.
        :raises MissingFact: if that day lies outside all its periods.
        """
        return self._table(path).explain(on) if path in self.tables else self._parameter(path).find(on)

    def _parameter(self, path: str) -> Parameter:
        try:
            return self.parameters[path]
        except KeyError:
            raise self._unknown(path) from None

    def _table(self, path: str) -> Table:
        try:
            return self.tables[path]
        except KeyError:
            raise self._unknown(path) from None

    def _unknown(self, path: str) -> UnknownFact:
        near = difflib.get_close_matches(path, [*self.parameters, *self.tables], n=3, cutoff=0.4)
        return UnknownFact(path, path=path, near=", ".join(near) or "-")


def _read(file: Path, name: str) -> Iterator[Parameter | Table]:
    """
    The facts of one file. A parameter or table file is called like its path; the parameters of a group stand
    directly in the folder, so that they can move to another file without being renamed.
    """
    top = read_yaml(file, name=name)
    path = name.removesuffix(".yaml")
    if "rows" in top:
        yield read_table(name=name, path=path, at=top)
    elif "values" in top:
        yield read_parameter(name=name, path=path, at=top)
    elif isinstance(top.get("parameters"), Located) and set(top) <= {"parameters", "note"}:
        folder = path.rpartition("/")[0]
        for key, at in top["parameters"].items():
            yield read_parameter(name=name, path=f"{folder}/{key}".lstrip("/"), at=at)
    else:
        reason = Text(
            "须有 values、rows 或 parameters 之一", "it needs one of “values”, “rows” and “parameters”"
        )
        raise BadLaw(place=f"{name}:1", rule="shape", reason=reason)


def law_files(folder: Path) -> list[Path]:
    """The files of parameters and tables, in a fixed order."""
    return [
        file
        for file in sorted(folder.rglob("*.yaml"))
        if not file.name.endswith(CASES_SUFFIX)
        and not file.relative_to(folder).as_posix().startswith(_ELSEWHERE)
    ]


def digest(folder: Path) -> str:
    """
    SHA-256 over names and contents of all law and code tables: two lawbooks that say the same have the
    same.
    """
    total = hashlib.sha256()
    for file in sorted([*law_files(folder), *(folder / "codes").glob("*.*")]):
        content = hashlib.sha256(file.read_bytes()).hexdigest()
        total.update(f"{file.relative_to(folder).as_posix()} {content}\n".encode())
    return total.hexdigest()


def _note(fact: Fact) -> None:
    noted = _consulted.get()
    if noted is not None and fact not in noted:
        noted.append(fact)


@contextmanager
def consulted() -> Iterator[list[Fact]]:
    """Collect every fact asked for inside the block, so that a result can say what it rests on."""
    token = _consulted.set([])
    try:
        noted = _consulted.get()
        assert noted is not None
        yield noted
    finally:
        _consulted.reset(token)


@cache
def book() -> Lawbook:
    """The lawbook of this process; the first call reads it. ``book.cache_clear()`` forgets it."""
    return Lawbook.load(settings().lawbook)

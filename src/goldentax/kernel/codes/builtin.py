"""
The built-in code tables: our own extract, committed under ``lawbook/codes``, so the product works on its own.

``tables.yaml`` describes the tables that are CSV files, ``enums.yaml`` holds the short enumerations. A
table that has since been imported from outside outranks the built-in one and is left alone.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from django.db import transaction

from goldentax.kernel.codes import errors
from goldentax.kernel.codes.entries import Diff, Row
from goldentax.kernel.codes.models import CodeTable
from goldentax.kernel.codes.operations import Progress, import_codes
from goldentax.kernel.codes.reading import read_file
from goldentax.kernel.lawbook.errors import BadLaw
from goldentax.kernel.lawbook.reading import Located, read_yaml
from goldentax.kernel.settings import settings
from goldentax.kernel.text import Text

SOURCE_PREFIX = "built-in: "
# Part of the digest: raise it when the same files are to be loaded anew, such as for another search text.
FORMAT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class BuiltinTable:
    """One table as the lawbook has it."""

    name: str
    label: Text
    valid_from: date
    basis: str
    rows: list[Row]


def load_builtin(
    *, now: datetime, folder: Path | None = None, progress: Progress | None = None
) -> list[Diff]:
    """
    Load what the lawbook has; one query where nothing changed since the last time.

    :returns: what was done to each table; nothing where the files are those of the last time.
    :raises Refusal: if a file is wrong; then nothing is stored.
    """
    folder = folder or settings().lawbook / "codes"
    digest = builtin_digest(folder)
    if CodeTable.objects.filter(digest=digest).exists():
        return []
    with transaction.atomic():
        # All tables get the digest together, so that finding it on one of them says that all are done.
        tables = list(read_builtin(folder))
        foreign = set(
            CodeTable.objects.filter(is_built_in=False, version__gt=0).values_list("name", flat=True)
        )
        diffs = [_load(one, now=now, foreign=foreign, progress=progress) for one in tables]
        CodeTable.objects.filter(name__in=[one.name for one in tables]).update(digest=digest)
    return diffs


def _load(one: BuiltinTable, *, now: datetime, foreign: set[str], progress: Progress | None) -> Diff:
    if one.name in foreign:
        return Diff(table=one.name, added=0, changed=0, closed=0, unchanged=0, version=0, is_skipped=True)
    return import_codes(
        table=one.name,
        rows=one.rows,
        valid_from=one.valid_from,
        source=SOURCE_PREFIX + one.basis,
        label=one.label,
        is_built_in=True,
        now=now,
        progress=progress,
    )


def builtin_digest(folder: Path) -> str:
    """SHA-256 over the names and contents of the files."""
    total = hashlib.sha256(f"format {FORMAT}\n".encode())
    for file in sorted(folder.glob("*.*")):
        total.update(f"{file.name} {hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode())
    return total.hexdigest()


def read_builtin(folder: Path) -> Iterator[BuiltinTable]:
    """
    Read every built-in table.

    :raises Refusal: if a file cannot be read or a description is incomplete.
    """
    yield from _described(folder)
    yield from _enumerations(folder)


def _described(folder: Path) -> Iterator[BuiltinTable]:
    top = _yaml(folder / "tables.yaml")
    for name, at in top["tables"].items():
        place = f"tables.yaml:{at.line}"
        yield BuiltinTable(
            name=name,
            label=_label(at, place),
            valid_from=_day(at, place),
            basis=_basis(at, place),
            rows=read_file(folder / str(at.get("file")), table=name)[0].rows,
        )


def _enumerations(folder: Path) -> Iterator[BuiltinTable]:
    top = _yaml(folder / "enums.yaml")
    for name, at in top["tables"].items():
        place = f"enums.yaml:{at.line}"
        codes = at.get("codes")
        if not isinstance(codes, Located) or not codes:
            raise _bad(place, "“codes” is missing")
        yield BuiltinTable(
            name=name,
            label=_label(at, place),
            valid_from=at.get("from") or _day(top, place),
            basis=_basis(at, place),
            rows=[_enumerated(code, value, place) for code, value in codes.items()],
        )


def _enumerated(code: str, value: Any, place: str) -> Row:
    """``"01": 免税`` or ``"01": {zh: 免税, en: exempt}``; other words of the mapping become attributes."""
    if isinstance(value, str):
        return Row(code=code, name=value)
    if not isinstance(value, Located) or not isinstance(value.get("zh"), str):
        raise _bad(place, f"the code {code} has no name")
    parent = value.get("parent", "")
    attributes = {key: text for key, text in value.items() if key not in ("zh", "parent")}
    return Row(code=code, name=value["zh"], parent=parent, attributes=attributes, line=value.line)


def _yaml(path: Path) -> Located:
    try:
        top = read_yaml(path, name=path.name)
    except BadLaw as bad:
        raise _bad(str(bad.facts["place"]), str(bad.facts["reason_en"])) from bad
    if not isinstance(top.get("tables"), Located):
        raise _bad(path.name, "“tables” is missing")
    return top


def _label(at: Located, place: str) -> Text:
    label = at.get("label")
    if not isinstance(label, Located) or set(label) != {"zh", "en"}:
        raise _bad(place, "the label in zh and en is missing")
    return Text(str(label["zh"]), str(label["en"]))


def _day(at: Located, place: str) -> date:
    found = at.get("from")
    if not isinstance(found, date):
        raise _bad(place, "the first day “from” is missing")
    return found


def _basis(at: Located, place: str) -> str:
    found = at.get("basis")
    if not isinstance(found, str) or not found:
        raise _bad(place, "the basis is missing")
    return found


def _bad(place: str, reason: str) -> errors.BadBuiltin:
    return errors.BadBuiltin(place, place=f"lawbook/codes/{place}", reason=reason)

"""
Reads code tables from files; the format is told by the header.

Known are the official tables as they are passed around (tax classification codes, divisions in two
editions, GB/T 4754 industries, banks, enumerations as JSON) and a plain CSV, which is also what an export
writes. Files are UTF-8.
"""

import csv
import io
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from goldentax.kernel.codes import errors
from goldentax.kernel.codes.entries import Row
from goldentax.kernel.refusals import Refusal, raise_all

FILE_BYTES_MAX = 64 * 1024 * 1024  # the largest official table has 0.9 MB
ROWS_MAX = 200_000

TAX_CLASSIFICATION = "tax_classification"
DIVISION = "division"
INDUSTRY = "industry"
BANK = "bank"

_TRUE, _FALSE = {"1", "true", "y", "是"}, {"0", "false", "n", "否"}
_PLAIN = {"code", "name", "short_name", "parent", "level", "is_leaf", "description", "attributes"}

Record = dict[str, str]


@dataclass(frozen=True, slots=True)
class FileContent:
    """The rows of one table found in one file."""

    table: str
    rows: list[Row]
    file: str


def read_file(path: Path, *, table: str = "") -> list[FileContent]:
    """
    Read one file; an enumeration file holds several tables, every other file one.

    :param table: the table the rows belong to; needed where the header does not tell.
    :raises Refusal: a ``COD-FIL`` or ``COD-ROW`` refusal, or a group, naming file, line and column.
    """
    try:
        if path.stat().st_size > FILE_BYTES_MAX:
            raise errors.TooLarge("file", file=path.name, limit=f"{FILE_BYTES_MAX >> 20} MiB")
        data = path.read_bytes()
    except OSError as error:
        raise errors.NoFile("file", file=path.name, reason=error.strerror or error) from error
    return read_bytes(data, file=path.name, table=table)


def read_bytes(data: bytes, *, file: str, table: str = "") -> list[FileContent]:
    """
    Read the content of a file; see `read_file`.

    :raises Refusal: as `read_file` does.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise errors.NotText("file", file=file, line=data[: error.start].count(b"\n") + 1) from error
    if text.lstrip().startswith("{"):
        return _read_enumerations(text, file)
    return [_read_table(text, file, table)]


def _read_table(text: str, file: str, table: str) -> FileContent:
    header, records = _records(text, file)
    form = _recognise(header, records, table)
    if form is None and {"code", "name"} <= set(header) <= _PLAIN:
        if not table:
            raise errors.TableNotNamed("table", file=file)
        form = _Form(table, _plain_row)
    if form is None:
        raise errors.UnknownFormat("file", file=file, header=",".join(header)[:200])
    told: list[Refusal] = []
    rows: list[Row] = []
    for line, record in records:
        try:
            rows.append(replace(form.row(record, line), line=line))
        except Refusal as refusal:
            told.append(refusal)
            if len(told) == 20:
                break
    raise_all(told)
    return FileContent(table or form.table, form.finish(rows), file)


def _records(text: str, file: str) -> tuple[list[str], list[tuple[int, Record]]]:
    """Header and records with their lines; a record has exactly the columns of the header."""
    first = text.partition("\n")[0]
    reader = csv.reader(io.StringIO(text, newline=""), delimiter="\t" if "\t" in first else ",", strict=True)
    records: list[tuple[int, Record]] = []
    begin = 1
    try:
        header = [name.strip() for name in next(reader, [])]
        begin = reader.line_num + 1
        for fields in reader:
            if fields and len(fields) != len(header):
                reason = f"{len(fields)} ≠ {len(header)} columns"
                raise errors.BrokenFile("file", file=file, line=begin, reason=reason)
            if fields:
                records.append((begin, dict(zip(header, (one.strip() for one in fields), strict=True))))
            if len(records) > ROWS_MAX:
                raise errors.TooLarge("file", file=file, limit=f"{ROWS_MAX:,} rows")
            begin = reader.line_num + 1
    except csv.Error as error:
        raise errors.BrokenFile("file", file=file, line=begin, reason=error) from error
    if not records:
        raise errors.NothingInside("file", file=file)
    return header, records


def _same_rows(rows: list[Row]) -> list[Row]:
    return rows


@dataclass(frozen=True, slots=True)
class _Form:
    """How the records of one format become rows."""

    table: str
    row: Callable[[Record, int], Row]
    finish: Callable[[list[Row]], list[Row]] = _same_rows


def _recognise(header: list[str], records: list[tuple[int, Record]], table: str) -> _Form | None:
    columns = set(header)
    if {"code", "name", "short_name_filled", "parent_code"} <= columns:
        return _Form(TAX_CLASSIFICATION, _tax_row)
    if columns == {"Source", "Revision", "Code", "Name"}:
        return _Form(DIVISION, _gb2260_row, _with_division_parents)
    if columns == {"bank_no", "bank_name", "bank_code"}:
        return _Form(BANK, _bank_row)
    if columns in ({"code", "name", "cityCode", "provinceCode"}, {"code", "name", "provinceCode"}):
        return _Form(DIVISION, _division_row, _without_doubled_cities)
    if table:
        return None
    first = records[0][1].get("code", "")
    if columns == {"code", "name"} and all(len(record["code"]) == 2 for _, record in records):
        return _Form(DIVISION, _division_row)
    if columns == {"code", "name", "level", "parent"} and len(first) == 1 and first.isupper():
        return _Form(INDUSTRY, _plain_row)
    return None


def _plain_row(record: Record, line: int) -> Row:
    return Row(
        code=record["code"],
        name=record["name"],
        short_name=record.get("short_name", ""),
        parent=record.get("parent", ""),
        is_leaf=_flag(record.get("is_leaf", ""), line),
        description=record.get("description", ""),
        attributes=_attributes(record.get("attributes", ""), line),
    )


def _tax_row(record: Record, line: int) -> Row:
    return Row(
        code=record["code"],
        name=record["name"],
        short_name=record["short_name_filled"] or record.get("short_name", ""),
        parent=record["parent_code"],
        is_leaf=_flag(record.get("is_leaf", ""), line),
        description=record.get("description", ""),
    )


def _bank_row(record: Record, line: int) -> Row:
    """The published list has a number without a name; such a bank is called by its number."""
    attributes = {"bank_code": record["bank_code"]} if record["bank_code"] else {}
    return Row(code=record["bank_no"], name=record["bank_name"] or record["bank_no"], attributes=attributes)


def _division_row(record: Record, line: int) -> Row:
    """Divisions by 2, 4 and 6 digits become GB/T 2260 codes of six; towns keep their nine."""
    parent = record.get("cityCode") or record.get("provinceCode") or ""
    return Row(
        code=record["code"].ljust(6, "0"), name=record["name"], parent=parent.ljust(6, "0") if parent else ""
    )


def _without_doubled_cities(rows: list[Row]) -> list[Row]:
    """A city without districts, such as 东莞, stands among the areas once more, as its own area."""
    return [row for row in rows if row.code != row.parent]


def _gb2260_row(record: Record, line: int) -> Row:
    return Row(code=record["Code"], name=record["Name"])


def _with_division_parents(rows: list[Row]) -> list[Row]:
    """Give each division the nearest one above it that is in the list: of its city, else of its province."""
    known = {row.code for row in rows}

    def parent(code: str) -> str:
        above = (code[:4] + "00", code[:2] + "0000")
        return next((one for one in above if one != code and one in known), "")

    return [replace(row, parent=parent(row.code)) for row in rows]


def _flag(text: str, line: int) -> bool | None:
    word = text.lower()
    if word and word not in _TRUE | _FALSE:
        raise errors.BadField("is_leaf", line=line, column="is_leaf", value=text[:30])
    return word in _TRUE if word else None


def _attributes(text: str, line: int) -> dict[str, Any]:
    if not text:
        return {}
    try:
        found = json.loads(text, parse_float=str)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise errors.BadField("attributes", line=line, column="attributes", value=text[:30])
    return found


def _read_enumerations(text: str, file: str) -> list[FileContent]:
    """A JSON object of tables: code → name, or a list of names, or groups of names."""
    try:
        found = json.loads(text, parse_float=str)
    except ValueError as error:
        line = getattr(error, "lineno", 1)
        raise errors.BrokenFile("file", file=file, line=line, reason=getattr(error, "msg", error)) from error
    tables = {name: content for name, content in found.items() if not name.startswith("_")}
    if not tables:
        raise errors.NothingInside("file", file=file)
    return [
        FileContent(_table_name(name), _enumeration(name, content, file), file)
        for name, content in tables.items()
    ]


def _table_name(key: str) -> str:
    """``ckywsyzcDm_export`` → ``ckywsyzcdm_export``: table names are lower case."""
    return key.lower()


def _enumeration(name: str, content: object, file: str) -> list[Row]:
    if isinstance(content, list) and all(isinstance(one, str) for one in content):
        return [Row(code=one, name=one) for one in content]
    if isinstance(content, dict) and content:
        return [row for code, value in content.items() for row in _enumerated(code, value, name, file)]
    raise errors.BrokenFile("file", file=file, line=1, reason=f"{name}: neither codes nor a list of names")


def _enumerated(code: str, value: object, name: str, file: str) -> Iterable[Row]:
    if isinstance(value, str):
        # An empty code means "none of them"; it is kept as a dash, as a code cannot be empty.
        yield Row(code=code or "-", name=value, attributes={} if code else {"value": ""})
    elif isinstance(value, list) and all(isinstance(one, str) for one in value):
        yield Row(code=code, name=code)
        for number, one in enumerate(value, 1):
            yield Row(code=f"{code}/{number}", name=one, parent=code)
    else:
        raise errors.BrokenFile("file", file=file, line=1, reason=f"{name}: {code} has no name")

"""
Turns what was read into parameters and tables, and checks every rule of how law is written.

Three shapes of file: a *parameter file* (``values``), a *group* of parameters (``parameters``), a *table*
(``rows``). The unit of a parameter, or of a column, decides the type of its values; exact decimals are
written in quotes.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from types import MappingProxyType
from typing import Any

from goldentax.kernel.lawbook.errors import BadLaw
from goldentax.kernel.lawbook.facts import CONFIDENCES, Fact, Parameter, Row, Table, days_of_change
from goldentax.kernel.lawbook.reading import Located
from goldentax.kernel.text import Text

DECIMAL_UNITS = frozenset({"ratio", "yuan", "quantity"})
INTEGER_UNITS = frozenset(
    {"fen", "lines", "characters", "bytes", "digits", "decimals", "days", "months", "years", "times", "count"}
)
OTHER_UNITS = frozenset({"text", "texts", "flag", "date", "label"})
UNITS = DECIMAL_UNITS | INTEGER_UNITS | OTHER_UNITS

_ROW_WORDS = frozenset({"from", "to", "basis", "confidence"})
_PARAMETER_KEYS = frozenset({"label", "unit", "values", "export", "note"})
_TABLE_KEYS = frozenset({"label", "columns", "key", "rows", "export", "note", "defaults"})
_VALUE_KEYS = frozenset({"from", "to", "value", "basis", "confidence"})


class _File:
    """One file while it is checked: knows its name and where to point."""

    def __init__(self, name: str) -> None:
        self.name = name

    def bad(self, at: Mapping[str, Any], rule: str, zh: str, en: str) -> BadLaw:
        return BadLaw(place=f"{self.name}:{getattr(at, 'line', 1)}", rule=rule, reason=Text(zh, en))

    def only(self, at: Located, allowed: frozenset[str]) -> None:
        for key in at:
            if key not in allowed:
                known = ", ".join(sorted(allowed))
                raise self.bad(
                    at, "key", f"不认识的键“{key}”", f"the key “{key}” is unknown; there are {known}"
                )

    def label(self, at: Located) -> Text:
        found = at.get("label")
        if not isinstance(found, dict) or set(found) != {"zh", "en"} or not all(found.values()):
            raise self.bad(at, "label", "缺少中英文名称 label", "the label in zh and en is missing")
        return Text(str(found["zh"]), str(found["en"]))

    def day(self, at: Located, key: str) -> date | None:
        found = at.get(key)
        if found is not None and not isinstance(found, date):
            raise self.bad(at, "date", f"{key} 须为日期", f"“{key}” must be a date such as 2026-01-01")
        return found

    def dated(self, at: Located, defaults: Mapping[str, Any]) -> dict[str, Any]:
        """The four words every value and row carries: from, to, basis, confidence."""
        from_ = self.day(at, "from") or defaults.get("from")
        if from_ is None:
            raise self.bad(at, "from", "缺少起始日期 from", "“from”, the first day, is missing")
        to = self.day(at, "to")
        if to is not None and to <= from_:
            raise self.bad(at, "period", "to 须晚于 from", "“to” must be later than “from”")
        basis = at.get("basis", defaults.get("basis"))
        if not isinstance(basis, str) or not basis.strip():
            raise self.bad(at, "basis", "缺少依据 basis", "“basis”, where it comes from, is missing")
        confidence = at.get("confidence", defaults.get("confidence", "H"))
        if confidence not in CONFIDENCES:
            raise self.bad(at, "confidence", "confidence 须为 H、M 或 L", "“confidence” must be H, M or L")
        return {"from": from_, "to": to, "basis": basis.strip(), "confidence": confidence}

    def value(self, at: Located, raw: Any, unit: str, name: str) -> Any:
        """One value in the type of its unit."""
        if raw is None:
            return None
        if unit in DECIMAL_UNITS:
            return self._decimal(at, raw, name)
        if unit in INTEGER_UNITS and isinstance(raw, int) and not isinstance(raw, bool):
            return raw
        if unit == "text" and isinstance(raw, str):
            return raw
        if unit == "flag" and isinstance(raw, bool):
            return raw
        if unit == "date" and isinstance(raw, date):
            return raw
        if unit == "texts" and isinstance(raw, list) and all(isinstance(one, str) for one in raw):
            return tuple(raw)
        if unit == "label" and isinstance(raw, dict) and set(raw) == {"zh", "en"}:
            return Text(str(raw["zh"]), str(raw["en"]))
        raise self.bad(
            at, "type", f"{name} 的值 {raw!r} 不合 {unit}", f"{name}: {raw!r} does not fit the unit {unit}"
        )

    def _decimal(self, at: Located, raw: Any, name: str) -> Decimal:
        if not isinstance(raw, str):
            raise self.bad(at, "type", f"{name} 须写成带引号的小数", f"{name} must be a decimal in quotes")
        try:
            found = Decimal(raw)
        except InvalidOperation:
            found = Decimal("NaN")
        if not found.is_finite():
            raise self.bad(at, "type", f"{name} 的值“{raw}”不是数", f"{name}: “{raw}” is not a number")
        return found


def read_parameter(*, name: str, path: str, at: Any) -> Parameter:
    """
    Check one parameter.

    :raises BadLaw: at the first mistake.
    """
    file = _File(name)
    if not isinstance(at, Located):
        raise file.bad({}, "shape", f"参数 {path} 须为键值", f"the parameter {path} must be a mapping")
    file.only(at, _PARAMETER_KEYS)
    unit = at.get("unit")
    if unit not in UNITS:
        raise file.bad(
            at, "unit", f"单位“{unit}”不认识", f"the unit “{unit}” is unknown: {', '.join(sorted(UNITS))}"
        )
    values = at.get("values")
    if not isinstance(values, list) or not values:
        raise file.bad(at, "values", "缺少 values", "“values” is missing or empty")
    facts = sorted((_fact(file, path, unit, one) for one in values), key=lambda fact: fact.from_)
    for earlier, later in pairwise(facts):
        if earlier.from_ == later.from_ or (earlier.to is not None and earlier.to > later.from_):
            raise BadLaw(
                place=later.origin,
                rule="overlap",
                reason=Text(f"{path} 的期间重叠", f"{path} has two values for the same days"),
            )
    return Parameter(
        path=path,
        label=file.label(at),
        unit=unit,
        exported=bool(at.get("export")),
        origin=f"{name}:{at.line}",
        values=tuple(facts),
    )


def _fact(file: _File, path: str, unit: str, at: Any) -> Fact:
    if not isinstance(at, Located):
        raise file.bad({}, "shape", f"{path} 的每个取值须为键值", f"each value of {path} must be a mapping")
    file.only(at, _VALUE_KEYS)
    if "value" not in at:
        raise file.bad(
            at,
            "value",
            "缺少 value（未查到写 null）",
            "“value” is missing; write null for a fact nobody found",
        )
    dated = file.dated(at, {})
    return Fact(
        path=path,
        value=file.value(at, at["value"], unit, path),
        basis=dated["basis"],
        confidence=dated["confidence"],
        from_=dated["from"],
        to=dated["to"],
        origin=f"{file.name}:{at.line}",
    )


def read_table(*, name: str, path: str, at: Located) -> Table:
    """
    Check one table.

    :raises BadLaw: at the first mistake.
    """
    file = _File(name)
    file.only(at, _TABLE_KEYS)
    columns = _columns(file, at)
    key = at.get("key")
    if not isinstance(key, list) or not key or not set(key) <= set(columns):
        raise file.bad(at, "columns", "key 须列出已声明的列", "“key” must list columns that are declared")
    if not isinstance(at["rows"], list) or not at["rows"]:
        raise file.bad(at, "rows", "缺少 rows", "“rows” is missing or empty")
    defaults = at.get("defaults") or Located()
    file.only(defaults, _ROW_WORDS - {"to"})
    file.day(defaults, "from")
    rows = tuple(_row(file, columns, defaults, one) for one in at["rows"])
    _refuse_overlaps(file, path, tuple(key), rows, at["rows"])
    return Table(
        path=path,
        label=file.label(at),
        columns=MappingProxyType(columns),
        key=tuple(key),
        exported=bool(at.get("export")),
        origin=f"{name}:{at.line}",
        rows=rows,
        _days=days_of_change(rows),
    )


def _columns(file: _File, at: Located) -> dict[str, str]:
    columns = at.get("columns")
    if not isinstance(columns, dict) or not columns:
        raise file.bad(at, "columns", "缺少 columns", "“columns” is missing")
    for column, unit in columns.items():
        if str(unit).removesuffix("?") not in UNITS or column in _ROW_WORDS:
            raise file.bad(
                columns, "unit", f"列 {column} 的单位“{unit}”不认识", f"column {column}: bad unit “{unit}”"
            )
    return {column: str(unit) for column, unit in columns.items()}


def _row(file: _File, columns: dict[str, str], defaults: Located, at: Any) -> Row:
    if not isinstance(at, Located):
        raise file.bad({}, "shape", "rows 的每一行须为键值", "each row must be a mapping")
    file.only(at, frozenset(columns) | _ROW_WORDS)
    row: dict[str, Any] = {}
    for column, unit in columns.items():
        row[column] = file.value(at, at.get(column), unit.removesuffix("?"), column)
        if row[column] is None and not unit.endswith("?"):
            raise file.bad(at, "column", f"缺少列 {column}", f"the column “{column}” is missing")
    return MappingProxyType(row | file.dated(at, defaults))


def _refuse_overlaps(
    file: _File, path: str, key: tuple[str, ...], rows: tuple[Row, ...], raw: list[Located]
) -> None:
    seen: dict[tuple[Any, ...], list[tuple[Row, Located]]] = {}
    for row, at in zip(rows, raw, strict=True):
        for other, _ in seen.setdefault(tuple(row[one] for one in key), []):
            starts = max(row["from"], other["from"])
            if all(one["to"] is None or starts < one["to"] for one in (row, other)):
                name = "/".join(str(row[one]) for one in key)
                raise file.bad(
                    at,
                    "overlap",
                    f"{path} 的“{name}”期间重叠",
                    f"{path}: two rows of “{name}” overlap in time",
                )
        seen[tuple(row[one] for one in key)].append((row, at))

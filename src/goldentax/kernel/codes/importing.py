"""
Checks the rows of an import and plans what changes. Plain Python; `operations` carries the plan out.

A hierarchy must be whole: every parent is among the rows, and no code is its own ancestor. Levels are
counted from the parents, beginning at 1. All mistakes of a file are told at once, up to twenty.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from goldentax.kernel.codes import errors
from goldentax.kernel.codes.entries import (
    CODE_MAX,
    DESCRIPTION_MAX,
    NAME_MAX,
    SHORT_NAME_MAX,
    Content,
    Row,
)
from goldentax.kernel.refusals import Refusal, raise_all

REFUSALS_MAX = 20  # more would not be read; the next try shows the rest
LEVELS_MAX = 20  # the deepest official table has 10

_CODE = re.compile(rf"[\w./\-]{{1,{CODE_MAX}}}")
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


class _Told(list[Refusal]):
    """Refusals so far; raises them once there are enough."""

    def tell(self, refusal: Refusal) -> None:
        self.append(refusal)
        if len(self) >= REFUSALS_MAX:
            raise_all(self)


def prepare(rows: Iterable[Row], *, above: Mapping[str, Content] | None = None) -> dict[str, Content]:
    """
    Check rows and work out their levels and leaves; the codes in the order of the rows.

    :param above: codes that may be parents without being among the rows, for an import of a part.
    :raises Refusal: one, or a group of up to twenty, each naming line and column.
    """
    told = _Told()
    by_code: dict[str, Row] = {}
    for row in rows:
        _check_fields(row, told)
        other = by_code.setdefault(row.code, row)
        if other is not row:
            told.tell(errors.CodeTwice("code", line=row.line, value=row.code, other=other.line))
    parents = {row.parent for row in by_code.values()}
    above = {code: one for code, one in (above or {}).items() if code not in by_code}
    levels = {"": 0} | {code: one.level for code, one in above.items()}
    for row in by_code.values():
        if row.parent in above and above[row.parent].is_leaf:
            told.tell(errors.LeafHasChildren("is_leaf", line=row.line, value=row.parent))
        elif row.parent and row.parent not in by_code and row.parent not in above:
            told.tell(errors.ParentUnknown("parent", line=row.line, value=row.parent[:CODE_MAX]))
        elif not _count_levels(row, by_code, levels):
            told.tell(errors.ParentCircle("parent", line=row.line, value=row.code))
        if row.is_leaf and row.code in parents:
            told.tell(errors.LeafHasChildren("is_leaf", line=row.line, value=row.code))
    raise_all(told)
    return {
        row.code: Content(
            name=row.name,
            short_name=row.short_name,
            parent=row.parent,
            level=levels[row.code],
            is_leaf=row.code not in parents if row.is_leaf is None else row.is_leaf,
            description=row.description,
            attributes=row.attributes,
        )
        for row in by_code.values()
    }


def _check_fields(row: Row, told: _Told) -> None:
    if not _CODE.fullmatch(row.code):
        told.tell(errors.CodeMissing("code", line=row.line, value=row.code[:CODE_MAX]))
    if not row.name:
        told.tell(errors.NameMissing("name", line=row.line, value=row.code))
    for column, text, limit in (
        ("name", row.name, NAME_MAX),
        ("short_name", row.short_name, SHORT_NAME_MAX),
        ("description", row.description, DESCRIPTION_MAX),
    ):
        if len(text) > limit:
            told.tell(errors.TextTooLong(column, line=row.line, column=column, limit=limit))
        if _CONTROL.search(text):
            told.tell(errors.BadField(column, line=row.line, column=column, value=repr(text[:30])))


def _count_levels(row: Row, by_code: Mapping[str, Row], levels: dict[str, int]) -> bool:
    """Count the level of a row and of its ancestors; False if they lead in a circle, or too deep."""
    climbed: list[str] = []
    code = row.code
    while code not in levels:
        if code in climbed or len(climbed) >= LEVELS_MAX or code not in by_code:
            # A parent that is missing is told at the row that names it; its descendants are counted from
            # there.
            levels.update(dict.fromkeys(climbed, 1))
            return code not in by_code
        climbed.append(code)
        code = by_code[code].parent
    for one in reversed(climbed):
        levels[one] = levels[by_code[one].parent] + 1
    return True


@dataclass(frozen=True, slots=True)
class Plan:
    """Codes by what becomes of them."""

    added: list[str]
    changed: list[str]
    closed: list[str]
    unchanged: int


def plan(*, present: Mapping[str, Content], wanted: Mapping[str, Content], is_whole: bool = True) -> Plan:
    """
    Compare what is in force with what is wanted.

    :param is_whole: the wanted codes are the whole table; what is not among them is closed.
    """
    added = [code for code in wanted if code not in present]
    changed = [code for code, content in wanted.items() if code in present and present[code] != content]
    closed = [code for code in present if code not in wanted] if is_whole else []
    return Plan(added, changed, closed, len(wanted) - len(added) - len(changed))

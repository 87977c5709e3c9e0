"""
Tax offices as values: five levels, each office below one of a higher level.

A code has eleven digits: ``1``, the six of the division (GB/T 2260), four of the office (FACTS §1.1).
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from goldentax.kernel.text import Text

OFFICE_LEVELS = ("hq", "province", "city", "county", "branch")
"""总局、省局、市局、县（区）局、分局（所）: the five levels, highest first."""

LEVEL_NAMES = {
    "hq": Text("总局", "Headquarters"),
    "province": Text("省局", "Provincial bureau"),
    "city": Text("市局", "City bureau"),
    "county": Text("县（区）局", "County bureau"),
    "branch": Text("分局（所）", "Branch"),
}

_CODE = re.compile(r"1[0-9]{10}")


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeView:
    """A tax office (税务机关)."""

    code: str  # 11 digits
    name: str
    short_name: str
    level: str  # one of OFFICE_LEVELS
    parent_code: str
    division_code: str  # GB/T 2260, 6 digits
    closed_date: date | None = None  # the first day on which it is no more

    def is_closed(self, on: date) -> bool:
        """Tell whether it is no more on a day."""
        return self.closed_date is not None and self.closed_date <= on


def why_impossible(office: OfficeView, *, parent: OfficeView | None) -> str:
    """What contradicts itself in an office, named by its field; "" where nothing does."""
    if not _CODE.fullmatch(office.code):
        return "code"
    if office.level not in OFFICE_LEVELS:
        return f"level {office.level[:20]}"
    if (office.level == "hq") != (office.parent_code == ""):
        return "parent_code"
    if office.parent_code and parent is None:
        return f"parent_code {office.parent_code[:11]}"
    if parent is not None and rank(parent.level) >= rank(office.level):
        return f"level {office.level} below {parent.level}"
    return ""


def rank(level: str) -> int:
    """The place of a level, 0 for the headquarters."""
    return OFFICE_LEVELS.index(level)


def lines_of(parents: Mapping[str, str]) -> dict[str, tuple[str, ...]]:
    """Every office with its line upwards: itself first, the highest last."""
    lines: dict[str, tuple[str, ...]] = {}

    def line(code: str) -> tuple[str, ...]:
        found = lines.get(code)
        if found is None:
            above = parents.get(code, "")
            found = lines[code] = (code, *(line(above) if above in parents else ()))
        return found

    for code in parents:
        line(code)
    return lines


def below(codes: Iterable[str], *, lines: Mapping[str, tuple[str, ...]], above: str) -> list[str]:
    """Those of the offices that are ``above`` itself or stand below it."""
    return [code for code in codes if above in lines.get(code, ())]

"""What passes between the parts: a row to be imported, a code that was found, the outcome of an import."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

TABLE_NAME_MAX = 60
CODE_MAX = 60
NAME_MAX = 300
SHORT_NAME_MAX = 120
DESCRIPTION_MAX = 4000
SOURCE_MAX = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One row of an import, as read; ``line`` is its line in the file, for refusals."""

    code: str
    name: str
    short_name: str = ""
    parent: str = ""
    is_leaf: bool | None = None  # None: a leaf if no row names it as parent
    description: str = ""
    attributes: dict[str, Any] = field(default_factory=dict)
    line: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What a code says, without when: two versions of a code differ in this."""

    name: str
    short_name: str
    parent: str
    level: int
    is_leaf: bool
    description: str
    attributes: dict[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """One code (代码) in the version of a day: ``[valid_from, valid_to)``."""

    table: str
    code: str
    name: str
    short_name: str
    parent: str
    level: int
    is_leaf: bool
    description: str
    attributes: dict[str, Any]
    valid_from: date
    valid_to: date | None
    source: str = ""
    version: int = 0  # of the table, when this was added


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """A code table (代码表) as it stands."""

    name: str
    label_zh: str
    label_en: str
    source: str
    is_built_in: bool
    version: int
    code_count: int
    imported_at: str  # ISO 8601


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """Some codes, and the cursor of the next page, "" at the end."""

    codes: list[Code]
    cursor: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Diff:
    """What an import did to a table, or would do in a dry run; the codes are the first few of each kind."""

    table: str
    added: int
    changed: int
    closed: int
    unchanged: int
    version: int
    is_dry_run: bool = False
    is_skipped: bool = False  # a built-in table that has been replaced by an import from outside
    added_codes: tuple[str, ...] = ()
    changed_codes: tuple[str, ...] = ()
    closed_codes: tuple[str, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Nothing to do."""
        return not (self.added or self.changed or self.closed)

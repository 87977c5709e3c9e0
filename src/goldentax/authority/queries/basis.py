"""On which basis the lawbook says what it says of a post, a duty, a set or a function."""

from dataclasses import dataclass
from datetime import date

from goldentax.authority.rules import catalogue as catalogues
from goldentax.kernel import lawbook

_TABLES = {"post": "authority/posts", "duty": "authority/duties", "set": "authority/function_sets"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """Why a row of the catalogue is believed (依据)."""

    words: str
    confidence: str  # H, M or L: read in a source, or assumed
    since: date
    path: str

    @property
    def is_assumed(self) -> bool:
        return self.confidence == "L"


def find_basis(*, kind: str, code: str, on: date) -> Basis | None:
    """The basis of a post, duty, set or function (``kind``) on a day; None where there is no such row."""
    paths = catalogues.function_paths() if kind == "function" else [_TABLES[kind]]
    for path in paths:
        try:
            rows = lawbook.table(path, on=on)
        except lawbook.MissingFact:
            continue
        row = next((one for one in rows if one["code"] == code), None)
        if row is not None:
            return Basis(words=row["basis"], confidence=row["confidence"], since=row["from"], path=path)
    return None

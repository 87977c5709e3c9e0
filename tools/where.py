"""
Find a row of docs/systems.md: ``make where ID=EI-4`` prints it, and which of the files it names exist.

Without an id it lists all rows. Only the standard library is needed, so it answers before anything is
installed.
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = ROOT / "docs" / "systems.md"
PATH = re.compile(r"`([\w./*-]+/[\w./*-]+)(?:::[\w.:\[\]-]+)?`")


def main() -> None:
    """Print the row of the id, or all ids."""
    wanted = sys.argv[1].strip().upper() if len(sys.argv) > 1 else ""
    rows = [
        cells(line) for line in CATALOGUE.read_text(encoding="utf-8").splitlines() if line.startswith("|")
    ]
    rows = [row for row in rows if re.fullmatch(r"[A-Z]{2,4}-\d+[a-z]?", row[0])]
    found = [row for row in rows if row[0] == wanted]
    if not wanted:
        for row in rows:
            print("  ".join(row[:3]))
    elif not found:
        sys.exit(f"{CATALOGUE.name} has no row {wanted}; `make where` lists them all")
    for row in found:
        show(row)


def cells(line: str) -> list[str]:
    """The cells of one line of a table, the first bare of emphasis."""
    first, *others = (cell.strip() for cell in re.split(r"(?<!\\)\|", line.strip().strip("|")))
    return [first.strip("*`"), *others]


def show(row: list[str]) -> None:
    """Print one row, a cell a line, and look for the files it names."""
    print(row[0])
    for cell in row[1:]:
        print(f"  {cell}")
    for name in PATH.findall(" ".join(row)):
        exists = bool(list(ROOT.glob(name)))
        print(f"  {'✓' if exists else '✗'} {name}")


if __name__ == "__main__":
    main()

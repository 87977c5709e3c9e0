"""
Find a row of docs/systems.md: ``make where ID=EI-2`` prints what it is, its files, tests, and how to see it.

Without an id it lists every row with its state. Only the standard library is needed, so it answers before
anything is installed.
"""

import re
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from tools.house.papers import SYSTEMS, SystemRow, read_systems  # noqa: E402  (found once the root is known)


def main(arguments: Sequence[str]) -> int:
    """Print the rows asked for, or all of them; 2 if there is no such row."""
    rows = {row.id: row for row in read_systems(ROOT)}
    wanted = [one.strip().upper() for one in arguments if one.strip()]
    unknown = [one for one in wanted if one not in rows]
    if unknown:
        print(f"{SYSTEMS} has no row {', '.join(unknown)}; `make where` lists them all", file=sys.stderr)
        return 2
    for one in wanted:
        show(rows[one])
    if not wanted:
        for row in rows.values():
            print(f"{row.id:<6} {row.state:<8} {row.what}")
    return 0


def show(row: SystemRow) -> None:
    """Print one row, and which of the files it names exist."""
    print(f"{row.id}  {row.what}\n  {row.state}")
    for label, paths in (("code", row.code), ("test", row.tests)):
        for path in paths:
            print(f"  {label}  {'✓' if (ROOT / path).exists() else '✗'} {path}")
    if row.see:
        print(f"  see   {re.sub(r'[`]', '', row.see)}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

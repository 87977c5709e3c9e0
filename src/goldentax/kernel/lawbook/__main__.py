"""
Checks the lawbook and runs its cases: ``python -m goldentax.kernel.lawbook [TOPIC]``.

Prints one line for each file of cases and every difference; ends with status 1 if something does not hold.
"""

import sys
from itertools import groupby

from goldentax.kernel.lawbook.book import book
from goldentax.kernel.lawbook.cases import Case, load_cases, run_case
from goldentax.kernel.refusals import Refusal
from goldentax.kernel.settings import settings


def main(topic: str) -> int:
    """Check the law, then run the cases of a topic; the exit status."""
    try:
        law = book()
        cases = load_cases(settings().lawbook, topic=topic)
    except Refusal as refusal:
        _say("\n".join(f"  {one}" for one in refusal.each()))
        return 1
    _say(f"{len(law.parameters)} parameters, {len(law.tables)} tables, version {law.version[:16]}")
    failed = sum(_run_file(name, list(group)) for name, group in groupby(cases, key=lambda case: case.topic))
    _say(f"{len(cases)} cases, {failed} failed")
    return 1 if failed or not cases else 0


def _run_file(name: str, cases: list[Case]) -> int:
    failed = 0
    for case in cases:
        try:
            differences = run_case(case)
        except Refusal as refusal:
            differences = [str(refusal)]
        if differences:
            failed += 1
            _say(f"  {case.place} {case.name}: " + "; ".join(differences))
    _say(f"{name}: {len(cases) - failed} of {len(cases)} hold")
    return failed


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else ""))

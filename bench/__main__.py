"""
``make bench``: start worlds of its own, measure them from the outside beside their limits, write the results down.

Sections: ``start``, ``pages``, ``issuing``, ``identity``; all of them without a name, one by its name
(``make bench T=issuing``, ``python -m bench issuing --rounds 5``). The head of docs/benchmarks.md says how to read the
figures.
"""

import argparse
import signal
import sys
from pathlib import Path
from typing import Any

from bench import identity, issuing, pages, report, start
from bench.world import bench_world

SECTIONS = ("start", "pages", "issuing", "identity")
ROUNDS = 5
SECONDS = 4.0


def main() -> None:
    """Measure, print, and keep the result."""
    chosen = _arguments()
    # Asked to end, it still stops the world that it started.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(143))
    machine = report.machine()
    result = report.whole(measure(chosen), on=machine)
    print(f"\n{report.facts(machine)}.\n\n{report.table(result)}")
    if not chosen.no_write:
        print(f"\nwritten: {report.keep(result).relative_to(report.ROOT)}, docs/benchmarks.md")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("sections", nargs="*", metavar="SECTION", help=f"of {', '.join(SECTIONS)}")
    parser.add_argument("--rounds", type=int, default=ROUNDS, help="interleaved rounds (default %(default)s)")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="of each single load")
    parser.add_argument("--full", action="store_true", help="identity at the full size, not the quick one")
    parser.add_argument(
        "--quick", dest="full", action="store_false", help="identity at the quick size (default)"
    )
    parser.add_argument("--web-workers", type=int, default=0, help="web processes; the product's number if 0")
    parser.add_argument("--home", type=Path, help="measure the demo world that runs in this home")
    parser.add_argument("--port", type=int, default=0, help="first port of that world")
    parser.add_argument("--no-write", action="store_true", help="print only")
    chosen = parser.parse_args()
    if unknown := set(chosen.sections) - set(SECTIONS):
        parser.error(f"no such section: {', '.join(sorted(unknown))}")
    chosen.sections = [one for one in SECTIONS if one in (chosen.sections or SECTIONS)]
    return chosen


def measure(chosen: argparse.Namespace) -> dict[str, Any]:
    """The chosen sections; pages and issuing share one world, whose pages are looked at before it is loaded."""
    found: dict[str, Any] = {}
    if "start" in chosen.sections:
        found["start"] = start.measure()
    if {"pages", "issuing"} & set(chosen.sections):
        with bench_world(home=chosen.home, port=chosen.port, web_workers=chosen.web_workers) as bench:
            if "pages" in chosen.sections:
                found["pages"] = pages.measure(bench, rounds=chosen.rounds)
            if "issuing" in chosen.sections:
                found["issuing"] = issuing.measure(bench, rounds=chosen.rounds, seconds=chosen.seconds)
    if "identity" in chosen.sections:
        found["identity"] = identity.measure(is_full=chosen.full)
    return found


if __name__ == "__main__":
    main()

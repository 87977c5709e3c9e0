"""How long a start takes: into an empty home, and again; and the import of the official code table."""

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.worlds import start_world, stop_world

from goldentax.kernel.reference import reference_path


def measure() -> dict[str, Any]:
    """Seconds of a cold and a warm start, packages installed, and of the import where the table is at hand."""
    with tempfile.TemporaryDirectory(prefix="goldentax-bench-") as folder:
        home = Path(folder) / "home"
        cold_s, world = _timed(lambda: start_world(home))
        print(f"start: cold {cold_s:.1f} s", flush=True)
        path = reference_path("einvoice/codes/tax_classification_codes.csv")
        import_s = _timed(lambda: world.cli("codes", "import", str(path)))[0] if path else None
        stop_world(world)
        warm_s, world = _timed(lambda: start_world(home, port=world.port))
        print(f"start: warm {warm_s:.1f} s", flush=True)
        stop_world(world)
    figures = {"cold_start_s": round(cold_s, 1), "warm_start_s": round(warm_s, 1)}
    return {"figures": figures | ({} if import_s is None else {"codes_import_s": round(import_s, 1)})}


def _timed(work: Callable[[], Any]) -> tuple[float, Any]:
    began = time.perf_counter()
    found = work()
    return time.perf_counter() - began, found


def rows(result: dict[str, Any]) -> list[str]:
    """The section as rows of a Markdown table."""
    titles = {
        "cold_start_s": "cold start (empty home, packages installed)",
        "warm_start_s": "warm start",
        "codes_import_s": "`goldentax codes import`, 4,205 rows",
    }
    figures = result["figures"]
    return [
        "| start | |",
        "| --- | --- |",
        *(f"| {titles[name]} | {value} s |" for name, value in figures.items()),
    ]

"""
Who may do what, at size: the benches of the rooms of identity, one after another, each in a process of its own.

The quick sizes fit in a few minutes and show that nothing broke; the full sizes are those of the acceptance rows. Both
are named in the result, because a ratio depends on the size.
"""

from collections.abc import Callable
from typing import Any

from bench import (
    identity_authority,
    identity_certificates,
    identity_oversight,
    identity_sign_in,
    identity_signon,
    identity_subjects,
)

ROOMS: dict[str, tuple[Callable[..., Any], dict[str, Any], dict[str, Any]]] = {
    "authority": (identity_authority.measure, {"officers": 2_000, "grants": 30_000}, {}),
    "certificates": (identity_certificates.measure, {}, {}),
    "oversight": (
        identity_oversight.measure,
        {"rows": 100_000, "search_rows": 200_000},
        {"rows": 1_000_000, "search_rows": 10_000_000},
    ),
    "sign-in": (identity_sign_in.measure, {"rounds": 2, "seconds": 2.0}, {}),
    "signon": (identity_signon.measure, {}, {}),
    "subjects": (identity_subjects.measure, {"rows": 5_000, "load_rows": 2_000}, {}),
}
"""By room: what measures it, its quick sizes, and its full ones where they are not its own."""


def measure(*, is_full: bool) -> dict[str, Any]:
    """Every room's figures; a room that fails is named with its reason and does not end the run."""
    found: dict[str, Any] = {}
    failed: dict[str, str] = {}
    for room, (work, quick, full) in ROOMS.items():
        print(f"identity: {room}", flush=True)
        try:
            found[room] = work(**(full if is_full else quick))
        except (
            Exception
        ) as error:  # a comparison's package may be missing; the others are measured all the same
            failed[room] = f"{type(error).__name__}: {error}"[:300]
    return {"size": "full" if is_full else "quick", "figures": found, "failed": failed}


def rows(result: dict[str, Any]) -> list[str]:
    """The section as rows of a Markdown table."""
    told = [f"| identity, {result['size']} size | |", "| --- | --- |"]
    for room, figures in result["figures"].items():
        told += [f"| {room}: {name} | {value} |" for name, value in _flat(figures)]
    return told + [f"| {room} | not measured: {reason} |" for room, reason in result["failed"].items()]


def _flat(figures: dict[str, Any], prefix: str = "") -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    for name, value in figures.items():
        if isinstance(value, dict):
            found += _flat(value, f"{prefix}{name}, ")
        elif isinstance(value, (int, float, str)):
            found.append((f"{prefix}{name}", f"{value:,}" if isinstance(value, int) else value))
    return found

"""The report of a fault run: its text, and its place in docs/reliability.md between two marks."""

import statistics
from datetime import date
from pathlib import Path
from typing import Any

from bench import report

PAGE = Path(__file__).resolve().parents[1] / "docs" / "reliability.md"
BEGIN, END = "<!-- fault run: begin -->\n", "<!-- fault run: end -->\n"
WRONG_SHOWN = 5


def text(found: dict[str, Any]) -> str:
    """The outcome as Markdown."""
    load, kills = found["load"], found["kills"]
    when = (
        f"{date.today().isoformat()}, commit {report.commit()}, seed {found['seed']}, {len(kills)} kills. "
        f"{report.facts(found['machine'])}."
    )
    sent = (
        f"Load: {load['connections']} connections, {load['rate']} requests a second; {load['sent']:,} requests, "
        f"{load['acknowledged']:,} acknowledged answers in the ledger."
    )
    parts = [
        when,
        sent,
        _kills(kills),
        _checks(found["checks"]),
    ]
    if found["hardships"]:
        parts.append(_hardships(found["hardships"]))
    return "\n\n".join(parts)


def _kills(kills: list[Any]) -> str:
    rows = ["| killed (SIGKILL) | times | nobody answered, median and longest | back, median and longest |"]
    rows.append("| --- | --- | --- | --- |")
    for victim in sorted({one.victim for one in kills}):
        of = [one for one in kills if one.victim == victim]
        silent, back = [one.silence_s for one in of], [one.back_s for one in of]
        rows.append(
            f"| {victim} | {len(of)} | {statistics.median(silent):.2f} s, {max(silent):.2f} s "
            f"| {statistics.median(back):.2f} s, {max(back):.2f} s |"
        )
    return "\n".join(rows)


def _checks(checks: list[Any]) -> str:
    rows = ["| true afterwards | looked at | contradicted by |", "| --- | --- | --- |"]
    for one in checks:
        shown = "; ".join(one.wrong[:WRONG_SHOWN]).replace("|", "\\|").replace("\n", " ")
        rows.append(
            f"| {one.name} | {one.looked_at:,} | {f'**{len(one.wrong)}**: {shown}' if one.wrong else 'nothing'} |"
        )
    return "\n".join(rows)


def _hardships(hardships: list[Any]) -> str:
    rows = ["| hardship | what was seen | as wanted |", "| --- | --- | --- |"]
    rows += [f"| {one.name} | {one.seen} | {'yes' if one.is_right else '**no**'} |" for one in hardships]
    return "\n".join(rows)


def keep(found: dict[str, Any]) -> None:
    """Put the outcome into docs/reliability.md; the last run's stands there, git has those before."""
    page = PAGE.read_text(encoding="utf-8")
    assert BEGIN in page and END in page, f"{PAGE.name} has lost the marks of the generated section"
    before, _, rest = page.partition(BEGIN)
    _, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{BEGIN}\n{text(found)}\n\n{END}{after}", encoding="utf-8")

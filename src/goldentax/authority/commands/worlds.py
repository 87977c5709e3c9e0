"""
``goldentax authority generate`` and ``load``: a world of full size for load tests.

``generate`` writes a folder: a lawbook with the enlarged catalogue, the offices and the grants as CSV. With
``GOLDENTAX_LAWBOOK=<folder>/lawbook`` a demo world loads the rest into its tables.
"""

import csv
import json
import shutil
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from datetime import date
from pathlib import Path

import click

from goldentax.authority import api as authority
from goldentax.authority.api import Catalogue, GeneratedGrant, OfficeView
from goldentax.authority.errors import NotGenerated
from goldentax.kernel import clock
from goldentax.kernel.settings import settings
from goldentax.kernel.text import Text

_OFFICE_COLUMNS = ("code", "name", "short_name", "level", "parent_code", "division_code")
_GRANT_COLUMNS = ("person_id", "kind", "code", "office_code", "taxpayers", "fields", "valid_from", "valid_to")
_OFFICES_DEFAULT = 900


@click.command(name="generate")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="目录 · the folder to write")
@click.option("--posts", default=300, show_default=True, type=click.IntRange(1, 5_000))
@click.option("--functions", default=3_300, show_default=True, type=click.IntRange(1, 50_000))
@click.option("--officers", default=20_000, show_default=True, type=click.IntRange(1, 1_000_000))
@click.option("--grants", default=300_000, show_default=True, type=click.IntRange(1, 10_000_000))
@click.option("--seed", default=1, show_default=True)
def generate(out: Path, posts: int, functions: int, officers: int, grants: int, seed: int) -> None:
    """生成压力测试数据 · Make a catalogue, offices and grants of full size, by a seed."""
    today = clock.today()
    present = authority.get_catalogue(on=today)
    catalogue = authority.enlarged(present, posts=posts, functions=functions)
    offices = authority.generated_offices(count=_OFFICES_DEFAULT)
    write_lawbook(catalogue, present=present, source=settings().lawbook, target=out / "lawbook")
    with (out / "offices.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, _OFFICE_COLUMNS)
        writer.writeheader()
        for office in offices:
            writer.writerow({name: getattr(office, name) for name in _OFFICE_COLUMNS})
    found = authority.generated_grants(
        catalogue, offices=offices, officers=officers, grants=grants, seed=seed, today=today
    )
    count = _write_grants(out / "grants.csv", found)
    click.echo(
        f"{len(catalogue.posts)} posts, {len(catalogue.grantable)} functions, {len(offices)} offices, {count} grants"
    )
    click.echo(f"GOLDENTAX_LAWBOOK={out / 'lawbook'} goldentax authority load {out}")


@click.command(name="load")
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
def load(folder: Path) -> None:
    """装入生成的数据（仅演示环境）· Load a generated world into the tables of a demo world."""
    if not (folder / "grants.csv").is_file() or not (folder / "offices.csv").is_file():
        raise NotGenerated("folder", folder=folder)
    with (folder / "offices.csv").open(newline="", encoding="utf-8") as file:
        offices = [
            OfficeView(
                code=row["code"],
                name=row["name"],
                short_name=row["short_name"],
                level=row["level"],
                parent_code=row["parent_code"],
                division_code=row["division_code"],
            )
            for row in csv.DictReader(file)
        ]
    count = authority.load_generated(
        offices=offices, grants=_read_grants(folder / "grants.csv"), actor="cli:load", now=clock.now()
    )
    click.echo(f"{count}")


def write_lawbook(catalogue: Catalogue, *, present: Catalogue, source: Path, target: Path) -> None:
    """Copy a lawbook and add to its catalogue what the enlarged one has besides."""
    if target.exists():
        shutil.rmtree(target)
    shutil.copytree(source, target)
    folder = target / "authority"
    functions = [
        _row(code=one.code, label=one.label, kind=one.kind, sensitive=one.sensitive)
        for code, one in catalogue.functions.items()
        if code not in present.functions
    ]
    head = (source / "authority" / "functions" / "authority.yaml").read_text(encoding="utf-8")
    lines = [line for line in head.splitlines() if not line.startswith("  - {")]
    if functions:
        (folder / "functions" / "load.yaml").write_text("\n".join([*lines, *functions, ""]), encoding="utf-8")
    for name, shelf, there in (
        ("function_sets", catalogue.function_sets, present.function_sets),
        ("duties", catalogue.duties, present.duties),
        ("posts", catalogue.posts, present.posts),
    ):
        fresh = [one for code, one in shelf.items() if code not in there]
        with (folder / f"{name}.yaml").open("a", encoding="utf-8") as file:
            file.writelines(_row(**{key: getattr(one, key) for key in one.__slots__}) + "\n" for one in fresh)


def _row(**columns: object) -> str:
    """One row of a table, in the flow form of the lawbook."""
    said = {
        key: asdict(value) if isinstance(value, Text) else list(value) if isinstance(value, tuple) else value
        for key, value in columns.items()
    }
    # JSON in one line is YAML; a mapping needs a blank after its colons, which this has.
    return f"  - {json.dumps(said, ensure_ascii=False)}"


def _write_grants(path: Path, grants: Iterable[GeneratedGrant]) -> int:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(_GRANT_COLUMNS)
        count = 0
        for one in grants:
            count += 1
            writer.writerow(
                (
                    one.person_id,
                    one.kind,
                    one.code,
                    one.office_code,
                    " ".join(one.taxpayers),
                    " ".join(one.fields),
                    one.valid_from,
                    one.valid_to or "",
                )
            )
    return count


def _read_grants(path: Path) -> Iterator[GeneratedGrant]:
    with path.open(newline="", encoding="utf-8") as file:
        for row in csv.DictReader(file):
            yield GeneratedGrant(
                person_id=uuid.UUID(row["person_id"]),
                kind=row["kind"],
                code=row["code"],
                office_code=row["office_code"],
                taxpayers=tuple(row["taxpayers"].split()),
                fields=tuple(row["fields"].split()),
                valid_from=date.fromisoformat(row["valid_from"]),
                valid_to=date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
            )

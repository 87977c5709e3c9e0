"""The code and the lawbook agree: every fact the code asks for exists, and may be asked for where it is."""

import re
from pathlib import Path

import pytest

from goldentax.kernel.lawbook import Lawbook, book
from goldentax.kernel.lawbook.cases import load_cases
from goldentax.kernel.settings import settings, source_root

PACKAGE = source_root() / "src" / "goldentax"
# lawbook.parameter("vat/rate", on=…), also over a line break
ASKED = re.compile(r'lawbook\.(?:parameter|table|explain)\(\s*"([^"]+)"')


def complaints(files: dict[str, str], law: Lawbook) -> list[str]:
    """What is wrong with the facts that modules ask for, by the name of the file."""
    wrong = []
    for name, text in files.items():
        module = name.partition("/")[0]
        for path in ASKED.findall(text):
            fact = law.parameters.get(path) or law.tables.get(path)
            if fact is None:
                wrong.append(f"{name} asks for {path}, which the lawbook does not have")
            elif path.partition("/")[0] != module and not fact.exported:
                wrong.append(
                    f"{name} asks for {path}, which is private; write “export: true” there and add cases"
                )
    return wrong


def product_files() -> dict[str, str]:
    found = {}
    for file in PACKAGE.rglob("*.py"):
        name = file.relative_to(PACKAGE).as_posix()
        if "/tests/" not in name and not name.startswith("kernel/lawbook/"):
            found[name] = file.read_text(encoding="utf-8")
    return found


def test_every_fact_the_code_asks_for_exists_and_is_open_to_it() -> None:
    assert complaints(product_files(), book()) == []


@pytest.mark.parametrize(
    ("name", "path", "word"),
    [
        ("invoicing/x.py", "invoicing/none", "does not have"),
        ("filing/x.py", "invoicing/line_count_max", "is private"),
        ("filing/x.py", "invoicing/rates", ""),
        ("invoicing/x.py", "invoicing/line_count_max", ""),
    ],
)
def test_a_planted_question_is_judged(name: str, path: str, word: str) -> None:
    found = complaints({name: f'lawbook.parameter(\n    "{path}", on=day)'}, book())
    assert (word in found[0]) if word else not found


def test_every_exported_fact_has_a_case() -> None:
    asked = {str(case.given.get("path")) for case in load_cases(settings().lawbook)}
    law = book()
    exported = [one.path for one in (*law.parameters.values(), *law.tables.values()) if one.exported]
    assert exported and set(exported) <= asked


def test_every_taxpayer_kind_of_the_rates_has_a_default_rate_among_them() -> None:
    """A default that is not on offer would be refused as soon as it is used."""
    from datetime import date

    law = book()
    for on in (date(2019, 4, 1), date(2022, 6, 1), date(2025, 6, 1), date(2026, 11, 21), date(2028, 1, 1)):
        rates = law.table("invoicing/rates", on=on)
        for row in law.table("invoicing/default_rates", on=on):
            fitting = [one for one in rates if _allows(one, row)]
            assert fitting, (on, dict(row))


def _allows(rate: object, default: object) -> bool:
    assert hasattr(rate, "__getitem__") and hasattr(default, "__getitem__")
    prefix = default["prefix"]
    return (
        rate["taxpayer_kind"] == default["taxpayer_kind"]
        and rate["rate"] == default["rate"]
        and (default["preference"] or "") in rate["preferences"]
        and (not rate["prefixes"] or any(prefix.startswith(one) for one in rate["prefixes"]))
        and not any(prefix.startswith(one) for one in rate["not_prefixes"])
    )


def test_the_folder_of_the_lawbook_holds_no_code() -> None:
    kinds = {file.suffix for file in Path(settings().lawbook).rglob("*") if file.is_file()}
    assert kinds <= {".yaml", ".csv", ".md", ".bpmn"}

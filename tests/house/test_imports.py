"""The import contracts of pyproject.toml hold, and each is broken by the import that it forbids."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

PLANTS = {
    # contract: (file, a line that breaks it, what the report must name)
    "Modules call downwards; upwards they speak in events": (
        "kernel/clock.py",
        "from goldentax.invoicing import api",
        "goldentax.kernel.clock",
    ),
    "Every module has the same floors": (
        "registry/rules/kinds.py",
        "from goldentax.registry import queries",
        "goldentax.registry.rules.kinds",
    ),
    "A module is entered through its api": (
        "invoicing/queries/limits.py",
        "from goldentax.registry import models",
        "goldentax.invoicing.queries.limits reaches goldentax.registry.models; use goldentax.registry.api",
    ),
    "Rules, contracts and values know no framework, clock, store or network": (
        "invoicing/rules/numbers.py",
        "from django.utils import timezone",
        "goldentax.invoicing.rules.numbers -> django",
    ),
}


def _lint(root: Path) -> subprocess.CompletedProcess[str]:
    program = "from importlinter.cli import lint_imports_command as run; run()"
    return subprocess.run(
        [sys.executable, "-c", program, "--no-cache", "--no-logo"],
        cwd=root,
        capture_output=True,
        text=True,
        env={"PATH": "", "PYTHONPATH": f"{root / 'src'}:{root}", "PYTHONSAFEPATH": "1", "COLUMNS": "200"},
    )


@pytest.fixture(scope="module")
def copy(root: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the tree in which every contract is broken once, and a room was built without a place."""
    target = tmp_path_factory.mktemp("planted")
    ignored = shutil.ignore_patterns("__pycache__", "static", "templates")
    shutil.copytree(root / "src" / "goldentax", target / "src" / "goldentax", ignore=ignored)
    shutil.copytree(root / "tools", target / "tools", ignore=ignored)
    shutil.copy(root / "pyproject.toml", target)
    for file, line, _ in PLANTS.values():
        with (target / "src" / "goldentax" / file).open("a", encoding="utf-8") as open_file:
            open_file.write(f"\n{line}\n")
    return target


def test_the_product_keeps_every_contract(root: Path) -> None:
    found = _lint(root)
    assert found.returncode == 0, found.stdout + found.stderr
    assert "0 broken" in found.stdout


def test_a_planted_import_breaks_each_contract(copy: Path) -> None:
    found = _lint(copy)
    assert found.returncode != 0
    for contract, (_, _, named) in PLANTS.items():
        assert f"{contract} BROKEN" in found.stdout, found.stdout + found.stderr
        assert named in found.stdout.replace("\n", " "), found.stdout


def test_a_room_without_a_place_breaks_the_order(copy: Path) -> None:
    room = copy / "src" / "goldentax" / "treasury"
    room.mkdir()
    (room / "__init__.py").touch()
    try:
        found = _lint(copy)
    finally:
        shutil.rmtree(room)
    assert found.returncode != 0
    assert "goldentax.treasury" in found.stdout

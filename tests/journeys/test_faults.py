"""Processes are killed under load: what was acknowledged stays, once, and the service comes back by itself."""

from pathlib import Path

import pytest
from bench.faults import run_faults

pytestmark = [pytest.mark.journey, pytest.mark.xdist_group("world")]
SEED = 11
VICTIMS = ("web worker", "postmaster")
BACK_WITHIN_S = 60


def test_nothing_acknowledged_is_lost_when_processes_are_killed(tmp_path: Path) -> None:
    # One node: the outside is the province's, and the start takes half as long.
    settings = {"GOLDENTAX_NODES": "45"}
    found = run_faults(
        folder=tmp_path, seed=SEED, kills=len(VICTIMS), kinds=VICTIMS, rate=100, settings=settings
    )
    assert found["load"]["acknowledged"] > 100
    assert [one.victim for one in found["kills"]] == list(VICTIMS)
    assert all(one.back_s < BACK_WITHIN_S for one in found["kills"]), found["kills"]
    wrong = {one.name: one.wrong[:5] for one in found["checks"] if not one.is_right}
    assert not wrong

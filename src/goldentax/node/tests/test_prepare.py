"""The preparation of nodes: shown while it goes on, and refused with its reason."""

import sys
from pathlib import Path

import pytest

from goldentax.node.runtime.errors import StepFailed
from goldentax.node.runtime.prepare import Preparation, prepare_nodes
from goldentax.node.runtime.supervisor import Stopped


def preparation(node: str, script: str, tmp_path: Path) -> Preparation:
    return Preparation(
        node=node, log=tmp_path / f"{node}.log", environment={}, command=(sys.executable, "-c", script)
    )


def test_steps_stay_and_counts_pass(tmp_path: Path):
    script = r"print('migrate\t0\t0'); [print(f'people\t{n}\t3') for n in (1, 2, 3)]; print('done\t1\t1')"
    stayed: list[str] = []
    passed: list[str] = []
    nodes = [preparation("00", script, tmp_path), preparation("45", script, tmp_path)]
    prepare_nodes(nodes, say=stayed.append, update=passed.append, is_stopping=lambda: False)
    assert sorted(stayed) == sorted(
        f"{node} {step}" for node in ("00", "45") for step in ("migrate", "people 3/3", "done")
    )
    assert "45 people 1/3" in passed and "45 people 1/3" not in stayed
    assert "people\t2\t3" in (tmp_path / "45.log").read_text()


def test_a_failure_gives_its_last_words_and_its_log(tmp_path: Path):
    good = preparation("00", "import time; time.sleep(60)", tmp_path)
    bad = preparation("45", "raise SystemExit('no such table')", tmp_path)
    with pytest.raises(StepFailed) as refused:
        prepare_nodes([good, bad], say=print, update=print, is_stopping=lambda: False)
    assert "no such table" in refused.value.message("en")
    assert str(tmp_path / "45.log") in refused.value.way_out_text("en")


def test_a_wish_to_stop_ends_it(tmp_path: Path):
    slow = preparation("45", "import time; time.sleep(60)", tmp_path)
    with pytest.raises(Stopped):
        prepare_nodes([slow], say=print, update=print, is_stopping=lambda: True)

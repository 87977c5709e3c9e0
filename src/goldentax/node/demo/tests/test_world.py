"""The demo world: made once, believable, and valid in every number."""

import json
import stat
import time
from datetime import datetime
from pathlib import Path

import pytest

from goldentax.kernel import clock
from goldentax.kernel.codes import api as codes
from goldentax.node.demo import create_demo_world

NOW = datetime(2026, 11, 20, 15, 30, tzinfo=clock.CHINA)


@pytest.mark.django_db
def test_first(tmp_path: Path) -> None:
    codes.load_builtin(now=NOW)
    seen = []
    t = time.time()
    def note(s, d, n):
        if not seen or seen[-1][0] != s: seen.append((s, time.time() - t))
    create_demo_world(home=tmp_path, now=NOW, progress=note)
    print(seen, time.time() - t)
    print((tmp_path / "demo-accounts.json").read_text())
    t = time.time()
    create_demo_world(home=tmp_path, now=NOW, progress=note)
    print("second", time.time() - t)

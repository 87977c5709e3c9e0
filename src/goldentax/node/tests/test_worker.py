"""The worker does what modules registered, each at its own pace, and outlives what fails."""

import asyncio
import threading
from datetime import datetime

import pytest

from goldentax.kernel import registry
from goldentax.kernel.text import Text
from goldentax.node import worker

_LABEL = Text("测试", "Test")


def _work_for(seconds: float) -> None:
    """Run the worker's jobs for a while; in a thread, since a browser test may have left a loop in this one."""

    async def main() -> None:
        stop = asyncio.Event()
        asyncio.get_running_loop().call_later(seconds, stop.set)
        await worker.do_jobs(stop)

    thread = threading.Thread(target=lambda: asyncio.run(main()))
    thread.start()
    thread.join()


def test_a_job_is_done_again_and_one_that_fails_does_not_stop_the_others(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(registry, "_jobs", {})
    turns: list[datetime] = []

    def count(now: datetime) -> int:
        turns.append(now)
        return 1

    def fail(now: datetime) -> int:
        raise RuntimeError("the source is away")

    registry.job(key="test.count", label=_LABEL, every_s=0.01, run=count)
    registry.job(key="test.fail", label=_LABEL, every_s=0.01, run=fail)
    _work_for(0.5)
    assert len(turns) > 2 and turns == sorted(turns)
    assert "the job test.fail failed" in caplog.text

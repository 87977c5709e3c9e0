"""An event loop whose clock nobody waits for: where all that is left to do is to wait, the clock is stepped on."""

import asyncio
import selectors
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

T = TypeVar("T")


class _Steps(selectors.SelectSelector):
    """Watches no file: it steps the clock by what the loop would have slept."""

    now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        assert timeout is not None, "everybody waits, and nobody is left who could wake them"
        self.now += max(timeout, 0.0)
        return []


class SteppedLoop(asyncio.SelectorEventLoop):
    """Runs the same schedule the same way every time, as fast as the machine can."""

    def __init__(self) -> None:
        self._steps = _Steps()
        super().__init__(self._steps)

    def time(self) -> float:
        """Seconds since the loop was made."""
        return self._steps.now


def run(main: Coroutine[Any, Any, T]) -> T:
    """
    Run to the end on a loop of its own; tasks that are left are cancelled.

    In a thread: a browser test before may have left its own loop running in this one.
    """

    def work() -> T:
        with asyncio.Runner(loop_factory=SteppedLoop) as runner:
            return runner.run(main)

    with ThreadPoolExecutor(1) as thread:
        return thread.submit(work).result()

"""What a worker's desks are doing now: how many wait, for how long, how fast they are served."""

import math
import time
from collections import deque
from collections.abc import Callable, Sequence

import msgspec

WINDOW_S = 10.0
"""How far back "now" reaches."""

TIMES_MAX = 4_096
"""Times kept for the percentiles: at full speed the last half second, at a calm hour the last minutes."""


class Facts(msgspec.Struct, frozen=True, kw_only=True):
    """The state of the issuing desks of one web worker."""

    desks: list[str]  # logs held
    waiting: int  # requests in the queue
    per_second: float  # invoices issued, over the last ten seconds
    batch_size: float  # mean of the last ten seconds
    p50_ms: float  # from arrival to answer
    p99_ms: float
    wait_ms: float  # what a request that comes now will about wait
    is_shedding: bool  # new requests are sent away with Retry-After


class Service:
    """Measures the desks as they work; everything is kept in a fixed amount of memory."""

    def __init__(self, *, batch_max: int, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._batch_max = batch_max
        self._batches: deque[tuple[float, int, float]] = deque()  # when, how many, seconds
        self._issued = 0  # in the window
        self._busy_s = 0.0  # in the window
        self._times: deque[float] = deque(maxlen=TIMES_MAX)
        # As of the last batch: asked for with every request, so no clock is read for them.
        self._seconds_each = 0.0
        self._seconds_batch = 0.0

    def note(self, since: Sequence[float], seconds: float) -> None:
        """Note a batch, by the moments at which its requests arrived and the time that it took."""
        now = self._clock()
        self._batches.append((now, len(since), seconds))
        self._issued += len(since)
        self._busy_s += seconds
        self._times.extend(now - one for one in since)
        self._forget(now)
        self._seconds_each = max(now - self._batches[0][0], 0.05) / self._issued
        self._seconds_batch = self._busy_s / len(self._batches)

    def _forget(self, now: float) -> None:
        while self._batches and self._batches[0][0] < now - WINDOW_S:
            _, count, seconds = self._batches.popleft()
            self._issued -= count
            self._busy_s -= seconds

    @property
    def per_second(self) -> float:
        """Invoices a second, over the window or since its first batch; 0 when the window saw none."""
        now = self._clock()
        batches = [one for one in list(self._batches) if one[0] >= now - WINDOW_S]
        return sum(one[1] for one in batches) / max(now - batches[0][0], 0.05) if batches else 0.0

    def wait_s(self, waiting: int) -> float:
        """
        About how long what is waiting will take, at the pace of the last batches.

        By the invoices that the desks issued, which is right where they are never idle; or by the batches that it will
        take, which is right where they mostly are. The other one is too long in each case.
        """
        return min(waiting * self._seconds_each, -(-waiting // self._batch_max) * self._seconds_batch)

    def facts(self, *, desks: list[str], waiting: int, is_shedding: bool) -> Facts:
        """Everything, rounded to what is meant."""
        times = sorted(self._times.copy())  # the desks go on writing while another thread asks
        per_second = self.per_second
        return Facts(
            desks=desks,
            waiting=waiting,
            per_second=round(per_second, 1),
            batch_size=round(self._issued / max(len(self._batches), 1), 1),
            p50_ms=_ms(times, 0.5),
            p99_ms=_ms(times, 0.99),
            wait_ms=round(self.wait_s(waiting) * 1000, 1),
            is_shedding=is_shedding,
        )


def _ms(times: Sequence[float], part: float) -> float:
    return round(times[min(int(len(times) * part), len(times) - 1)] * 1000, 2) if times else 0.0


class Rates:
    """How often each token may ask: a bucket that fills at the rate, as deep as one second of it."""

    KEPT_MAX = 20_000

    def __init__(self, per_second: int, clock: Callable[[], float] = time.monotonic) -> None:
        self.per_second = per_second
        self._clock = clock
        self._buckets: dict[str, tuple[float, float]] = {}  # token: left, as of

    def take(self, token: str, count: int = 1) -> float:
        """
        Take from a token's bucket.

        :returns: what is left; below zero, nothing was taken and so many are missing.
        """
        now = self._clock()
        left, at = self._buckets.get(token, (float(self.per_second), now))
        left = min(left + (now - at) * self.per_second, float(self.per_second))
        if left < count:
            self._buckets[token] = (left, now)
            return left - count
        if token not in self._buckets and len(self._buckets) >= self.KEPT_MAX:
            self._buckets.clear()  # full buckets are the same as none; nobody gains more than one second of rate
        self._buckets[token] = (left - count, now)
        return left - count

    def take_many(self, token: str, count: int) -> tuple[float, int]:
        """
        Take for a batch, which may be more than a second's worth: what lacks is owed by those who come after.

        :returns: what is left, and 0; or the whole seconds to wait, and nothing was taken.
        """
        left = self.take(token, min(count, self.per_second))
        if left < 0:
            return 0.0, max(1, math.ceil(-left / self.per_second))
        owed = max(0, count - self.per_second)
        _, at = self._buckets[token]
        self._buckets[token] = (left - owed, at)
        return left - owed, 0

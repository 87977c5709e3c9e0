"""Who waits: requests by seller, taken in turns, so that one who sends much holds up nobody but themselves."""

from collections import deque
from typing import Generic, Protocol, TypeVar


class Waiting(Protocol):
    """Something that waits, and whose it is."""

    @property
    def seller_tax_id(self) -> str: ...


T = TypeVar("T", bound=Waiting)


class FairQueue(Generic[T]):
    """First come, first served within a seller; the sellers take turns."""

    def __init__(self) -> None:
        self._lines: dict[str, deque[T]] = {}
        self._turns: deque[str] = deque()
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def put(self, one: T) -> None:
        """Add one at the end of its seller's line."""
        line = self._lines.get(one.seller_tax_id)
        if line is None:
            line = self._lines[one.seller_tax_id] = deque()
            self._turns.append(one.seller_tax_id)
        line.append(one)
        self._count += 1

    def put_back(self, ones: list[T]) -> None:
        """Add these in front of everybody, in their order: they were taken, and could not be served."""
        for one in reversed(ones):
            line = self._lines.get(one.seller_tax_id)
            if line is None:
                line = self._lines[one.seller_tax_id] = deque()
                self._turns.appendleft(one.seller_tax_id)
            line.appendleft(one)
            self._count += 1

    def take(self, at_most: int) -> list[T]:
        """Take the next ones: one of each seller whose turn it is, round and round."""
        taken: list[T] = []
        turns, lines = self._turns, self._lines
        while turns and len(taken) < at_most:
            seller = turns.popleft()
            line = lines[seller]
            taken.append(line.popleft())
            if line:
                turns.append(seller)
            else:
                del lines[seller]
        self._count -= len(taken)
        return taken

    def take_all(self) -> list[T]:
        """Take everything."""
        return self.take(self._count)

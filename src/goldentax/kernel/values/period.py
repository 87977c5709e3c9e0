"""Periods: a tax month (所属期), as ``202611`` on documents and as ``[first day, first day of the next)`` in code."""

from dataclasses import dataclass
from datetime import date

from goldentax.kernel.refusals import Refusal
from goldentax.kernel.text import Text


class BadPeriod(Refusal):
    """The text is not a month."""

    code = "KRN-PER-01"
    title = Text("“{text}”不是所属期", "“{text}” is not a period")
    way_out = Text("请按 YYYYMM 填写，例如 202611", "Write it as YYYYMM, such as 202611")


@dataclass(frozen=True, slots=True, order=True)
class Period:
    """One calendar month of tax (所属期)."""

    year: int
    month: int

    def __post_init__(self) -> None:
        if not (1949 <= self.year <= 9999 and 1 <= self.month <= 12):
            raise BadPeriod("period", text=f"{self.year}{self.month:02d}")

    @classmethod
    def of(cls, day: date) -> "Period":
        """The period a day falls in."""
        return cls(day.year, day.month)

    @classmethod
    def parse(cls, text: str) -> "Period":
        """
        Read ``202611`` or ``2026-11``.

        :raises BadPeriod: if it is neither.
        """
        digits = text.replace("-", "")
        if len(digits) != 6 or not digits.isdigit():
            raise BadPeriod("period", text=text[:20])
        return cls(int(digits[:4]), int(digits[4:]))

    @property
    def from_(self) -> date:
        return date(self.year, self.month, 1)

    @property
    def to(self) -> date:
        """The first day that is not in the period any more."""
        return self.next().from_

    def next(self) -> "Period":
        return Period(self.year + self.month // 12, self.month % 12 + 1)

    def __contains__(self, day: date) -> bool:
        return self.from_ <= day < self.to

    def __str__(self) -> str:
        return f"{self.year}{self.month:02d}"

"""What is usual: the hours at which a person comes, the working week, and how many a person looks at in an hour."""

import statistics
from collections.abc import Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal

HOURS = 24
_SCALE = Decimal(
    "0.6745"
)  # the third quartile of the normal distribution: makes the MAD a standard deviation
_LEAST_MAD = Decimal(1)  # somebody who always looks at exactly three is not alarmed about four


def is_odd_hour(*, hour: int, counts: Sequence[int], sign_ins_min: int) -> bool:
    """
    Tell whether a person never comes at this hour nor in the hours beside it.

    :param counts: their own sign-ins by hour of the day; with fewer than ``sign_ins_min`` no hour is odd.
    """
    assert len(counts) == HOURS
    if sum(counts) < sign_ins_min:
        return False
    return not any(counts[(hour + beside) % HOURS] for beside in (-1, 0, 1))


def is_working_time(at: datetime, *, worked: Mapping[date, bool], begins: int, ends: int) -> bool:
    """Tell whether a bureau works at a moment, by the local clock; ``worked`` names days out of the week's order."""
    is_workday = worked.get(at.date(), at.weekday() < 5)
    return is_workday and begins <= at.hour < ends


def median(counts: Sequence[int]) -> Decimal:
    """The middle of some counts; 0 for none."""
    return Decimal(str(statistics.median(counts))) if counts else Decimal(0)


def deviations(*, value: int, middle: Decimal, spread: Decimal) -> Decimal:
    """The modified z-score: how far a value lies above a median, in median absolute deviations scaled to sigmas."""
    return _SCALE * (value - middle) / max(spread, _LEAST_MAD)


def median_deviation(counts: Sequence[int]) -> Decimal:
    """The median absolute deviation (MAD) of some counts; 0 for none."""
    middle = median(counts)
    return Decimal(str(statistics.median(abs(one - middle) for one in counts))) if counts else Decimal(0)

"""What the law says of limits (总授信额度): their month, and which red invoices give back (FACTS §2.3, §3)."""

from dataclasses import dataclass
from datetime import date, datetime, time

from goldentax.kernel import lawbook
from goldentax.kernel.text import Text
from goldentax.kernel.values.period import Period

MOVEMENTS = {
    "grant": Text("核定", "Granted"),
    "charge": Text("开票扣减", "Charged"),
    "return": Text("红冲恢复", "Returned by a red invoice"),
    "reserve": Text("预留", "Reserved"),
    "post": Text("预留转用", "Reservation used"),
    "void": Text("预留撤销", "Reservation voided"),
    "expire": Text("预留到期", "Reservation expired"),
}
"""Every movement of a limit, in the words of the page."""

STATES = {
    "open": Text("预留中", "open"),
    "posted": Text("已用完", "used up"),
    "voided": Text("已撤销", "voided"),
    "expired": Text("已到期", "expired"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenBack:
    """Whether a red invoice gives its amount back to the month's limit, and by which word of the lawbook."""

    is_given_back: bool
    basis: str


def given_back(*, original_date: date, on: date) -> GivenBack:
    """
    Whether a red invoice issued on a day gives back what an invoice of another day charged.

    :param original_date: the issue date of the blue invoice that it reverses.
    """
    is_same_month = Period.of(original_date) == Period.of(on)
    path = f"invoicing/limit_{'same' if is_same_month else 'earlier'}_month_red_returns"
    return GivenBack(
        is_given_back=bool(lawbook.parameter(path, on=on)), basis=lawbook.explain(path, on=on).basis
    )


def end_of_month(moment: datetime) -> datetime:
    """The first moment of the next month: an account, and what is reserved in it, ends before it."""
    year, month = moment.year + moment.month // 12, moment.month % 12 + 1
    return datetime.combine(date(year, month, 1), time(), moment.tzinfo)

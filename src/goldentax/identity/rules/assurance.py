"""
How surely a session's person is known now (认证强度).

What each way to sign in is worth stands in `rules.factors.assurance`; this is about time: a later proof counts for a
while. Which operation asks for which level, its door says. The numbers are dated facts in
``lawbook/identity/assurance.yaml``.
"""

from datetime import date, datetime, timedelta

from goldentax.kernel import lawbook

ONE_FACTOR, TWO_FACTORS, STRONG = 1, 2, 3
"""The levels, as the kernel's doors name them."""


def step_up_lasts(on: date) -> timedelta:
    """How long a later proof counts."""
    return timedelta(minutes=lawbook.parameter("identity/step_up_minutes", on=on))


def pending_lasts(on: date) -> timedelta:
    """How long a sign-in may wait for its second factor."""
    return timedelta(minutes=lawbook.parameter("identity/pending_minutes", on=on))


def present(*, assurance: int, raised: int, raised_until: datetime | None, now: datetime) -> int:
    """The level of a session now: what the sign-in proved, or more while a later proof holds."""
    return max(assurance, raised) if raised_until is not None and now < raised_until else assurance

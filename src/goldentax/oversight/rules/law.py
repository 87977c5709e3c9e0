"""The rules of behaviour on one day, read once from the lawbook (``lawbook/oversight``) into plain values."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import lru_cache

from goldentax.kernel import lawbook
from goldentax.kernel.text import Text
from goldentax.oversight.rules.places import NetworkPlace


@dataclass(frozen=True, slots=True)
class Rule:
    """One sign that is noticed: what it weighs, and how it is said."""

    code: str
    weight: int
    reason: Text


@dataclass(frozen=True, slots=True, kw_only=True)
class Law:
    """What binds a judgement on a day; times in minutes, days and hours as the names say."""

    rules: dict[str, Rule]
    places: tuple[NetworkPlace, ...]
    worked: dict[date, bool]
    """Days that differ from the working week."""
    warn_score_min: int
    step_up_score_min: int
    block_score_min: int
    travel_speed_kmh_max: int
    travel_distance_km_min: int
    habit_sign_ins_min: int
    habit_days: int
    spray_minutes: int
    spray_logins_min: int
    stuff_minutes: int
    stuff_networks_min: int
    dormant_days: int
    fresh_grant_minutes: int
    looks_an_hour_max: int
    looks_unusual_min: int
    looks_deviations_max: Decimal
    work_begins_hour: int
    work_ends_hour: int


_NUMBERS = tuple(
    name
    for name in Law.__dataclass_fields__
    if name not in ("rules", "places", "worked", "looks_deviations_max")
)


@lru_cache(maxsize=64)
def law_on(day: date) -> Law:
    """The rules in force that day."""

    def of(name: str) -> object:
        return lawbook.parameter(f"oversight/{name}", on=day)

    deviations = of("looks_deviations_max")
    assert isinstance(deviations, Decimal)
    numbers = {name: int(str(of(name))) for name in _NUMBERS}
    return Law(
        rules={
            row["code"]: Rule(row["code"], row["weight"], row["reason"])
            for row in lawbook.table("oversight/rules", on=day)
        },
        places=tuple(
            NetworkPlace.read(
                prefix=row["prefix"],
                place=row["place"],
                latitude=row.get("latitude"),
                longitude=row.get("longitude"),
            )
            for row in lawbook.table("oversight/networks", on=day)
        ),
        worked={row["day"]: row["is_worked"] for row in lawbook.table("oversight/holidays", on=day)},
        looks_deviations_max=deviations,
        **numbers,
    )

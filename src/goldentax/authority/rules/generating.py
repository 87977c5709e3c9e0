"""
A world of full size for load tests, by a seed: the catalogue enlarged, offices, and what officers hold.

The shape is a large province's: four kinds of offices below the headquarters, two posts and a dozen function sets a
person, one grant in ten limited to taxpayers, one in twenty to fields, one in twenty over. Nobody is given both sides
of a segregation rule. The same seed makes the same world, letter by letter.
"""

import random
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import combinations

from goldentax.authority.rules.catalogue import (
    ACT,
    CENTRE,
    OFFICE_PARTY,
    PAGE,
    SYSTEM,
    Catalogue,
    Duty,
    Function,
    FunctionSet,
    Post,
)
from goldentax.authority.rules.grants import broken_rule
from goldentax.authority.rules.offices import OFFICE_LEVELS, OfficeView
from goldentax.kernel.text import Text

FUNCTIONS_OF_CENTRE = 12
FUNCTIONS_OF_SET = 24
POSTS_OF_PERSON = 2

_BEGAN = date(2024, 1, 1)
_FIELDS = ("phone", "address", "bank_account", "representative")


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneratedGrant:
    """One grant of the generated world."""

    person_id: uuid.UUID
    kind: str  # post or set
    code: str
    office_code: str
    taxpayers: tuple[str, ...]
    fields: tuple[str, ...]
    valid_from: date
    valid_to: date | None


def enlarged(catalogue: Catalogue, *, posts: int, functions: int) -> Catalogue:
    """The catalogue with generated functions, sets, duties and posts, until it has as many; what is there stays."""
    tree = dict(catalogue.functions)
    fresh = _functions(functions - len(catalogue.grantable))
    tree |= {one.code: one for one in fresh}
    codes = [one.code for one in fresh if not one.is_heading]
    sets = {
        f"load-{number}": FunctionSet(
            code=f"load-{number}",
            label=Text(f"生成功能集 {number}", f"Generated set {number}"),
            kind="business",
            functions=tuple(codes[start : start + FUNCTIONS_OF_SET]),
        )
        for number, start in enumerate(range(0, len(codes), FUNCTIONS_OF_SET))
    }
    names = list(sets) or ["org-read"]
    wanted = range(max(0, posts - len(catalogue.posts)))
    duties = {
        f"load-{number}": Duty(
            code=f"load-{number}",
            label=Text(f"生成职责 {number}", f"Generated duty {number}"),
            party=OFFICE_PARTY,
            function_sets=("org-read", *(names[(number * 3 + step) % len(names)] for step in range(3))),
        )
        for number in wanted
    }
    more = {
        f"load-{number}": Post(
            code=f"load-{number}",
            label=Text(f"生成岗位 {number}", f"Generated post {number}"),
            levels=OFFICE_LEVELS,
            duties=(f"load-{number}",),
        )
        for number in wanted
    }
    return replace(
        catalogue,
        functions=tree,
        function_sets={**catalogue.function_sets, **sets},
        duties={**catalogue.duties, **duties},
        posts={**catalogue.posts, **more},
    )


def _functions(count: int) -> list[Function]:
    found = [Function(code="load", label=Text("生成功能", "Generated"), kind=SYSTEM)] if count > 0 else []
    for number in range(max(0, count)):
        centre, place = divmod(number, FUNCTIONS_OF_CENTRE)
        if place == 0:
            label = Text(f"生成中心 {centre}", f"Generated centre {centre}")
            found.append(Function(code=f"load.c{centre}", label=label, kind=CENTRE))
        found.append(
            Function(
                code=f"load.c{centre}.f{place}",
                label=Text(f"生成功能 {number}", f"Generated function {number}"),
                kind=PAGE if place % 3 == 0 else ACT,
                sensitive=place == FUNCTIONS_OF_CENTRE - 1,
            )
        )
    return found


def generated_offices(*, count: int) -> list[OfficeView]:
    """A headquarters, one province, cities, counties and branches: about as many as asked for, parents first."""
    found = [_office("10000000000", "总局", "hq", "", "000000")]
    found.append(_office("19900000000", "生成省", "province", "10000000000", "990000"))
    cities = max(1, min(99, count // 60))
    for city in range(1, cities + 1):
        division = f"99{city:02d}00"
        found.append(_office(f"1{division}0000", f"生成{city}市", "city", "19900000000", division))
    number = 0
    while len(found) < count:
        city, county = number % cities + 1, number // cities + 1
        if county > 99:
            break
        division = f"99{city:02d}{county:02d}"
        code = f"1{division}0000"
        found.append(_office(code, f"生成{city}-{county}县", "county", f"199{city:02d}000000", division))
        for branch in range(1, 5):
            found.append(
                _office(
                    f"1{division}{branch:02d}00", f"生成{city}-{county}-{branch}所", "branch", code, division
                )
            )
        number += 1
    return found


def _office(code: str, name: str, level: str, parent: str, division: str) -> OfficeView:
    return OfficeView(
        code=code, name=name, short_name=name, level=level, parent_code=parent, division_code=division
    )


def generated_grants(
    catalogue: Catalogue,
    *,
    offices: list[OfficeView],
    officers: int,
    grants: int,
    seed: int,
    today: date,
) -> Iterator[GeneratedGrant]:
    """What so many officers hold, person by person, until there are so many grants."""
    dice = random.Random(seed)  # noqa: S311 (a test world, not a secret)
    places = [one for one in offices if one.level != "hq"]
    posts_of = {
        level: [one.code for one in catalogue.posts.values() if level in one.levels]
        for level in OFFICE_LEVELS
    }
    sets = [one.code for one in catalogue.function_sets.values() if one.kind == "business"]
    enemies = _enemies(catalogue)
    left = grants
    for number in range(officers):
        mine = left // (officers - number)
        left -= mine
        yield from _of_person(
            catalogue,
            dice=dice,
            office=dice.choice(places),
            posts=posts_of,
            sets=sets,
            enemies=enemies,
            count=mine,
            today=today,
        )


def _of_person(
    catalogue: Catalogue,
    *,
    dice: random.Random,
    office: OfficeView,
    posts: dict[str, list[str]],
    sets: list[str],
    enemies: dict[str, frozenset[str]],
    count: int,
    today: date,
) -> Iterator[GeneratedGrant]:
    person = uuid.UUID(int=dice.getrandbits(128), version=4)
    held: set[str] = set()
    candidates = [("post", code) for code in dice.sample(posts[office.level], min(POSTS_OF_PERSON, count))]
    candidates += [("set", code) for code in dice.sample(sets, min(len(sets), count + FUNCTIONS_OF_SET))]
    for kind, code in candidates:
        carried = catalogue.sets_of(via=kind, code=code)
        if count == 0:
            return
        if any(enemies.get(one, frozenset()) & held for one in carried):
            continue
        held |= carried
        count -= 1
        yield _grant(dice, person=person, kind=kind, code=code, office=office, today=today)


def _grant(
    dice: random.Random, *, person: uuid.UUID, kind: str, code: str, office: OfficeView, today: date
) -> GeneratedGrant:
    lot = dice.randrange(100)
    limited = kind == "set"
    begins = _BEGAN + timedelta(days=dice.randrange(400))
    ends = (
        today - timedelta(days=dice.randrange(1, 90))
        if lot < 5
        else today + timedelta(days=dice.randrange(30, 900))
    )
    return GeneratedGrant(
        person_id=person,
        kind=kind,
        code=code,
        office_code=office.code,
        taxpayers=taxpayers_of(office.code, dice) if limited and 10 <= lot < 20 else (),
        fields=tuple(dice.sample(_FIELDS, 2)) if limited and 20 <= lot < 25 else (),
        valid_from=begins,
        valid_to=None if lot >= 60 else max(ends, begins + timedelta(days=1)),
    )


def taxpayers_of(office: str, dice: random.Random) -> tuple[str, ...]:
    """Some taxpayers of an office, in the form of identifiers."""
    return tuple(f"91{office[1:7]}MA{dice.randrange(200):07d}X" for _ in range(dice.randint(1, 8)))


def _enemies(catalogue: Catalogue) -> dict[str, frozenset[str]]:
    """Each set with those it must not meet."""
    found: dict[str, set[str]] = {}
    guarded = frozenset(code for _, left, right in catalogue.sides for code in left | right)
    names = [code for code, functions in catalogue.functions_of_set.items() if functions & guarded]
    for one, other in combinations(names, 2):
        if broken_rule(catalogue=catalogue, new=[one], present=[other]) is not None:
            found.setdefault(one, set()).add(other)
            found.setdefault(other, set()).add(one)
    return {code: frozenset(others) for code, others in found.items()}

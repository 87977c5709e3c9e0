"""
De-duplication (查重): which entries of a load mean the same subject.

Three steps. *Exact*: the same valid number. *Blocking*: entries that share a key (number with one sign left out,
sound of the name in a city, telephone, representative) are candidates; everything else is never compared.
*Scoring*: each field speaks for or against with points; a hundred points are one doubling of the odds (bits), as
Fellegi and Sunter weigh evidence. The points were set by hand on generated data and stand beside their reasons.

Nothing but the same valid number with the same name is joined without a person: a number is what law makes unique.
Everything else that scores enough goes to the review list.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from goldentax.subjects.rules import credentials, kinds, names, similarity
from goldentax.subjects.rules.cleaning import Entry

BLOCK_SIZE_MAX = 40
"""
A key shared by more entries than this says nothing (a switchboard's telephone, a common surname) and would make
the work grow with the square of the load. Entries that share only such keys are not compared.
"""

REVIEW_AT = 900
"""Points from which a person looks: about 500 to 1 in favour, with the prior of one in ten thousand candidates."""

# Points for (+) and against (-), a hundred for each doubling of the odds.
_NUMBER_SAME = 2000  # nobody else has it
_NUMBER_ONE_EDIT = (
    1300  # a slip of the finger; neighbours in a series differ by two signs, the check among them
)
_NUMBER_TWO_EDITS = 500
_NUMBER_OTHER_VALID = -1400  # two right numbers that differ are two subjects, however alike they are
_NUMBER_OTHER_WRONG = -200  # a wrong number says little
_NAME_SAME = {True: 900, False: 550}  # companies: nearly unique in a place; people: many share one
_NAME_CORE = 600
_NAME_SOUND = 500
_NAME_ALIKE = 350  # at least seven tenths of their neighbours
_NAME_OTHER = -700
_NAME_BRANCH = -900  # a branch shares everything with its head office but is another subject
_PHONE_SAME = 650
_PHONE_OTHER = -80
_REPRESENTATIVE_SAME = 350
_REPRESENTATIVE_OTHER = -150
_ADDRESS_ALIKE = 400
_ADDRESS_OTHER = -60
_DIVISION_SAME = 100
_DIVISION_OTHER = -250
_BORN_SAME = 500
_NAME_ALIKE_FROM = 700
_ADDRESS_ALIKE_FROM = 800


@dataclass(frozen=True, slots=True)
class Pair:
    """Two entries that may mean the same, by their places in what was compared."""

    left: int
    right: int
    points: int
    reasons: tuple[str, ...]
    is_exact: bool = False  # the same valid number and the same name


def find_pairs(entries: Sequence[Entry], *, new_from: int = 0) -> list[Pair]:
    """
    Every pair that should be joined or looked at, best first.

    :param new_from: entries before this place are on record already and are not compared with each other.
    """
    compared = [_Compared(one) for one in entries]
    found = [
        pair
        for left, right in candidates(entries, new_from=new_from)
        if (pair := _judge(compared, left, right)).points >= REVIEW_AT or pair.is_exact
    ]
    return sorted(found, key=lambda one: (-one.points, one.left, one.right))


def candidates(entries: Sequence[Entry], *, new_from: int = 0) -> Iterator[tuple[int, int]]:
    """Pairs of places that share at least one key, each once, the earlier place first."""
    blocks: dict[str, list[int]] = defaultdict(list)
    for place, entry in enumerate(entries):
        for key in keys_of(entry):
            blocks[key].append(place)
    seen: set[int] = set()
    size = len(entries)
    for places in blocks.values():
        if not 1 < len(places) <= BLOCK_SIZE_MAX:
            continue
        for index, left in enumerate(places):
            for right in places[index + 1 :]:
                if right < new_from or left == right:
                    continue
                packed = left * size + right
                if packed not in seen:
                    seen.add(packed)
                    yield left, right


def keys_of(entry: Entry) -> Iterable[str]:
    """The keys by which an entry meets others."""
    is_person = entry.kind in kinds.PEOPLE
    side = "P" if is_person else "E"
    number = entry.number
    keys = set()
    if number:
        keys.add(f"{side}n{number}")
        # Every number one sign away shares one of these; both sides leave one out, so exchanges meet, too.
        keys.update(f"{side}d{number[:i]}{number[i + 1 :]}" for i in range(len(number)))
    if entry.phone:
        keys.add(f"{side}t{entry.phone}")
    if entry.name:
        city = entry.division[:4]
        sound = names.pinyin(names.core(entry.name) if not is_person else names.compared(entry.name))
        keys.add(f"{side}s{sound}{city if is_person else ''}")
        if not is_person:
            if entry.representative:
                core, representative = names.core(entry.name), names.compared(entry.representative)
                keys.update(f"{side}r{representative}{part}" for part in (core[:2], core[-2:], city))
        elif len(number) == 18:
            keys.add(f"{side}b{number[6:14]}{names.compared(entry.name)[:1]}")
    if entry.address:
        keys.add(f"{side}a{names.compared(entry.address)}")
    return keys


class _Compared:
    """An entry with what every comparison needs of it, worked out once."""

    __slots__ = ("address", "compared", "core", "entry", "is_person", "representative", "sound")

    def __init__(self, entry: Entry) -> None:
        self.entry = entry
        self.is_person = entry.kind in kinds.PEOPLE
        self.compared = names.compared(entry.name)
        self.core = self.compared if self.is_person else names.core(entry.name)
        self.sound = names.pinyin(self.core)
        self.representative = names.compared(entry.representative)
        self.address = names.compared(entry.address)


def _judge(compared: Sequence[_Compared], left: int, right: int) -> Pair:
    one, other = compared[left], compared[right]
    judged = [
        _number(one, other),
        _name(one, other),
        _phone(one, other),
        _representative(one, other),
        _address(one, other),
        _place(one, other),
        _born(one, other),
    ]
    points = sum(number for number, _ in judged)
    reasons = tuple(reason for _, reason in judged if reason)
    is_same_number = one.entry.number == other.entry.number and one.entry.is_number_valid
    is_exact = is_same_number and one.compared == other.compared and one.is_person == other.is_person
    return Pair(left, right, points, reasons, is_exact)


def _number(one: _Compared, other: _Compared) -> tuple[int, str]:
    first, second = one.entry, other.entry
    if not first.number or not second.number:
        return 0, ""
    if first.number == second.number:
        return _NUMBER_SAME, "number-same"
    if first.is_number_valid and second.is_number_valid:
        return _NUMBER_OTHER_VALID, "number-other"
    distance = similarity.edits(first.number, second.number, at_most=2)
    if distance == 1:
        return _NUMBER_ONE_EDIT, "number-one-edit"
    if distance == 2:
        return _NUMBER_TWO_EDITS, "number-two-edits"
    return _NUMBER_OTHER_WRONG, "number-other"


def _name(one: _Compared, other: _Compared) -> tuple[int, str]:
    if one.compared == other.compared:
        return _NAME_SAME[not one.is_person], "name-same"
    if names.is_branch(one.entry.name) != names.is_branch(other.entry.name):
        return _NAME_BRANCH, "name-branch"
    if one.core == other.core:
        return _NAME_CORE, "name-core"
    if one.sound == other.sound:
        return _NAME_SOUND, "name-sound"
    if similarity.alike(one.compared, other.compared) >= _NAME_ALIKE_FROM:
        return _NAME_ALIKE, "name-alike"
    is_near = len(one.core) > 2 and similarity.edits(one.core, other.core, at_most=1) == 1
    return (_NAME_ALIKE, "name-alike") if is_near else (_NAME_OTHER, "name-other")


def _phone(one: _Compared, other: _Compared) -> tuple[int, str]:
    first, second = one.entry.phone, other.entry.phone
    if not first or not second:
        return 0, ""
    return (_PHONE_SAME, "phone-same") if first == second else (_PHONE_OTHER, "")


def _representative(one: _Compared, other: _Compared) -> tuple[int, str]:
    if not one.representative or not other.representative:
        return 0, ""
    is_same = one.representative == other.representative
    return (_REPRESENTATIVE_SAME, "representative-same") if is_same else (_REPRESENTATIVE_OTHER, "")


def _address(one: _Compared, other: _Compared) -> tuple[int, str]:
    if not one.address or not other.address:
        return 0, ""
    is_alike = similarity.alike(one.address, other.address) >= _ADDRESS_ALIKE_FROM
    return (_ADDRESS_ALIKE, "address-alike") if is_alike else (_ADDRESS_OTHER, "")


def _place(one: _Compared, other: _Compared) -> tuple[int, str]:
    first, second = one.entry.division, other.entry.division
    if not first or not second:
        return 0, ""
    return (_DIVISION_SAME, "") if first[:4] == second[:4] else (_DIVISION_OTHER, "place-other")


def _born(one: _Compared, other: _Compared) -> tuple[int, str]:
    if not one.is_person or one.entry.credential != credentials.ID_CARD or len(one.entry.number) != 18:
        return 0, ""
    is_same = one.entry.number[6:14] == other.entry.number[6:14] and one.entry.number != other.entry.number
    return (_BORN_SAME, "born-same") if is_same else (0, "")

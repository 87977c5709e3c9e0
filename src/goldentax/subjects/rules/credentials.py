"""
Credentials (证件): the numbers by which the world knows a subject.

USCC by GB 32100, identity cards by GB 11643. A passport has no check that can be worked out; a device is known by
its maker's serial number. Numbers of people are shown masked.
"""

import re
import unicodedata

from goldentax.kernel.text import Text
from goldentax.kernel.values import identifiers
from goldentax.subjects import errors
from goldentax.subjects.rules import kinds

USCC = "uscc"
ID_CARD = "id_card"
PASSPORT = "passport"
DEVICE_SERIAL = "device_serial"

NAMES: dict[str, Text] = {
    USCC: Text("统一社会信用代码", "Unified social credit code"),
    ID_CARD: Text("居民身份证号码", "Identity card number"),
    PASSPORT: Text("护照号码", "Passport number"),
    DEVICE_SERIAL: Text("设备序列号", "Device serial number"),
}
OF_KIND: dict[str, tuple[str, ...]] = {
    kinds.LEGAL_ENTITY: (USCC,),
    kinds.AGENCY: (USCC,),
    kinds.NATURAL_PERSON: (ID_CARD, PASSPORT),
    kinds.OFFICER: (ID_CARD,),
    kinds.DEVICE: (DEVICE_SERIAL,),
}
"""Which credentials a kind may have; the first one is the usual."""

PERSONAL = frozenset({ID_CARD, PASSPORT})
TAIL_LENGTH = 4
_DROPPED = re.compile(r"[\s\-‐-―－_.·•]+")
_PASSPORT = re.compile(r"[A-Z0-9]{5,20}")
_SERIAL = re.compile(r"[A-Z0-9/:]{4,64}")


def tidied(number: str) -> str:
    """A number in its one form: half-width capitals without blanks, hyphens and dots."""
    return _DROPPED.sub("", unicodedata.normalize("NFKC", number)).upper()


def is_valid(*, kind: str, number: str) -> bool:
    """Whether a tidied number is one of its kind, check character included."""
    if kind == USCC:
        return identifiers.is_valid_uscc(number)
    if kind == ID_CARD:
        return identifiers.is_valid_id_card(number)
    pattern = _PASSPORT if kind == PASSPORT else _SERIAL
    return pattern.fullmatch(number) is not None


def check(*, kind: str, number: str, subject_kind: str, field: str = "number") -> None:
    """
    Look at a tidied number before anything is asked or kept.

    :raises errors.CredentialDoesNotFit: if a subject of that kind has no such credential.
    :raises errors.BadCredential: if the number has a wrong form or fails its check.
    """
    if kind not in OF_KIND.get(subject_kind, ()):
        name = NAMES.get(kind, Text(kind, kind))
        raise errors.CredentialDoesNotFit(field, credential=name, kind=kinds.kind_name(subject_kind))
    if not is_valid(kind=kind, number=number):
        raise errors.BadCredential(field, credential=NAMES[kind])


def masked(*, kind: str, number: str) -> str:
    """A number as it may be shown to those who have no reason to see it whole; companies' codes are public."""
    if kind not in PERSONAL:
        return number
    return (
        f"{number[:3]}{'*' * max(4, len(number) - 7)}{number[-4:]}" if len(number) > 8 else "*" * len(number)
    )


def division_of(*, kind: str, number: str) -> str:
    """The division a number was given in: six digits of GB/T 2260, "" where it says none."""
    if kind == USCC:
        return number[2:8] if number[2:8].isdigit() else ""
    return number[:6] if kind == ID_CARD else ""


def tail_fits(*, number: str, tail: str) -> bool:
    """Whether a tidied number ends in the last characters somebody was told by."""
    tail = tidied(tail)
    return len(tail) >= TAIL_LENGTH and number.endswith(tail)

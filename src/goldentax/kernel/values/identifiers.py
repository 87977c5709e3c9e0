"""
Identifiers of taxpayers and persons.

统一社会信用代码 (GB 32100), 组织机构代码 (GB 11714), 居民身份证号 (GB 11643), and the older 15-, 17- and 20-character
taxpayer numbers. Algorithms as in FACTS §6: alphabet of 31 signs, weights 3^i mod 31, check (31 − Σ) mod 31.
"""

import re
from datetime import date
from enum import StrEnum
from functools import lru_cache

USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_VALUE = {sign: value for value, sign in enumerate(USCC_ALPHABET)}
_USCC_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_ORG_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)
_ORG_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_CARD_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_CARD_CHECKS = "10X98765432"

ACCEPTED_LENGTHS = frozenset({8, 9, 11, 12, 15, 16, 17, 18, 19, 20})
"""Lengths of taxpayer identifiers that are in use (FACTS §1.1, confidence M)."""


class TaxpayerIdKind(StrEnum):
    """What kind of number a taxpayer identifier (纳税人识别号) is, by its form."""

    USCC = "uscc"  # 18: 统一社会信用代码
    LEGACY_ORGANISATION = "legacy-organisation"  # 15: 6-digit division + 9-character organisation code
    PERSON = "person"  # 18: 居民身份证号
    PERSON_SERIAL = "person-serial"  # 20: identity card + 2; 17: old identity card + 2
    NATURAL_PERSON_NUMBER = "natural-person-number"  # 15: division + letters (自然人纳税人识别号)


def uscc_check_character(first17: str) -> str | None:
    """Compute the 18th character; None if one of the 17 is not in the alphabet."""
    if len(first17) != 17 or any(sign not in _USCC_VALUE for sign in first17):
        return None
    total = sum(_USCC_VALUE[sign] * weight for sign, weight in zip(first17, _USCC_WEIGHTS, strict=True))
    return USCC_ALPHABET[(31 - total % 31) % 31]


def organisation_check_character(first8: str) -> str:
    """Compute the 9th character of an organisation code (组织机构代码)."""
    total = sum(_ORG_ALPHABET.index(s) * w for s, w in zip(first8, _ORG_WEIGHTS, strict=True))
    check = (11 - total % 11) % 11
    return "X" if check == 10 else str(check)


def is_valid_uscc(text: str) -> bool:
    """Tell whether the text is a unified social credit code with a right check character."""
    return len(text) == 18 and uscc_check_character(text[:17]) == text[17]


def make_uscc(*, prefix: str, organisation8: str) -> str:
    """Build a valid code from 8 leading characters (department, kind, division) and 8 of the organisation."""
    first17 = prefix + organisation8 + organisation_check_character(organisation8)
    check = uscc_check_character(first17)
    assert check is not None, "the parts hold a character outside the alphabet"
    return first17 + check


def is_valid_id_card(text: str) -> bool:
    """Tell whether the text is an 18-character identity card number with a real date and a right check."""
    if not re.fullmatch(r"[1-9]\d{16}[\dX]", text):
        return False
    try:
        date(int(text[6:10]), int(text[10:12]), int(text[12:14]))
    except ValueError:
        return False
    total = sum(int(sign) * weight for sign, weight in zip(text[:17], _CARD_WEIGHTS, strict=True))
    return _CARD_CHECKS[total % 11] == text[17]


def make_id_card(first17: str) -> str:
    """Complete an identity card number with its check character."""
    total = sum(int(sign) * weight for sign, weight in zip(first17, _CARD_WEIGHTS, strict=True))
    return first17 + _CARD_CHECKS[total % 11]


def classify_taxpayer_id(text: str) -> TaxpayerIdKind | None:
    """Tell what kind of taxpayer identifier this is, or None if it is none: wrong length, sign or check."""
    return _classify(text) if 15 <= len(text) <= 20 else None


@lru_cache(maxsize=65_536)  # buyers come back; 10 MB at the most
def _classify(text: str) -> TaxpayerIdKind | None:
    if not re.fullmatch(r"[0-9A-Z]{15,20}", text):
        return None
    if len(text) == 18:
        if is_valid_uscc(text):
            return TaxpayerIdKind.USCC
        return TaxpayerIdKind.PERSON if is_valid_id_card(text) else None
    if len(text) == 15 and text[:6].isdigit():
        if organisation_check_character(text[6:14]) == text[14]:
            return TaxpayerIdKind.LEGACY_ORGANISATION
        return TaxpayerIdKind.NATURAL_PERSON_NUMBER if text[6].isalpha() else None
    if len(text) == 20 and is_valid_id_card(text[:18]) and text[18:].isdigit():
        return TaxpayerIdKind.PERSON_SERIAL
    if len(text) == 17 and text.isdigit():
        return TaxpayerIdKind.PERSON_SERIAL
    return None


def masked(text: str) -> str:
    """Hide the middle of an identifier of a person: ``450103********0012``."""
    return text if len(text) < 11 else text[:6] + "*" * (len(text) - 10) + text[-4:]

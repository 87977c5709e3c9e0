"""Codes people read and type: by SMS, from a list of recovery codes, from a screen that is scanned."""

import math
import re
import secrets
import unicodedata
from datetime import datetime, timedelta

RECOVERY_COUNT = 10
RECOVERY_LENGTH = 12  # 60 bits: nobody guesses it, kept as a keyed digest only
SMS_DIGITS = 6
_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # 32 characters; 0/O and 1/I are not told apart on paper
_MOBILE = re.compile(r"1[3-9][0-9]{9}")


def new_recovery_codes() -> tuple[str, ...]:
    """Make one list of recovery codes, in groups of four."""
    return tuple(_grouped(_random(RECOVERY_LENGTH)) for _ in range(RECOVERY_COUNT))


def normal_recovery_code(typed: str) -> str:
    """Bring a recovery code to its one form, however it was typed."""
    return re.sub(r"[^0-9A-Z]", "", unicodedata.normalize("NFKC", typed).upper())


def new_sms_code() -> str:
    """Six random digits."""
    return str(secrets.randbelow(10**SMS_DIGITS)).zfill(SMS_DIGITS)


def normal_digits(typed: str) -> str:
    """The digits of what was typed; full-width digits and blanks make no other code."""
    return re.sub(r"[^0-9]", "", unicodedata.normalize("NFKC", typed))


def new_match_number() -> str:
    """Two digits that a desk shows and a phone types (数字核对); 10 to 99, so none begins with a zero."""
    return str(10 + secrets.randbelow(90))


def normal_mobile(typed: str) -> str:
    """
    A mainland mobile number in its one form, "" if it is none.

    Blanks, hyphens and the prefix +86 make no other number.
    """
    text = re.sub(r"[\s()-]", "", unicodedata.normalize("NFKC", typed))
    number = re.sub(r"^(?:\+86|0086|86(?=1[0-9]{10}$))", "", text)
    return number if _MOBILE.fullmatch(number) else ""


def masked_mobile(number: str) -> str:
    """A mobile number as it may be shown: ``138****5678``."""
    return f"{number[:3]}****{number[-4:]}"


def wait_s(*, made_at: list[datetime], now: datetime, window: timedelta, allowed: int) -> int:
    """
    Seconds until one more is allowed: at most ``allowed`` in any ``window``; 0 if one is allowed now.

    :param made_at: the earlier ones, in any order.
    """
    within = sorted(at for at in made_at if at > now - window)
    if len(within) < allowed:
        return 0
    return math.ceil((within[len(within) - allowed] + window - now).total_seconds())


def _random(length: int) -> str:
    return "".join(secrets.choice(_ALPHABET) for _ in range(length))


def _grouped(code: str) -> str:
    return "-".join(code[i : i + 4] for i in range(0, len(code), 4))

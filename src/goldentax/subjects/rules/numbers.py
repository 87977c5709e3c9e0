"""
The network identity number (网络身份标识): what a subject is called between systems, without saying who it is.

The scheme is this project's own (``lawbook/subjects/life.yaml``): two digits of the home province, a
letter for the kind, a digit for who gave the number (0 the headquarters, 1 the province itself), nine digits of a
series, and a check character by ISO/IEC 7064 MOD 37,36, which notices every single wrong character and every
exchange of neighbours. It is never given twice, and it holds no part of a credential.
"""

from datetime import date

from goldentax.kernel import lawbook
from goldentax.subjects import errors

_SIGNS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_MODULUS = len(_SIGNS)
HEADQUARTERS = "0"
PROVINCE = "1"


def make_number(*, province: str, kind: str, issuer: str, serial: int, on: date) -> str:
    """
    Write the number of the next subject of a series.

    :raises errors.SeriesUsedUp: if the series has no further number.
    """
    digits = int(lawbook.parameter("subjects/network_number_serial_digits", on=on))
    if not 0 < serial < 10**digits:
        raise errors.SeriesUsedUp(province=province)
    letters = {
        str(row["kind"]): str(row["letter"]) for row in lawbook.table("subjects/number_letters", on=on)
    }
    body = f"{province}{letters[kind]}{issuer}{serial:0{digits}d}"
    return body + check_character(body)


def check_character(body: str) -> str:
    """The check character of ISO/IEC 7064, MOD 37,36, over digits and capitals."""
    rest = _MODULUS
    for sign in body:
        rest = (rest + _SIGNS.index(sign)) % _MODULUS or _MODULUS
        rest = rest * 2 % (_MODULUS + 1)
    return _SIGNS[(_MODULUS + 1 - rest) % _MODULUS]


def is_valid_number(text: str) -> bool:
    """Whether a text has the form of a network identity number, with the right check character."""
    if len(text) != 14 or any(sign not in _SIGNS for sign in text):
        return False
    return text[:2].isdigit() and text[2].isalpha() and check_character(text[:-1]) == text[-1]

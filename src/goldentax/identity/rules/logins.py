"""Login names: what people type to say who they are, and the network an attempt comes from."""

import ipaddress
import re
import unicodedata

LOGIN_LENGTH_MIN = 3
LOGIN_LENGTH_MAX = 64
_LOGIN = re.compile(r"[a-z0-9一-鿿][a-z0-9一-鿿._@-]*")


def normal_login(typed: str) -> str:
    """Bring a login name to its one form: full-width letters and capitals do not make another person."""
    return unicodedata.normalize("NFKC", typed).strip().lower()


def is_valid_login(login: str) -> bool:
    """Whether a normal login name may be taken: a mobile number, or letters, digits, Chinese and ``._@-``."""
    return LOGIN_LENGTH_MIN <= len(login) <= LOGIN_LENGTH_MAX and _LOGIN.fullmatch(login) is not None


def network_of(address: str) -> str:
    """
    The network that attempts are counted by: an IPv4 address, or the /64 of an IPv6 address.

    One subscriber of IPv6 has a whole /64 and could otherwise change address with every attempt.
    """
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return "unknown"
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, 64), strict=False))
    return str(parsed)


def normal_id_card(typed: str) -> str:
    """Bring an identity card number to its one form, by which it is found again."""
    return "".join(unicodedata.normalize("NFKC", typed).split()).upper()


def masked_id_card(number: str) -> str:
    """An identity card number as it may be shown: the first and the last four characters."""
    return f"{number[:4]}{'*' * (len(number) - 8)}{number[-4:]}" if len(number) > 8 else "*" * len(number)

"""The 20-digit invoice number (发票号码): year, province, channel, sequence (FACTS §1.1)."""

from dataclasses import dataclass

SEQUENCE_MAX = 10**15 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class NumberParts:
    """What the digits of a number say."""

    year: int
    province: str
    channel: str
    sequence: int


def compose_number(*, year: int, province: str, channel: str, sequence: int) -> str:
    """Put a number together: 2 digits of the year, 2 of the province, 1 of the channel, 15 of the sequence."""
    assert len(province) == 2 and len(channel) == 1 and 0 < sequence <= SEQUENCE_MAX
    return f"{year % 100:02d}{province}{channel}{sequence:015d}"


def read_number(number: str) -> NumberParts | None:
    """Take a number apart, or None if it is not 20 digits."""
    if len(number) != 20 or not (number.isascii() and number.isdigit()):
        return None
    return NumberParts(
        year=2000 + int(number[:2]), province=number[2:4], channel=number[4], sequence=int(number[5:])
    )

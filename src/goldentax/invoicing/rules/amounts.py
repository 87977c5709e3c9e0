"""
The arithmetic of one line (FACTS §1.8).

Tax-exclusive entry: tax = amount × rate, rounded half away from zero. Tax-inclusive entry: amount = gross ÷ (1 + rate)
rounded, tax = gross − amount, so that the price agreed is kept to the fen. Every step is exact.
"""

from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Context, Decimal

from goldentax.kernel.values.money import fen_from_yuan, round_fen

EXACT = Context(prec=60, rounding=ROUND_HALF_UP)
PRICE_DIGITS_MAX = 15
"""Significant digits of a derived price: the real faces print 15 (FACTS §1.8)."""
PRICE_DECIMALS_MAX = 13
NUMBER_LENGTH_MAX = 25
"""Quantity and price are texts of at most 25 characters in the official record (FACTS §1.6)."""


_SURELY_CARRIED = NUMBER_LENGTH_MAX - 3  # digits beside which a point and a leading zero always find room


@dataclass(frozen=True, slots=True)
class LineAmounts:
    """The three amounts of a line, in fen; gross is always amount + tax."""

    amount_fen: int
    tax_fen: int

    @property
    def gross_fen(self) -> int:
        return self.amount_fen + self.tax_fen


def from_exclusive(*, amount_fen: int, rate: Decimal) -> LineAmounts:
    """Work out the tax on a tax-exclusive amount."""
    return LineAmounts(amount_fen, tax_on(amount_fen=amount_fen, rate=rate))


def from_inclusive(*, gross_fen: int, rate: Decimal) -> LineAmounts:
    """Split a tax-inclusive amount; the two parts add up to it."""
    amount_fen = round_fen(EXACT.divide(Decimal(gross_fen).scaleb(-2), 1 + rate))
    return LineAmounts(amount_fen, gross_fen - amount_fen)


def tax_on(*, amount_fen: int, rate: Decimal) -> int:
    """Tax in fen on an amount in fen, rounded half away from zero."""
    return round_fen(EXACT.multiply(Decimal(amount_fen).scaleb(-2), rate))


def product_fen(*, quantity: Decimal, unit_price: Decimal) -> int:
    """Quantity × price in fen, rounded half away from zero."""
    return round_fen(EXACT.multiply(quantity, unit_price))


def exclusive_price(*, price: Decimal, rate: Decimal) -> Decimal:
    """A tax-inclusive price without its tax, to 15 significant digits."""
    return shortened(EXACT.divide(price, 1 + rate))


def derived_price(*, amount_fen: int, quantity: Decimal) -> Decimal:
    """The unit price that makes an amount, to 15 significant digits."""
    return shortened(EXACT.divide(Decimal(amount_fen).scaleb(-2), quantity))


def derived_quantity(*, amount_fen: int, unit_price: Decimal) -> Decimal:
    """The quantity that makes an amount, to 15 significant digits."""
    return shortened(EXACT.divide(Decimal(amount_fen).scaleb(-2), unit_price))


def shortened(number: Decimal) -> Decimal:
    """Round to what a face carries: 15 significant digits, 13 decimals, no trailing zeros."""
    kept = Context(prec=PRICE_DIGITS_MAX, rounding=ROUND_HALF_UP).plus(number)
    exponent = kept.as_tuple().exponent
    if isinstance(exponent, int) and exponent < -PRICE_DECIMALS_MAX:
        kept = EXACT.quantize(kept, Decimal(1).scaleb(-PRICE_DECIMALS_MAX))
    return kept


def plain(number: Decimal) -> str:
    """Write a decimal without exponent or trailing zeros: ``4197.16981132075``, ``2``."""
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def is_carried(number: Decimal) -> bool:
    """Tell whether the record can carry this quantity or price: above zero, 13 decimals, 25 characters."""
    _, digits, exponent = number.as_tuple()
    if isinstance(exponent, int) and -PRICE_DECIMALS_MAX <= exponent <= 0 and len(digits) <= _SURELY_CARRIED:
        return number > 0
    if not number.is_finite() or number <= 0 or abs(number.adjusted()) > NUMBER_LENGTH_MAX:
        return False
    text = plain(number)
    return len(text) <= NUMBER_LENGTH_MAX and len(text.partition(".")[2]) <= PRICE_DECIMALS_MAX


def amount_in_fen(amount: Decimal) -> int:
    """
    An amount the seller gave, in fen.

    :raises goldentax.kernel.values.money.BadAmount: if it has more than two decimals or is too large.
    """
    return fen_from_yuan(amount)

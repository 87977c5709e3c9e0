"""
Money: whole fen (分) in storage and arithmetic, yuan (元) with two decimals on paper.

Rounding is half away from zero (四舍五入), here and nowhere else. No float ever enters.
Source of the amount in words: the samples of delivered invoices (圆 on the bureau's face, 整 when no 分).
"""

from decimal import ROUND_HALF_UP, Context, Decimal, InvalidOperation

from goldentax.kernel.refusals import Refusal
from goldentax.kernel.text import Text

FEN_MAX = 10**18 - 1
"""The largest amount, in fen, that the official records can carry: (18,2)."""

_EXACT = Context(prec=60, rounding=ROUND_HALF_UP)
_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_PLACES = ("", "拾", "佰", "仟")


class BadAmount(Refusal):
    """The text is not an amount of money."""

    code = "KRN-MON-01"
    title = Text("“{text}”不是金额", "“{text}” is not an amount")
    way_out = Text(
        "请填写以元为单位的数字，最多两位小数，例如 1234.50",
        "Give yuan with at most two decimals, such as 1234.50",
    )


def decimal_from_text(text: str | Decimal | int, *, field: str = "") -> Decimal:
    """
    Read an exact finite decimal.

    :raises BadAmount: if the text is something else, such as a word, a NaN or an infinity.
    """
    try:
        number = Decimal(text.replace(",", "").strip()) if isinstance(text, str) else Decimal(text)
    except InvalidOperation:
        raise BadAmount(field, text=str(text)[:40]) from None
    if not number.is_finite():
        raise BadAmount(field, text=str(text)[:40])
    return number


def fen_from_yuan(text: str | Decimal | int, *, field: str = "") -> int:
    """
    Read yuan as whole fen; nothing is rounded.

    :raises BadAmount: if it is no number, has more than two decimals, or is too large for the records.
    """
    number = decimal_from_text(text, field=field)
    # The size is looked at before anything is scaled: 1e999999999 must never be written out in digits.
    if number and abs(number.adjusted()) > 18:
        raise BadAmount(field, text=str(text)[:40])
    fen = number.scaleb(2)
    if fen != fen.to_integral_value() or abs(fen) > FEN_MAX:
        raise BadAmount(field, text=str(text)[:40])
    return int(fen)


def round_fen(yuan_amount: Decimal) -> int:
    """Round exact yuan to whole fen, half away from zero (四舍五入)."""
    return int(_EXACT.to_integral_value(_EXACT.scaleb(yuan_amount, 2)))


def round_half_away(number: Decimal) -> int:
    """Round to the nearest integer, a half going away from zero."""
    return int(_EXACT.to_integral_value(number))


def yuan(fen: int) -> str:
    """Write fen as plain yuan for documents and interfaces: ``-1234.50``."""
    sign = "-" if fen < 0 else ""
    whole, part = divmod(abs(fen), 100)
    return f"{sign}{whole}.{part:02d}"


def yuan_grouped(fen: int) -> str:
    """Write fen as yuan for people: ``1,234.50``."""
    sign = "-" if fen < 0 else ""
    whole, part = divmod(abs(fen), 100)
    return f"{sign}{whole:,}.{part:02d}"


def chinese_amount(fen: int) -> str:
    """Write the amount in Chinese capital words (大写), as on the face: 贰圆壹角贰分, （负数）伍佰圆整."""
    if fen < 0:
        return "（负数）" + chinese_amount(-fen)
    whole, part = divmod(fen, 100)
    jiao, cents = divmod(part, 10)
    words = _chinese_integer(whole) + "圆" if whole else ""
    if not part:
        return (words or "零圆") + "整"
    if jiao:
        words += _DIGITS[jiao] + "角"
    elif whole:
        words += "零"
    return words + (_DIGITS[cents] + "分" if cents else "整")


def _chinese_integer(number: int) -> str:
    for size, name in ((10**8, "亿"), (10**4, "万")):
        if number >= size:
            high, low = divmod(number, size)
            gap = "零" if 0 < low < size // 10 else ""
            return _chinese_integer(high) + name + gap + (_chinese_integer(low) if low else "")
    return _chinese_group(number)


def _chinese_group(group: int) -> str:
    words, gap = "", False
    for place in range(3, -1, -1):
        digit = group // 10**place % 10
        if digit:
            words += ("零" if gap and words else "") + _DIGITS[digit] + _PLACES[place]
            gap = False
        else:
            gap = True
    return words

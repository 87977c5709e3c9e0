"""Tags for every template: two languages, money, identifiers."""

from decimal import Decimal
from typing import Any

from django import template

from goldentax.kernel.text import Text
from goldentax.kernel.values import money

register = template.Library()


@register.simple_tag(takes_context=True)
def t(context: dict[str, Any], zh: str | Text, en: str = "") -> str:
    """Write Chinese or English: ``{% t "开具" "Issue" %}``, or a :class:`Text`."""
    text = zh if isinstance(zh, Text) else Text(zh, en)
    request = context.get("request")
    return text.in_language(getattr(request, "LANGUAGE_CODE", "zh-hans"))


@register.filter
def yuan(fen: int | None) -> str:
    """Fen as grouped yuan: ``1,234.50``."""
    return "" if fen is None else money.yuan_grouped(fen)


@register.filter
def groups_of_four(identifier: str) -> list[str]:
    """Cut an identifier in groups of four, to be set apart by style so that it still copies clean."""
    return [identifier[i : i + 4] for i in range(0, len(identifier), 4)]


@register.filter
def percent(rate: str) -> str:
    """A ratio as a percentage: ``0.13`` as ``13%``."""
    return f"{(Decimal(rate) * 100).normalize():f}%"

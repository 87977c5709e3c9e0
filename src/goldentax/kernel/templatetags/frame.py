"""Tags for pages on the frame: icons, and what joins a field to its errors."""

import re
from typing import Any

from django import template
from django.utils.safestring import SafeString

from goldentax.kernel import frame

register = template.Library()


@register.simple_tag
def icon(name: str) -> SafeString:
    """Draw a Tabler icon: ``{% icon "home" %}``. A screen reader skips it; words stand beside it."""
    return frame.icon_svg(name)


@register.filter
def field_id(name: str) -> str:
    """The id of a field's control: ``lines[0].amount`` as ``field-lines-0-amount``."""
    return "field-" + re.sub(r"[^0-9A-Za-z]+", "-", name).strip("-")


@register.filter
def errors_for(errors: list[dict[str, Any]] | None, name: str) -> list[dict[str, Any]]:
    """Those of the refusals (``as_error`` values) that name this field."""
    return [error for error in errors or [] if error["field"] == name]


@register.filter
def moment(at: Any) -> str:
    """A moment as people in the bureau write it: ``2026-11-21 09:30``, in China's time."""
    from goldentax.kernel.clock import CHINA

    return f"{at.astimezone(CHINA):%Y-%m-%d %H:%M}" if at else ""

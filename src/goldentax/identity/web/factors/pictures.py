"""QR codes, drawn into the page."""

import segno
from django.utils.safestring import SafeString, mark_safe


def qr_svg(text: str, *, label: str) -> SafeString:
    """A QR code as SVG that grows with its place; black on white in both colour schemes, or no camera reads it."""
    code = segno.make(text, error="m", micro=False)
    drawing = code.svg_inline(
        border=4, dark="#000", light="#fff", omitsize=True, title=label, svgclass="idf-qr"
    )
    # Segno draws paths from the matrix; of what is given, only the title is text, and it is escaped.
    return mark_safe(drawing)  # noqa: S308

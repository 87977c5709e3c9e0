"""
The names files travel under: ``dzfp_<number>_<buyer>_<yyyyMMddHHmmss>.<form>`` (FACTS §1.3).

The buyer's name is typed by people; it must hurt neither a file system nor an HTTP header.
"""

import unicodedata
from typing import Literal
from urllib.parse import quote

from goldentax.invoicing.rules.documents import InvoiceDocument
from goldentax.kernel.clock import CHINA

Form = Literal["xml", "pdf", "ofd"]

NAME_BYTES_MAX = 150
"""Room for the buyer in a file name: file systems allow 255 bytes, number, moment and form need 45."""

_FORBIDDEN = frozenset("\\/:*?\"<>|%;'`")


def file_name(document: InvoiceDocument, *, form: Form) -> str:
    """Name a delivered file as its users know it."""
    moment = document.issued_at.astimezone(CHINA)
    return f"dzfp_{document.number}_{_safe(document.buyer_printed_name)}_{moment:%Y%m%d%H%M%S}.{form}"


def content_disposition(document: InvoiceDocument, *, form: Form) -> str:
    """
    Write the value of a ``Content-Disposition`` header (RFC 6266): plain name first, the real one after it.
    """
    return (
        f'attachment; filename="dzfp_{document.number}.{form}"; '
        f"filename*=UTF-8''{quote(file_name(document, form=form), safe='')}"
    )


def _safe(name: str) -> str:
    # Category C holds control and direction marks: they can make a name read as another one.
    kept = "".join(
        "_" if sign in _FORBIDDEN else sign
        for sign in unicodedata.normalize("NFC", name)
        if unicodedata.category(sign)[0] != "C"
    )
    kept = "_".join(kept.split())
    return kept.encode()[:NAME_BYTES_MAX].decode(errors="ignore").strip("._ ") or "_"

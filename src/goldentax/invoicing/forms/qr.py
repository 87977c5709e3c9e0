"""
The QR code of the face (二维码).

Payload as decoded from real invoices (FACTS §1.1): ``01,<kind>,,<number>,<gross yuan>,<yyyyMMdd>,,<CRC>``,
kind 31 for 增值税专用发票 and 32 for 普通发票. The CRC runs over everything up to and including the last
comma.
"""

import io

import segno

from goldentax.invoicing.rules.documents import InvoiceDocument
from goldentax.kernel.values.money import yuan

KINDS = {"81": "31", "82": "32"}
_POLYNOMIAL = 0x8005


def payload(document: InvoiceDocument) -> str:
    """Write what the QR code says, with its check digits."""
    head = (
        f"01,{KINDS[document.kind]},,{document.number},{yuan(document.gross_fen)},"
        f"{document.issued_at:%Y%m%d},,"
    )
    return head + crc16_buypass(head)


def crc16_buypass(text: str) -> str:
    """Compute CRC-16/BUYPASS (polynomial 8005, no reflection, nothing added) as four capital hex digits."""
    remainder = 0
    for byte in text.encode():
        remainder ^= byte << 8
        for _ in range(8):
            carry = remainder & 0x8000
            remainder = (remainder << 1) & 0xFFFF ^ (_POLYNOMIAL if carry else 0)
    return f"{remainder:04X}"


def modules(document: InvoiceDocument) -> list[list[bool]]:
    """Draw the code as rows of dark (True) and light modules, without the quiet zone."""
    return [[bool(one) for one in row] for row in _code(document).matrix]


def svg(document: InvoiceDocument) -> str:
    """Draw the code as a picture of its own, one unit a module, with the quiet zone of four."""
    buffer = io.BytesIO()
    _code(document).save(buffer, kind="svg", border=4, xmldecl=False, svgns=True, nl=False)
    return buffer.getvalue().decode()


def png(document: InvoiceDocument) -> bytes:
    """Draw the code as a PNG of eight pixels a module, with the quiet zone."""
    buffer = io.BytesIO()
    _code(document).save(buffer, kind="png", scale=8, border=4)
    return buffer.getvalue()


def _code(document: InvoiceDocument) -> segno.QRCode:
    # Level M and no micro codes: what the decoded real faces use, and scanners on old phones read.
    return segno.make_qr(payload(document), error="m", boost_error=False)

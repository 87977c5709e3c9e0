"""
The same invoice as one strip of 100 mm: what the face says, stacked for a phone.

Type of 3.175 mm on 100 mm is about 12 pixels on a screen of 390. Every line of the invoice is a block of
its own.
"""

from collections.abc import Iterator

from goldentax.invoicing.forms.face.drawing import (
    GREY,
    INK,
    LABEL,
    PALE,
    Code,
    Colour,
    Item,
    Page,
    Rule,
    Words,
)
from goldentax.invoicing.forms.face.measure import Font, fitted, one_row, wrapped
from goldentax.invoicing.forms.face.pages import NOTICE, PREVIEW
from goldentax.invoicing.forms.face.tables import heading, tax_text
from goldentax.invoicing.forms.qr import modules
from goldentax.invoicing.rules.documents import InvoiceDocument, Line
from goldentax.invoicing.rules.drafts import PassengerDraft, TollDraft
from goldentax.kernel.clock import CHINA
from goldentax.kernel.values.money import chinese_amount, yuan

WIDTH, EDGE = 100.0, 4.0
SMALL, PITCH = 3.2, 4.7
_RIGHT = WIDTH - EDGE
_LABEL_ROOM = 21.0
_LINES_SHOWN = 200
"""Blocks drawn on the strip; a longer invoice is read in its pages."""


class _Strip:
    """A strip that grows downward as it is written."""

    def __init__(self) -> None:
        self.items: list[Item] = []
        self.y = EDGE

    def row(self, text: str, *, font: Font = "song", colour: Colour = INK, x: float = EDGE) -> None:
        for part in wrapped(text, size=SMALL, font=font, room=_RIGHT - x):
            self.y += PITCH
            if part:
                self.items.append(Words(x=x, y=self.y, text=part, size=SMALL, font=font, colour=colour))

    def pair(self, label: str, value: str, *, font: Font = "song") -> None:
        """Write a label and, beside it, its value, wrapped in its own column."""
        if not one_row(value):
            return
        self.items.append(Words(x=EDGE, y=self.y + PITCH, text=label, size=SMALL, font="kai", colour=LABEL))
        self.row(value, font=font, x=EDGE + _LABEL_ROOM)

    def ends(self, left: str, right: str, *, font: Font = "song", colour: Colour = INK) -> None:
        """Write one row with text at both ends."""
        self.y += PITCH
        for text, x, align, room in ((left, EDGE, "left", 52.0), (right, _RIGHT, "right", 38.0)):
            text = one_row(text)
            if text:
                size = fitted(text, size=SMALL, font=font, room=room)
                self.items.append(
                    Words(x=x, y=self.y, text=text, size=size, font=font, colour=colour, align=align)  # type: ignore[arg-type]
                )

    def rule(self, colour: Colour = LABEL) -> None:
        self.y += 2.2
        self.items.append(Rule(x1=EDGE, y1=self.y, x2=_RIGHT, y2=self.y, colour=colour))


def page(document: InvoiceDocument) -> Page:
    """Lay the invoice out as one strip, as long as it needs."""
    strip = _Strip()
    _head(strip, document)
    _parties(strip, document)
    _lines(strip, document)
    _totals(strip, document)
    strip.pair("备注", document.printed_remark)
    strip.pair("开票人", document.drawer)
    strip.rule(PALE)
    for part in wrapped(NOTICE, size=2.5, font="kai", room=_RIGHT - EDGE):
        strip.y += 3.6
        strip.items.append(Words(x=EDGE, y=strip.y, text=part, size=2.5, font="kai", colour=GREY))
    return Page(width=WIDTH, height=round(strip.y + EDGE, 2), items=tuple(strip.items))


def _head(strip: _Strip, document: InvoiceDocument) -> None:
    title = f"{heading(document)} {document.title}".strip()
    size = fitted(title, size=6.0, font="kai", room=_RIGHT - EDGE)
    strip.y += 6
    strip.items.append(
        Words(x=WIDTH / 2, y=strip.y, text=title, size=size, font="kai", colour=LABEL, align="centre")
    )
    strip.rule()
    if document.number:
        rows = tuple(tuple(row) for row in modules(document))
        strip.items.append(Code(x=_RIGHT - 18, y=strip.y + 3, size=18, modules=rows))
    top = strip.y
    strip.pair("发票号码", document.number or PREVIEW)
    day = document.issued_at.astimezone(CHINA)
    strip.pair("开票日期", f"{day:%Y年%m月%d日}")
    strip.y = max(strip.y, top + 21)


def _parties(strip: _Strip, document: InvoiceDocument) -> None:
    for label, name, party in (
        ("购买方", document.buyer_printed_name, document.buyer),
        ("销售方", document.seller.name, document.seller),
    ):
        strip.rule(PALE)
        strip.pair(label, name)
        strip.pair("税号", party.tax_id, font="mono")


def _lines(strip: _Strip, document: InvoiceDocument) -> None:
    strip.rule()
    for line in document.lines[:_LINES_SHOWN]:
        _line(strip, line)
        strip.rule(PALE)
    left_out = len(document.lines) - _LINES_SHOWN
    if left_out > 0:
        strip.row(f"另有 {left_out} 行，见完整票面", font="kai", colour=LABEL)
    for one in document.specific:
        for label, value in _specific(one):
            strip.pair(label, value)


def _line(strip: _Strip, line: Line) -> None:
    strip.row(line.full_name)
    if line.specification:
        strip.row(line.specification, colour=GREY)
    counted = " × ".join(one for one in (f"{line.quantity}{line.unit}".strip(), line.unit_price) if one)
    strip.ends(counted, yuan(line.amount_fen))
    strip.ends(f"税率 {line.rate_text}", f"税额 {tax_text(line)}" if tax_text(line) else "", colour=GREY)


def _specific(one: object) -> Iterator[tuple[str, str]]:
    if isinstance(one, TollDraft):
        yield "车牌号", f"{one.plate_number} {one.vehicle_type}"
        yield "通行日期", f"{one.started_at[:8]}—{one.ended_at[:8]}"
    elif isinstance(one, PassengerDraft):
        yield "出行人", f"{one.traveller} {one.id_number}"
        yield "行程", f"{one.travel_date} {one.departure}—{one.destination} {one.grade}"


def _totals(strip: _Strip, document: InvoiceDocument) -> None:
    strip.ends("合计金额", f"¥{yuan(document.amount_fen)}")
    strip.ends("合计税额", f"¥{yuan(document.tax_fen)}")
    strip.ends("价税合计（小写）", f"¥{yuan(document.gross_fen)}")
    strip.pair("（大写）", chinese_amount(document.gross_fen))
    strip.rule()

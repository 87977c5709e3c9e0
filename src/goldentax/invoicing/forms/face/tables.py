"""
The lines of the invoice as rows of cells: which columns a face has, how names wrap, how figures shrink.

Three tables are known (FACTS §1.3): the ordinary one, 旅客运输服务 with a second table of trips, and 通行费.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from goldentax.invoicing.forms.face import geometry as at
from goldentax.invoicing.forms.face.drawing import LABEL, Align, Words
from goldentax.invoicing.forms.face.measure import Font, fitted, one_row, wrapped
from goldentax.invoicing.rules.documents import InvoiceDocument, Line
from goldentax.invoicing.rules.drafts import PassengerDraft, TollDraft
from goldentax.kernel.values.money import yuan

_SHRINKING = 2.82
_VEHICLES = {
    "1": "飞机",
    "2": "火车",
    "3": "长途汽车",
    "4": "公共交通",
    "5": "出租车",
    "6": "汽车",
    "7": "船舶",
    "9": "其他",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column: its heading and where, where its cells stand, and which field they show."""

    head: str
    head_x: float
    x: float
    room: float
    align: Align = "left"
    tag: str = ""
    wraps: bool = False


@dataclass(slots=True, kw_only=True)
class Row:
    """One row of a page; a first row of a line carries its amounts, for the page's subtotal."""

    cells: list[tuple[Column, str]] = field(default_factory=list)
    line: int = 0
    amount_fen: int = 0
    tax_fen: int = 0
    font: Font = "song"
    is_heading: bool = False


_NAME = Column(head="项目名称", head_x=15.5, x=4.9, room=36.0, tag="Item", wraps=True)
_AMOUNT = Column(head="金 额", head_x=143.0, x=152.6, room=24.5, align="right", tag="Amount")
_RATE = Column(head="税率/征收率", head_x=157.0, x=166.5, room=24.0, align="centre", tag="TaxScheme")
_TAX = Column(head="税 额", head_x=194.0, x=at.RIGHT_EDGE, room=25.0, align="right", tag="TaxAmount")

ORDINARY = (
    _NAME,
    Column(head="规格型号", head_x=41.6, x=41.4, room=23.4, tag="Specification", wraps=True),
    Column(
        head="单 位", head_x=66.5, x=70.0, room=9.6, align="centre", tag="MeasurementDimension", wraps=True
    ),
    Column(head="数 量", head_x=92.5, x=102.2, room=26.5, align="right", tag="Quantity"),
    Column(head="单 价", head_x=117.5, x=127.2, room=24.5, align="right", tag="Price"),
    _AMOUNT,
    _RATE,
    _TAX,
)
PASSENGER = (
    _NAME,
    Column(head="单 价", head_x=66.5, x=76.2, room=30.0, align="right", tag="Price"),
    Column(head="数 量", head_x=105.0, x=114.7, room=30.0, align="right", tag="Quantity"),
    _AMOUNT,
    _RATE,
    _TAX,
)
TOLL = (
    _NAME,
    Column(head="车牌号", head_x=43.0, x=41.4, room=19.5, tag="PlateNumber"),
    Column(head="车辆类型", head_x=63.0, x=63.0, room=18.5, tag="VehicleType"),
    Column(head="通行日期起", head_x=84.0, x=84.0, room=21.0, tag="StartDate"),
    Column(head="通行日期止", head_x=107.5, x=107.5, room=21.0, tag="EndDate"),
    _AMOUNT,
    _RATE,
    _TAX,
)
TRIPS = (
    Column(head="出行人", head_x=9.0, x=4.9, room=23.0, tag="Traveler", wraps=True),
    Column(head="有效身份证件号", head_x=32.0, x=30.0, room=38.0, tag="ValidIDNumber"),
    Column(head="出行日期", head_x=72.5, x=71.0, room=22.0, tag="TravelDate"),
    Column(head="出发地", head_x=99.0, x=95.0, room=31.0, tag="Departure", wraps=True),
    Column(head="到达地", head_x=132.0, x=128.0, room=31.0, tag="Destination", wraps=True),
    Column(head="等级", head_x=164.0, x=161.0, room=17.0, tag="Grade"),
    Column(head="交通工具类型", head_x=183.0, x=183.0, room=21.0, tag="Vehicle"),
)


def heading(document: InvoiceDocument) -> str:
    """Name the 特定业务 of the face, shown left of the title; "" for the ordinary one."""
    columns = columns_of(document)
    return {id(PASSENGER): "旅客运输服务", id(TOLL): "通行费"}.get(id(columns), "")


def columns_of(document: InvoiceDocument) -> tuple[Column, ...]:
    """Choose the table of the face by its 特定要素."""
    if any(isinstance(one, PassengerDraft) for one in document.specific):
        return PASSENGER
    if any(isinstance(one, TollDraft) for one in document.specific):
        return TOLL
    return ORDINARY


def blocks(document: InvoiceDocument) -> Iterator[list[Row]]:
    """Lay out every line, then every trip, each as the block of rows it takes."""
    columns = columns_of(document)
    tolls = [one for one in document.specific if isinstance(one, TollDraft)]
    for index, line in enumerate(document.lines):
        toll = tolls[index] if index < len(tolls) else None
        yield _block(columns, {**_line_texts(line), **_toll_texts(toll)}, line)
    for toll in tolls[len(document.lines) :]:
        yield _block(columns, _toll_texts(toll), None)
    trips = [one for one in document.specific if isinstance(one, PassengerDraft)]
    if trips:
        yield [Row(cells=[(one, one.head) for one in TRIPS], font="kai", is_heading=True)]
    for trip in trips:
        yield _block(TRIPS, _trip_texts(trip), None)


def draw_row(row: Row, *, y: float) -> Iterator[Words]:
    """Draw the cells of one row whose top is at ``y``; figures too wide for their column get smaller type."""
    for column, text in row.cells:
        text = one_row(text)
        if not text:
            continue
        size = at.SMALL
        if not column.wraps and not row.is_heading:
            size = fitted(text, size=size, font=row.font, room=column.room)
            size = size if size == at.SMALL else min(size, _SHRINKING)
        yield Words(
            x=column.head_x if row.is_heading else column.x,
            y=y + at.ASCENT * at.SMALL,
            text=text,
            size=size,
            font=row.font,
            colour=LABEL if row.is_heading else (0, 0, 0),
            align="left" if row.is_heading else column.align,
            tag=column.tag if row.line else "",
            line=row.line,
        )


def draw_heads(document: InvoiceDocument, *, y: float) -> Iterator[Words]:
    """Draw the headings of the columns."""
    row = Row(cells=[(one, one.head) for one in columns_of(document)], font="kai", is_heading=True)
    yield from draw_row(row, y=y)


def _block(columns: tuple[Column, ...], texts: dict[str, str], line: Line | None) -> list[Row]:
    cells = {
        column.tag: (
            wrapped(texts.get(column.tag, ""), size=at.SMALL, font="song", room=column.room)
            if column.wraps
            else [texts.get(column.tag, "")]
        )
        for column in columns
    }
    rows = []
    for index in range(max(len(one) for one in cells.values())):
        row = Row(line=line.number if line is not None else 0)
        row.cells = [(one, cells[one.tag][index]) for one in columns if index < len(cells[one.tag])]
        rows.append(row)
    if line is not None:
        rows[0].amount_fen, rows[0].tax_fen = line.amount_fen, line.tax_fen
    return rows


def _line_texts(line: Line) -> dict[str, str]:
    return {
        "Item": line.full_name,
        "Specification": line.specification,
        "MeasurementDimension": line.unit,
        "Quantity": line.quantity,
        "Price": line.unit_price,
        "Amount": yuan(line.amount_fen),
        "TaxScheme": line.rate_text,
        "TaxAmount": tax_text(line),
    }


def tax_text(line: Line) -> str:
    """The tax cell of a line: ``***`` where it is tax-free, nothing where it is not taxed (规范 V6 §1.5)."""
    if line.is_exempt:
        return "***"
    return "" if line.is_untaxed else yuan(line.tax_fen)


def _toll_texts(toll: TollDraft | None) -> dict[str, str]:
    if toll is None:
        return {}
    return {
        "PlateNumber": toll.plate_number,
        "VehicleType": toll.vehicle_type,
        "StartDate": _day(toll.started_at),
        "EndDate": _day(toll.ended_at),
    }


def _trip_texts(trip: PassengerDraft) -> dict[str, str]:
    return {
        "Traveler": trip.traveller,
        "ValidIDNumber": trip.id_number,
        "TravelDate": trip.travel_date,
        "Departure": trip.departure,
        "Destination": trip.destination,
        "Grade": trip.grade,
        "Vehicle": _VEHICLES.get(trip.vehicle_kind, trip.vehicle_kind),
    }


def _day(moment: str) -> str:
    """Show the day of a moment written as yyyyMMddHHmmssSSS."""
    digits = moment[:8]
    return f"{digits[:4]}-{digits[4:6]}-{digits[6:]}" if len(digits) == 8 and digits.isdecimal() else moment

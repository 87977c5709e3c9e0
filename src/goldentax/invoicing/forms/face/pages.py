"""
The pages of one face: the front with all its boxes, and further pages (附页) for lines and remarks that do
not fit.

The front alone is a whole invoice: parties, totals, remark. Where lines run over, each page ends with its
小计, and the grand totals stand on the front and on the last page.
"""

from collections.abc import Iterator

from goldentax.invoicing.forms.face import geometry as at
from goldentax.invoicing.forms.face.drawing import (
    GREY,
    INK,
    LABEL,
    MARK,
    PALE,
    Code,
    Item,
    Oval,
    Page,
    Rule,
    Words,
)
from goldentax.invoicing.forms.face.measure import Font, fitted, one_row, wrapped
from goldentax.invoicing.forms.face.tables import Row, blocks, draw_heads, draw_row, heading
from goldentax.invoicing.forms.qr import modules
from goldentax.invoicing.rules.documents import InvoiceDocument, Party
from goldentax.kernel.clock import CHINA
from goldentax.kernel.values.money import chinese_amount, yuan

MARK_ROWS = (("Golden Tax", 22.6, 2.9), ("金税开源系统", 25.5, 2.25))
NOTICE = "本文件由开源系统 Golden Tax 生成，供教学与测试，并非税务机关监制的发票。"
PREVIEW = "预览"
Modules = tuple[tuple[bool, ...], ...]
ID_LABEL = "统一社会信用代码/纳税人识别号："


def pages(document: InvoiceDocument) -> tuple[Page, ...]:
    """Lay out one invoice, page by page; the same document always gives the same pages."""
    code = tuple(tuple(row) for row in modules(document)) if document.number else ()
    tables = list(_fill(list(blocks(document))))
    remark, size, pitch, rest = _fit_remark(document)
    chunks = [rest[start : start + _MORE_REMARK_ROWS] for start in range(0, len(rest), _MORE_REMARK_ROWS)]
    count = len(tables) + len(chunks)
    front = [
        *_head(document, code, number=1, count=count),
        *_frame(),
        *_parties(document),
        *draw_heads(document, y=at.COLUMN_HEADS_Y),
        *_rows(tables[0], first_y=at.FIRST_LINE_Y),
        *_sum_rows(document, tables[0] if len(tables) > 1 else None),
        *_gross(document),
        *_remark(remark, size, pitch),
        *_foot(document),
    ]
    made = [_page(front)]
    for index, table in enumerate(tables[1:], start=2):
        is_last = index == len(tables)
        made.append(_page(_more_lines(document, code, table, number=index, count=count, is_last=is_last)))
    for index, chunk in enumerate(chunks, start=len(tables) + 1):
        made.append(_page(_more_remark(document, code, chunk, number=index, count=count)))
    return tuple(made)


_MORE_REMARK_ROWS = 26
_NAME_SHOWN = 30
"""Signs of a party's name repeated on further pages; the front has all of it."""


def _page(items: list[Item]) -> Page:
    return Page(width=at.PAGE_WIDTH, height=at.PAGE_HEIGHT, items=tuple(items))


def _fill(all_blocks: list[list[Row]]) -> Iterator[list[Row]]:
    """Deal the rows out to pages; a block is split only if it would not fit a page of its own."""
    rows_needed = sum(len(one) for one in all_blocks)
    if rows_needed <= at.FRONT_ROWS:
        yield [row for block in all_blocks for row in block]
        return
    page: list[Row] = []
    capacity = at.FRONT_ROWS - 1  # One row of the front is kept for the subtotal.
    for block in all_blocks:
        rest = block
        while rest:
            room = capacity - len(page)
            keeps_whole = len(rest) <= at.MORE_ROWS and page
            if room == 0 or (len(rest) > room and keeps_whole):
                yield page
                capacity, page = at.MORE_ROWS, []
                continue
            page, rest = page + rest[:room], rest[room:]
    yield page


def _words(
    x: float,
    y: float,
    text: str,
    *,
    size: float = at.SMALL,
    font: Font = "kai",
    room: float = 0,
    **more: object,
) -> Iterator[Words]:
    """Place text by the top of its box; empty text is not drawn, and a room makes it fit."""
    text = one_row(text)
    if text:
        shown = fitted(text, size=size, font=font, room=room) if room else size
        more.setdefault("colour", LABEL if font == "kai" else INK)
        yield Words(x=x, y=y + at.ASCENT * size, text=text, size=shown, font=font, **more)  # type: ignore[arg-type]


def _head(document: InvoiceDocument, code: Modules, *, number: int, count: int) -> Iterator[Item]:
    is_front = number == 1
    if not document.number:
        yield Words(x=105, y=88, text=PREVIEW, size=46, font="kai", colour=PALE, align="centre")
    if code:
        yield Code(x=at.QR_X, y=at.QR_Y, size=at.QR_SIZE, modules=code)
    title = document.title if is_front else f"{document.title}附页"
    size = fitted(
        title,
        size=at.TITLE_SIZE if is_front else at.MORE_TITLE_SIZE,
        font="kai",
        room=at.TITLE_ROOM,
    )
    yield Words(
        x=at.TITLE_X, y=at.TITLE_BASELINE, text=title, size=size, font="kai", colour=LABEL, align="centre"
    )
    for y in at.TITLE_RULES:
        yield Rule(x1=at.TITLE_RULE_LEFT, y1=y, x2=at.TITLE_RULE_RIGHT, y2=y)
    if is_front:
        yield from _mark()
    name = heading(document)
    if name:
        yield Words(
            x=at.SPECIAL_X, y=at.SPECIAL_BASELINE, text=name, size=at.SPECIAL_SIZE, font="kai", colour=LABEL,
            align="centre",
        )  # fmt: skip
    day = document.issued_at.astimezone(CHINA)
    shown_number = document.number or "（预览，未开具）"
    for label, value, tag, baseline in (
        ("发票号码：", shown_number, "InvoiceNo", at.HEAD_BASELINES[0]),
        ("开票日期：", f"{day:%Y年%m月%d日}", "IssueDate", at.HEAD_BASELINES[1]),
    ):
        top = baseline - at.ASCENT * at.LABEL_SIZE
        yield from _words(at.HEAD_LABEL_X, top, label, size=at.LABEL_SIZE)
        top = baseline - at.ASCENT * at.SMALL
        tag = tag if is_front else ""
        yield from _words(at.HEAD_VALUE_X, top, value, font="song", room=at.HEAD_VALUE_ROOM, tag=tag)
    if count > 1:
        text = f"共 {count} 页  第 {number} 页"
        yield Words(
            x=at.PAGE_COUNT_X, y=at.PAGE_COUNT_BASELINE, text=text, size=at.SMALL, font="kai", colour=LABEL,
            align="right",
        )  # fmt: skip


def _mark() -> Iterator[Item]:
    """Draw our own mark: blue, with our name, so that nobody takes the page for a state document."""
    for smaller in (0.0, 0.9):
        yield Oval(
            x=at.MARK_X,
            y=at.MARK_Y,
            radius_x=at.MARK_RADIUS_X - smaller,
            radius_y=at.MARK_RADIUS_Y - smaller,
            width=0.45 if not smaller else 0.2,
            colour=MARK,
        )
    for text, baseline, size in MARK_ROWS:
        yield Words(x=at.MARK_X, y=baseline, text=text, size=size, font="kai", colour=MARK, align="centre")


def _frame() -> Iterator[Item]:
    for y in at.RULES_Y:
        yield Rule(x1=at.LEFT, y1=y, x2=at.RIGHT, y2=y)
    for x, top, bottom in at.RULES_X:
        yield Rule(x1=x, y1=top, x2=x, y2=bottom)


def _parties(document: InvoiceDocument) -> Iterator[Item]:
    for letters, x in (("购买方信息", at.BUYER_LETTERS_X), ("销售方信息", at.SELLER_LETTERS_X)):
        for letter, y in zip(letters, at.PARTY_LETTERS_Y, strict=True):
            yield from _words(x, y, letter)
    yield from _party(
        document.buyer, document.buyer_printed_name, "Buyer", at.BUYER_X, at.BUYER_NAME_X, at.BUYER_ID_X
    )
    yield from _party(
        document.seller, document.seller.name, "Seller", at.SELLER_X, at.SELLER_NAME_X, at.SELLER_ID_X
    )


def _party(party: Party, name: str, side: str, label_x: float, name_x: float, id_x: float) -> Iterator[Item]:
    yield from _words(label_x, at.NAME_Y, "名称：")
    rows, size, pitch = _fit_name(name)
    for index, row in enumerate(rows):
        y = at.NAME_Y + at.ASCENT * at.SMALL + index * pitch
        yield Words(x=name_x, y=y, text=row, size=size, tag=f"{side}Name")
    yield from _words(label_x, at.PARTY_ID_Y, ID_LABEL, room=at.PARTY_ID_LABEL_ROOM)
    baseline = at.PARTY_ID_Y + at.ASCENT * at.SMALL
    tax_id = one_row(party.tax_id)
    if tax_id:
        size = fitted(tax_id, size=at.TAX_ID_SIZE, font="mono", room=at.ID_ROOM)
        yield Words(x=id_x, y=baseline, text=tax_id, size=size, font="mono", tag=f"{side}TaxID")


def _fit_name(name: str) -> tuple[list[str], float, float]:
    """
    Find the type in which a party's name fits its box: one to three rows, smaller ones for endless names.
    """
    size, pitch = at.SMALL, at.NAME_PITCH
    while True:
        rows = [one for one in wrapped(name, size=size, font="song", room=at.NAME_ROOM) if one]
        if len(rows) * pitch <= at.NAME_HEIGHT or size < 1:
            return rows, size, pitch
        size, pitch = size * 0.85, pitch * 0.85


def _rows(rows: list[Row], *, first_y: float) -> Iterator[Item]:
    for index, row in enumerate(rows):
        yield from draw_row(row, y=first_y + index * at.LINE_PITCH)


def _sum_rows(document: InvoiceDocument, counted: list[Row] | None) -> Iterator[Item]:
    if counted is not None:
        yield from _subtotal(counted, y=at.FIRST_LINE_Y + (at.FRONT_ROWS - 1) * at.LINE_PITCH)
    yield from _sum(document, y=at.SUM_Y, has_tags=True)


def _subtotal(rows: list[Row], *, y: float) -> Iterator[Item]:
    amounts = (sum(one.amount_fen for one in rows), sum(one.tax_fen for one in rows))
    yield from _sum_row("小        计", amounts, y, ("", ""))


def _sum(document: InvoiceDocument, *, y: float, has_tags: bool) -> Iterator[Item]:
    tags = ("TaxExclusiveTotalAmount", "TaxTotalAmount") if has_tags else ("", "")
    yield from _sum_row("合        计", (document.amount_fen, document.tax_fen), y, tags)


def _sum_row(label: str, amounts: tuple[int, int], y: float, tags: tuple[str, str]) -> Iterator[Item]:
    first, _, last = label.partition(" ")
    yield from _words(17.4, y, first)
    yield from _words(31.4, y, last.strip())
    for amount, x, tag in ((amounts[0], 152.6, tags[0]), (amounts[1], at.RIGHT_EDGE, tags[1])):
        yield from _figure(amount, x=x, y=y + at.ASCENT * at.SMALL, room=25.5, align="right", tag=tag)


def _figure(fen: int, *, x: float, y: float, room: float, **more: object) -> Iterator[Item]:
    text = f"¥{yuan(fen)}"
    size = fitted(text, size=at.TOTAL_SIZE, font="mono", room=room)
    yield Words(x=x, y=y, text=text, size=size, font="mono", **more)  # type: ignore[arg-type]


def _gross(document: InvoiceDocument) -> Iterator[Item]:
    yield from _words(at.GROSS_LABEL_X, at.GROSS_Y, "价税合计（大写）")
    radius, x, y = at.CROSS_RADIUS, at.CROSS_X, at.CROSS_Y
    yield Oval(x=x, y=y, radius_x=radius, radius_y=radius, colour=INK, width=0.22)
    arm = radius * 0.7071
    yield Rule(x1=x - arm, y1=y - arm, x2=x + arm, y2=y + arm, colour=INK, width=0.22)
    yield Rule(x1=x - arm, y1=y + arm, x2=x + arm, y2=y - arm, colour=INK, width=0.22)
    words = chinese_amount(document.gross_fen)
    yield from _words(at.WORDS_X, at.GROSS_Y - 0.2, words, size=3.6, font="song", room=at.WORDS_ROOM)
    yield from _words(at.FIGURE_LABEL_X, at.GROSS_Y, "（小写）")
    baseline = at.GROSS_Y + at.ASCENT * at.SMALL
    yield from _figure(
        document.gross_fen, x=at.FIGURE_X, y=baseline, room=at.FIGURE_ROOM, tag="TaxInclusiveTotalAmount"
    )


def _fit_remark(document: InvoiceDocument) -> tuple[list[str], float, float, list[str]]:
    """Break the remark into rows that fit its box in the largest type possible, and what is left for 附页."""
    text = document.printed_remark
    if not text.strip():
        return [], *at.REMARK_SIZES[0], []
    rows: list[str] = []
    size, pitch = at.REMARK_SIZES[0]
    for size, pitch in at.REMARK_SIZES:
        rows = wrapped(text, size=size, font="song", room=at.REMARK_ROOM)
        if len(rows) <= _remark_room(pitch):
            return rows, size, pitch, []
    room = _remark_room(pitch)
    rest = wrapped("\n".join(rows[room:]), size=at.SMALL, font="song", room=at.REMARK_ROOM)
    return rows[:room], size, pitch, rest


def _remark_room(pitch: float) -> int:
    return int((at.REMARK_BOTTOM - at.REMARK_Y - 0.4) / pitch)


def _remark(rows: list[str], size: float, pitch: float) -> Iterator[Item]:
    for letter, (x, y) in zip("备注", at.REMARK_LETTERS, strict=True):
        yield from _words(x, y, letter)
    for index, row in enumerate(rows):
        if row:
            y = at.REMARK_Y + at.ASCENT * size + index * pitch
            yield Words(x=at.REMARK_X, y=y, text=row, size=size, tag="Note")


def _foot(document: InvoiceDocument) -> Iterator[Item]:
    yield from _words(at.DRAWER_LABEL_X, at.DRAWER_Y, "开票人：")
    yield from _words(at.DRAWER_X, at.DRAWER_Y, document.drawer, font="song", room=60.0, tag="InvoiceClerk")
    yield from _notice()


def _notice() -> Iterator[Item]:
    yield Words(
        x=at.NOTICE_X, y=at.NOTICE_BASELINE, text=NOTICE, size=at.NOTICE_SIZE, font="kai", colour=GREY,
        align="right",
    )  # fmt: skip


def _more_frame(document: InvoiceDocument) -> Iterator[Item]:
    for y in (at.TOP, at.BOTTOM):
        yield Rule(x1=at.LEFT, y1=y, x2=at.RIGHT, y2=y)
    for x in (at.LEFT, at.RIGHT):
        yield Rule(x1=x, y1=at.TOP, x2=x, y2=at.BOTTOM)
    parties = (
        f"购买方：{_shortened(document.buyer_printed_name)}    销售方：{_shortened(document.seller.name)}"
    )
    top = at.MORE_PARTIES_BASELINE - at.ASCENT * at.MORE_PARTIES_SIZE
    size, room = at.MORE_PARTIES_SIZE, at.MORE_PARTIES_ROOM
    yield from _words(at.MORE_PARTIES_X, top, parties, size=size, font="song", room=room)
    yield from _notice()


def _shortened(name: str) -> str:
    return name if len(name) <= _NAME_SHOWN else name[: _NAME_SHOWN - 1] + "…"


def _more_lines(
    document: InvoiceDocument, code: Modules, rows: list[Row], *, number: int, count: int, is_last: bool
) -> list[Item]:
    return [
        *_head(document, code, number=number, count=count),
        *_more_frame(document),
        *draw_heads(document, y=at.MORE_HEADS_Y),
        Rule(x1=at.LEFT, y1=at.MORE_HEADS_RULE, x2=at.RIGHT, y2=at.MORE_HEADS_RULE),
        *_rows(rows, first_y=at.MORE_FIRST_LINE_Y),
        Rule(x1=at.LEFT, y1=at.MORE_SUM_RULE, x2=at.RIGHT, y2=at.MORE_SUM_RULE),
        *_subtotal(rows, y=at.MORE_SUBTOTAL_Y),
        *(_sum(document, y=at.MORE_SUM_Y, has_tags=False) if is_last else ()),
    ]


def _more_remark(
    document: InvoiceDocument, code: Modules, rows: list[str], *, number: int, count: int
) -> list[Item]:
    items = [*_head(document, code, number=number, count=count), *_more_frame(document)]
    items += _words(at.LEFT + 1, at.TOP + 1, "备注（续）")
    for index, row in enumerate(rows):
        if row:
            y = at.TOP + 8.5 + index * at.REMARK_SIZES[0][1]
            items.append(Words(x=at.REMARK_X, y=y, text=row, size=at.SMALL, tag="Note"))
    return items

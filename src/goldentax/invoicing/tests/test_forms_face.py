"""The face: where things stand, what runs over to further pages, and its picture for the web."""

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from goldentax.invoicing.forms import face, svg
from goldentax.invoicing.forms.face.drawing import Code, Page, Rule, Words
from goldentax.invoicing.forms.face.measure import width, wrapped
from goldentax.invoicing.rules.documents import InvoiceDocument
from goldentax.invoicing.rules.drafts import PassengerDraft, TollDraft
from goldentax.invoicing.tests.forms_samples import BUYER, document, line
from goldentax.kernel.values.money import yuan

SVG = "{http://www.w3.org/2000/svg}"


def words(page: Page) -> list[Words]:
    return [one for one in page.items if isinstance(one, Words)]


def texts(page: Page) -> list[str]:
    return [one.text for one in words(page)]


def tagged(one: InvoiceDocument, tag: str) -> str:
    return "".join(found.text for page in face.pages(one) for found in words(page) if found.tag == tag)


def test_the_frame_stands_where_the_real_one_does() -> None:
    items = face.pages(document(1))[0].items
    rules = {(one.x1, one.y1, one.x2, one.y2) for one in items if isinstance(one, Rule)}
    assert {(4.5, y, 205.5, y) for y in (30.0, 52.0, 96.0, 104.0, 124.0)} <= rules
    assert {(105.2, 30.0, 105.2, 52.0), (111.2, 30.0, 111.2, 52.0), (56.5, 96.0, 56.5, 104.0)} <= rules
    code = next(one for one in items if isinstance(one, Code))
    assert (code.x, code.y, code.size) == (6.5, 6.0, 20.0)


def test_every_field_stands_on_the_front() -> None:
    one = document(2)
    for tag, text in (
        ("InvoiceNo", one.number),
        ("IssueDate", "2026年03月09日"),
        ("BuyerName", one.buyer.name),
        ("BuyerTaxID", one.buyer.tax_id),
        ("SellerName", one.seller.name),
        ("SellerTaxID", one.seller.tax_id),
        ("TaxExclusiveTotalAmount", f"¥{yuan(one.amount_fen)}"),
        ("TaxTotalAmount", f"¥{yuan(one.tax_fen)}"),
        ("TaxInclusiveTotalAmount", f"¥{yuan(one.gross_fen)}"),
        ("InvoiceClerk", "张开票"),
    ):
        assert tagged(one, tag) == text


def test_nothing_on_the_face_can_be_taken_for_the_seal_of_the_state() -> None:
    front = face.pages(document(1))[0]
    assert "金税开源系统" in texts(front) and any("并非税务机关监制" in text for text in texts(front))
    assert not any("监制章" in text or "国家税务总局" in text for text in texts(front))


def test_lines_that_do_not_fit_run_over_with_subtotals() -> None:
    one = document(lines=tuple(line(3 * number, number=number) for number in range(1, 61)))
    pages = face.pages(one)
    assert len(pages) > 3
    for number, page in enumerate(pages, start=1):
        assert f"共 {len(pages)} 页  第 {number} 页" in texts(page)
        shown = [found for found in words(page) if found.tag == "Amount"]
        subtotal = sum(one.lines[found.line - 1].amount_fen for found in shown)
        assert f"¥{yuan(subtotal)}" in {found.text for found in words(page)}
    numbered = [found.line for page in pages for found in words(page) if found.tag == "Amount"]
    assert numbered == list(range(1, 61))
    assert f"¥{yuan(one.amount_fen)}" in texts(pages[0]) and f"¥{yuan(one.amount_fen)}" in texts(pages[-1])


def test_an_invoice_that_fits_has_one_page_and_no_subtotal() -> None:
    short = document(lines=tuple(line(2, name="纸") for _ in range(8)))
    (page,) = face.pages(short)
    assert "小" not in texts(page) and not any("共" in text for text in texts(page))


def test_tax_free_untaxed_and_negative_are_shown_as_the_rules_say() -> None:
    free, untaxed = (line(1, rate="0", preference=code) for code in ("03", "04"))
    assert tagged(document(lines=(free,)), "TaxScheme") == "免税"
    assert tagged(document(lines=(free,)), "TaxAmount") == "***"
    assert tagged(document(lines=(untaxed,)), "TaxScheme") == "不征税"
    assert tagged(document(lines=(untaxed,)), "TaxAmount") == ""
    negative = line(1, quantity="-1", amount_fen=-10012, tax_fen=-1302, gross_fen=-11314)
    front = face.pages(document(lines=(negative,), is_red=True))[0]
    assert "（负数）壹佰壹拾叁圆壹角肆分" in texts(front) and "¥-113.14" in texts(front)


def test_passengers_and_tolls_have_tables_of_their_own() -> None:
    trip = PassengerDraft(
        traveller="测试人员", departure="南宁市", destination="桂林市", vehicle_kind="2", grade="二等座"
    )
    front = texts(face.pages(document(1, kind="82", specific=(trip,)))[0])
    assert {"旅客运输服务", "出行人", "测试人员", "南宁市", "桂林市", "火车", "二等座"} <= set(front)
    toll = TollDraft(plate_number="桂A00000", vehicle_type="客车", started_at="20260430083000000")
    front = texts(face.pages(document(1, kind="82", specific=(toll,)))[0])
    assert {"通行费", "车牌号", "桂A00000", "客车", "2026-04-30"} <= set(front)


def test_a_preview_says_so_and_has_no_code() -> None:
    front = face.pages(document(1, number=""))[0]
    assert "预览" in texts(front) and not any(isinstance(one, Code) for one in front.items)


_NAMES = st.text(st.characters(codec="utf-8"), max_size=120)


@settings(max_examples=60, deadline=None)
@given(
    names=st.lists(_NAMES.filter(str.strip), min_size=1, max_size=30),
    buyer=_NAMES,
    remark=st.text(max_size=900),
    amount=st.integers(min_value=-(10**15), max_value=10**15),
)
def test_whatever_is_written_stays_inside_the_page_and_nothing_is_lost(
    names: list[str], buyer: str, remark: str, amount: int
) -> None:
    lines = tuple(
        line(2, number=number, name=name, amount_fen=amount, gross_fen=amount)
        for number, name in enumerate(names, start=1)
    )
    one = document(lines=lines, buyer=msgspec.structs.replace(BUYER, name=buyer), remark=remark)
    pages = face.pages(one)
    for page in pages:
        for found in words(page):
            assert found.left >= -0.01 and found.left + found.width <= 210.01, found
            assert 0 < found.y < 140, found
    shown = "".join(text for page in pages for text in texts(page))
    for name in names:
        visible = [sign for sign in name if sign.isprintable() and not sign.isspace()]
        assert all(sign in shown for sign in visible)
    for picture in (svg.write(one), svg.write_narrow(one)):
        etree.fromstring(picture)
    marked = "".join(found.text for page in pages for found in words(page) if found.tag == "Note")
    assert not _bare(remark) or _bare(remark) in _bare(marked)


def _bare(text: str) -> str:
    return "".join(sign for sign in text if sign.isprintable() and not sign.isspace() and sign != "\ufffd")


@given(st.text(max_size=200), st.sampled_from([20.0, 36.0, 84.0]))
def test_wrapped_rows_fit_their_room(text: str, room: float) -> None:
    for row in wrapped(text, size=3.175, font="song", room=room):
        assert width(row, size=3.175, font="song") <= room + 0.001


def test_the_picture_is_one_safe_svg_with_selectable_text() -> None:
    one = document(2, remark="<script>alert(1)</script>")
    for picture in (svg.write(one), svg.write_narrow(one)):
        root = etree.fromstring(picture)
        assert root.tag == f"{SVG}svg"
        assert {etree.QName(found).localname for found in root.iter()} <= {
            "svg", "rect", "path", "ellipse", "text",
        }  # fmt: skip
        assert not any(
            name == "style" or name.startswith("on") for found in root.iter() for name in found.attrib
        )
        shown = [found.text for found in root.iter(f"{SVG}text")]
        assert one.number in shown and one.buyer.tax_id in shown and "<script>alert(1)</script>" in shown


def test_each_page_has_its_picture_and_there_is_no_other() -> None:
    one = document(60)
    count = svg.page_count(one)
    assert f"第 {count} 页" in svg.write(one, page=count)
    for page in (0, count + 1):
        with pytest.raises(IndexError):
            svg.write(one, page=page)


def test_the_narrow_picture_can_be_read_on_a_phone() -> None:
    picture = etree.fromstring(svg.write_narrow(document(5)))
    wide = float(picture.get("viewBox", "").split()[2])
    sizes = [float(found.get("font-size", "0")) for found in picture.iter(f"{SVG}text")]
    pixels = sorted(size * 390 / wide for size in sizes)
    assert pixels[0] >= 9 and pixels[len(pixels) // 4] >= 12

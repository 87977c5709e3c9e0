"""The OFD, read by another program and by ourselves, and packages that mean harm."""

import io
import zipfile
from collections.abc import Callable

import msgspec
import ofdkit
import pytest
from fontTools.ttLib import TTFont
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from goldentax.invoicing.forms import ofd, pdf, refusals, xml
from goldentax.invoicing.forms.ofd import package
from goldentax.invoicing.rules.documents import InvoiceDocument
from goldentax.invoicing.tests.forms_samples import BUYER, document, line
from goldentax.kernel.reference import reference_path
from goldentax.kernel.refusals import Refusal
from goldentax.kernel.values.money import yuan

OFD = "{http://www.ofdspec.org/2016}"


def written(one: InvoiceDocument) -> bytes:
    return ofd.write(one, xml=xml.write(one))


def changed(data: bytes, change: Callable[[str, bytes], bytes | None]) -> bytes:
    """The same package, each part as ``change`` makes it; None leaves it out."""
    made = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name in old.namelist():
            part = change(name, old.read(name))
            if part is not None:
                new.writestr(name, part)
    return made.getvalue()


def without_attachment(data: bytes) -> bytes:
    return changed(data, lambda name, part: None if "Attachs" in name else part)


def zipped(**parts: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as new:
        for name, part in parts.items():
            new.writestr(name, part)
    return made.getvalue()


@pytest.mark.parametrize("count", [3, 60])
def test_another_program_reads_number_parties_totals_and_lines(count: int) -> None:
    discount = line(1, number=count + 1, quantity="", unit_price="", unit="", specification="", nature="01",
                    amount_fen=-100, tax_fen=-13, gross_fen=-113)  # fmt: skip
    one = document(lines=(*(line(number) for number in range(1, count + 1)), discount))
    with ofdkit.open(written(one)) as opened:
        found = opened.invoice()
        text = "".join(page.text() for page in opened.pages)
        assert opened.warnings == []
    assert found is not None and found.warnings == []
    assert (found.invoice_number, found.invoice_type) == (one.number, one.title)
    assert (found.issue_date, found.issuer) == ("2026-03-09", "张开票")
    assert (found.buyer.name, found.buyer.tax_id) == (one.buyer.name, one.buyer.tax_id)
    assert (found.seller.name, found.seller.tax_id) == (one.seller.name, one.seller.tax_id)
    totals = (found.amount_without_tax, found.tax_amount, found.total_amount)
    assert totals == (yuan(one.amount_fen), yuan(one.tax_fen), yuan(one.gross_fen))
    assert [(item.name, item.amount, item.tax_amount, item.quantity) for item in found.items] == [
        (each.full_name, yuan(each.amount_fen), yuan(each.tax_fen), each.quantity or None)
        for each in one.lines
    ]
    assert "价税合计（大写）" in text and one.number in text


def test_our_own_file_is_read_from_its_attachment() -> None:
    one = document(5)
    assert ofd.read(written(one)) == xml.parse(xml.write(one))


def test_without_attachment_tags_and_custom_data_tell() -> None:
    one = document(30)
    found = ofd.read(without_attachment(written(one)))
    assert isinstance(found, ofd.OfdFields) and found.sources == ("tags", "custom-data")
    assert (found.number, found.issue_date, found.drawer) == (one.number, "2026-03-09", "张开票")
    assert (found.amount_fen, found.tax_fen, found.gross_fen) == (one.amount_fen, one.tax_fen, one.gross_fen)
    assert [(each.name, each.amount, each.rate) for each in found.lines] == [
        (each.full_name, yuan(each.amount_fen), "13%") for each in one.lines
    ]


def test_flat_tags_find_their_line_by_place() -> None:
    def flatten(name: str, part: bytes) -> bytes:
        if not name.endswith("CustomTag.xml"):
            return part
        root = etree.fromstring(part)
        goods = root.find(f"{OFD}GoodsInfos")
        cells = [cell for line_ in goods for cell in line_]
        root.remove(goods)
        for cell in sorted(cells, key=lambda one: one.tag):
            root.append(cell)
        return etree.tostring(root)

    blank = line(2, number=2, quantity="", unit_price="", unit="", specification="")
    one = document(lines=(line(1), blank, line(3)))
    found = ofd.read(changed(without_attachment(written(one)), flatten))
    assert isinstance(found, ofd.OfdFields)
    assert [each.quantity for each in found.lines] == ["1", "", "3"]
    assert [each.amount for each in found.lines] == [yuan(each.amount_fen) for each in one.lines]


def test_custom_data_alone_still_tells_number_and_parties() -> None:
    one = document(1)
    found = ofd.read(changed(without_attachment(written(one)), lambda n, p: None if "Tags" in n else p))
    assert isinstance(found, ofd.OfdFields) and found.sources == ("custom-data",)
    assert (found.number, found.buyer.name, found.gross_fen) == (one.number, one.buyer.name, one.gross_fen)
    assert found.lines == ()


@pytest.mark.parametrize(
    ("name", "lines", "gross_fen"),
    [("ofdrw_converter_999.ofd", 100, 1060000), ("ofdrw_sign_v4signed.ofd", 3, 31800)],
)
def test_files_of_the_time_before_are_read_from_their_attachment(
    name: str, lines: int, gross_fen: int
) -> None:
    path = reference_path(f"einvoice/samples/{name}")
    if path is None:
        pytest.skip("the reference material is not on this machine")
    found = ofd.read(path.read_bytes())
    assert isinstance(found, xml.DeliveredInvoice)
    assert (found.kind, len(found.lines), found.gross_fen) == ("10", lines, gross_fen)
    assert len(found.code) == 12 and len(found.number) == 8
    assert sum(one.gross_fen for one in found.lines) == gross_fen


def test_embedded_fonts_are_small_sound_and_have_every_sign_shown() -> None:
    data = written(document(20, remark="偏旁部首齉龘"))
    assert len(data) < 300_000
    with zipfile.ZipFile(io.BytesIO(data)) as opened:
        page = etree.fromstring(opened.read("Doc_0/Pages/Page_0/Content.xml"))
        resources = etree.fromstring(opened.read("Doc_0/PublicRes.xml"))
        for font in resources.iter(f"{OFD}Font"):
            file = opened.read(f"Doc_0/Res/{font.findtext(f'{OFD}FontFile')}")
            with TTFont(io.BytesIO(file), checkChecksums=2) as loaded:
                signs = set(loaded.getBestCmap())
                outlines = loaded["glyf"]
                for one in page.iter(f"{OFD}TextObject"):
                    if one.get("Font") == font.get("ID"):
                        assert {ord(sign) for sign in one.findtext(f"{OFD}TextCode")} <= signs
                assert all(outlines[name] is not None for name in loaded.getGlyphOrder())


def test_every_text_has_an_advance_between_each_two_signs() -> None:
    with zipfile.ZipFile(io.BytesIO(written(document(2)))) as opened:
        page = etree.fromstring(opened.read("Doc_0/Pages/Page_0/Content.xml"))
    for code in page.iter(f"{OFD}TextCode"):
        parts, count = (code.get("DeltaX") or "").split(), 0
        while parts:
            step = 3 if parts[0] == "g" else 1
            count += int(parts[1]) if step == 3 else 1
            parts = parts[step:]
        assert count == len(code.text) - 1


def test_the_same_document_gives_the_same_bytes() -> None:
    assert written(document(3)) == written(document(3))


@settings(max_examples=15, deadline=None)
@given(st.text(max_size=80), st.text(max_size=200))
def test_whatever_people_write_makes_a_sound_pdf_and_ofd(name: str, remark: str) -> None:
    one = document(1, buyer=msgspec.structs.replace(BUYER, name=name), remark=remark)
    with ofdkit.open(written(one)) as opened:
        assert one.number in opened.text() and opened.warnings == []
    assert isinstance(ofd.read(without_attachment(written(one))), ofd.OfdFields)
    assert pdf.write(one, xml=xml.write(one)).endswith(b"%%EOF\n")


def broken_deflate(data: bytes) -> bytes:
    at = data.index(b"Doc_0/Document.xml") + 40
    return data[:at] + b"\xff" * 20 + data[at + 20 :]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "INV-OFD-01"),
        (b"PK\x03\x04 half a file", "INV-OFD-01"),
        (zipped(**{"a.txt": b"x"}), "INV-OFD-01"),
        (zipped(**{"OFD.xml": b"<OFD/>"}), "INV-OFD-01"),
        (zipped(**{"OFD.xml": b"<OFD/>", "bomb": b"0" * 30_000_000}), "INV-OFD-02"),
        (zipped(**{"OFD.xml": b"<OFD/>", **{f"p{n}": b"" for n in range(2001)}}), "INV-OFD-02"),
        (zipped(**{"OFD.xml": b"<OFD/>", "../../evil": b"x"}), "INV-OFD-03"),
        (zipped(**{"OFD.xml": b'<!DOCTYPE a [<!ENTITY b "c">]><OFD/>'}), "INV-XML-02"),
        (
            zipped(**{"OFD.xml": b"<OFD><DocBody><DocRoot>../../etc/passwd</DocRoot></DocBody></OFD>"}),
            "INV-OFD-03",
        ),
        (
            zipped(
                **{"OFD.xml": b"<OFD><DocBody><DocRoot>D.xml</DocRoot></DocBody></OFD>", "D.xml": b"<D/>"}
            ),
            "INV-OFD-05",
        ),
    ],
    ids=["empty", "cut", "no OFD.xml", "no body", "bomb", "crowd", "outside", "entity", "path", "no data"],
)
def test_packages_that_are_broken_or_mean_harm_are_refused_by_name(data: bytes, code: str) -> None:
    with pytest.raises(Refusal) as caught:
        ofd.read(data)
    assert caught.value.code == code and caught.value.message("zh") and caught.value.message("en")


def test_a_damaged_part_is_named() -> None:
    with pytest.raises(refusals.BrokenOfd) as caught:
        ofd.read(broken_deflate(written(document(1))))
    assert caught.value.field == "Doc_0/Document.xml"


def test_a_package_too_large_to_look_at_is_refused_unopened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(package, "SIZE_MAX", 1000)
    with pytest.raises(refusals.OversizedOfd):
        ofd.read(written(document(1)))


@settings(max_examples=60, deadline=None)
@given(st.binary(min_size=1, max_size=60), st.integers(min_value=0))
def test_any_damage_is_a_refusal_or_a_reading_never_a_crash(noise: bytes, place: int) -> None:
    data = _WRITTEN.setdefault("one", b"") or _WRITTEN.setdefault("made", written(document(1)))
    at = place % len(data)
    try:
        ofd.read(data[:at] + noise + data[at + len(noise) :])
    except Refusal as found:
        assert found.code.startswith(("INV-OFD-", "INV-XML-"))


_WRITTEN: dict[str, bytes] = {}

"""
The PDF, looked at with other programs' eyes: text, information, attachment, and the QR code off the drawn
page.
"""

import io
from pathlib import Path

import msgspec
import pypdfium2
import pytest
import zxingcpp
from pypdf import PdfReader

from goldentax.invoicing.forms import fonts, pdf, qr, refusals, xml
from goldentax.invoicing.tests.forms_samples import BUYER, document, line
from goldentax.kernel.values.money import chinese_amount, yuan


def reader(data: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(data))


def text_of(data: bytes) -> str:
    return "".join("".join(page.extract_text().split()) for page in reader(data).pages)


def test_every_field_of_sixty_lines_is_text_for_another_program() -> None:
    one = document(60, show_buyer_address=True)
    shown = text_of(pdf.write(one))
    for text in (
        one.title,
        one.number,
        "2026年03月09日",
        one.buyer.name,
        one.buyer.tax_id,
        one.seller.name,
        one.seller.tax_id,
        f"¥{yuan(one.amount_fen)}",
        f"¥{yuan(one.tax_fen)}",
        f"¥{yuan(one.gross_fen)}",
        chinese_amount(one.gross_fen),
        *"".join(one.printed_remark.split(" ")).split("\n"),
        one.drawer,
    ):
        assert text in shown, text
    for found in one.lines:
        for text in (
            found.full_name[:10],
            f"{found.number}号",
            found.quantity,
            found.unit_price,
            yuan(found.amount_fen),
            yuan(found.tax_fen),
        ):
            assert text in shown, (found.number, text)


def test_the_information_dictionary_has_the_keys_readers_look_for() -> None:
    one = document(2)
    data = pdf.write(one)
    found = {key.removeprefix("/"): value for key, value in (reader(data).metadata or {}).items()}
    assert found["InvoiceNumber"] == one.number and found["IssueTime"] == "2026年03月09日"
    assert found["TotalAmWithoutTax"] == yuan(one.amount_fen) and found["TotalTaxAm"] == yuan(one.tax_fen)
    assert found["TotalTax-includedAmount"] == yuan(one.gross_fen)
    assert (found["BuyerIdNum"], found["SellerIdNum"]) == (one.buyer.tax_id, one.seller.tax_id)
    assert (found["BuyerName"], found["SellerName"]) == (one.buyer.name, one.seller.name)
    assert found["Creator"] == "goldentax" and found["Title"] == f"{one.title} {one.number}"
    # Readers that scan the bytes find the keys as they stand.
    assert b"/InvoiceNumber" in data and b"/TotalTax-includedAmount" in data


def test_the_page_is_as_large_as_the_real_one_and_its_code_can_be_scanned() -> None:
    one = document(3)
    page = pypdfium2.PdfDocument(pdf.write(one))[0]
    assert [round(side, 1) for side in page.get_size()] == [595.3, 396.9]
    found = zxingcpp.read_barcodes(page.render(scale=3).to_pil())
    assert [code.text for code in found] == [qr.payload(one)]
    assert found[0].text[-4:] == qr.crc16_buypass(found[0].text[:-4])


def test_the_xml_travels_inside() -> None:
    one = document(2)
    data = xml.write(one)
    assert reader(pdf.write(one, xml=data)).attachments == {"invoice.xml": [data]}
    assert not reader(pdf.write(one)).attachments


def test_the_same_document_gives_the_same_bytes() -> None:
    one = document(12)
    assert pdf.write(one, xml=xml.write(one)) == pdf.write(one, xml=xml.write(one))


def test_commands_and_rare_signs_in_names_are_only_text() -> None:
    name = '#panic("x") \\u{41} "甲" 𠮷😀 $x$ *b*'
    shown = text_of(
        pdf.write(document(1, buyer=msgspec.structs.replace(BUYER, name=name), remark='#read("/")'))
    )
    assert '#panic("x")\\u{41}"甲"' in shown and '#read("/")' in shown
    assert "〓" in shown


def test_without_fonts_there_is_a_refusal_and_no_page_of_boxes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fonts, "folder", lambda: tmp_path)
    with pytest.raises(refusals.FontsMissing) as caught:
        pdf.write(document(1))
    assert caught.value.code == "INV-FNT-01" and "kai.ttf" in caught.value.message("en")


def test_two_thousand_lines_are_drawn_to_the_last() -> None:
    one = document(lines=tuple(line(number) for number in range(1, 2001)))
    data = pdf.write(one)
    found = reader(data)
    last = "".join(found.pages[-1].extract_text().split())
    assert f"¥{yuan(one.amount_fen)}" in last and yuan(one.lines[-1].amount_fen) in last

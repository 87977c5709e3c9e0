"""The QR code: check digits against codes read off real faces, and the picture read by another program."""

import io

import zxingcpp
from PIL import Image

from goldentax.invoicing.forms import qr
from goldentax.invoicing.tests.forms_samples import document


def test_the_check_digits_of_two_real_codes_are_reproduced() -> None:
    assert qr.crc16_buypass("01,31,,24112000000048542163,4449.00,20240528,,") == "B2B6"
    older = "01,10,050001700111,12235358,10000.00,20200805,16630282980991510014,"
    assert qr.crc16_buypass(older) == "7257"


def test_the_payload_names_kind_number_gross_amount_and_day() -> None:
    text = qr.payload(document(1))
    assert text.startswith("01,31,,26457000000000000123,113.14,20260309,,")
    assert text[-4:] == qr.crc16_buypass(text[:-4])
    assert qr.payload(document(1, kind="82")).startswith("01,32,,")


def test_another_program_reads_the_picture() -> None:
    one = document(2)
    found = zxingcpp.read_barcodes(Image.open(io.BytesIO(qr.png(one))))
    assert [code.text for code in found] == [qr.payload(one)]


def test_the_vector_picture_holds_as_many_modules_as_the_code() -> None:
    one = document(2)
    size = len(qr.modules(one)) + 8
    assert f'width="{size}"' in qr.svg(one) or f"0 0 {size} {size}" in qr.svg(one)

"""
The delivered XML: written, signed, read back whatever its order, and refused where it is broken or hostile.
"""

import base64
import random
from datetime import datetime
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from goldentax.invoicing.forms import refusals, xml
from goldentax.invoicing.forms.xml.specific import read_specific
from goldentax.invoicing.rules.documents import InvoiceDocument
from goldentax.invoicing.rules.drafts import PassengerDraft, RedReference, TollDraft
from goldentax.invoicing.tests.forms_samples import BUYER, document, issued_again, line
from goldentax.kernel.clock import CHINA
from goldentax.kernel.crypto import sm
from goldentax.kernel.reference import reference_path
from goldentax.kernel.refusals import Refusal

SIGNED_AT = datetime(2026, 3, 9, 14, 5, 7, tzinfo=CHINA)
SAMPLES = ("gd_special_einvoice_v0.2.xml", "taxi_js_einvoice_v0.32_negative_line.xml")


def sample(name: str) -> bytes:
    path = reference_path(f"einvoice/samples/{name}")
    if path is None:
        pytest.skip("the reference material is not on this machine")
    return path.read_bytes()


def parsed(data: bytes) -> xml.DeliveredInvoice:
    found = xml.parse(data)
    assert isinstance(found, xml.DeliveredInvoice)
    return found


def with_text(data: bytes, **texts: str) -> bytes:
    """The same file with other texts in the first elements of these names; ``_`` stands for ``-``."""
    root = etree.fromstring(data)
    for name, text in texts.items():
        element = root.find(f".//{name.replace('_', '-')}")
        assert element is not None
        element.text = text
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


def without(data: bytes, *names: str) -> bytes:
    root = etree.fromstring(data)
    for name in names:
        for element in list(root.iter(name)):
            element.getparent().remove(element)
    return etree.tostring(root)


def refusal(data: bytes) -> Refusal:
    with pytest.raises(Refusal) as caught:
        xml.parse(data)
    return caught.value


# Round trip


@pytest.mark.parametrize("name", SAMPLES)
def test_a_real_file_issued_again_says_the_same(name: str) -> None:
    source = parsed(sample(name))
    again = parsed(xml.write(issued_again(source)))
    assert xml.business_fields(again) == xml.business_fields(source)
    assert again.number != source.number


@pytest.mark.parametrize(
    "one",
    [
        document(3),
        document(40, kind="82", remark="第一行\n第二行 <b>&amp;</b> ]]> \"'"),
        document(lines=(line(1, rate="0", preference="03"), line(2, rate="0", preference="03")), kind="82"),
        document(1, buyer=msgspec.structs.replace(BUYER, name="张三", tax_id="", is_person=True), kind="82"),
        document(
            1,
            specific=(
                TollDraft(plate_number="桂A00000", vehicle_type="客车", started_at="20260430083000000"),
                PassengerDraft(
                    traveller="测试人员", departure="南宁市", destination="桂林市", grade="二等座"
                ),
            ),
        ),
    ],
    ids=["special", "forty lines", "tax-free", "person", "specific elements"],
)
def test_what_is_written_reads_back_and_can_be_issued_again(one: InvoiceDocument) -> None:
    delivered = parsed(xml.write(one))
    assert delivered.number == one.number and delivered.gross_fen == one.gross_fen
    assert delivered.kind == one.kind and delivered.version == "0.33" and delivered.tag == "SWEI4500"
    assert delivered.remark == one.printed_remark and delivered.specific == one.specific
    assert [found.full_name for found in delivered.lines] == [written.full_name for written in one.lines]
    assert [found.preference for found in delivered.lines] == [written.preference for written in one.lines]
    assert xml.check(delivered) == []
    again = parsed(xml.write(issued_again(delivered)))
    assert xml.business_fields(again) == xml.business_fields(delivered)


def test_a_red_invoice_is_red_negative_and_names_the_blue_one() -> None:
    blue = document(2)
    red_lines = tuple(
        msgspec.structs.replace(
            one,
            quantity=f"-{one.quantity}",
            amount_fen=-one.amount_fen,
            tax_fen=-one.tax_fen,
            gross_fen=-one.gross_fen,
        )
        for one in blue.lines
    )
    reference = RedReference(original_number=blue.number, confirmation_number="45010026031000000001")
    red = document(lines=red_lines, is_red=True, specific=(reference,))
    delivered = parsed(xml.write(red))
    assert delivered.is_red and delivered.chinese_amount.startswith("（负数）")
    assert delivered.remark.startswith(f"被红冲蓝字数电票号码：{blue.number} 红字发票信息确认单编号：")
    assert xml.check(delivered) == []
    assert xml.to_draft(delivered, request_id="again-01").remark.startswith("合同编号")
    assert xml.business_fields(parsed(xml.write(issued_again(delivered)))) == xml.business_fields(delivered)


def test_the_same_document_gives_the_same_bytes() -> None:
    assert xml.write(document(3)) == xml.write(document(3))


def test_what_xml_cannot_carry_is_replaced_and_the_file_still_reads() -> None:
    delivered = parsed(xml.write(document(1, remark="响铃\x07与孤立代理\ud800")))
    assert delivered.remark.startswith("响铃\ufffd与孤立代理\ufffd")


# Tolerance


@settings(max_examples=40, deadline=None)
@given(st.randoms(use_true_random=False))
def test_element_order_does_not_matter(order: random.Random) -> None:
    data = xml.write(document(4, specific=(TollDraft(plate_number="桂A00000"),)))
    root = etree.fromstring(data)
    for element in list(root.iter()):
        # Lines and labels keep their order among themselves: it is part of what they say.
        lines = [one for one in element if one.tag in ("IssuItemInformation", "Label")]
        others = [one for one in element if one.tag not in ("IssuItemInformation", "Label")]
        order.shuffle(others)
        mixed = [*others, *lines]
        cut = order.randint(0, len(others))
        element[:] = mixed[:cut] + lines + mixed[cut : len(others)]
    assert parsed(etree.tostring(root)) == parsed(data)


def test_rates_are_read_as_files_write_them() -> None:
    data = xml.write(document(1))
    for written, read in (
        ("0.130000", "0.13"),
        ("13%", "0.13"),
        ("1.5%", "0.015"),
        ("0.00", "0"),
        ("***", "***"),
    ):
        assert parsed(with_text(data, TaxRate=written)).lines[0].rate == read
    assert parsed(with_text(data, TaxRate="不征税")).lines[0].preference == "04"


def test_a_negative_line_without_quantity_is_the_discount_of_the_line_before() -> None:
    discount = line(2, amount_fen=-500, tax_fen=-65, gross_fen=-565, quantity="", unit_price="", nature="01")
    first = msgspec.structs.replace(line(1), nature="02")
    data = xml.write(document(lines=(first, discount, line(3))))
    assert b"<Quantity>2<" not in data
    delivered = parsed(data)
    assert [one.nature for one in delivered.lines] == ["02", "01", "00"]
    draft = xml.to_draft(delivered, request_id="import-1")
    assert [one.is_discount for one in draft.lines] == [False, True, False]


def test_empty_labels_and_absent_parts_are_an_ordinary_invoice() -> None:
    data = without(
        xml.write(document(1)), "InherentLabel", "UndefinedLabel", "SellerAuthentication", "Drawer"
    )
    delivered = parsed(data)
    assert delivered.kind == "82" and delivered.drawer == "" and delivered.labels == ()


def test_absent_totals_are_worked_out_and_said() -> None:
    data = without(xml.write(document(2)), "TotalAmWithoutTax", "TotalTaxAm", "TotaltaxIncludedAmount")
    delivered = parsed(data)
    assert delivered.amount_fen == document(2).amount_fen
    assert [one.field for one in xml.check(delivered)] == ["TotalAmWithoutTax", "TotalTaxAm"]


def test_exact_digits_of_quantity_and_price_survive() -> None:
    data = with_text(xml.write(document(1)), Quantity="1.000", UnPrice="100.1234567890123")
    draft = xml.to_draft(parsed(data), request_id="digits-01")
    assert (str(draft.lines[0].quantity), str(draft.lines[0].unit_price)) == ("1.000", "100.1234567890123")


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "gb18030", "gbk"])
def test_other_encodings_are_read(encoding: str) -> None:
    text = xml.write(document(2)).decode().replace("UTF-8", encoding.removesuffix("-sig"))
    assert parsed(text.encode(encoding)) == parsed(xml.write(document(2)))


def test_a_receiver_instance_is_recognised_and_is_no_invoice() -> None:
    found = xml.parse(sample("reconstructed_einv_receiver_special.xml"))
    assert isinstance(found, xml.ReceiverInstance)
    assert (found.number, found.gross_fen, found.taxonomy) == ("24110000000000100003", 106000, "2023-12-31")
    assert found.entries[0].amount_fen == 100000 and found.facts["UsageConfirmation"] == "抵扣税款"


def test_the_known_specific_blocks_of_real_files_are_read() -> None:
    root = etree.fromstring(sample("reconstructed_red_and_specific_fragments.xml"))
    found = [read_specific(one)[0] for one in root.iter("SpecificInformation")]
    assert [type(one[0]) for one in found] == [RedReference, TollDraft, PassengerDraft]
    for specific in found:
        assert parsed(xml.write(document(1, specific=specific))).specific == specific


def test_an_unknown_block_is_kept_and_said() -> None:
    block = b"<SpecificInformation><Construction><Site>x</Site></Construction></SpecificInformation>"
    data = xml.write(document(1)).replace(b"<SpecificInformation/>", block)
    delivered = parsed(data)
    assert delivered.other_specific == (xml.OtherElement(name="Construction", fields=(("Site", "x"),)),)
    assert [one.code for one in xml.check(delivered)] == ["unknown-element"]


# Findings


@pytest.mark.parametrize(
    ("texts", "code"),
    [
        ({"SellerIdNum": "91450103MA5KQ1230X"}, "seller-tax-id-check"),
        ({"BuyerIdNum": "91xxxxxxxxxxxxxxx3"}, "buyer-tax-id-masked"),
        ({"BuyerIdNum": ""}, "buyer-tax-id-missing"),
        ({"InvoiceNumber": "26457000000000000124"}, "number-differs"),
        ({"TaxClassificationCode": "3040***000000000000"}, "tax-code-masked"),
        ({"TaxClassificationCode": "304"}, "tax-code-form"),
        ({"TotalAmWithoutTax": "1.00"}, "total-amount"),
        ({"TotalTax_includedAmount": "1.00"}, "total-gross"),
        ({"TotalTax_includedAmountInChinese": "壹圆整"}, "total-words"),
        ({"ComTaxAm": "13.09"}, "line-tax"),
        ({"Amount": "101.00"}, "line-amount"),
        ({"TaxRate": "***"}, "difference-taxation"),
    ],
)
def test_what_does_not_fit_is_said(texts: dict[str, str], code: str) -> None:
    data = xml.write(document(1))
    assert xml.check(parsed(data)) == []
    assert code in [one.code for one in xml.check(parsed(with_text(data, **texts)))]


def test_tax_within_six_fen_and_either_word_for_yuan_are_fine() -> None:
    data = xml.write(document(lines=(line(1, tax_fen=1308, gross_fen=11320),)))
    assert xml.check(parsed(data)) == []
    assert xml.check(parsed(data.replace("圆".encode(), "元".encode()))) == []


def test_the_real_samples_fail_only_their_anonymised_identifiers() -> None:
    found = {name: [one.code for one in xml.check(parsed(sample(name)))] for name in SAMPLES}
    assert found == {
        SAMPLES[0]: ["seller-tax-id-check", "buyer-tax-id-check"],
        SAMPLES[1]: ["seller-tax-id-check", "buyer-tax-id-masked"],
    }


# Refusals


def test_a_file_cut_short_says_where() -> None:
    data = xml.write(document(2))
    cut = data[: data.index(b"<Quantity>") + 4]
    found = refusal(cut)
    assert found.code == "INV-XML-01"
    assert found.facts["line"] == cut.count(b"\n") + 1 and "IssuItemInformation" in found.field


BOMB = b"""<?xml version="1.0"?>
<!DOCTYPE lolz [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">
<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;&b;&b;"><!ENTITY d "&c;&c;&c;&c;&c;&c;&c;&c;&c;&c;">]>
<EInvoice><Header><EIid>&d;</EIid></Header></EInvoice>"""


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (BOMB, "INV-XML-02"),
        (BOMB.replace(b"1.0", b"1.0", 1).decode().encode("utf-16"), "INV-XML-02"),
        (b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><EInvoice/>', "INV-XML-02"),
        (b"<EInvoice>" + b" " * (10 * 1024 * 1024) + b"</EInvoice>", "INV-XML-03"),
        (b"<a>" * 40 + b"</a>" * 40, "INV-XML-04"),
        (b"<EInvoice>" + b"<a/>" * 200_001 + b"</EInvoice>", "INV-XML-04"),
        (b"<html/>", "INV-XML-05"),
        (b'<xbrl xmlns:rai="http://xbrl.mof.gov.cn/taxonomy/2023-12-31/rai"/>', "INV-XML-05"),
        (b"<EInvoice/>", "INV-XML-06"),
        (b'<?xml version="1.0" encoding="utf-8"?>\n<a>\xff</a>', "INV-XML-09"),
        (b'<?xml version="1.0" encoding="ebcdic"?><a/>', "INV-XML-09"),
        (b"", "INV-XML-01"),
        (b"%PDF-1.7", "INV-XML-01"),
        (b"<EInvoice>&undefined;</EInvoice>", "INV-XML-01"),
        (b"<EInvoice>\x00</EInvoice>", "INV-XML-01"),
    ],
)
def test_hostile_and_broken_files_are_refused_by_name(data: bytes, code: str) -> None:
    found = refusal(data)
    assert found.code == code
    assert found.message("zh") and found.message("en") and found.way_out_text("zh")


@pytest.mark.parametrize(
    ("texts", "code", "element"),
    [
        ({"Amount": "12.345"}, "INV-XML-08", "Amount"),
        ({"Amount": "NaN"}, "INV-XML-08", "Amount"),
        ({"Amount": "1e999999999"}, "INV-XML-08", "Amount"),
        ({"Quantity": "many"}, "INV-XML-08", "Quantity"),
        ({"Quantity": "1e99999999"}, "INV-XML-08", "Quantity"),
        ({"UnPrice": "9" * 60}, "INV-XML-08", "UnPrice"),
        ({"TaxRate": "13"}, "INV-XML-08", "TaxRate"),
        ({"TaxRate": "-0.1"}, "INV-XML-08", "TaxRate"),
        ({"TaxRate": "x%"}, "INV-XML-08", "TaxRate"),
        ({"EIid": "2645700000000000012X"}, "INV-XML-08", "EIid"),
        ({"TotalTaxAm": "free"}, "INV-XML-08", "TotalTaxAm"),
        ({"Amount": ""}, "INV-XML-06", "Amount"),
        ({"ItemName": " "}, "INV-XML-06", "ItemName"),
        ({"EIid": "", "InvoiceNumber": ""}, "INV-XML-06", "EIid"),
    ],
)
def test_a_bad_value_is_refused_with_its_element_and_line(
    texts: dict[str, str], code: str, element: str
) -> None:
    found = refusal(with_text(xml.write(document(1)), **texts))
    assert found.code == code and found.field.endswith(element)
    assert found.facts["line"] and f"{found.facts['line']}" in found.message("zh")


def test_two_thousand_lines_are_read_and_one_more_is_refused() -> None:
    most = document(lines=tuple(line(1) for _ in range(2000)))
    assert len(parsed(xml.write(most)).lines) == 2000
    found = refusal(xml.write(document(lines=(*most.lines, line(1)))))
    assert isinstance(found, refusals.TooManyLinesInXml)


@settings(max_examples=60, deadline=None)
@given(st.binary(max_size=300), st.integers(min_value=0, max_value=3000))
def test_any_damage_is_a_refusal_or_an_invoice_never_a_crash(noise: bytes, at: int) -> None:
    data = xml.write(document(1))
    try:
        xml.check(parsed(data[:at] + noise + data[at + len(noise) :]))
    except Refusal as found:
        assert found.code.startswith("INV-XML-")


# Signature


@pytest.fixture
def signer(tmp_path: Path) -> sm.Signer:
    return sm.Signer.load_or_create(tmp_path / "bureau.key")


def signed(one: InvoiceDocument, signer: sm.Signer) -> bytes:
    value = signer.sign(xml.signed_bytes(one, signed_at=SIGNED_AT))
    signature = xml.TaxBureauSignature(
        signed_at=SIGNED_AT, value_b64=base64.b64encode(value).decode(), key_info=signer.key_id
    )
    return xml.write(one, signature=signature)


def outcome(data: bytes, signer: sm.Signer) -> str:
    def verify(message: bytes, signature: bytes) -> bool:
        return sm.verify(public_key_hex=signer.public_key_hex, data=message, signature=signature)

    return xml.verify_signature(data, verify=verify).state


def test_a_file_as_signed_is_valid_also_indented_anew_or_in_another_encoding(signer: sm.Signer) -> None:
    data = signed(document(3, remark="行一\n行二\t&<>"), signer)
    assert outcome(data, signer) == "valid"
    root = etree.fromstring(data, etree.XMLParser(remove_blank_text=True))
    assert outcome(etree.tostring(root), signer) == "valid"
    etree.indent(root, space="\t")
    assert outcome(etree.tostring(root, encoding="gb18030"), signer) == "valid"
    found = parsed(data).signature
    assert found is not None and found.key_info == signer.key_id and found.signed_at == "2026-03-09 14:05:07"


@pytest.mark.parametrize(
    "texts",
    [
        {"EIid": "26457000000000000124"},
        {"Amount": "100.13"},
        {"BuyerName": "另一家公司"},
        {"Remark": "改过"},
        {"IssueTime": "2026-03-10"},
        {"SignatureTime": "2026-03-10 00:00:00"},
        {"AuthenticationMethods": "01"},
        {"LabelCode": "N"},
    ],
)
def test_any_change_of_what_was_signed_is_found(texts: dict[str, str], signer: sm.Signer) -> None:
    assert outcome(with_text(signed(document(2), signer), **texts), signer) == "altered"


def test_a_line_taken_out_or_a_second_set_of_data_is_found(signer: sm.Signer) -> None:
    data = signed(document(2), signer)
    root = etree.fromstring(data)
    content = root.find("EInvoiceData")
    assert content is not None
    content.remove(content.findall("IssuItemInformation")[1])
    assert outcome(etree.tostring(root), signer) == "altered"
    other = etree.fromstring(xml.write(document(5)))
    doubled = etree.fromstring(data)
    doubled.insert(0, other.find("EInvoiceData"))
    assert outcome(etree.tostring(doubled), signer) == "altered"


def test_another_key_no_signature_and_a_broken_value_are_told_apart(
    signer: sm.Signer, tmp_path: Path
) -> None:
    data = signed(document(1), signer)
    assert outcome(data, sm.Signer.load_or_create(tmp_path / "other.key")) == "altered"
    assert outcome(xml.write(document(1)), signer) == "missing"
    assert outcome(with_text(data, SignatureValue="not base64!"), signer) == "unreadable"
    assert outcome(with_text(data, SignatureAlgorithm="1.2.840.113549.1.1.11"), signer) == "unreadable"
    assert outcome(with_text(data, SignatureValue=base64.b64encode(b"short").decode()), signer) == "altered"

"""Real delivered files, read, checked and issued again: the XML written for them says the same, field for field."""

from pathlib import Path

import pytest
from lxml import etree

from goldentax.kernel.reference import reference_path
from tests.worlds import World

pytestmark = pytest.mark.journey
SAMPLES = reference_path("einvoice/samples")
needs_samples = pytest.mark.skipif(
    SAMPLES is None, reason="the reference samples are not beside the checkout"
)
INVOICES = sorted(SAMPLES.glob("*einvoice*.xml")) if SAMPLES else []


@pytest.mark.parametrize("sample", INVOICES, ids=lambda path: path.stem)
def test_a_delivered_invoice_is_issued_again_and_equal(world: World, sample: Path) -> None:
    first = world.cli("invoice", "import", str(sample))
    assert "✓ 业务要素逐项一致" in first.stdout
    assert "[test]" in first.stdout, "the samples are anonymised: their parties are flagged test taxpayers"
    again = world.cli("invoice", "import", str(sample))
    number = first.stdout.split("issued again as ")[1][:20]
    assert number in again.stdout, "the same file gives the first answer back"


@needs_samples
def test_blocks_of_special_elements_travel_with_their_invoice(world: World, tmp_path: Path) -> None:
    """The fragments sample holds blocks, not invoices: each is put into a delivered invoice, which then travels."""
    assert SAMPLES is not None
    fragments = etree.parse(str(SAMPLES / "reconstructed_red_and_specific_fragments.xml")).getroot()
    for block, outcome in (
        ("Toll", "✓ 业务要素逐项一致"),
        ("PassengerTransportation", "✓ 业务要素逐项一致"),
        ("RedEInvoice", "INV-SPC-01"),
    ):
        invoice = etree.parse(str(SAMPLES / "gd_special_einvoice_v0.2.xml"))
        place = invoice.find(".//SpecificInformation")
        found = fragments.find(f".//{block}")
        assert place is not None and found is not None
        place.append(found)
        file = tmp_path / f"{block}.xml"
        invoice.write(str(file), encoding="utf-8")
        assert outcome in world.cli("invoice", "import", str(file), check=False).stdout


@pytest.mark.parametrize("name", ["ofdrw_converter_999.ofd", "ofdrw_sign_v4signed.ofd"])
@needs_samples
def test_older_ofd_files_are_read_or_refused_with_a_reason(world: World, name: str) -> None:
    assert SAMPLES is not None
    outcome = world.cli("invoice", "import", str(SAMPLES / name), check=False)
    assert outcome.returncode in (0, 2)
    assert "read only" in outcome.stdout or "INV-OFD" in outcome.stdout
    assert "Traceback" not in outcome.stderr


@needs_samples
def test_a_receivers_accounting_instance_is_read_for_what_it_is(world: World) -> None:
    assert SAMPLES is not None
    outcome = world.cli("invoice", "import", str(SAMPLES / "reconstructed_einv_receiver_special.xml"))
    assert "XBRL" in outcome.stdout
    assert "1060.00" in outcome.stdout
    assert "read only" in outcome.stdout

"""The names files travel under: known to users, harmless to file systems and headers."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from goldentax.invoicing.forms import names
from goldentax.invoicing.tests.forms_samples import BUYER, document


def named(buyer: str) -> str:
    return names.file_name(document(1, buyer=msgspec.structs.replace(BUYER, name=buyer)), form="pdf")


def test_the_name_is_the_one_users_know() -> None:
    expected = "dzfp_26457000000000000123_桂林示例商贸有限责任公司_20260309140506.ofd"
    assert names.file_name(document(1), form="ofd") == expected


def test_a_hostile_name_stays_inside_its_folder() -> None:
    assert named("../../etc/passwd") == "dzfp_26457000000000000123_etc_passwd_20260309140506.pdf"
    assert named("甲\u202efdp.exe乙") == "dzfp_26457000000000000123_甲fdp.exe乙_20260309140506.pdf"


@given(st.text(max_size=400))
def test_any_buyer_makes_a_name_that_can_be_stored_and_sent(buyer: str) -> None:
    name = named(buyer)
    assert len(name.encode()) <= 255
    assert not set(name) & set('/\\:*?"<>|') and name.isprintable()
    header = names.content_disposition(
        document(1, buyer=msgspec.structs.replace(BUYER, name=buyer)), form="xml"
    )
    assert header.isascii() and "\n" not in header and "\r" not in header

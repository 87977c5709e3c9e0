"""Bodies of many invoices: told apart without being decoded, and never read without a bound."""

import gzip
import json
import zlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from goldentax.invoicing import errors
from goldentax.invoicing.desk.service import Rates
from goldentax.invoicing.rules import bulk
from goldentax.kernel.refusals import Refusal


def items(body: bytes) -> list[bytes]:
    return [bulk.cut(body, one).strip() for one in bulk.find_items(body)]


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=8,
)


@given(st.lists(JSON, min_size=1, max_size=8), st.sampled_from([None, 2]))
def test_what_an_array_holds_is_cut_as_it_was_put_in(values: list[Any], indent: int | None) -> None:
    body = json.dumps(values, ensure_ascii=False, indent=indent).encode("utf-8", "surrogatepass")
    assert [json.loads(one) for one in items(body)] == values
    assert [one.line for one in bulk.find_items(body)] == list(range(1, len(values) + 1))


@given(st.binary(max_size=200))
def test_any_bytes_are_cut_or_refused(body: bytes) -> None:
    for one in (body, b"[" + body):
        try:
            found = bulk.find_items(one)
        except Refusal:
            continue
        assert all(0 <= item.start <= item.end <= len(one) for item in found)


def test_lines_keep_their_numbers_over_blank_ones() -> None:
    body = b'\xef\xbb\xbf{"a":1}\r\n\r\n  \n{"b":2}\n'
    assert [one.line for one in bulk.find_items(body)] == [1, 4]
    assert items(body) == [b'{"a":1}', b'{"b":2}']


@pytest.mark.parametrize("body", [b"", b"  \r\n\n", b"[]", b" [ \n ] ", b"\xef\xbb\xbf"])
def test_a_body_without_invoices_is_refused(body: bytes) -> None:
    with pytest.raises(errors.BulkEmpty):
        bulk.find_items(body)


@pytest.mark.parametrize("body", [b"[{}", b'[{"a', b"[{}]]", b"[{}] x", b"[}]", b'["\\"]', b"[[]"])
def test_an_array_that_breaks_off_is_refused_whole(body: bytes) -> None:
    with pytest.raises(errors.BulkUnreadable):
        bulk.find_items(body)


def test_ten_thousand_are_taken_and_one_more_is_not() -> None:
    for separator, begin, end in ((b"\n", b"", b""), (b",", b"[", b"]")):
        full = begin + separator.join([b"{}"] * bulk.ITEMS_MAX) + end
        assert len(bulk.find_items(full)) == bulk.ITEMS_MAX
        with pytest.raises(errors.TooManyItems):
            bulk.find_items(begin + separator.join([b"{}"] * (bulk.ITEMS_MAX + 1)) + end)


def test_millions_of_nothings_are_left_early() -> None:
    with pytest.raises(errors.TooManyItems):
        bulk.find_items(b"\n" * 50_000_000)
    with pytest.raises(errors.TooManyItems):
        bulk.find_items(b"[" + b"1," * 10_000_000)


def test_a_string_of_escapes_without_an_end_does_not_take_for_ever() -> None:
    with pytest.raises(errors.BulkUnreadable):
        bulk.find_items(b"[" + b'"' + b'\\"' * 2_000_000)


def test_an_invoice_larger_than_any_is_refused_alone() -> None:
    body = b'{"a":"' + b"x" * bulk.ITEM_BYTES_MAX + b'"}\n{}'
    large, small = bulk.find_items(body)
    with pytest.raises(errors.ItemTooLarge):
        bulk.cut(body, large)
    assert bulk.cut(body, small) == b"{}"


def test_gzip_is_opened_members_and_all() -> None:
    assert bulk.open_gzip(gzip.compress(b"a" * 3_000_000) + gzip.compress(b"b")) == b"a" * 3_000_000 + b"b"


@pytest.mark.parametrize(
    "data",
    [b"{}", gzip.compress(b"x" * 9_000)[:-4], gzip.compress(b"x") + b"no", zlib.compress(b"x")],
    ids=["plain", "cut", "followed", "zlib"],
)
def test_what_is_no_whole_gzip_is_refused(data: bytes) -> None:
    with pytest.raises(errors.NotGzip):
        bulk.open_gzip(data)


def test_a_gzip_bomb_is_left_at_the_limit() -> None:
    bomb = zlib.compressobj(9, wbits=31)
    packed = b"".join(bomb.compress(bytes(1024 * 1024)) for _ in range(80)) + bomb.flush()
    assert len(packed) < 100_000
    with pytest.raises(errors.BulkTooLarge):
        bulk.open_gzip(packed)


def test_a_batch_larger_than_a_second_is_taken_and_owed() -> None:
    at = [0.0]
    rates = Rates(100, clock=lambda: at[0])
    assert rates.take_many("token", 250) == (-150.0, 0)
    assert rates.take("token") < 0
    assert rates.take_many("token", 1) == (0.0, 2)
    at[0] = 1.51
    assert rates.take("token") == pytest.approx(0.0, abs=0.01)

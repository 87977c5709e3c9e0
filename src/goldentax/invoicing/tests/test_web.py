"""The pages of invoicing say and do the right thing, without a script; and what a form becomes, without a page."""

import csv
import io
import json
import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import unquote

import pytest
import xlsxwriter
from django.test import Client

from goldentax.invoicing import api as invoicing
from goldentax.invoicing.models import Invoice, SavedDraft
from goldentax.invoicing.web import examining, forms, picking, sheets, translating
from goldentax.invoicing.web.forms import ON, TypedBuyer, TypedInvoice, TypedLine
from goldentax.kernel.access import Actor
from goldentax.kernel.crypto import sm
from goldentax.node.testing import NOW
from goldentax.registry import api as registry

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stopped_clock")]

Accounts = dict[str, dict[str, str]]
SOFTWARE = "1060301020200000000"  # 行业应用软件产品, 13 %
CONSULTING = "3040203000000000000"  # 信息系统服务, 6 %
WEB_TODAY = NOW.date()
MATCH = "<h2>查验一致</h2>"


def sign_in(accounts: Accounts, user: str, tax_id: str = "") -> Client:
    client = Client()
    answer = client.post("/sign-in", {"login": user, "password": accounts[user]["password"]})
    assert answer.status_code == 302, answer.content.decode()
    answer = client.post("/act-for", {"identity": tax_id or accounts[user]["tax_id"]})
    assert answer.status_code == 302, answer.content.decode()
    return client


@pytest.fixture
def tax_id(accounts: Accounts) -> str:
    return accounts["demo-seller"]["tax_id"]


@pytest.fixture
def seller(accounts: Accounts) -> Client:
    return sign_in(accounts, "demo-seller")


@pytest.fixture
def buyer(accounts: Accounts) -> registry.TaxpayerView:
    return registry.get_taxpayer(tax_id=accounts["demo-small"]["tax_id"])


def filled(buyer: registry.TaxpayerView, **changes: str) -> dict[str, str]:
    """The fields of a form that is right but for what the test changes."""
    right = {
        "request_id": "web-form-0001",
        "kind": "82",
        "buyer.name": buyer.name,
        "buyer.tax_id": buyer.tax_id,
        "lines[0].name": "财务软件",
        "lines[0].tax_code": SOFTWARE,
        "lines[0].unit": "套",
        "lines[0].quantity": "2",
        "lines[0].unit_price": "1,000.005",
        "lines[0].rate": "0.13",
    }
    return {name: value for name, value in (right | changes).items() if value}


def text_of(page: str) -> str:
    return re.sub(r"\s+", "", re.sub(r"<[^>]+>", "", page))


def issue(client: Client, fields: dict[str, str]) -> str:
    """Go the whole way of a person without a script: fill in, check, issue; the number."""
    answer = client.post("/invoices/new/", fields | {"do": "confirm"})
    assert answer.status_code == 302, text_of(answer.content.decode())
    page = client.get(answer.headers["Location"]).content.decode()
    hidden = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page))
    hidden.pop("csrfmiddlewaretoken", None)
    answer = client.post("/invoices/new/", hidden | {"do": "issue"})
    assert answer.status_code == 302, text_of(answer.content.decode())
    found = re.match(r"/invoices/(\d{20})/issued/", answer.headers["Location"])
    assert found, answer.headers["Location"]
    return found[1]


def counted(tax_id: str) -> int:
    return Invoice.objects.filter(seller_tax_id=tax_id).count()


# The form


def test_an_invoice_is_issued_through_the_form_and_shown_whole(
    seller: Client, buyer: registry.TaxpayerView, tax_id: str
) -> None:
    number = issue(seller, filled(buyer, remark="合同 A-7", payee="黄会计"))
    document = invoicing.get_invoice(number=number, actor=Actor(taxpayer_id=tax_id))
    assert (document.amount_fen, document.tax_fen, document.gross_fen) == (200_001, 26_000, 226_001)
    page = text_of(seller.get(f"/invoices/{number}/").content.decode())
    for shown in (
        buyer.name,
        "财务软件",
        "2,260.01",
        "贰仟贰佰陆拾圆零壹分",
        "合同A-7",
        "签名有效，内容一致",
        "网页",
    ):
        assert shown in page, shown
    after = text_of(seller.get(f"/invoices/{number}/issued/").content.decode())
    assert "发票已开具" in after and "没有重复开票" not in after


def test_the_confirmation_shows_the_face_the_limit_and_the_consequence(
    seller: Client, buyer: registry.TaxpayerView, tax_id: str
) -> None:
    before = invoicing.get_limit(tax_id=tax_id, on=WEB_TODAY).available_fen
    answer = seller.post("/invoices/new/", filled(buyer) | {"do": "confirm"}, follow=True)
    page = answer.content.decode()
    assert "<svg" in page and "style=" not in page
    left = f"{(before - 200_001) // 100:,}.{(before - 200_001) % 100:02d}"
    assert left in page
    assert "发票一经开具不能修改，只能红冲" in page
    assert invoicing.get_limit(tax_id=tax_id, on=WEB_TODAY).available_fen == before, (
        "nothing is issued by looking"
    )
    assert not Invoice.objects.filter(request_id="web-form-0001").exists()


def test_sending_the_form_again_gives_the_first_invoice(
    seller: Client, buyer: registry.TaxpayerView, tax_id: str
) -> None:
    fields = filled(buyer)
    number = issue(seller, fields)
    issued = counted(tax_id)
    answer = seller.post("/invoices/new/", fields | {"do": "issue"})
    assert answer.headers["Location"] == f"/invoices/{number}/issued/?again=1"
    assert counted(tax_id) == issued
    assert "没有重复开票" in seller.get(answer.headers["Location"]).content.decode()


def test_going_back_to_the_confirmation_after_issuing_leads_to_the_invoice(
    seller: Client, buyer: registry.TaxpayerView
) -> None:
    fields = filled(buyer)
    confirmation = seller.post("/invoices/new/", fields | {"do": "confirm"}).headers["Location"]
    number = issue(seller, fields)
    answer = seller.get(confirmation)
    assert answer.headers["Location"] == f"/invoices/{number}/issued/?again=1"


def test_a_changed_form_after_issuing_is_refused_once_and_gets_an_id_of_its_own(
    seller: Client, buyer: registry.TaxpayerView, tax_id: str
) -> None:
    number = issue(seller, filled(buyer))
    issued = counted(tax_id)
    answer = seller.post("/invoices/new/", filled(buyer, remark="另一张") | {"do": "issue"})
    page = answer.content.decode()
    assert answer.status_code == 409 and "INV-REQ-02" in page
    assert f'href="/invoices/{number}/"' in page
    found = re.search(r'name="request_id" value="([^"]+)"', page)
    assert found and found[1] != "web-form-0001"
    assert "另一张" in page, "nothing typed is lost"
    assert counted(tax_id) == issued


@pytest.mark.parametrize(
    ("language", "said"), [("zh", "长度或校验码不符"), ("en", "its length or check character")]
)
def test_a_refusal_stands_beside_its_field_and_on_top(
    seller: Client, buyer: registry.TaxpayerView, language: str, said: str
) -> None:
    fields = filled(buyer, **{"buyer.tax_id": "91450103MA00000000", "remark": "留着"})
    answer = seller.post(f"/invoices/new/?lang={language}", fields | {"do": "confirm"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert page.count(said) >= 2
    assert '<a href="#field-buyer-tax-id">' in page
    field = re.search(r'<input[^>]+id="field-buyer-tax-id"[^>]*>', page)
    assert field and 'aria-invalid="true"' in field[0]
    assert 'aria-describedby="field-buyer-tax-id-error"' in field[0]
    error = re.search(r'id="field-buyer-tax-id-error".*?</div>', page, re.S)
    assert error and said in error[0] and "INV-BUY-03" in error[0]
    assert "留着" in page


def test_a_wrong_number_is_a_field_error_and_stays_in_its_field(
    seller: Client, buyer: registry.TaxpayerView, tax_id: str
) -> None:
    before = counted(tax_id)
    for wrong in ("十二", "1e9", "NaN", "--3", "9" * 70):
        fields = filled(buyer, **{"lines[0].quantity": wrong})
        answer = seller.post("/invoices/new/", fields | {"do": "issue"})
        page = answer.content.decode()
        assert answer.status_code == 422, wrong
        assert "INV-FRM-01" in page and f'value="{wrong}"' in page
    assert counted(tax_id) == before


def test_every_refusal_of_a_form_is_told_at_once_from_top_to_bottom(
    seller: Client, buyer: registry.TaxpayerView
) -> None:
    fields = filled(buyer, **{"buyer.name": "", "lines[0].rate": "0.17", "lines[0].tax_code": "1"})
    page = seller.post("/invoices/new/", fields | {"do": "confirm"}).content.decode()
    summary = page[page.index("gt-errors") : page.index("</section>", page.index("gt-errors"))]
    assert re.findall(r"INV-[A-Z]+-\d+", summary) == ["INV-BUY-01", "INV-COD-01", "INV-RAT-02"]


def test_a_seller_who_may_not_issue_is_told_so_on_the_form(accounts: Accounts) -> None:
    chooser = sign_in(accounts, "demo-trouble").get("/act-for").content.decode()
    seen = set()
    for other in re.findall(r'name="identity" value="([0-9A-Z]{18})"', chooser):
        taxpayer = registry.get_taxpayer(tax_id=other)
        page = sign_in(accounts, "demo-trouble", other).get("/invoices/new/").content.decode()
        assert ("INV-SEL-03" in page) == (not taxpayer.is_normal), taxpayer.name
        seen.add(taxpayer.status)
    assert len(seen) >= 3, "the demo world has companies that may and that may not"


# Live totals


def test_the_preview_tells_totals_and_lines_of_the_servers_own_rules(
    seller: Client, buyer: registry.TaxpayerView, tax_id: str
) -> None:
    before = (counted(tax_id), SavedDraft.objects.count())
    answer = seller.post("/invoices/preview/", filled(buyer))
    page = answer.content.decode()
    shown = text_of(page)
    assert "合计金额2,000.01" in shown and "合计税额260.00" in shown and "¥2,260.01" in shown
    assert "可以开具" in shown
    assert 'data-amount="2000.01"' in page
    assert (counted(tax_id), SavedDraft.objects.count()) == before


def test_a_form_in_the_making_has_totals_of_the_lines_that_are_right(seller: Client) -> None:
    fields = {
        "kind": "82",
        "lines[0].name": "财务软件",
        "lines[0].tax_code": SOFTWARE,
        "lines[0].amount": "100",
        "lines[0].rate": "0.13",
        "lines[1].name": "咨询",
        "lines[2].name": "坏的",
        "lines[2].tax_code": SOFTWARE,
        "lines[2].amount": "-5",
        "lines[2].rate": "0.13",
    }
    page = seller.post("/invoices/preview/", fields).content.decode()
    assert "¥113.00" in page
    line_1 = re.search(r'id="line-1-errors".*?</div>', page, re.S)
    line_2 = re.search(r'id="line-2-errors".*?</div>', page, re.S)
    assert line_1 and "INV-" not in line_1[0], "what is still empty is not called wrong"
    assert line_2 and "INV-LIN-06" in line_2[0] and 'data-for="field-lines-2-amount"' in line_2[0]


def test_a_discount_may_be_so_many_per_cent(seller: Client, buyer: registry.TaxpayerView) -> None:
    fields = filled(buyer, **{"lines[1].is_discount": "on", "lines[1].amount": "5%"})
    number = issue(seller, fields)
    lines = invoicing.get_invoice(number=number, actor=Actor(taxpayer_id=_seller_of(number))).lines
    assert [(line.nature, line.amount_fen) for line in lines] == [("02", 200_001), ("01", -10_000)]


def _seller_of(number: str) -> str:
    return Invoice.objects.get(pk=number).seller_tax_id


# Buttons without a script


def test_the_buttons_of_the_grid_work_without_a_script(seller: Client, buyer: registry.TaxpayerView) -> None:
    def names(page: str) -> list[str]:
        body = page[: page.index("<template")]
        return re.findall(r'name="lines\[\d+\]\.name" value="([^"]*)"', body)

    fields = filled(buyer, **{"lines[1].name": "第二"})
    for do, expected in (
        ("add-line", ["财务软件", "第二", ""]),
        ("duplicate:0", ["财务软件", "财务软件", "第二"]),
        ("remove:0", ["第二"]),
        ("remove:9", ["财务软件", "第二"]),
        ("nonsense", ["财务软件", "第二"]),
    ):
        page = seller.post("/invoices/new/", fields | {"do": do}).content.decode()
        assert names(page) == expected, do
    page = seller.post("/invoices/new/", fields | {"do": "discount:0"}).content.decode()
    assert 'name="lines[1].is_discount" value="on"' in page
    assert 'name="lines[2].name" value="第二"' in page


def test_a_buyer_is_found_and_taken_without_a_script(seller: Client, buyer: registry.TaxpayerView) -> None:
    fields = {"request_id": "web-form-0002", "buyer.name": buyer.name[:6], "do": "find-buyer"}
    page = seller.post("/invoices/new/", fields).content.decode()
    key = re.search(rf'value="(take-buyer:[^"]+)">{re.escape(buyer.name)}', page)
    assert key, text_of(page)
    page = seller.post("/invoices/new/", fields | {"do": key[1]}).content.decode()
    assert f'name="buyer.tax_id" value="{buyer.tax_id}"' in page


def test_goods_are_found_by_name_pinyin_and_code_and_bring_their_rate(seller: Client) -> None:
    for text in ("应用软件", "hyyyrjcp", SOFTWARE[:9]):
        page = seller.get("/invoices/new/goods/", {"q": text}).content.decode()
        assert 'role="option"' in page, text
    page = seller.get("/invoices/new/goods/", {"q": SOFTWARE, "only": "codes"}).content.decode()
    fill = json.loads(re.findall(r'data-fill="([^"]*)"', page)[0].replace("&quot;", '"'))
    assert fill == {"tax_code": SOFTWARE, "rate": "0.13"}


def test_only_rates_of_the_sellers_kind_can_be_chosen(accounts: Accounts, seller: Client) -> None:
    def rates(client: Client) -> set[str]:
        page = client.get("/invoices/new/").content.decode()
        select = re.search(r'<select[^>]+id="field-lines-0-rate".*?</select>', page, re.S)
        assert select
        return set(re.findall(r'<option value="([^"]+)"', select[0]))

    assert {"0.13", "0.09", "0.06", "0|03", "0|04", "0.03|01"} <= rates(seller)
    small = rates(sign_in(accounts, "demo-small"))
    assert {"0.03", "0.01", "0|03"} <= small
    assert "0.13" not in small


# Sheets


def test_pasted_rows_become_lines_and_own_goods_bring_their_codes(tax_id: str) -> None:
    good = registry.search_goods(owner_tax_id=tax_id, text="", limit=1)[0]
    text = f"项目名称\t数量\t单价（元）\t税率\t折扣金额\n{good.name}\t2\t1,000.00\t\t-50\n陌生\t1\t5\t13%\t\n"
    lines = picking.complete_from_goods(
        lines=sheets.lines_from_text(text), owner_tax_id=tax_id, kind="general", on=WEB_TODAY
    )
    assert [line.name for line in lines] == [good.name, "", "陌生"]
    assert (lines[0].tax_code, lines[0].unit_price) == (good.tax_code, "1,000.00")
    assert lines[0].rate.startswith(good.rate)
    assert (lines[1].is_discount, lines[1].amount) == (ON, "50")
    assert (lines[2].tax_code, lines[2].rate) == ("", "0.13")


def test_cells_without_names_run_on_from_the_field_they_were_pasted_into() -> None:
    lines = sheets.lines_from_text("3\t9.9\n4\t8.8", column="quantity")
    assert [(line.quantity, line.unit_price) for line in lines] == [("3", "9.9"), ("4", "8.8")]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("13%", "0.13"),
        ("0.13", "0.13"),
        ("13", "0.13"),
        ("1", "0.01"),
        ("1.5%", "0.015"),
        ("免税", "0"),
        ("0", "0"),
        ("x", "x"),
    ],
)
def test_rates_are_read_as_people_write_them(written: str, read: str) -> None:
    (line,) = sheets.lines_from_rows([["项目名称", "税率"], ["水", written]])
    assert line.rate == read


def test_a_spreadsheet_is_read_into_the_grid(seller: Client, buyer: registry.TaxpayerView) -> None:
    data = io.BytesIO()
    book = xlsxwriter.Workbook(data)
    sheet = book.add_worksheet()
    for row, cells in enumerate([["商品名称", "税收分类编码", "数量", "单价"], ["软件甲", SOFTWARE, 3, 0.1]]):
        for column, cell in enumerate(cells):
            sheet.write(row, column, cell)
    book.close()
    data.seek(0)
    data.name = "lines.xlsx"
    fields = filled(buyer) | {"do": "upload", "file": data}
    page = seller.post("/invoices/new/lines/", fields).content.decode()
    assert 'name="lines[1].name" value="软件甲"' in page
    assert 'name="lines[1].quantity" value="3"' in page and 'name="lines[1].unit_price" value="0.1"' in page
    assert "¥2,260.35" in page, "3 × 0.1 at 13 % is added by the server's rules"


@pytest.mark.parametrize(
    ("name", "data"),
    [("a.xlsx", b"PK\x03\x04 broken"), ("a.csv", b"\xff\xfe\x00"), ("a.xlsx", b""), ("a.csv", b"\n\n")],
)
def test_a_file_that_is_no_sheet_is_refused_and_nothing_typed_is_lost(
    seller: Client, buyer: registry.TaxpayerView, name: str, data: bytes
) -> None:
    file = io.BytesIO(data)
    file.name = name
    page = seller.post("/invoices/new/", filled(buyer) | {"do": "upload", "file": file})
    if data:
        assert page.status_code == 422 and "INV-SHT-01" in page.content.decode()
    assert 'value="财务软件"' in page.content.decode()


def test_more_rows_than_an_invoice_can_have_are_refused_not_cut_off(seller: Client) -> None:
    fields = {"sheet": "水\n" * 2_001, "do": "paste"}
    page = seller.post("/invoices/new/lines/", fields).content.decode()
    assert "INV-LIN-02" in page and 'name="lines[1].name"' not in page


# Drafts and copies


def test_a_draft_is_kept_found_again_and_gone_after_issuing(
    seller: Client, buyer: registry.TaxpayerView
) -> None:
    fields = filled(buyer, remark="没写完", **{"lines[0].quantity": "二"})
    answer = seller.post("/invoices/drafts/save/", fields).content.decode()
    found = re.search(r'name="draft_id" value="([^"]+)"', answer)
    assert found and "草稿已保存" in answer
    again = seller.post("/invoices/drafts/save/", fields | {"draft_id": found[1]}).content.decode()
    assert found[1] in again, "one form has one draft"
    assert buyer.name in seller.get("/invoices/drafts/").content.decode()
    page = seller.get(f"/invoices/new/?draft={found[1]}").content.decode()
    assert "没写完" in page and 'value="二"' in page and 'value="web-form-0001"' in page
    issue(seller, filled(buyer) | {"draft_id": found[1]})
    assert buyer.name not in text_of(seller.get("/invoices/drafts/").content.decode())


def test_an_empty_form_is_not_kept(seller: Client) -> None:
    seller.post(
        "/invoices/drafts/save/", {"request_id": "web-form-0003", "kind": "81", "lines[0].rate": "0.13"}
    )
    assert "没有草稿" in seller.get("/invoices/drafts/").content.decode()


def test_anothers_draft_is_not_opened(
    accounts: Accounts, seller: Client, buyer: registry.TaxpayerView
) -> None:
    answer = seller.post("/invoices/drafts/save/", filled(buyer, remark="机密")).content.decode()
    found = re.search(r'name="draft_id" value="([^"]+)"', answer)
    assert found
    other = sign_in(accounts, "demo-small")
    assert "机密" not in other.get(f"/invoices/new/?draft={found[1]}").content.decode()
    other.post(f"/invoices/drafts/{found[1]}/delete/")
    assert "机密" in seller.get(f"/invoices/new/?draft={found[1]}").content.decode()


@pytest.mark.parametrize("inclusive", ["", "on"])
def test_a_copy_becomes_an_equal_invoice(
    seller: Client, buyer: registry.TaxpayerView, tax_id: str, inclusive: str
) -> None:
    fields = filled(
        buyer,
        prices_include_tax=inclusive,
        remark="同前",
        **{
            "lines[1].is_discount": "on",
            "lines[1].amount": "10",
            "lines[2].name": "水",
            "lines[2].amount": "99.99",
        },
    ) | {"lines[2].tax_code": SOFTWARE, "lines[2].rate": "0.13"}
    actor = Actor(taxpayer_id=tax_id)
    first = invoicing.get_invoice(number=issue(seller, fields), actor=actor)
    page = seller.get(f"/invoices/new/?copy={first.number}").content.decode()
    body = page[page.index('id="issue"') : page.index("<template")]
    assert 'value="web-form-0001"' not in body, "a copy is a new request"
    typed = picking.with_choices(forms.from_document(first), kind="general", on=WEB_TODAY)
    second = invoicing.get_invoice(number=issue(seller, forms.as_fields(typed)), actor=actor)
    assert second.number != first.number
    for one, other in zip(first.lines, second.lines, strict=True):
        assert one == other
    assert (first.buyer, first.remark, first.gross_fen) == (second.buyer, second.remark, second.gross_fen)


# List, statistics, files


def test_the_list_filters_by_what_stands_in_the_address(seller: Client, buyer: registry.TaxpayerView) -> None:
    number = issue(seller, filled(buyer, **{"lines[0].name": "独一无二之物"}))
    day = WEB_TODAY.isoformat()

    def finds(**conditions: str) -> bool:
        return number in seller.get("/invoices/", conditions).content.decode().replace("</span><span>", "")

    assert finds(q="独一无二") and finds(q=number[-6:]) and finds(kind="82", **{"from": day, "to": day})
    assert finds(min="2260.01", max="2260.01")
    assert not finds(q="没有此物") and not finds(kind="81", q="独一无二") and not finds(to="2026-01-01")
    assert not finds(min="2260.02", q="独一无二")


def test_a_condition_that_cannot_be_read_is_refused_beside_its_field(seller: Client) -> None:
    answer = seller.get("/invoices/", {"min": "很多", "q": "水"})
    page = answer.content.decode()
    assert answer.status_code == 422 and "INV-QRY-01" in page and "#field-min" in page
    assert 'value="很多"' in page and 'value="水"' in page
    assert seller.get("/invoices/", {"cursor": "x"}).status_code == 422


def test_pages_of_the_list_join_without_gap(
    seller: Client, buyer: registry.TaxpayerView, tax_id: str
) -> None:
    actor = Actor(taxpayer_id=tax_id, roles=frozenset({"issuer"}), person_name="测试员")
    for index in range(35):
        typed = forms.read(filled(buyer, request_id=f"web-many-{index:04d}"))
        invoicing.issue_invoice(
            draft=translating.translate(typed).draft, actor=actor, now=NOW + timedelta(seconds=index)
        )
    seen: list[str] = []
    url = "/invoices/?q=" + buyer.tax_id
    while url:
        page = seller.get(url).content.decode()
        seen += re.findall(r'href="/invoices/(\d{20})/"', page)
        next_page = re.search(r'rel="next" href="([^"]+)"', page)
        url = next_page[1].replace("&amp;", "&") if next_page else ""
    expected = Invoice.objects.filter(seller_tax_id=tax_id, buyer_tax_id=buyer.tax_id).order_by(
        "-issued_at", "-number"
    )
    assert seen == [one.number for one in expected] and len(seen) > 30


def test_an_empty_list_says_what_to_do_first(accounts: Accounts) -> None:
    client = sign_in(accounts, "demo-owner")
    page = client.get("/invoices/").content.decode()
    assert "还没有开过发票" in page and 'href="/invoices/new/"' in page
    assert "Noinvoiceyet" in text_of(client.get("/invoices/?lang=en").content.decode())


@pytest.mark.parametrize(
    ("form", "content_type", "begins"),
    [
        ("pdf", "application/pdf", b"%PDF-"),
        ("ofd", "application/ofd", b"PK"),
        ("xml", "application/xml", b"<?xml"),
    ],
)
def test_a_file_comes_under_the_name_users_know(
    seller: Client, buyer: registry.TaxpayerView, form: str, content_type: str, begins: bytes
) -> None:
    number = issue(seller, filled(buyer))
    answer = seller.get(f"/invoices/{number}.{form}")
    assert answer.status_code == 200 and answer.content.startswith(begins)
    assert answer.headers["Content-Type"] == content_type
    disposition = answer.headers["Content-Disposition"]
    assert f'attachment; filename="dzfp_{number}.{form}"' in disposition
    name = unquote(disposition.partition("filename*=UTF-8''")[2])
    assert name.startswith(f"dzfp_{number}_{buyer.name}_") and name.endswith(f".{form}")


def test_the_export_holds_what_the_list_shows(seller: Client, buyer: registry.TaxpayerView) -> None:
    number = issue(seller, filled(buyer, **{"lines[0].name": "=独一无二"}))
    answer = seller.get("/invoices/export.csv", {"q": "独一无二"})
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert [row[0] for row in rows[1:]] == [number]
    assert "filename*=UTF-8''" in answer.headers["Content-Disposition"]
    assert seller.get("/invoices/export.xlsx", {"q": "独一无二"}).content.startswith(b"PK")


def test_the_statistics_add_up_by_month_and_by_rate(seller: Client, buyer: registry.TaxpayerView) -> None:
    issue(seller, filled(buyer))
    actor = Actor(taxpayer_id=_seller_of(Invoice.objects.order_by("-issued_at")[0].number))
    page = seller.get("/invoices/statistics/").content.decode()
    month = invoicing.summarise_invoices(
        actor=actor, filter_=invoicing.InvoiceFilter(from_=WEB_TODAY.replace(day=1), to=WEB_TODAY)
    )
    row = re.search(rf'<tr data-month="{WEB_TODAY:%Y-%m}" data-amount="(\d+)" data-tax="(\d+)"', page)
    assert row and (int(row[1]), int(row[2])) == (month.amount_fen, month.tax_fen)
    assert "echarts" in page and "echarts" not in seller.get("/invoices/").content.decode()


def test_anothers_invoice_is_not_found(
    accounts: Accounts, seller: Client, buyer: registry.TaxpayerView
) -> None:
    number = issue(seller, filled(buyer))
    other = sign_in(accounts, "demo-household")
    for end in ("/", ".pdf", ".xml", ".ofd", "/receipt.json", "/qr.svg", "/issued/"):
        answer = other.get(f"/invoices/{number}{end}")
        assert answer.status_code == 404 and "INV-GET-01" in answer.content.decode(), end
    assert other.get(f"/invoices/new/?copy={number}").status_code == 404
    nobody = Client().get(f"/invoices/{number}/")
    assert nobody.status_code == 302 and nobody.headers["Location"].startswith("/sign-in")


def test_who_only_looks_may_not_issue(accounts: Accounts) -> None:
    finance = sign_in(accounts, "demo-finance")
    assert finance.get("/invoices/").status_code == 200
    assert 'href="/invoices/new/"' not in finance.get("/invoices/").content.decode()
    assert finance.get("/invoices/new/").status_code == 403
    assert finance.post("/invoices/new/", {"do": "issue"}).status_code == 403


def test_the_receipt_is_downloaded_as_signed(seller: Client, buyer: registry.TaxpayerView) -> None:
    number = issue(seller, filled(buyer))
    answer = seller.get(f"/invoices/{number}/receipt.json")
    receipt = json.loads(answer.content)
    assert (receipt["format"], receipt["number"]) == ("goldentax-receipt/2", number)
    assert "attachment" in answer.headers["Content-Disposition"]
    document = seller.get(f"/invoices/{number}/document.json").content
    assert sm.sm3(document).hex() == receipt["document_hash"]


# Verification


@pytest.fixture
def face(seller: Client, buyer: registry.TaxpayerView) -> dict[str, str]:
    number = issue(seller, filled(buyer))
    return {"number": number, "issue_date": WEB_TODAY.isoformat(), "gross": "2260.01"}


def test_a_genuine_face_matches_and_is_shown_with_its_count(face: dict[str, str]) -> None:
    page = Client().post("/verify/", face).content.decode()
    assert MATCH in page and "<svg" in page and "财务软件" in page
    assert "查验次数<strong>1</strong>" in re.sub(r"\s+", "", page)
    english = Client().post("/verify/?lang=en", face).content.decode()
    assert "It matches" in english


def test_a_face_that_differs_is_told_apart_from_one_that_does_not_exist(face: dict[str, str]) -> None:
    differs = Client().post("/verify/", face | {"gross": "2260.02"}).content.decode()
    assert "查验不一致" in differs and "财务软件" not in differs
    unknown = Client().post("/verify/", face | {"number": "26459999999999999999"}).content.decode()
    assert "查无此票" in unknown and "查验不一致" not in unknown


def test_the_text_of_the_qr_code_is_enough(face: dict[str, str], seller: Client) -> None:
    page = seller.get(f"/invoices/{face['number']}/").content.decode()
    payload = re.search(r">(01,32,,[^<]+)<", page)
    assert payload
    assert MATCH in Client().post("/verify/", {"qr": payload[1]}).content.decode()
    answer = Client().post("/verify/", {"qr": "https://example.com"})
    assert answer.status_code == 422 and "INV-VER-01" in answer.content.decode()


def test_a_link_fills_the_form_in_and_asks_nothing(face: dict[str, str], seller: Client) -> None:
    page = seller.get(f"/invoices/{face['number']}/").content.decode()
    link = re.search(r'href="http://testserver(/verify/[^"]+)"', page)
    assert link
    page = Client().get(link[1].replace("&amp;", "&")).content.decode()
    assert f'value="{face["number"]}"' in page and 'value="2260.01"' in page
    assert MATCH not in page


def test_asking_too_often_is_answered_with_words_of_its_own(face: dict[str, str]) -> None:
    wrong = face | {"gross": "1"}
    for _ in range(5):
        assert Client().post("/verify/", wrong).status_code == 200
    answer = Client().post("/verify/", face)
    page = answer.content.decode()
    assert answer.status_code == 429 and "INV-VER-02" in page and "明日再试" in page
    assert MATCH not in page
    assert Client().post("/verify/", face, REMOTE_ADDR="10.1.2.3").status_code == 200, (
        "another reader is not locked out"
    )


def test_a_malformed_field_is_refused_beside_it(face: dict[str, str]) -> None:
    for name, value in (("number", "123"), ("issue_date", "昨天"), ("gross", "很多")):
        answer = Client().post("/verify/", face | {name: value})
        page = answer.content.decode()
        assert answer.status_code == 422 and f'href="#field-{name.replace("_", "-")}"' in page, name
        assert f'value="{value}"' in page


# Limit


def test_the_limit_page_lists_what_used_it(seller: Client, buyer: registry.TaxpayerView, tax_id: str) -> None:
    number = issue(seller, filled(buyer))
    page = text_of(seller.get("/limit/").content.decode())
    limit = invoicing.get_limit(tax_id=tax_id, on=WEB_TODAY)
    assert f"{limit.available_fen // 100:,}" in page and number in page and "-2,000.01" in page


def test_a_limit_that_is_short_keeps_the_button_away_and_says_so(
    accounts: Accounts, buyer: registry.TaxpayerView, tax_id: str, seller: Client
) -> None:
    left = invoicing.get_limit(tax_id=tax_id, on=WEB_TODAY).available_fen
    fields = filled(buyer, **{"lines[0].quantity": "1", "lines[0].unit_price": str(left // 100 + 1)})
    page = seller.post("/invoices/new/", fields | {"do": "confirm"}, follow=True).content.decode()
    assert "本月额度不足" in page and 'value="issue"' not in page
    answer = seller.post("/invoices/new/", fields | {"do": "issue"})
    assert answer.status_code == 422 and "INV-LIM-02" in answer.content.decode()


# The form itself, without pages


def test_a_form_read_from_its_own_fields_is_the_same() -> None:
    typed = TypedInvoice(
        request_id="web-form-0009",
        kind="81",
        prices_include_tax=ON,
        remark="a\nb",
        buyer=TypedBuyer(name="甲", is_person=ON),
        lines=(TypedLine(name="水", quantity="１，０００"), TypedLine(is_discount=ON, amount="5%")),
    )
    assert forms.read(forms.as_fields(typed)) == typed


def test_numbers_are_read_as_people_type_them() -> None:
    typed = TypedInvoice(
        lines=(TypedLine(name="水", quantity="１，０００", unit_price="¥ 1,234.5", amount=" 12 "),)
    )
    (line,) = translating.translate(typed).draft.lines
    assert (line.quantity, line.unit_price, line.amount) == (Decimal(1000), Decimal("1234.5"), Decimal(12))


def test_a_discount_without_a_line_before_it_is_refused() -> None:
    found = translating.translate(TypedInvoice(lines=(TypedLine(is_discount=ON, amount="5"),)))
    assert [one.code for one in found.refusals] == ["INV-DIS-01"]


def test_empty_lines_at_the_end_are_passed_over_and_others_keep_their_places(
    tax_id: str, actor_for: Callable[..., Any]
) -> None:
    typed = TypedInvoice(lines=(TypedLine(), TypedLine(name="水"), TypedLine(), TypedLine()))
    found = examining.examine(typed=typed, actor=actor_for(tax_id), now=NOW)
    assert len(found.draft.lines) == 2
    assert {one.field for one in found.missing} >= {"lines[0].name", "lines[1].tax_code"}


def test_a_form_of_the_largest_size_is_examined(tax_id: str, actor_for: Callable[..., Any]) -> None:
    line = TypedLine(name="水", tax_code=SOFTWARE, amount="1", rate="0.13")
    typed = TypedInvoice(request_id="web-form-0010", buyer=TypedBuyer(name="甲"), lines=(line,) * 2_000)
    found = examining.examine(typed=typed, actor=actor_for(tax_id), now=NOW)
    assert found.is_ready and found.document is not None and found.document.gross_fen == 226_000

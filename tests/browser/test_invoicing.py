"""Invoicing as people use it: by keyboard, on a desk and on a phone, with and without scripts."""

import re
from typing import Any

import pytest

from tests.browser.conftest import DESK, PHONE, OpenPage, is_too_wide, violations

pytestmark = pytest.mark.browser
SIZES = pytest.mark.parametrize("size", [DESK, PHONE], ids=["desk", "phone"])
PAGES = (
    "/invoices/",
    "/invoices/?q=没有此物",
    "/invoices/?min=x",
    "/invoices/statistics/",
    "/invoices/drafts/",
    "/invoices/new/",
    "/limit/",
    "/verify/",
)
LIST_OPEN = "#offers-box:not([hidden]) [role=option]"


def fill_by_keyboard(page: Any) -> None:
    """The whole form without a mouse: buyer from the list, two lines by Enter, a code found by its digits."""
    page.goto("/invoices/new/")
    page.focus("[name='buyer.name']")
    page.wait_for_selector(LIST_OPEN)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert focused(page) == "lines[0].name"
    page.keyboard.type("10603010202")
    page.wait_for_selector(LIST_OPEN)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    assert focused(page) == "lines[0].quantity"
    for cell in ("3", "1000.01", ""):
        page.keyboard.type(cell)
        page.keyboard.press("Enter")
    assert focused(page) == "lines[0].rate"
    page.keyboard.press("Enter")
    assert focused(page) == "lines[1].name", "Enter at the end of the last line adds one"
    page.wait_for_selector("#totals :text('¥3,390.03')")


def focused(page: Any) -> str:
    return str(page.evaluate("document.activeElement.name"))


@SIZES
def test_an_invoice_is_issued_by_keyboard_alone(open_page: OpenPage, size: tuple[int, int]) -> None:
    page = open_page(size)
    fill_by_keyboard(page)
    assert not is_too_wide(page)
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/invoices/new/confirm/**")
    face = page.locator(".inv-face-narrow svg" if size == PHONE else ".inv-face-wide svg").first
    assert face.is_visible()
    assert "只能红冲" in page.inner_text("main")
    assert violations(page) == [] and not is_too_wide(page)
    page.keyboard.press("Control+Enter")
    page.wait_for_url(re.compile(r"/invoices/\d{20}/issued/$"))
    assert "发票已开具" in page.inner_text("h1")
    assert violations(page) == [] and not is_too_wide(page)
    page.click("text=查看发票")
    page.wait_for_url(re.compile(r"/invoices/\d{20}/$"))
    assert "3,390.03" in page.inner_text("main")
    assert violations(page) == [] and not is_too_wide(page)


def test_going_back_after_issuing_shows_the_same_invoice(open_page: OpenPage) -> None:
    page = open_page()
    fill_by_keyboard(page)
    page.keyboard.press("Control+Enter")
    page.wait_for_url("**/invoices/new/confirm/**")
    page.keyboard.press("Control+Enter")
    page.wait_for_url(re.compile(r"/invoices/\d{20}/issued/$"))
    issued = page.url
    page.go_back()
    page.wait_for_url(f"{issued}?again=1")
    assert "没有重复开票" in page.inner_text("main")


def test_a_reload_finds_what_was_typed(open_page: OpenPage) -> None:
    page = open_page()
    page.goto("/invoices/new/")
    page.fill("[name='buyer.name']", "刷新之后还在的公司")
    page.wait_for_selector("#draft-state :text('草稿已保存')")
    page.wait_for_function("location.search.startsWith('?draft=')")
    page.reload()
    assert page.input_value("[name='buyer.name']") == "刷新之后还在的公司"


def test_a_refusal_appears_beside_its_field_when_the_field_is_left(open_page: OpenPage) -> None:
    page = open_page()
    page.goto("/invoices/new/")
    with page.expect_response("**/invoices/preview/"):
        page.locator("[name='buyer.tax_id']").press_sequentially("9145")
    error = page.locator("#field-buyer-tax-id-error .gt-field-error")
    error.wait_for(state="attached")
    assert not error.is_visible(), "nobody is told off while still typing"
    page.focus("[name='remark']")
    error.wait_for(state="visible")
    assert page.get_attribute("[name='buyer.tax_id']", "aria-invalid") == "true"
    assert violations(page) == []


def test_escape_leaves_the_list_and_what_was_typed_stays(open_page: OpenPage) -> None:
    page = open_page()
    page.goto("/invoices/new/", wait_until="networkidle")
    page.locator("[name='lines[0].name']").press_sequentially("软件")
    page.wait_for_selector(LIST_OPEN)
    assert violations(page) == [], "the open list, too"
    page.keyboard.press("Escape")
    assert page.locator("#offers-box").is_hidden()
    assert page.input_value("[name='lines[0].name']") == "软件"
    assert focused(page) == "lines[0].name"


PASTE = """(text) => {
  const field = document.activeElement, data = new DataTransfer();
  data.setData('text/plain', text);
  field.dispatchEvent(new ClipboardEvent('paste', {clipboardData: data, bubbles: true, cancelable: true}));
}"""


def test_rows_of_a_spreadsheet_are_pasted_into_the_grid(open_page: OpenPage) -> None:
    page = open_page()
    page.goto("/invoices/new/")
    page.focus("[name='lines[0].name']")
    page.evaluate(
        PASTE,
        "项目名称\t税收分类编码\t数量\t单价\t折扣金额\n甲\t1060301020200000000\t2\t50\t10\n乙\t1060301020200000000\t1\t1\t",
    )
    page.wait_for_selector("[name='lines[2].name']")
    assert page.input_value("[name='lines[1].amount']") == "10"
    assert page.input_value("[name='lines[2].name']") == "乙"
    page.wait_for_selector("#totals :text('¥102.83')")
    page.click("button[value='remove:0']")
    page.wait_for_selector("#totals :text('¥1.13')")
    assert page.locator("#line-list > .inv-line").count() == 1, "the discount goes with its line"


def test_as_many_lines_as_an_invoice_can_have_are_pasted_and_worked_out(open_page: OpenPage) -> None:
    page = open_page()
    page.goto("/invoices/new/")
    page.focus("[name='lines[0].name']")
    rows = "".join(f"第{row}种\t1060301020200000000\t1\t1\n" for row in range(2_000))
    page.evaluate(PASTE, f"项目名称\t税收分类编码\t数量\t单价\n{rows}")
    page.wait_for_selector("#totals :text('¥2,260.00')", timeout=90_000)
    page.fill("[name='lines[1999].quantity']", "2")
    page.wait_for_selector("#totals :text('¥2,261.13')", timeout=90_000)


def test_a_session_that_is_over_is_said_and_nothing_typed_is_lost(
    open_page: OpenPage, expected: list[str]
) -> None:
    expected.append("status of 403")
    page = open_page()
    page.goto("/invoices/new/")
    page.context.clear_cookies()
    page.fill("[name='buyer.name']", "还在的公司")
    page.wait_for_selector("#bar-state:text('登录已过期')")
    assert page.input_value("[name='buyer.name']") == "还在的公司"


@SIZES
def test_no_page_has_an_accessibility_violation_or_scrolls_sideways(
    open_page: OpenPage, size: tuple[int, int], expected: list[str]
) -> None:
    expected.append("status of 422")  # of the address with a condition that cannot be read
    page = open_page(size)
    wrong = []
    for address in PAGES:
        page.goto(address)
        wrong += [f"{address} {one}" for one in violations(page)]
        wrong += [f"{address} scrolls sideways"] if is_too_wide(page) else []
    assert wrong == []


def test_no_page_has_an_accessibility_violation_in_the_dark_or_in_english(open_page: OpenPage) -> None:
    page = open_page(scheme="dark")
    wrong = []
    for address in ("/invoices/", "/invoices/new/", "/invoices/statistics/", "/limit/", "/verify/"):
        page.goto(f"{address}?lang=en")
        wrong += [f"{address} {one}" for one in violations(page)]
        assert page.get_attribute("html", "lang") == "en"
    assert wrong == []


def test_everything_reads_and_issues_without_a_script(open_page: OpenPage) -> None:
    page = open_page(scripts=False)
    for address in ("/invoices/", "/invoices/statistics/", "/limit/", "/verify/"):
        assert page.goto(address).status == 200
    page.goto("/invoices/new/")
    page.fill("[name='buyer.name']", "个人买家")
    page.check("[name='buyer.is_person']")
    page.fill("[name='lines[0].name']", "10603010202")
    page.click("button[value='find-good:0']")
    page.locator("button[value^='take-good:0:code:']").first.click()
    page.fill("[name='lines[0].amount']", "100")
    page.locator("button[value=totals]:visible").last.click()
    assert "¥113.00" in page.inner_text("#totals")
    page.click("button[value=confirm]")
    page.click("button[value=issue]")
    assert re.search(r"/invoices/\d{20}/issued/$", page.url)


def test_a_reader_without_an_account_verifies_a_face(open_page: OpenPage) -> None:
    seller = open_page()
    seller.goto("/invoices/")
    seller.locator(".inv-list a").first.click()
    seller.wait_for_url(re.compile(r"/invoices/\d{20}/$"))
    link = seller.locator("a[href*='/verify/?']").first.get_attribute("href")
    reader = open_page(PHONE, user="")
    reader.goto(str(link))
    reader.click("main form button[type=submit]")
    reader.wait_for_selector("h2:text('查验一致')")
    assert violations(reader) == [] and not is_too_wide(reader)

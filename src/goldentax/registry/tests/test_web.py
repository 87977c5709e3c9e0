"""The pages of the registry say and do the right thing, without a script."""

import re
from collections.abc import Callable

import pytest
from django.test import Client

from goldentax.registry import api as registry
from goldentax.registry.tests.conftest import HEADING, TAX_CODE

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("stopped_clock")]
Accounts = dict[str, dict[str, str]]
Browser = Callable[[str], Client]


@pytest.fixture
def tax_id(accounts: Accounts) -> str:
    return accounts["demo-small"]["tax_id"]


@pytest.fixture
def shop(browser: Browser) -> Client:
    return browser("demo-small")


def page_of(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200, (path, answer.status_code)
    return answer.content.decode()


def text_of(page: str) -> str:
    return re.sub(r"\s+", "", re.sub(r"<[^>]+>", "", page))


def test_the_registration_is_shown_whole_to_the_taxpayer(shop: Client, tax_id: str) -> None:
    taxpayer = registry.get_taxpayer(tax_id=tax_id)
    shown = text_of(page_of(shop, "/taxpayer/"))
    for value in (
        taxpayer.name,
        tax_id,
        taxpayer.bank_account,
        taxpayer.phone,
        "小规模纳税人",
        "增值税",
        "按季",
    ):
        assert value in shown
    assert "Small-scaletaxpayer" in text_of(page_of(shop, "/taxpayer/?lang=en"))


def test_who_has_not_signed_in_is_sent_to_sign_in() -> None:
    for path in ("/taxpayer/", "/catalogue/customers/", "/catalogue/goods/new/"):
        answer = Client().get(path)
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith("/sign-in")


def test_an_officer_has_no_catalogue(browser: Browser) -> None:
    assert browser("demo-officer").get("/catalogue/goods/").status_code == 403


def test_particulars_are_changed_by_a_form(shop: Client, tax_id: str) -> None:
    form = {"request_id": "web-change-1", "address": "新地址1号", "phone": "0771-5551234"}
    answer = shop.post("/taxpayer/change/", {**form, "bank_name": "中国银行", "bank_account": "62258800"})
    assert answer.status_code == 302
    assert registry.get_taxpayer(tax_id=tax_id).address == "新地址1号"
    assert "登记信息已变更" in page_of(shop, "/taxpayer/")


def test_what_was_typed_is_kept_when_it_is_refused(shop: Client, tax_id: str) -> None:
    before = registry.get_taxpayer(tax_id=tax_id)
    answer = shop.post("/taxpayer/change/", {"address": "我的新地址", "phone": "不是电话"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "REG-TAX-13" in page and 'value="我的新地址"' in page and 'href="#field-phone"' in page
    assert registry.get_taxpayer(tax_id=tax_id) == before


def test_who_only_looks_sees_no_forms(browser: Browser) -> None:
    finance = browser("demo-finance")
    assert "/catalogue/goods/new/" not in page_of(finance, "/catalogue/goods/")
    assert finance.get("/catalogue/goods/new/").status_code == 403
    assert finance.post("/taxpayer/change/", {"phone": "1"}).status_code == 403


def test_a_customer_is_added_found_changed_and_removed(shop: Client, tax_id: str) -> None:
    assert (
        shop.post("/catalogue/customers/new/", {"name": "网页测试客户", "is_favourite": "on"}).status_code
        == 302
    )
    assert "网页测试客户" in page_of(shop, "/catalogue/customers/?q=wycskh")
    (one,) = registry.search_customers(owner_tax_id=tax_id, text="网页测试客户")
    assert one.is_favourite and not one.is_person
    path = f"/catalogue/customers/{one.public_id}/"
    assert 'value="网页测试客户"' in page_of(shop, path)
    assert shop.post(path, {"name": "改名客户", "is_person": "on"}).status_code == 302
    assert "改名客户" in page_of(shop, f"{path}remove/")
    assert registry.search_customers(owner_tax_id=tax_id, text="改名客户")
    assert shop.post(f"{path}remove/", {"request_id": "web-remove-1"}).status_code == 302
    assert registry.search_customers(owner_tax_id=tax_id, text="改名客户") == ()


def test_the_same_form_sent_twice_adds_one(shop: Client, tax_id: str) -> None:
    page = page_of(shop, "/catalogue/customers/new/")
    request_id = re.search(r'name="request_id" value="([^"]+)"', page).group(1)
    for _ in range(2):
        answer = shop.post("/catalogue/customers/new/", {"request_id": request_id, "name": "双击客户"})
        assert answer.status_code == 302
    assert len(registry.search_customers(owner_tax_id=tax_id, text="双击客户")) == 1


def test_a_wrong_check_character_is_told_beside_the_field(shop: Client) -> None:
    answer = shop.post("/catalogue/customers/new/", {"name": "某", "tax_id": "91450103MAY0TE0130"})
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "REG-TAX-01" in page and "GB 32100" in page and 'aria-invalid="true"' in page


def test_a_tax_code_is_searched_without_a_script(shop: Client, tax_id: str) -> None:
    form = {"name": "砂糖", "rate": "0.01", "code_text": "成品糖", "find": "1"}
    found = shop.post("/catalogue/goods/new/", form).content.decode()
    assert f'name="picked_code" value="{TAX_CODE}"' in found and 'value="砂糖"' in found
    assert registry.search_goods(owner_tax_id=tax_id, text="砂糖") == ()
    saved = shop.post("/catalogue/goods/new/", {"name": "砂糖", "rate": "0.01", "picked_code": TAX_CODE})
    assert saved.status_code == 302
    assert registry.search_goods(owner_tax_id=tax_id, text="砂糖")[0].tax_code == TAX_CODE


def test_a_tax_code_is_searched_as_a_piece_of_the_page(shop: Client) -> None:
    piece = page_of(shop, "/catalogue/goods/codes/?code_text=cyfw")
    assert "餐饮服务" in piece and "<html" not in piece
    assert "没有找到" in page_of(shop, "/catalogue/goods/codes/?code_text=不存在的东西")


def test_a_heading_is_refused_as_a_tax_code(shop: Client) -> None:
    answer = shop.post("/catalogue/goods/new/", {"name": "糖", "rate": "0.01", "tax_code": HEADING})
    assert answer.status_code == 422
    assert "REG-GDS-03" in answer.content.decode()


def test_another_taxpayers_item_is_not_found(shop: Client, accounts: Accounts) -> None:
    other = registry.search_goods(owner_tax_id=accounts["demo-seller"]["tax_id"], text="")[0]
    for path in (f"/catalogue/goods/{other.public_id}/", f"/catalogue/goods/{other.public_id}/remove/"):
        assert shop.get(path).status_code == 404
        right = {"name": "糖", "rate": "0.13", "tax_code": TAX_CODE}
        assert shop.post(path, right).status_code == 404


def test_a_long_list_is_walked_page_by_page(shop: Client, tax_id: str) -> None:
    from goldentax.node.testing import NOW

    registry.add_customers(
        owner_tax_id=tax_id,
        entries=[registry.CustomerEntry(name=f"长表客户{number:03d}") for number in range(120)],
        actor="test",
        request_id="web-batch-1",
        now=NOW,
    )
    path, seen = "/catalogue/customers/?q=长表客户", []
    while path:
        page = page_of(shop, path)
        seen += re.findall(r'<th scope="row"><span>(长表客户\d+)', page)
        following = re.search(r'rel="next" href="([^"]+)"', page)
        path = "/catalogue/customers/" + following.group(1).replace("&amp;", "&") if following else ""
    assert seen == [f"长表客户{number:03d}" for number in range(120)]


def test_an_empty_list_says_what_to_do(browser: Browser) -> None:
    owner = browser("demo-owner")
    assert "还没有客户" in page_of(owner, "/catalogue/customers/")
    assert "没有符合的客户" in page_of(owner, "/catalogue/customers/?q=谁也没有")


@pytest.mark.parametrize("cursor", ["x", "%00", "中文"])
def test_a_wrong_cursor_is_a_coded_page(shop: Client, cursor: str) -> None:
    answer = shop.get(f"/catalogue/goods/?cursor={cursor}")
    assert answer.status_code == 400
    assert "REG-LST-01" in answer.content.decode()


def test_the_search_over_everything_finds_ones_own_entries_only(shop: Client, accounts: Accounts) -> None:
    own = text_of(page_of(shop, "/search?q=团体用餐"))
    assert "*餐饮服务*团体用餐" in own
    other = registry.search_goods(owner_tax_id=accounts["demo-seller"]["tax_id"], text="赤砂糖")[0]
    assert str(other.public_id) not in page_of(shop, "/search?q=赤砂糖")

"""The frame, and the pages of the portal."""

import re
from typing import Any

import pytest
from django.test import Client
from lxml import html

from goldentax.kernel import access, registry
from goldentax.kernel.frame import menu_links
from goldentax.kernel.text import Text

pytestmark = pytest.mark.django_db

PUBLIC_PAGES = [
    "/",
    "/search",
    "/search?q=发票",
    "/help",
    "/help/glossary",
    "/help/refusals",
    "/codes",
    "/codes?q=canyin",
    "/codes/tax_classification/3040200000000000000",
    "/sign-in",
    "/nowhere",
]


def _page(address: str, client: Client | None = None, **more: Any) -> Any:
    answer = (client or Client()).get(address, **more)
    return html.fromstring(answer.content.decode())


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("address", PUBLIC_PAGES)
def test_a_page_has_title_heading_landmarks_and_language(address: str, language: str) -> None:
    client = Client()
    client.cookies["goldentax_language"] = language
    page = _page(address, client)
    assert page.get("lang") == {"zh": "zh-CN", "en": "en"}[language]
    title = page.findtext(".//title")
    assert title and title.strip(" ·") and ("金税" in title or "Golden Tax" in title)
    assert len(page.findall(".//h1")) == 1 and page.find(".//h1").text_content().strip()
    for landmark in ("header", "main", "footer", "nav"):
        assert page.find(f".//{landmark}") is not None
    assert page.find(".//a[@class='gt-skip']").get("href") == "#main"


@pytest.mark.parametrize("address", PUBLIC_PAGES)
def test_no_page_needs_more_than_its_policy_allows(address: str) -> None:
    answer = Client().get(address)
    policy = answer["Content-Security-Policy"]
    assert "unsafe" not in policy and "script-src 'self'" in policy and "frame-ancestors 'none'" in policy
    page = html.fromstring(answer.content.decode())
    assert not page.xpath("//@style | //style | //script[not(@src)]")
    assert not page.xpath("//@*[starts-with(name(), 'on')]")
    assert all(one.startswith("/static/") for one in page.xpath("//script/@src | //link/@href | //img/@src"))


@pytest.mark.parametrize("address", PUBLIC_PAGES)
def test_every_field_has_a_label_and_every_id_is_one(address: str) -> None:
    page = _page(address)
    ids = page.xpath("//@id")
    assert len(ids) == len(set(ids))
    for field in page.xpath("//main//input[not(@type='hidden')] | //main//select | //main//textarea"):
        assert page.xpath("//label[@for=$id]", id=field.get("id")) or field.xpath("ancestor::label")


def test_english_pages_speak_english() -> None:
    page = _page("/help?lang=en")
    words = page.find(".//main").text_content()
    assert "How do I issue an e-invoice?" in words
    assert not re.search(r"[一-鿿]", words.replace("“", "").replace("”", ""))


def test_the_language_link_keeps_the_question() -> None:
    page = _page("/search?q=abc")
    assert "?q=abc&lang=en" in page.xpath("//a[contains(@class,'gt-language')]/@href")
    client = Client()
    client.get("/help?lang=en")
    assert _page("/help", client).get("lang") == "en"


def test_the_menu_shows_what_the_roles_open_and_where_one_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_menu", {})
    for key, url, roles in (
        ("home", "/", (access.PUBLIC,)),
        ("things", "/things/", (access.TAXPAYER,)),
        ("new", "/things/new/", (access.ISSUER,)),
    ):
        registry.menu_entry(key=key, label=Text(key, key), url=url, icon="home", order=1, roles=roles)
    nobody = menu_links(actor=access.NOBODY, path="/things/7", language="zh")
    assert [one.url for one in nobody] == ["/"] and not nobody[0].is_here
    issuer = access.Actor(roles=frozenset({access.PUBLIC, access.TAXPAYER, access.ISSUER}))
    here = {one.url: one.is_here for one in menu_links(actor=issuer, path="/things/new/", language="zh")}
    assert here == {"/": False, "/things/": False, "/things/new/": True}
    below = {one.url: one.is_here for one in menu_links(actor=issuer, path="/things/7", language="zh")}
    assert below == {"/": False, "/things/": True, "/things/new/": False}


def test_home_shows_cards_to_the_roles_they_name_and_leaves_empty_ones_out(
    monkeypatch: pytest.MonkeyPatch, accounts: dict[str, dict[str, str]]
) -> None:
    monkeypatch.setattr(registry, "_home_cards", {})
    template = "frame/parts/badge.html"
    for key, roles, context in (
        ("shown", (access.PUBLIC,), {"words": "card-for-all"}),
        ("hidden", (access.OFFICER,), {"words": "card-for-officers"}),
        ("empty", (access.PUBLIC,), {}),
    ):
        registry.home_card(
            key=key,
            order=1,
            roles=roles,
            template=template,
            context=lambda request, found=context: found,
            zone="money",
        )
    words = _page("/").find(".//main").text_content()
    assert "card-for-all" in words and "我的金额" in words
    assert "card-for-officers" not in words


def test_a_card_that_breaks_leaves_the_rest_of_home_standing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_home_cards", {})
    for key, template, context in (
        ("well", "frame/parts/badge.html", lambda request: {"words": "still-here"}),
        ("broken", "frame/parts/badge.html", lambda request: {"words": 1 // 0}),
        ("untemplated", "no/such/template.html", lambda request: {"words": "x"}),
    ):
        registry.home_card(key=key, order=1, roles=(access.PUBLIC,), template=template, context=context)
    answer = Client().get("/")
    words = html.fromstring(answer.content.decode()).find(".//main").text_content()
    assert answer.status_code == 200
    assert "still-here" in words and words.count("暂时无法显示") == 2


@pytest.mark.parametrize(
    "text", ["", "   ", "%", "'", "\\", "a" * 3000, "<script>alert(1)</script>", "😀", "%00"]
)
def test_search_takes_any_text(text: str) -> None:
    answer = Client().get("/search", {"q": text})
    assert answer.status_code == 200
    assert "<script>alert" not in answer.content.decode()


def test_search_finds_a_word_and_a_code() -> None:
    assert "/help/glossary#red-letter" in _page("/search?q=红字").xpath("//main//a/@href")
    assert "/help/refusals?code=IDN-SIGN-01" in _page("/search?q=idn-sign-01").xpath("//main//a/@href")
    assert "没有找到" in _page("/search?q=zzzzqqq").find(".//main").text_content()


def test_a_code_is_explained_without_the_facts_of_a_case() -> None:
    words = _page("/help/refusals?code=idn-sign-02").find(".//main").text_content()
    assert "IDN-SIGN-02" in words and "IDN-SIGN-01" not in words
    assert "{" not in words
    assert "没有这个编号" in _page("/help/refusals?code=XXX-1").find(".//main").text_content()


def test_what_is_not_there_is_a_coded_page() -> None:
    answer = Client().get("/no/such/page")
    page = html.fromstring(answer.content.decode())
    assert answer.status_code == 404
    assert page.xpath("//main//a[@href='/help/refusals?code=NOD-WEB-01']")


def test_a_fragment_asked_by_htmx_gets_the_refusal_without_the_frame() -> None:
    answer = Client().get("/nowhere", headers={"HX-Request": "true"})
    text = answer.content.decode()
    assert answer.status_code == 404
    assert "NOD-WEB-01" in text and "<html" not in text


@pytest.mark.parametrize("address", ["/", "/help"])
def test_a_page_is_light(address: str) -> None:
    assert len(Client().get(address).content) < 60_000


def test_demo_accounts_stand_on_the_sign_in_page_and_work(accounts: dict[str, dict[str, str]]) -> None:
    page = _page("/sign-in")
    users = page.xpath("//form//input[@type='hidden'][@name='login']/@value")
    mine = [one for one in accounts.values() if one["node"] == "45"]
    assert users == [one["user"] for one in mine] and users
    client = Client()
    answer = client.post("/sign-in", {"login": mine[0]["user"], "password": mine[0]["password"]})
    assert answer.status_code == 302
    assert client.get("/").status_code == 200


def test_a_code_is_found_by_word_pinyin_and_number() -> None:
    for text in ("餐饮服务", "canyinfuwu", "30704"):
        assert "/codes/tax_classification/3070401000000000000" in _page(f"/codes?q={text}").xpath(
            "//main//a/@href"
        )
    assert "没有找到" in _page("/codes?q=zzzz").find(".//main").text_content()


def test_the_table_is_walked_from_the_top_down() -> None:
    address = "/codes"
    for _ in range(2):
        links = _page(address).xpath(
            "//main//section//a[starts-with(@href, '/codes/tax_classification/')]/@href"
        )
        assert links
        address = links[0]
    page = _page(address)
    assert page.xpath("//nav[contains(@class,'gt-breadcrumb')]//a[starts-with(@href, '/codes/')]")


@pytest.mark.parametrize(
    "address",
    [
        "/codes?table=nothing",
        "/codes/nothing/1",
        "/codes/tax_classification/99",
        "/codes?q=a&cursor=zzz",
        "/codes?table=%00",
    ],
)
def test_what_no_table_has_is_refused_with_a_code(address: str) -> None:
    answer = Client().get(address)
    assert 400 <= answer.status_code < 500
    assert html.fromstring(answer.content.decode()).xpath(
        "//main//a[starts-with(@href, '/help/refusals?code=')]"
    )


def test_search_offers_codes_of_goods() -> None:
    found = _page("/search?q=餐饮服务").xpath("//main//a/@href")
    assert "/codes/tax_classification/3070401000000000000" in found

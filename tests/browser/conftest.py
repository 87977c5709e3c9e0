"""
A real browser on the running world: Chromium from the machine, one context a test.

Every page a test opens is watched: an error in the console, an uncaught exception, a failed request or a breach of the
content-security policy fails the test when it ends. Where no Chromium can be had the tests are skipped.
"""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.worlds import World

playwright = pytest.importorskip("playwright.sync_api")

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
AXE = Path(__file__).parents[2] / ".assets" / "dev" / "axe.min.js"
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PHONE, DESK = (390, 844), (1360, 900)
PATIENCE_MS = 20_000

OpenPage = Callable[..., Any]


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    """The browser."""
    found = next(filter(None, map(shutil.which, BROWSERS)), None)
    if found is None:
        pytest.skip("no Chromium on this machine")
    with playwright.sync_playwright() as engine:
        browser = engine.chromium.launch(executable_path=found, args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def complaints() -> list[str]:
    """What the pages of a test complained about; empty at its end, or the test fails."""
    return []


@pytest.fixture
def expected() -> list[str]:
    """Words of complaints that belong to a test: the browser notes every answer of 400 and above."""
    return []


@pytest.fixture
def open_page(chromium: Any, world: World, complaints: list[str], expected: list[str]) -> Iterator[OpenPage]:
    """Open a page of a size, signed in as a demo person or as nobody, with or without scripts."""
    contexts = []

    def make(
        size: tuple[int, int] = DESK,
        *,
        user: str = "demo-seller",
        scripts: bool = True,
        scheme: str = "light",
    ) -> Any:
        context = chromium.new_context(
            base_url=world.url,
            viewport={"width": size[0], "height": size[1]},
            java_script_enabled=scripts,
            color_scheme=scheme,
            locale="zh-CN",
        )
        contexts.append(context)
        context.set_default_timeout(PATIENCE_MS)
        page = context.new_page()
        _watch(page, complaints)
        if user:
            _sign_in(page, world.accounts()[user])
        return page

    yield make
    for context in contexts:
        context.close()
    unexpected = [one for one in complaints if not any(words in one for words in expected)]
    assert not unexpected, "\n".join(unexpected)


def _watch(page: Any, complaints: list[str]) -> None:
    # The console tells of breaches of the content-security policy, too.
    page.on(
        "console", lambda said: complaints.append(said.text) if said.type in ("error", "warning") else None
    )
    page.on("pageerror", lambda error: complaints.append(str(error)))


def _sign_in(page: Any, account: dict[str, str]) -> None:
    page.goto("/sign-in")
    page.fill("[name=login]", account["user"])
    page.fill("[name=password]", account["password"])
    page.locator("main button[type=submit]").first.click()
    page.wait_for_load_state()
    if "/act-for" in page.url:
        page.locator(f"button[name=identity][value='{account['tax_id']}']").click()
        page.wait_for_load_state()


def violations(page: Any) -> list[str]:
    """What axe finds wrong with a page as it stands, each with the first place it is found at."""
    page.evaluate(AXE.read_text(encoding="utf-8"))
    found = page.evaluate("(rules) => axe.run(document, {runOnly: rules})", RULES)
    return [f"{one['id']}: {one['help']} at {one['nodes'][0]['html'][:160]}" for one in found["violations"]]


def is_too_wide(page: Any) -> bool:
    """Whether the page scrolls sideways."""
    return bool(page.evaluate("document.documentElement.scrollWidth > window.innerWidth"))

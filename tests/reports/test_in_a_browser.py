"""The HTML report in a real browser: it switches language, unfolds, prints, and fetches nothing."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from countermark.model import Report
from countermark.reports import RENDERERS

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
pytestmark = pytest.mark.skipif(
    CHROMIUM is None, reason="no Chromium here; on Debian: apt-get install chromium"
)
QUIET = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def page(browser: Browser, shop: Path, audited: Callable[[], Report], tmp_path: Path) -> Iterator[Page]:
    (shop / "public/index.html").write_text("<p>ShopTalk")
    (shop / "config/limits.yaml").write_text("daily_minutes_under_16: 90\n")
    file = tmp_path / "report.html"
    file.write_text(RENDERERS["html"](audited(), "en"), encoding="utf-8")
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    trouble: list[str] = []
    page.on("console", lambda message: trouble.append(message.text))
    page.on("pageerror", lambda error: trouble.append(str(error)))
    page.on("request", lambda r: trouble.append(r.url) if not r.url.startswith("file:") else None)
    page.goto(file.as_uri())
    yield page
    page.close()
    assert trouble == []


def test_one_click_switches_the_language(page: Page) -> None:
    heading = page.locator("#registration h2")
    assert heading.inner_text().endswith("Registration")
    page.click("#switch")
    assert heading.inner_text().endswith("备案与登记")
    assert page.locator("html").get_attribute("lang") == "zh"


def test_a_finding_unfolds_to_evidence_rule_and_repair(page: Page) -> None:
    issue = page.locator("details.issue", has_text="CN-GAI-DISCLOSE").first
    assert not issue.locator(".remedy").is_visible()
    issue.locator("summary .what").first.click()
    assert issue.locator(".remedy").is_visible()
    assert "ShopTalk" in issue.locator(".evidence").first.inner_text()
    assert issue.locator(".ruletext").first.is_visible()


def test_a_badge_leads_to_the_rule(page: Page) -> None:
    page.locator(".badge", has_text="CN-GAI-DISCLOSE").first.click()
    rule = page.locator("#rule-CN-GAI-DISCLOSE")
    rule.locator(".ruletext").wait_for(state="visible")
    assert rule.get_attribute("open") is not None


def test_the_keyboard_suffices(page: Page) -> None:
    page.locator("details.issue summary").first.focus()
    page.keyboard.press("Enter")
    assert page.locator("details.issue").first.get_attribute("open") is not None


@pytest.mark.parametrize("width", [390, 768, 1280])
def test_nothing_runs_over_the_edge(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.click("#unfold")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_it_prints_with_every_finding_unfolded(page: Page) -> None:
    assert page.pdf().startswith(b"%PDF")
    assert page.evaluate("[...document.querySelectorAll('.issue')].every((d) => d.open)")

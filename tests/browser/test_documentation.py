"""The documentation as a site, opened from its folder with the network off."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

ROOT = Path(__file__).parents[2]
PHONE = {"width": 390, "height": 844}


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("documentation")
    # Quietly, it would not count what it warns of.
    build = subprocess.run(
        [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", folder],
        cwd=ROOT,
        env=os.environ | {"NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
    )
    assert build.returncode == 0, build.stderr
    return folder


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page whose test fails if it asks the network for anything, or an error is thrown."""
    context = browser.new_context(offline=True, viewport=PHONE, color_scheme="light")
    page = context.new_page()
    complaints: list[str] = []
    page.on("request", lambda request: _is_remote(request.url) and complaints.append(request.url))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    assert complaints == []


def _is_remote(address: str) -> bool:
    return address.startswith(("http:", "https:"))


def test_search_works_from_a_folder(site: Path, page: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 860})
    page.goto((site / "how-to" / "publish.html").as_uri())
    page.get_by_role("textbox", name="Search").click()
    page.keyboard.type("trustworthiness")
    first = page.locator(".md-search-result__link").first
    expect(first).to_contain_text("trustworthiness", ignore_case=True)
    first.click()
    expect(page.locator("article mark").first).to_have_text("trustworthiness", ignore_case=True)


def test_the_theme_goes_from_the_systems_to_light_to_dark(site: Path, page: Page) -> None:
    page.emulate_media(color_scheme="dark")
    page.goto((site / "index.html").as_uri())
    schemes = []
    for name in ("Theme: as the system", "Theme: light", "Theme: dark"):
        link = page.get_by_title(name)
        expect(link).to_be_visible()
        schemes.append(page.evaluate("getComputedStyle(document.body).colorScheme"))
        link.click()
    assert schemes == ["dark", "light", "dark"]


def test_no_page_is_wider_than_a_phone(site: Path, page: Page) -> None:
    widths = {}
    for path in sorted(site.rglob("*.html")):
        page.goto(path.as_uri())
        widths[path.relative_to(site).as_posix()] = page.evaluate(
            "document.documentElement.scrollWidth"
        )
    assert len(widths) > 20
    assert {name: width for name, width in widths.items() if width > PHONE["width"]} == {}


def test_the_first_page_shows_the_report_that_was_built(
    site: Path, tmp_path: Path, tiny_report: Callable[[str], Path], page: Page
) -> None:
    folder = tmp_path / "site"
    shutil.copytree(site, folder)
    subprocess.run(
        [sys.executable, ROOT / "docs" / "place_report.py", tiny_report("bert"), folder], check=True
    )
    page.set_viewport_size({"width": 1280, "height": 860})
    page.goto((folder / "index.html").as_uri())
    report = page.locator(".live").frame_locator("iframe")
    expect(report.locator("html")).to_have_attribute("data-ready", "true")
    page.get_by_role("button", name="Explore it here").click()
    report.get_by_role("link", name="Find heads", exact=True).click()
    expect(report.locator("html")).to_have_attribute("data-view", "heads")


def test_the_first_page_has_a_picture_where_no_report_was_built(site: Path, page: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 860})
    page.goto((site / "index.html").as_uri())
    expect(page.locator(".live img").locator("visible=true")).to_have_count(1)
    page.locator(".live a").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("No report here yet")

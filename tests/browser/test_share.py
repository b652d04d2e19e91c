"""The link of a view is copied wherever the browser allows it, and shown where it does not."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.visit import Visit, eventually

SELECTION = {
    "model": "minilm",
    "head": "L4H2",
    "doc": 17,
    "token": 5,
    "side": "key",
    "view": "document",
}

NO_CLIPBOARD = "delete Navigator.prototype.clipboard;"
REFUSED = """
if (globalThis.Clipboard) {
  Clipboard.prototype.writeText = () => Promise.reject(new DOMException('no', 'NotAllowedError'));
}
"""
NO_COPYING = "Document.prototype.execCommand = () => false;"
# What the older way has copied.
CAUGHT = (
    "document.addEventListener('copy', () => { window.caught ="
    " String(document.activeElement.value); });"
)


def start(visit, report, over: str, *scripts: str) -> Visit:
    there = visit(report, over)
    for script in scripts:
        there.context.add_init_script(script)
    return there.open(**SELECTION)


def leads_back(there: Visit, link: str) -> None:
    """Fails where the link does not show the same in another window."""
    assert link.startswith(f"{there.address}index.html#")
    there.page.goto("about:blank")
    there.page.goto(link)
    there.drawn()
    assert there.state == there.state | SELECTION
    expect(there.find(".token.pinned").first).to_be_visible()


def test_the_link_is_copied(visit, quickstart_report):
    there = visit(
        quickstart_report, "http", permissions=["clipboard-read", "clipboard-write"]
    ).open(**SELECTION)
    there.find(".tool", has_text="Link").click()
    there.says(".tool", "Copied")
    leads_back(there, there.page.evaluate("navigator.clipboard.readText()"))


def test_the_link_is_copied_from_a_folder(visit, quickstart_report):
    there = visit(quickstart_report, "file").open(**SELECTION)
    there.find(".tool", has_text="Link").click()
    there.says(".tool", "Copied")


@pytest.mark.parametrize("without", [NO_CLIPBOARD, REFUSED], ids=["absent", "refused"])
def test_without_the_clipboard_the_older_way_copies(visit, quickstart_report, over, without):
    there = start(visit, quickstart_report, over, without, CAUGHT)
    there.find(".tool", has_text="Link").click()
    there.says(".tool", "Copied")
    leads_back(there, eventually(lambda: there.page.evaluate("window.caught")))


@pytest.mark.parametrize("without", [NO_CLIPBOARD, REFUSED], ids=["absent", "refused"])
def test_without_any_way_the_link_is_shown_to_be_copied_by_hand(
    visit, quickstart_report, over, without
):
    there = start(visit, quickstart_report, over, without, NO_COPYING)
    there.find(".tool", has_text="Link").click()
    field = there.find(".share-field")
    expect(field).to_be_focused()
    link = field.input_value()
    selected = "e => e.value.slice(e.selectionStart, e.selectionEnd)"
    assert field.evaluate(selected) == link
    there.page.keyboard.press("Escape")
    expect(field).to_be_hidden()
    expect(there.find(".tool", has_text="Link")).to_be_focused()
    assert there.state["token"] == 5
    leads_back(there, link)

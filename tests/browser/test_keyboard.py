"""A reader without a pointer: through the report from the atlas to a neuron pair and back, and
every control used where it stands."""

from __future__ import annotations

import pytest
from playwright.sync_api import expect

from tests.browser.views import SELECTION, VIEWS
from tests.browser.visit import Visit, eventually

# What has the focus: a selector-like name, and whether a reader sees that it has it. An outline
# must have room: it is cut off by a box that hides what is too large for it.
FOCUS = """() => {
  const e = document.activeElement;
  if (!e || e === document.body) return {what: '', shown: false};
  const outlined = [e, e.closest('.chip'), e.firstElementChild].filter(Boolean).find((part) => {
    const style = getComputedStyle(part);
    return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 1;
  });
  const sides = (part) => {
    const style = getComputedStyle(part);
    const out = parseFloat(style.outlineOffset) + parseFloat(style.outlineWidth);
    const b = part.getBoundingClientRect();
    let seen = {left: b.left - out, top: b.top - out, right: b.right + out, bottom: b.bottom + out};
    const all = {...seen};
    const cut = (box) => {
      seen = {left: Math.max(seen.left, box.left), top: Math.max(seen.top, box.top),
        right: Math.min(seen.right, box.right), bottom: Math.min(seen.bottom, box.bottom)};
    };
    cut({left: 0, top: 0, right: innerWidth, bottom: innerHeight});
    for (let up = part.parentElement; up; up = up.parentElement) {
      if (getComputedStyle(up).overflowX !== 'visible') cut(up.getBoundingClientRect());
    }
    const names = ['left', 'top', 'right', 'bottom'];
    return names.filter((name) => Math.abs(seen[name] - all[name]) < 1);
  };
  return {
    what: `${e.tagName}.${e.getAttribute('class') ?? ''} ${e.textContent.trim().slice(0, 30)}`,
    shown: outlined !== undefined && sides(outlined).length >= 3,
  };
}"""


class Keyboard:
    """Presses keys, and after each says that the focus is somewhere and can be seen."""

    def __init__(self, there: Visit) -> None:
        self.there = there

    def press(self, *keys: str, focus: str = "", drawn: bool = True) -> None:
        """Press keys; `focus` is a selector of what must have the focus then."""
        for key in keys:
            self.there.page.keyboard.press(key)
            if drawn:
                self.there.drawn()
        if focus:
            expect(self.there.find(focus).first).to_be_focused()
        self.sees(keys)

    def tab_to(self, selector: str, text: str = "", back: bool = False) -> None:
        """Press Tab until what the selector names has the focus."""
        target = self.there.find(f"{selector}:focus", has_text=text)
        for _ in range(120):
            self.there.page.keyboard.press("Shift+Tab" if back else "Tab")
            self.sees(selector)
            if target.count():
                return
        raise AssertionError(f"{selector} {text} cannot be reached")

    def sees(self, after: object) -> None:
        focus = self.there.page.evaluate(FOCUS)
        assert focus["what"], f"the focus is lost after {after}"
        assert focus["shown"], f"the focus on {focus['what']} is not seen after {after}"


def test_from_the_atlas_to_a_neuron_pair_and_back(visit, quickstart_report, quickstart):
    there = visit(quickstart_report).open()
    keyboard = Keyboard(there)

    # From head to head, and into one.
    keyboard.tab_to(".cell-holder")
    start = there.state["head"]
    keyboard.press("ArrowRight", "ArrowDown", focus=".cell-holder[aria-selected=true]")
    head = there.state["head"]
    assert head != start
    keyboard.press("Enter", focus=".map-host")
    there.becomes(view="head", head=head)

    # From point to point.
    keyboard.press("Enter")
    there.says(".tooltip", "token")
    first = there.text(".tooltip")
    keyboard.press("ArrowRight")
    eventually(lambda: there.text(".tooltip") not in (first, "…"))
    there.says(".tooltip", "token")
    keyboard.press("Enter")
    assert there.state["token"] is not None
    there.says("main .lede", "looks")
    keyboard.press("Escape", "Escape")
    assert there.state["doc"] is None

    # Through the tokens of a document.
    keyboard.press("3", focus=".token[tabindex='0']")
    there.becomes(view="document", head=head)
    token = int(there.find(".token:focus").get_attribute("data-token") or "")
    keyboard.press("ArrowRight", "ArrowRight", "Enter", focus=".token.pinned:focus")
    assert there.state["token"] == token + 2

    # To the terms of its scores: this document has no vectors, the page leads to one that has.
    keyboard.tab_to("a.way", "Neuron", back=True)
    keyboard.press("Enter", focus="a.way[aria-current]")
    there.becomes(view="neuron")
    keyboard.tab_to("button.link-button", "Go to the first document with vectors")
    keyboard.press("Enter", focus=".neuron-rows")
    keyboard.press(
        "ArrowDown", "ArrowDown", "ArrowRight", "ArrowDown", focus=".of-key .neuron-rows"
    )
    assert there.state["key"] is not None
    keyboard.press("Escape", focus=".of-key .neuron-rows")
    state = there.state
    attention = quickstart.attention(*map(int, head[1:].split("H")), state["doc"])
    weight = attention[state["token"]].max()
    shown = there.text("[data-term=weight] .number").removesuffix("%").strip()
    assert float(shown) == pytest.approx(100 * weight, rel=0.01, abs=0.01)
    keyboard.tab_to("details.more summary")
    keyboard.press("Enter")
    expect(there.find("table.elements tbody tr")).to_have_count(32)

    # Everything that opens gives the focus back.
    keyboard.tab_to(".of-key .neuron-rows", back=True)
    for key, selector in {"e": ".export-panel", "?": "dialog.help", "/": ".search-panel"}.items():
        keyboard.press(key)
        expect(there.find(selector).first).to_be_visible()
        keyboard.press("Escape", focus=".of-key .neuron-rows")

    # And back.
    keyboard.press("1", focus=f".cell-holder[data-head={head}]")
    there.becomes(view="atlas", head=head)


CONTROLS = (
    "[...document.querySelectorAll('main select, main input, main button, main summary, main .way,"
    " .banner button, .inspector button')].filter((e) => !e.disabled && e.tabIndex >= 0"
    " && e.checkVisibility({visibilityProperty: true}))"
)


@pytest.mark.parametrize("view", VIEWS)
def test_no_control_loses_the_focus_when_it_is_used(visit, quickstart_report, view):
    there = visit(quickstart_report)
    link = {"view": view, **SELECTION, **({"doc": 124} if view == "neuron" else {})}
    there.open(**link)
    kinds = there.page.evaluate(
        f"{CONTROLS}.map((e) => `${{e.tagName}}.${{e.className}}${{e.ariaLabel ?? ''}}`)"
    )
    of_each_kind = [i for i, kind in enumerate(kinds) if kind not in kinds[:i]]
    assert len(of_each_kind) > 4
    for i in of_each_kind:
        there.open(**link)
        there.page.keyboard.press("Tab")
        there.page.evaluate(f"{CONTROLS}[{i}].focus()")
        tag = there.page.evaluate("document.activeElement.tagName")
        there.page.keyboard.press({"SELECT": "ArrowDown", "INPUT": "Space"}.get(tag, "Enter"))
        there.page.wait_for_timeout(60)
        there.drawn()
        assert eventually(lambda: there.page.evaluate(FOCUS)["what"]), f"{kinds[i]} loses the focus"

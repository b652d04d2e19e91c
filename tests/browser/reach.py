"""Whether everything can be reached: what axe finds, and what sticks out of a narrow window."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe

from tests.browser.visit import Visit

# Elements that stick out at the right or left, though nothing around them scrolls or clips.
STICKING_OUT = """() => {
  const out = [];
  const contained = (e) => {
    for (let up = e.parentElement; up && up !== document.body; up = up.parentElement) {
      if (getComputedStyle(up).overflowX !== 'visible') return true;
    }
    return false;
  };
  for (const e of document.body.querySelectorAll('*')) {
    const box = e.getBoundingClientRect();
    const hidden = getComputedStyle(e).visibility === 'hidden' || e.closest('.offscreen');
    if (hidden || box.width === 0) continue;
    if (box.right <= innerWidth + 1 && box.left >= -1) continue;
    if (!contained(e)) out.push(`${e.tagName}.${e.className} ${box.left} … ${box.right}`);
  }
  const root = document.scrollingElement;
  if (root.scrollWidth > innerWidth) out.push(`the page is ${root.scrollWidth} wide`);
  if (visualViewport.scale !== 1) out.push(`the page is zoomed: ${visualViewport.scale}`);
  return out;
}"""


def fits(there: Visit) -> None:
    assert there.page.evaluate(STICKING_OUT) == []


def serious(there: Visit) -> list[str]:
    """What axe finds that keeps readers out: rule, and where."""
    # Without `preload` axe asks for no file: that is what pages of a report never do.
    violations = (
        Axe()
        .run(there.page, options={"resultTypes": ["violations"], "preload": False})
        .response["violations"]
    )
    return [
        f"{violation['id']}: {[node['target'] for node in violation['nodes']]}"
        f" {violation['nodes'][0]['failureSummary']}"
        for violation in violations
        if violation["impact"] in ("serious", "critical")
    ]

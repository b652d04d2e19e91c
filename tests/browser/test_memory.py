"""What a view has put on the graphics card is given back: when it is left, and when another map
takes its place."""

from __future__ import annotations

import pytest

from tests.browser.visit import Visit, eventually

COUNT = """
window.alive = 0;
const context = WebGL2RenderingContext.prototype;
const {createBuffer, deleteBuffer} = context;
context.createBuffer = function () {
  window.alive++;
  return createBuffer.call(this);
};
context.deleteBuffer = function (buffer) {
  window.alive--;
  return deleteBuffer.call(this, buffer);
};
"""


@pytest.fixture
def there(visit, quickstart_report) -> Visit:
    page = visit(quickstart_report)
    page.context.add_init_script(COUNT)
    return page


def alive(there: Visit) -> int:
    return int(there.page.evaluate("alive"))


@pytest.mark.parametrize("view", ["atlas", "head"])
def test_leaving_a_view_frees_its_buffers(there, view):
    there.open(view=view, head="L3H7", renderer="webgl")
    assert alive(there) > 0
    there.page.keyboard.press("3")
    there.becomes(view="document")
    assert alive(there) == 0
    there.page.keyboard.press("1" if view == "atlas" else "2")
    there.becomes(view=view)
    assert alive(there) > 0


def test_maps_that_were_left_leave_nothing(there):
    there.open(view="head", head="L3H7", renderer="webgl")
    buffers = alive(there)
    for head in ("L3H8", "L3H9", "L3H10"):
        there.page.keyboard.press("ArrowRight")
        there.becomes(head=head)
    assert eventually(lambda: alive(there) == buffers)
    # In the midst of a move there are two: the map, and where its points came from.
    for _ in range(3):
        there.page.keyboard.press("ArrowLeft")
    there.becomes(head="L3H7")
    assert eventually(lambda: alive(there) == buffers)

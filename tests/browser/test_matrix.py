"""A document's attention as a matrix with its tokens: shades, the crosshair's number, zoom."""

from __future__ import annotations

import numpy as np
import pytest
from playwright.sync_api import expect

import attnviz

_SHADE = """(canvas, places) => {
  const ratio = canvas.width / canvas.clientWidth;
  const ink = canvas.getContext('2d');
  return places.map(([x, y]) => (
    ink.getImageData(Math.floor(x * ratio), Math.floor(y * ratio), 1, 1).data[0]));
}"""
ROOMY, NARROW = (116, 92), (62, 54)
"""Room for names, left of the rows and above the columns."""
PHONE = {"width": 400, "height": 800}


@pytest.fixture
def attention(quickstart_report):
    return attnviz.open_report(quickstart_report).attention(1, 8, 1)


@pytest.fixture
def there(visit, quickstart_report):
    return visit(quickstart_report).open(view="matrix", head="L1H8", doc=1)


def _side(there, tokens, room=ROOMY):
    """Pixels of a cell when all of the matrix is in sight."""
    (box,) = there.boxes(".big-matrix")
    return min((box[2] - room[0]) / tokens, (box[3] - room[1]) / tokens, 26)


@pytest.fixture(params=["wide", "narrow"])
def matrix(request, there, visit, quickstart_report):
    """A visit, and `place(query, key)`: where the middle of a cell is in the matrix, of which all
    is in sight."""
    room = ROOMY
    if request.param == "narrow":
        room = NARROW
        there = visit(quickstart_report, viewport=PHONE).open(view="matrix", head="L1H8", doc=1)
    side = _side(there, 34, room)
    return there, lambda query, key: (room[0] + (key + 0.5) * side, room[1] + (query + 0.5) * side)


def test_each_cell_has_the_shade_of_its_weight(matrix, attention):
    there, place = matrix
    assert len(attention) == 34
    cells = [(row, column) for row in range(0, 34, 3) for column in range(34)]
    places = [place(*cell) for cell in cells]
    red = np.array(there.find(".big-matrix-canvas").evaluate(_SHADE, places))
    weights = np.array([attention[cell] for cell in cells])
    order = np.argsort(weights)
    assert (np.diff(red[order]) <= 0).all(), "the more attention, the darker"
    assert red.max() - red.min() > 100


def test_the_crosshair_tells_the_number(matrix, attention):
    there, place = matrix
    x, y = place(6, 7)
    (box,) = there.boxes(".big-matrix")
    there.page.mouse.move(box[0] + x, box[1] + y)
    there.says(".tooltip", f"{100 * attention[6, 7]:.1f}")
    there.find(".big-matrix").click(position={"x": x, "y": y})
    there.becomes(token=6, side="query")


def test_arrow_keys_read_cells_and_enter_pins(there, attention):
    for key in ["ArrowDown", "ArrowDown", "ArrowRight"]:
        there.page.keyboard.press(key)
    there.says(".tooltip", f"{100 * attention[1, 1]:.1f}")
    there.page.keyboard.press("Enter")
    there.becomes(token=1, side="query")
    there.page.keyboard.press("Escape")
    there.becomes(token=None)


@pytest.mark.parametrize("matrix", ["wide"], indirect=True)  # where nothing is empty below it
def test_zoom_keeps_the_cell_under_the_pointer(matrix):
    there, place = matrix
    x, y = place(21, 1)
    (box,) = there.boxes(".big-matrix")
    there.page.mouse.move(box[0] + x, box[1] + y)
    before = there.text(".tooltip")
    there.page.mouse.wheel(0, -300)
    there.page.mouse.move(box[0] + x + 1, box[1] + y)
    there.says(".tooltip", before)
    expect(there.find(".big-matrix .matrix-row")).to_be_visible()


def test_special_tokens_left_out_make_each_row_whole(visit, quickstart_report, attention):
    there = visit(quickstart_report).open(view="matrix", head="L1H8", doc=1, hide="1")
    there.says(".lede", "32 queries down, 32 keys across; special tokens and separators left out")
    there.page.keyboard.press("ArrowDown")
    there.page.keyboard.press("ArrowRight")
    row = attention[1][1:-1] / attention[1][1:-1].sum()
    there.says(".tooltip", f"{100 * row[1]:.1f}")


def test_a_long_document_keeps_its_peaks(visit, quickstart_report):
    """The diagonal of a head that looks at the token before is there, however small its cells."""
    there = visit(quickstart_report, viewport={"width": 900, "height": 520})
    there.open(view="matrix", head="L0H2", doc=124)
    tokens = 414
    side, (left, top) = _side(there, tokens), ROOMY
    assert side < 1
    canvas = there.find(".big-matrix-canvas")

    def darkest(shift):
        """In each of some rows, the darkest of the pixels about one beside the diagonal."""
        rows = [
            [[left + (i + shift) * side + dx, top + (i + 1.5) * side] for dx in (-1, 0, 1)]
            for i in range(200, 380, 7)
        ]
        return [min(canvas.evaluate(_SHADE, row)) for row in rows]

    assert np.median(darkest(20.5)) - np.median(darkest(0.5)) > 60

"""A head's map under a reader's hands: what a point says, what a click selects, that lines and
shares are true."""

from __future__ import annotations

import numpy as np
import pytest
from playwright.sync_api import expect

import attnviz
from tests.browser.places import Places, places, starts, whose
from tests.browser.screenshot import colors, marked, near, part, screenshot
from tests.browser.shares import check_list, is_share
from tests.browser.visit import Visit, eventually

LAYER, HEAD, ID = 3, 7, "L3H7"
# Everything that is written on a canvas, since the last drawing over the map began.
LISTEN = """
window.written = [];
const {fillText, clearRect} = CanvasRenderingContext2D.prototype;
CanvasRenderingContext2D.prototype.fillText = function (text, ...at) {
  window.written.push(text);
  return fillText.call(this, text, ...at);
};
CanvasRenderingContext2D.prototype.clearRect = function (...at) {
  if (this.canvas.className === 'overlay') window.written = [];
  return clearRect.apply(this, at);
};
"""


@pytest.fixture
def there(visit, quickstart_report) -> Visit:
    page = visit(quickstart_report)
    page.context.add_init_script(LISTEN)
    return page.open(view="head", head=ID)


def place(there: Visit, report: attnviz.Report, head: int = HEAD) -> tuple[Places, list[float]]:
    (box,) = there.boxes(".map-host")
    return places(report.folder, LAYER, head, box), list(box)


def name(report: attnviz.Report, document: int, token: int) -> str:
    tokens, text = report.documents[document].tokens, report.documents[document].text
    start, end = report.documents[document].start[token], report.documents[document].end[token]
    return text[start:end].strip() or tokens[token] if start >= 0 else tokens[token]


def beside_points(points: Places, box: list[float], zoom: float) -> tuple[float, float]:
    """The place near a corner of the box that is farthest from all points of a map so zoomed."""
    left, top, width, height = box
    corners = np.array([(x, y) for x in (4, width - 120) for y in (4, height - 60)])
    middle = np.array([width, height]) / 2
    shown = (np.concatenate([points.queries, points.keys]) - (left, top) - middle) * zoom + middle
    away = np.linalg.norm(corners[:, None] - shown, axis=-1).min(1)
    x, y = corners[away.argmax()] + (left, top)
    return float(x), float(y)


@pytest.mark.parametrize("side", ["query", "key"])
def test_hovering_a_point_tells_its_token_kind_position_and_document(there, quickstart, side):
    points, box = place(there, quickstart)
    for index in points.lonely(box, side)[:3]:
        number, token = whose(quickstart.folder, points.tokens[index])
        document = quickstart.documents[number]
        there.page.mouse.move(*(points.queries if side == "query" else points.keys)[index])
        words = name(quickstart, number, token)
        expected = f"{words} {side} token {token + 1} of {len(document)}"
        eventually(lambda expected=expected: there.text(".tooltip").startswith(expected))
        tooltip = there.text(".tooltip")
        assert tooltip.startswith(expected)
        assert " ".join(document.title[:50].split()) in tooltip
        if document.start[token] >= 0:
            assert (
                there.find(".tooltip mark").inner_text()
                == document.text[document.start[token] : document.end[token]]
            )
    there.page.mouse.move(box[0] + 5, box[1] + 5)
    expect(there.find(".tooltip")).to_be_hidden()


@pytest.mark.parametrize("side", ["query", "key"])
def test_clicking_a_point_selects_it_and_lists_its_true_shares(there, quickstart, side):
    points, box = place(there, quickstart)
    index = points.lonely(box, side)[0]
    document, token = whose(quickstart.folder, points.tokens[index])
    there.page.mouse.click(*(points.queries if side == "query" else points.keys)[index])
    there.becomes(view="head", head=ID, doc=document, token=token, side=side)
    assert there.text(".lede").startswith(f"Selected {side} {name(quickstart, document, token)}")
    assert there.text(".token-card .document-text")[:40] in " ".join(
        quickstart.documents[document].text.split()
    )

    attention = quickstart.attention(LAYER, HEAD, document)
    lists = there.find(".token-card .partners-section")
    expect(lists).to_have_count(2)
    check_list(lists.nth(0), attention[token])
    check_list(lists.nth(1), attention[:, token])


def lines(report: attnviz.Report, points: Places, box: list[float], document: int):
    """A document's queries that have two or more strong keys, all at a distance and to be seen,
    with those keys."""
    attention = report.attention(LAYER, HEAD, document)
    first = starts(report.folder)[document]
    vertex = {int(token) - first: at for at, token in enumerate(points.tokens)}
    low, high = np.add(box[:2], 20), np.add(box[:2], box[2:]) - 20
    for token, row in enumerate(attention):
        partners = [int(key) for key in np.argsort(-row)[:6] if row[key] >= 0.02]
        start = points.queries[vertex[token]]
        ends = points.keys[[vertex[key] for key in partners]]
        far = np.hypot(*(ends - start).T).min() > 120
        if (
            len(partners) > 1
            and far
            and ((start > low) & (start < high)).all()
            and ((ends > low) & (ends < high)).all()
        ):
            yield (
                token,
                start,
                [(key, end, row[key]) for key, end in zip(partners, ends, strict=True)],
            )


def along(start, end):
    """The rows and columns of pixels on the line from a query to a key, but for its ends."""
    x, y = (start + (end - start) * np.linspace(0.15, 0.85, 80)[:, None]).astype(int).T
    return y, x


def apart(starts, partners):
    """Whether no two of these points would have labels that overlap."""
    at = np.array([*starts, *(end for _, end, _ in partners)])
    between = np.abs(at[:, None] - at)[np.triu_indices(len(at), 1)]
    return bool(((between[:, 0] > 130) | (between[:, 1] > 26)).all())


def test_lines_lead_to_the_keys_that_are_looked_at_and_are_labelled_with_their_shares(
    there, quickstart
):
    points, box = place(there, quickstart)
    drawn = (
        (document, *line)
        for document in range(124)
        for line in lines(quickstart, points, box, document)
    )
    bare = screenshot(there)
    hidden = marked(bare, colors(there)["page"])
    # Labels yield to each other, so their points must be apart; and the lines are to be hidden as
    # little as may be by points and names on their way.
    document, token, start, partners = min(
        (line for line in drawn if apart([line[2]], line[3])),
        key=lambda line: max(hidden[along(line[2], end)].mean() for _, end, _ in line[3]),
    )
    there.open(view="head", head=ID, doc=document, token=token, side="query")
    page = colors(there)
    pixels = screenshot(there)
    written = there.page.evaluate("written")
    for key, end, weight in partners:
        words = name(quickstart, document, key)
        labels = [text for text in written if text.startswith(f"{words}  ")]
        assert any(is_share(text.rsplit("  ")[-1], weight) for text in labels), (
            key,
            weight,
            written,
        )
        alpha = 0.35 + 0.5 * weight
        color = page["page"] * (1 - alpha) + page["accent"] * alpha
        on_line = pixels[along(start, end)]
        assert (np.abs(on_line - color).max(1) < 45).mean() > 0.5, (key, weight)
        assert (np.abs(on_line - bare[along(start, end)]).max(1) > 45).mean() > 0.5


def test_arrow_keys_step_to_other_heads_and_keep_the_selection(there, quickstart):
    points, box = place(there, quickstart)
    index = points.lonely(box, "query")[0]
    document, token = whose(quickstart.folder, points.tokens[index])
    there.page.mouse.click(*points.queries[index])
    there.becomes(doc=document, token=token, side="query")
    there.page.keyboard.press("ArrowRight")
    there.becomes(head="L3H8", doc=document, token=token, side="query")
    check_list(
        there.find(".token-card .partners-section").nth(0),
        quickstart.attention(3, 8, document)[token],
    )
    there.page.keyboard.press("ArrowDown")
    there.becomes(head="L4H8", doc=document, token=token)
    check_list(
        there.find(".token-card .partners-section").nth(0),
        quickstart.attention(4, 8, document)[token],
    )
    there.find(".step[data-step=left]").click()
    there.becomes(head="L4H7", doc=document, token=token)


def test_each_head_has_its_map(there, quickstart):
    there.page.keyboard.press("ArrowRight")
    there.becomes(head="L3H8")
    points, box = place(there, quickstart, 8)
    drawn = marked(screenshot(there), colors(there)["page"])
    assert near(drawn, points.both[points.inside(box)]).mean() > 0.99


@pytest.mark.parametrize("by", ["key", "click"])
def test_escape_and_a_click_beside_all_points_let_go(there, quickstart, by):
    there.open(view="head", head=ID, doc=17, token=5)
    points, box = place(there, quickstart)
    empty = [box[0] + 4, box[1] + 4]
    assert np.hypot(*(np.concatenate([points.queries, points.keys]) - empty).T).min() > 16
    if by == "key":
        there.page.keyboard.press("Escape")
    else:
        there.page.mouse.click(*empty)
    there.becomes(doc=None, token=None)
    there.says(".lede", "Select one to see")


def test_the_map_moves_under_the_pointer_and_comes_back(there, quickstart):
    points, box = place(there, quickstart)
    index = points.lonely(box, "query", away=20)[0]
    at = points.queries[index]
    document, token = whose(quickstart.folder, points.tokens[index])
    first = part(screenshot(there), box, inset=8)
    mouse = there.page.mouse

    expected = f"{name(quickstart, document, token)} query token {token + 1} of"

    def told(x: float, y: float) -> bool:
        """Whether it is told of the point; a map that is still moving tells of none, so that the
        pointer must move again."""
        if there.text(".tooltip").startswith(expected):
            return True
        mouse.move(x + 80, y)
        mouse.move(x, y)
        return False

    def tells(x: float, y: float) -> None:
        mouse.move(x + 80, y)
        mouse.move(x, y)
        assert eventually(lambda: told(x, y))

    tells(*at)
    mouse.wheel(0, -300)  # about the pointer: what is under it stays
    tells(*at)
    assert marked(part(screenshot(there), box, inset=8), first).mean() > 0.01
    mouse.down()
    mouse.move(at[0] + 40, at[1] - 30, steps=4)
    mouse.up()
    assert there.state["doc"] is None  # a drag is no click
    tells(at[0] + 40, at[1] - 30)
    mouse.move(5, 5)
    there.page.keyboard.press("0")
    eventually(lambda: marked(part(screenshot(there), box, inset=8), first).mean() < 0.001)
    assert marked(part(screenshot(there), box, inset=8), first).mean() < 0.001
    there.find("button[aria-label='Zoom in']").click()
    eventually(lambda: marked(part(screenshot(there), box, inset=8), first).mean() > 0.01)
    mouse.dblclick(*beside_points(points, box, zoom=1.5))  # on a point it would be a click
    mouse.move(5, 5)
    eventually(lambda: marked(part(screenshot(there), box, inset=8), first).mean() < 0.001)
    assert marked(part(screenshot(there), box, inset=8), first).mean() < 0.001


def test_another_window_size_fits_the_map_anew(there, quickstart):
    there.page.set_viewport_size({"width": 1000, "height": 640})
    # What is written in the map's corners lies over points.
    there.page.evaluate(
        "document.querySelectorAll('.map-notes, .map-switches, .select-tools, .zooms')"
        ".forEach((note) => { note.style.visibility = 'hidden'; })"
    )

    def hits() -> float:
        points, box = place(there, quickstart)
        drawn = marked(screenshot(there), colors(there)["page"])
        return float(near(drawn, points.both[points.inside(box)]).mean())

    eventually(lambda: hits() > 0.99)
    assert hits() > 0.99


def test_a_partner_in_the_list_leads_to_it_and_the_document_to_its_text(there, quickstart):
    there.open(view="head", head=ID, doc=17, token=5, side="query")
    partner = there.find(".token-card .partners-section >> nth=0 >> .partner >> nth=0")
    key = int(partner.get_attribute("data-token") or -1)
    partner.click()
    there.becomes(doc=17, token=key, side="key")
    there.find("text=Read it with its attention").click()
    there.becomes(view="document", doc=17, token=key)
    there.says(".lede", "pinned")

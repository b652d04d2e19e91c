"""What the colour of a map's points says: each mode, its legend, what a point tells of it, and what
is not offered."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import expect

import attnviz
from tests.browser.damage import copied, path_of, remove
from tests.browser.places import Places, places, starts, table, whose
from tests.browser.screenshot import colors, marked, near, part, rgb, screenshot
from tests.browser.visit import Visit, eventually
from tests.fixtures.mapped import TOPICS, WEIGHTS, patch_colors

LAYER, HEAD, ID = 3, 7, "L3H7"
COLORED = 0.78
"""How much of a point's colour covers the page where colour says something else than query or
key."""


def points_of(
    there: Visit, report: Path, layer: int = LAYER, head: int = HEAD
) -> tuple[Places, list[float]]:
    (box,) = there.boxes(".map-host")
    return places(report, layer, head, box), list(box)


def legend(there: Visit) -> dict[str, tuple[str, np.ndarray]]:
    """The names in the legend, each with its count and its colour."""
    items = there.find(".legend-line .legend-item")
    swatches = items.locator(".legend-swatch").evaluate_all(
        "all => all.map(e => getComputedStyle(e).backgroundColor)"
    )
    names = items.evaluate_all(
        "all => all.map(e => [e.childNodes[1].textContent, e.lastChild.textContent])"
    )
    return {
        name: (number, rgb(color)) for (name, number), color in zip(names, swatches, strict=True)
    }


def tooltip_at(there: Visit, at: np.ndarray, words: str) -> str:
    there.page.mouse.move(5, 5)
    there.page.mouse.move(*at)
    eventually(lambda: words in there.text(".tooltip"))
    return there.text(".tooltip")


def offered(there: Visit) -> list[str]:
    return there.find("select[aria-label=Colour] option").evaluate_all(
        "all => all.map(e => e.value)"
    )


def test_the_same_token_has_the_same_colour_and_the_most_frequent_are_named(
    visit, quickstart_report
):
    there = visit(quickstart_report).open(view="head", head=ID, color="token")
    points, box = points_of(there, quickstart_report)
    texts = table(quickstart_report, "tokens")["text"].to_pylist()
    mine = [texts[token] for token in points.tokens]
    counts = Counter(mine)
    items = legend(there)
    names = list(items)[:-1]
    assert [items[name][0].replace(",", "") for name in names] == [
        str(count) for _, count in counts.most_common(8)
    ]
    assert all(counts[name] == int(items[name][0].replace(",", "")) for name in names)
    assert list(items)[-1] == f"{len(counts) - 8:,} others"

    page = colors(there)["page"]
    pixels = screenshot(there)
    lonely = [i for i in points.lonely(box, "query", away=9) if mine[i] in names]
    assert len(lonely) > 4
    x, y = points.queries[lonely].astype(int).T
    expected = np.array(
        [page * (1 - COLORED) + items[mine[index]][1] * COLORED for index in lonely]
    )
    # Names with their halo lie over a few.
    assert (np.abs(pixels[y, x] - expected).max(1) < 12).mean() > 0.8
    index = lonely[0]
    words = f"{mine[index]}: {counts[mine[index]]:,} of the map’s tokens"
    assert words in tooltip_at(there, points.queries[index], words)


def test_entropy_and_received_attention_are_those_of_the_report(visit, quickstart_report):
    report = attnviz.open_report(quickstart_report)
    there = visit(quickstart_report).open(view="head", head=ID, color="entropy")
    points, box = points_of(there, quickstart_report)
    assert there.text(".ramp-title") == "Entropy of the query’s attention, nats"
    for index in points.lonely(box, "query")[:2]:
        document, token = whose(quickstart_report, points.tokens[index])
        row = report.attention(LAYER, HEAD, document)[token].astype(float)
        words = f"entropy {-(row[row > 0] * np.log(row[row > 0])).sum():.2f} nats"
        assert words in tooltip_at(there, points.queries[index], words)
    there.find("select[aria-label=Colour]").select_option("received")
    there.becomes(color="received")
    points, box = points_of(there, quickstart_report)
    for index in points.lonely(box, "key")[:2]:
        document, token = whose(quickstart_report, points.tokens[index])
        share = report.attention(LAYER, HEAD, document).astype(float)[:, token].sum()
        tooltip = tooltip_at(there, points.keys[index], "even share")
        assert float(tooltip.split("receives ")[1].split(" ×")[0]) == pytest.approx(share, rel=0.06)
    # A query receives nothing that could be told.
    index = points.lonely(box, "query")[0]
    assert "even share" not in tooltip_at(there, points.queries[index], " query ")


def test_frequency_counts_the_whole_corpus(visit, quickstart_report):
    there = visit(quickstart_report).open(view="head", head=ID, color="frequency")
    points, box = points_of(there, quickstart_report)
    ids = table(quickstart_report, "tokens")["id"].to_numpy()
    index = points.lonely(box, "key")[0]
    times = int((ids == ids[points.tokens[index]]).sum())
    words = f"{times:,} time{'' if times == 1 else 's'} in the corpus"
    assert words in tooltip_at(there, points.keys[index], words)
    assert there.texts(".ramp-tick")[0] == "1"


def test_lengths_are_those_of_the_stored_vectors(visit, quickstart_report):
    report = attnviz.open_report(quickstart_report)
    there = visit(quickstart_report).open(view="head", head=ID, color="length")
    there.says(".legend-line", "short documents, which store attention in place of vectors")
    points, box = points_of(there, quickstart_report)
    long = len(report.documents) - 1  # the last is long: its vectors are stored
    for side, vectors in [
        ("query", report.queries(LAYER, HEAD, long)),
        ("key", report.keys(LAYER, HEAD, long)),
    ]:
        of_long = [
            i
            for i in points.lonely(box, side, 8)
            if whose(quickstart_report, points.tokens[i])[0] == long
        ]
        index = of_long[0]
        length = np.linalg.norm(vectors[whose(quickstart_report, points.tokens[index])[1]])
        places = points.queries if side == "query" else points.keys
        tooltip = tooltip_at(there, places[index], "length ")
        assert float(tooltip.split("length ")[1].split()[0]) == pytest.approx(length, rel=0.006)
    short = next(
        i
        for i in points.lonely(box, "query")
        if whose(quickstart_report, points.tokens[i])[0] < 100
    )
    assert "length" not in tooltip_at(there, points.queries[short], "query token")


def test_the_period_of_positions_can_be_chosen(visit, quickstart_report):
    there = visit(quickstart_report).open(view="head", head=ID)
    there.find("select[aria-label=Colour]").select_option("modulo-5")
    there.becomes(color="modulo-5")
    assert list(legend(there)) == ["0", "1", "2", "3", "4"]
    period = there.page.get_by_label("n of position modulo n")
    period.fill("3")
    period.press("Enter")
    there.becomes(color="modulo-3")
    assert "color=modulo-3" in there.page.url
    assert list(legend(there)) == ["0", "1", "2"]
    points, box = points_of(there, quickstart_report)
    index = points.lonely(box, "query")[0]
    _, token = whose(quickstart_report, points.tokens[index])
    words = f"position modulo 3: {(token + 1) % 3}"
    assert words in tooltip_at(there, points.queries[index], words)


def test_a_name_that_is_pointed_at_lets_its_points_stand_out(visit, quickstart_report):
    there = visit(quickstart_report).open(view="head", head=ID, color="token")
    (box,) = there.boxes(".map-host")
    name, (_, color) = next(iter(legend(there).items()))
    page = colors(there)["page"]

    def counts() -> tuple[int, int]:
        pixels = part(screenshot(there), box, inset=8)
        of_name = np.abs(pixels - (page * (1 - COLORED) + color * COLORED)).max(-1) < 30
        return int(of_name.sum()), int((np.abs(pixels - page).max(-1) > 60).sum())

    before = counts()
    there.find(".legend-line .legend-item", has_text=name).first.hover()
    assert eventually(lambda: counts()[1] < 0.6 * before[1])
    assert counts()[0] > 0.5 * before[0] > 50
    there.page.mouse.move(5, 5)
    assert eventually(lambda: counts() == before)


def test_colours_that_cannot_be_loaded_leave_the_map(visit, quickstart_report, tmp_path):
    broken = copied(quickstart_report, tmp_path / "broken")
    remove(broken, path_of(broken, "tokens"))
    there = visit(broken, tolerate="ERR_FILE_NOT_FOUND").open(view="head", head=ID, color="token")
    there.says(".legend-line", "This colouring cannot be shown.")
    points, box = points_of(there, broken)
    drawn = marked(screenshot(there), colors(there)["page"])
    assert near(drawn, points.both[points.inside(box)]).mean() > 0.95
    there.page.keyboard.press("1")
    there.becomes(view="atlas")
    there.says(".legend-line", "This colouring cannot be shown.")


def test_the_atlas_is_coloured_too_and_leaves_out_what_needs_one_head(visit, quickstart_report):
    there = visit(quickstart_report).open(color="token")
    assert list(legend(there))
    assert "entropy" not in offered(there)
    (grid,) = there.boxes(".atlas-grid .stage")
    blue = next(iter(legend(there).values()))[1]

    def blues() -> int:
        return int((np.abs(part(screenshot(there), grid, inset=3) - blue).max(-1) < 60).sum())

    by_token = blues()
    there.find("select[aria-label=Colour]").select_option("kind")
    there.becomes(color="kind")
    assert by_token > blues() + 300
    there.open(color="entropy")
    expect(there.find("select[aria-label=Colour]")).to_have_value("kind")
    there.page.keyboard.press("2")
    there.becomes(view="head", color="entropy")
    assert there.text(".ramp-title").startswith("Entropy")


@pytest.mark.parametrize("color", ["patch", "row", "label:topic", "modulo-1", "hue"])
def test_what_a_report_cannot_offer_is_told(visit, quickstart_report, color):
    there = visit(quickstart_report).open(view="head", head=ID, color=color)
    there.says(".banner", f"The link asks for colour “{color}”, which this report does not have")
    assert there.state["color"] == "kind"
    assert color not in offered(there)


def test_labels_of_documents_and_tokens_are_colours(visit, labelled):
    there = visit(labelled).open(view="head", head="L0H1", color="label:topic")
    lengths = np.diff(starts(labelled))
    tokens = Counter(dict.fromkeys(TOPICS, 0))
    for topic, length in zip(TOPICS * 2, lengths, strict=True):
        tokens[topic] += int(length)
    counts = {name: int(number.replace(",", "")) for name, (number, _) in legend(there).items()}
    assert counts == {"rain": tokens["rain"], "birds": tokens["birds"], "none": tokens[None]}
    assert {"part:size", "label:topic", "label:weight"} < set(offered(there))

    there.open(view="head", head="L0H1", color="part:size")
    assert list(legend(there)) == ["long", "none"]

    # A column of many numbers is a scale.
    there.open(view="head", head="L0H1", color="label:weight")
    assert there.text(".ramp-title") == "weight"
    points, box = points_of(there, labelled, 0, 1)
    index = points.lonely(box, "query")[0]
    document, _ = whose(labelled, points.tokens[index])
    words = f"weight: {WEIGHTS[document]}"
    assert words in tooltip_at(there, points.queries[index], words)


def test_patches_have_their_mean_colours_or_are_the_marks(visit, image_patches):
    there = visit(image_patches).open(view="head", head="L0H1", color="mean")
    assert offered(there) == [
        "kind",
        "row",
        "column",
        "mean",
        "patch",
        "entropy",
        "received",
        "document",
    ]
    points, box = points_of(there, image_patches, 0, 1)
    pixels = screenshot(there)
    rows, columns, _ = patch_colors(0).shape

    def color_of(index: int) -> np.ndarray | None:
        document, token = whose(image_patches, points.tokens[index])
        return (
            None
            if token == 0
            else patch_colors(document).reshape(rows * columns, 3)[token - 1].astype(float)
        )

    lonely = [i for i in points.lonely(box, "query", away=30) if color_of(i) is not None]
    assert len(lonely) > 3
    patches = np.array([color_of(index) for index in lonely])
    x, y = points.queries[lonely].astype(int).T
    assert (
        np.abs(pixels[y, x] - patches).max(1) < 12
    ).mean() > 0.8  # opaque: the colour itself is the value

    there.open(view="head", head="L0H1", color="patch")
    pixels = screenshot(there)
    squares = [
        pixels[b - 3 : b + 4, a - 3 : a + 4].reshape(-1, 3) for a, b in zip(x, y, strict=True)
    ]
    filled = [
        np.abs(square - color).max() < 8 for square, color in zip(squares, patches, strict=True)
    ]
    assert np.mean(filled) > 0.8  # each a square of its patch's colour
    there.open(view="head", head="L0H1", color="row")
    assert there.texts(".ramp-tick")[0] == "1"
    assert there.texts(".ramp-tick")[-1] == str(rows)

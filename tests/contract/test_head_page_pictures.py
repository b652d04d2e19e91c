"""What a head's page shows of its shards is what the report holds."""

import re

import numpy as np
import pytest

import attnviz
from tests.unit.site.page import Page


def squares(path):
    """The cells of a picture's path, as (column, row)."""
    return {(int(x), int(y)) for x, y in re.findall(r"M(\d+) (\d+)h1v1h-1z", path)}


@pytest.fixture(scope="module")
def report(tiny_report):
    return attnviz.open_report(tiny_report("bert"))


def page_of(report, head):
    (model,) = report.manifest.models
    return (report.folder / "heads" / model.name / f"{head}.html").read_bytes()


def test_shades_and_shares_are_what_tokens_get(report):
    html = page_of(report, "L1H2").decode()
    articles = re.findall(r"<article>(.*?)</article>", html, re.DOTALL)
    assert articles
    for article in articles:
        number = int(re.search(r"doc=(\d+)", article)[1])
        document = report.documents[number]
        received = np.nanmean(report.attention(1, 2, number), 0)
        strongest = re.findall(r"<bdi>([^<]*)</bdi> ([\d.]+)\u202f%", article.split("strongest")[1])
        order = np.argsort(-received, kind="stable")[:3]
        assert [float(share) for _, share in strongest] == pytest.approx(
            100 * received[order], rel=5e-3
        )
        assert [name for name, _ in strongest] == [document.names[key] for key in order]
        # The darkest stretch holds the token of the text that gets most.
        in_text = np.flatnonzero(document.start >= 0)
        darkest = in_text[received[in_text].argmax()]
        (first, *_) = re.findall(r'<span class="s6">([^<]*)</span>', article)
        words = document.text[document.start[darkest] : document.end[darkest]]
        assert any(words in run for run in re.findall(r'"s6">([^<]*)<', article)), first
        shown = re.search(r'<p class="shaded"[^>]*>(.*?)</p>', article, re.DOTALL)[1]
        assert re.sub(r"<[^>]*>", "", shown) == document.text


def test_the_pattern_has_the_peaks_of_a_document(report):
    html = page_of(report, "L0H1").decode()
    figure = re.search(r'<figure class="pattern">(.*?)</figure>', html, re.DOTALL)[1]
    number = int(re.search(r"doc=(\d+)", figure)[1])
    attention = report.attention(0, 1, number)
    width, height = map(int, re.search(r'viewBox="0 0 (\d+) (\d+)"', figure).groups())
    assert (height, width) == tuple(min(16, length) for length in attention.shape)
    row, column = np.unravel_index(np.nanargmax(attention), attention.shape)
    cell = (column * width // attention.shape[1], row * height // attention.shape[0])
    darkest = re.findall(r'fill-opacity="([\d.]+)" d="([^"]*)"', figure)[-1]
    assert cell in squares(darkest[1])


def test_the_map_has_the_points_of_the_report(report):
    (model,) = report.manifest.models
    html = page_of(report, "L0H0").decode()
    figure = re.search(r'<figure class="map">(.*?)</figure>', html, re.DOTALL)[1]
    queries, keys = report.map(0, 0, model.maps[0].method)
    for name, points in (("queries", queries), ("keys", keys)):
        path = re.search(rf'class="{name}" d="([^"]*)"', figure)[1]
        drawn = np.array(re.findall(r"M(-?\d+) (-?\d+)h0", path), float)
        points = points[np.isfinite(points).all(1)]
        if len(points) > 250:
            points = points[np.linspace(0, len(points) - 1, 250).astype(int)]
        assert len(drawn) == len(points)
        # The same picture: one scale, upright, moved.
        centred, placed = points - points.mean(0), drawn - drawn.mean(0)
        scale = placed.std() / centred.std()
        assert np.abs(placed - centred * scale * (1, -1)).max() < 2
        assert drawn.min() >= 0
        assert drawn.max() <= 1000


def test_heads_by_label_lead_to_their_pages(report):
    page = Page((report.folder / "heads.html").read_bytes())
    (model,) = report.manifest.models
    links = [address for address in page.addresses if address.startswith("heads/")]
    assert {link.split("/")[-1] for link in links} == {
        f"{model.head_id(head)}.html" for head in model.heads
    }
    assert all((report.folder / link).is_file() for link in links)
    for head in model.heads:
        assert sum(model.head_id(head) in link for link in links) == max(1, len(head.labels))

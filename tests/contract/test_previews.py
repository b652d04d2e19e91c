"""The pictures that other sites show beside links: named by the pages, of the size that they say,
with the map that the page has."""

import io
import re

import numpy as np
import pytest
from PIL import Image

import attnviz
from attnviz.reader.check import inspect
from tests.contract.test_frozen import FROZEN
from tests.unit.site.page import Page

ADDRESS = "https://example.org/some/project/"
QUERY, KEY, PAGE = (11, 127, 95), (185, 56, 128), (251, 250, 248)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A report with an address, published from one without."""
    out = tmp_path_factory.mktemp("previews") / "public"
    return published(out, ADDRESS)


def published(out, address):
    from attnviz.publish.site import site_of

    site = site_of(FROZEN, address, with_twins=False)
    for output in site.outputs():
        (out / output.path).parent.mkdir(parents=True, exist_ok=True)
        (out / output.path).write_bytes(output.content())
    return out


def tags(path):
    return {
        tag.get("property") or tag.get("name"): tag["content"]
        for tag in Page(path.read_bytes()).all("meta")
        if "content" in tag
    }


def test_each_page_names_a_picture_of_the_size_that_it_says(folder):
    assert inspect(folder).faults == []
    manifest = attnviz.open_report(folder).manifest
    pages = [folder / "index.html", folder / "heads.html", *folder.glob("heads/*/*.html")]
    assert len(pages) == 2 + sum(len(model.heads) for model in manifest.models)
    images = set()
    for page in pages:
        card = tags(page)
        assert card["twitter:card"] == "summary_large_image"
        path = card["og:image"].removeprefix(ADDRESS)
        images.add(path)
        assert path in manifest.files
        with Image.open(folder / path) as image:
            assert image.format == "PNG"
            assert image.size == (int(card["og:image:width"]), int(card["og:image:height"]))
            assert image.size == (1200, 630)
    assert len(images) == len(pages) - 1  # the index of heads has the report's
    sizes = [(folder / path).stat().st_size for path in images]
    assert np.mean(sizes) < 20_000


def test_a_picture_has_the_points_of_the_map_of_its_page(folder):
    manifest = attnviz.open_report(folder).manifest
    seen = 0
    for model in manifest.models:
        for head in model.heads:
            page = (folder / "heads" / model.name / f"{model.head_id(head)}.html").read_text(
                "utf-8"
            )
            paths = dict(re.findall(r'<path class="(queries|keys)" d="([^"]*)"', page))
            if not paths:
                continue
            name = f"assets/preview-{model.name}-{model.head_id(head)}.png"
            pixels = np.asarray(Image.open(folder / name).convert("RGB"))
            side = 630 - 2 * 48
            for x, y in re.findall(r"M(\d+) (\d+)h0", paths["queries"]):
                at = (48 + int(y) * side // 1000, 48 + int(x) * side // 1000)
                assert tuple(pixels[at]) == QUERY
                seen += 1
            box = pixels[50 : 48 + side - 2, 50 : 48 + side - 2].reshape(-1, 3)
            assert (box == KEY).all(1).any()
            assert (box == PAGE).all(1).mean() > 0.3
            words = pixels[:, 48 + side + 40 :]
            assert (words < 60).all(-1).sum() > 500  # the head's name
            # Labels, in the colour of queries.
            assert ((words == QUERY).all(-1).sum() > 100) == bool(head.labels)
    assert seen > 50


def test_the_reports_picture_has_the_maps_of_its_heads(folder):
    manifest = attnviz.open_report(folder).manifest
    pixels = np.asarray(Image.open(folder / "assets" / "preview.png").convert("RGB"))
    model = manifest.models[0]
    columns = len({head.head for head in model.heads})
    rows = -(-len(model.heads) // columns)
    side = min(600 // columns, (630 - 2 * 48) // rows, 200)
    top = (630 - rows * side) // 2
    for number, head in enumerate(model.heads):
        if not head.maps:
            continue
        row, column = divmod(number, columns)
        x, y = 48 + column * side, top + row * side
        cell = pixels[y : y + side - 4, x : x + side - 4].reshape(-1, 3)
        assert (cell == QUERY).all(1).any()
        assert (cell == KEY).all(1).any()


def test_a_head_without_a_map_has_its_attention(folder):
    from dataclasses import replace

    from attnviz.reader.head_pictures import head_pictures
    from attnviz.reader.store import ShardStore
    from attnviz.site.previews import previews

    manifest = attnviz.open_report(folder).manifest
    drawn = head_pictures(ShardStore(folder, manifest))
    mapless = {key: replace(picture, map=None) for key, picture in drawn.items()}
    model = manifest.models[0]
    head = model.heads[0]
    content = previews(manifest, mapless)[f"assets/preview-{model.name}-{model.head_id(head)}.png"]
    pixels = np.asarray(Image.open(io.BytesIO(content)).convert("RGB"))
    inside = pixels[50 : 630 - 50, 50 : 630 - 50]
    picture = mapless[model.name, model.head_id(head)].pattern.picture
    assert not (inside == KEY).all(-1).any()
    side = 630 - 2 * 48
    cells = [
        (shade.opacity, int(column), int(row))
        for shade in picture.shades
        for column, row in re.findall(r"M(\d+) (\d+)h1v1h-1z", shade.path)
    ]
    assert len({(column, row) for _, column, row in cells if column != row}) > 3
    for opacity, column, row in cells:
        x = 48 + int((column + 0.5) * side / picture.width)
        y = 48 + int((row + 0.5) * side / picture.height)
        parts = zip(PAGE, QUERY, strict=True)
        expected = [page + (query - page) * opacity for page, query in parts]
        assert pixels[y, x] == pytest.approx(expected, abs=1.5)


def test_heads_of_a_large_report_share_its_picture(folder, monkeypatch):
    from attnviz.site import previews

    manifest = attnviz.open_report(folder).manifest
    monkeypatch.setattr(previews, "_MOST_PAGES", 3)
    assert list(previews.previews(manifest, {})) == [previews.REPORT]
    model = manifest.models[0]
    assert previews.preview_path(manifest, model, model.heads[0]) == previews.REPORT


def test_without_an_address_there_are_none(tmp_path):
    out = published(tmp_path / "public", None)
    assert not list(out.glob("assets/preview*"))
    assert "og:image" not in tags(out / "index.html")


def test_what_the_font_lacks_is_left_out_and_the_picture_is_there(folder):
    from attnviz.site.previews import previews

    manifest = attnviz.open_report(folder).manifest
    plain = previews(manifest.model_copy(update={"title": ""}), {})
    foreign = previews(manifest.model_copy(update={"title": "مرحبا 日本"}), {})
    assert foreign == plain
    assert previews(manifest.model_copy(update={"title": "Title"}), {}) != plain

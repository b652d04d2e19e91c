"""The pictures that other sites show beside a link to a page: a head's map with its name and
labels, and of the report the maps of its heads. They are drawn from what the pages show."""

from __future__ import annotations

import io
import re
import textwrap
from collections.abc import Mapping
from functools import cache
from typing import Any, Final
from urllib.parse import quote

from PIL import Image, ImageDraw, ImageFont

from attnviz.format.manifest import Head, Manifest, Model
from attnviz.site.contexts import HeadPicture, MapPicture
from attnviz.site.leading import leading_labels, rest_in_words
from attnviz.site.thumbnail import SHADES, Thumbnail
from attnviz.site.wording import count_of, percent

SIZE: Final = (1200, 630)
"""Pixels, as sites ask of such pictures."""
REPORT: Final = "assets/preview.png"

_PAGE, _LINE, _INK, _QUIET = "#fbfaf8", "#e6e2da", "#1c1b19", "#6d6962"
_QUERY, _KEY = "#0b7f5f", "#b93880"
"""The colours of light pages, as in tokens.css: such a picture stands in pages of any colour."""
_SOFT: Final = (0.25, 0.5, 0.75, 1.0)
"""How much of a colour a pixel at an edge may have: with more shades, files are larger and look
alike."""
_SMOOTH: Final = 2
"""Pixels drawn for each that is kept, along each side."""
_MARGIN: Final = 48
_MOST: Final = 96
"""Heads whose maps a report's picture has, at most; more would be too small to tell apart."""
_MOST_PAGES: Final = 400
"""Heads that have pictures of their own, at most: each takes 13 kB. Those of a larger report share
the report's."""
_POINT: Final = re.compile(r"M(-?\d+) (-?\d+)h0")
_CELL: Final = re.compile(r"M(\d+) (\d+)h1v1h-1z")
_PLAIN: Final = str.maketrans("\u202f\u00a0’‘“”–—·×−", "  ''\"\"--|x-")
"""What the one font that comes with Pillow lacks, in characters that it has."""

Pictures = Mapping[tuple[str, str], HeadPicture]


def preview_path(report: Manifest, model: Model, head: Head) -> str:
    """Where the picture of a head's page lies in the report."""
    if sum(len(each.heads) for each in report.models) > _MOST_PAGES:
        return REPORT
    return f"assets/preview-{model.name}-{model.head_id(head)}.png"


def preview_address(report: Manifest, path: str) -> str | None:
    """A picture's address on the web; None where the corpus does not say where that is."""
    url = report.site.url
    return None if url is None else f"{url.rstrip('/')}/{quote(path)}"


def previews(report: Manifest, pictures: Pictures) -> dict[str, bytes]:
    """PNGs by path: one of the report and one of each head; none where the corpus does not say
    where the report will be, since such links name whole addresses."""
    if report.site.url is None:
        return {}
    files = {REPORT: _report_picture(report, pictures)}
    for model in report.models:
        for head in model.heads:
            path = preview_path(report, model, head)
            if path not in files:
                picture = pictures.get((model.name, model.head_id(head)))
                files[path] = _head_picture(report, model, head, picture)
    return files


def _head_picture(report: Manifest, model: Model, head: Head, picture: HeadPicture | None) -> bytes:
    image = Image.new("RGB", SIZE, _PAGE)
    side = SIZE[1] - 2 * _MARGIN
    image.paste(_square(picture, side), (_MARGIN, _MARGIN))
    titles = {kind.name: kind.title for kind in model.labels}
    labels = [
        f"{titles.get(each.name, each.name)} {percent(each.score)}"
        for each in leading_labels(head)[:3]
    ]
    lines = [(model.head_id(head), 92, _INK), *((label, 38, _QUERY) for label in labels)]
    lines += [(words, 30, _QUIET) for words in [rest_in_words(head)] if words]
    _write(image, side + 2 * _MARGIN, lines, [(model.title, 30, _QUIET), (report.title, 30, _INK)])
    return _png(image)


def _report_picture(report: Manifest, pictures: Pictures) -> bytes:
    """Heads as in the atlas, layers down, as many as can be told apart."""
    image = Image.new("RGB", SIZE, _PAGE)
    model = report.models[0]
    heads = model.heads[:_MOST]
    columns = min(12, max(1, len({head.head for head in heads})))
    rows = -(-len(heads) // columns)
    side = min(600 // columns, (SIZE[1] - 2 * _MARGIN) // rows, 200)
    top = (SIZE[1] - rows * side) // 2
    for place, head in enumerate(heads):
        picture = pictures.get((model.name, model.head_id(head)))
        row, column = divmod(place, columns)
        image.paste(_square(picture, side - 4), (_MARGIN + column * side, top + row * side))
    number = sum(len(each.heads) for each in report.models)
    facts = f"{count_of(number, 'attention head')}, {count_of(report.documents.count, 'document')}"
    models = ", ".join(each.title for each in report.models)
    left = 2 * _MARGIN + columns * side
    _write(image, left, [(report.title, 64, _INK), (models, 34, _QUIET)], [(facts, 30, _QUIET)])
    return _png(image)


def _square(picture: HeadPicture | None, side: int) -> Image.Image:
    """A head's map, or its attention in a document where it has none."""
    image = Image.new("RGB", (side * _SMOOTH, side * _SMOOTH), _PAGE)
    draw = ImageDraw.Draw(image)
    if picture is not None and picture.map is not None:
        _draw_points(draw, picture.map, side)
    elif picture is not None and picture.pattern is not None:
        _draw_cells(draw, picture.pattern.picture, side)
    image = image.resize((side, side), Image.Resampling.BOX)
    ImageDraw.Draw(image).rectangle((0, 0, side - 1, side - 1), outline=_LINE)
    return image


def _draw_points(draw: ImageDraw.ImageDraw, points: MapPicture, side: int) -> None:
    scale = side * _SMOOTH / points.size
    radius = max(side / 130, 0.8) * _SMOOTH
    for path, color in ((points.keys, _KEY), (points.queries, _QUERY)):
        for x, y in _POINT.findall(path):
            center = int(x) * scale, int(y) * scale
            draw.ellipse(
                (center[0] - radius, center[1] - radius, center[0] + radius, center[1] + radius),
                fill=color,
            )


def _draw_cells(draw: ImageDraw.ImageDraw, picture: Thumbnail, side: int) -> None:
    width, height = side * _SMOOTH / picture.width, side * _SMOOTH / picture.height
    for shade in picture.shades:
        color = _blend(_PAGE, _QUERY, shade.opacity)
        for column, row in _CELL.findall(shade.path):
            x, y = int(column) * width, int(row) * height
            draw.rectangle((x, y, x + width - 1, y + height - 1), fill=color)


def _blend(under: str, over: str, opacity: float) -> tuple[int, ...]:
    pairs = zip(bytes.fromhex(under[1:]), bytes.fromhex(over[1:]), strict=True)
    return tuple(round(a + (b - a) * opacity) for a, b in pairs)


Line = tuple[str, int, str]
"""A text with its size in pixels and its colour."""


def _write(image: Image.Image, left: int, above: list[Line], below: list[Line]) -> None:
    """Texts right of the maps: some from the top, some up from the bottom."""
    draw = ImageDraw.Draw(image)
    top = _MARGIN
    for text, size, color in above:
        for row in _rows(text, size, SIZE[0] - left - _MARGIN, 3):
            draw.text((left, top), row, fill=color, font=_font(size))
            top += round(size * 1.2)
        top += 12
    bottom = SIZE[1] - _MARGIN
    for text, size, color in reversed(below):
        for row in reversed(_rows(text, size, SIZE[0] - left - _MARGIN, 2)):
            bottom -= round(size * 1.25)
            draw.text((left, bottom), row, fill=color, font=_font(size))
        bottom -= 8


def _rows(text: str, size: int, width: int, most: int) -> list[str]:
    """A text in rows that fit; none where the font has not all its characters, as the page's own
    title, beside the picture, has."""
    plain = " ".join(text.translate(_PLAIN).split())
    if not plain.isascii():
        return []
    letters = max(6, int(width / (size * 0.54)))
    rows = textwrap.wrap(plain, letters, max_lines=most, placeholder=" ...")
    return [row for row in rows if _font(size).getlength(row) <= width + size]


@cache
def _font(size: int) -> Any:
    return ImageFont.load_default(size)


def _png(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.quantize(palette=_palette(), dither=Image.Dither.NONE).save(
        buffer, "PNG", compress_level=9
    )
    return buffer.getvalue()


@cache
def _palette() -> Image.Image:
    """The colours of all pictures: those above, and their shades on what is under them."""
    points = [_blend(_PAGE, color, soft) for color in (_QUERY, _KEY) for soft in _SOFT]
    texts = [_blend(_PAGE, color, soft) for color in (_INK, _QUIET, _QUERY) for soft in _SOFT]
    cells = [_blend(_PAGE, _QUERY, opacity) for opacity in SHADES]
    plain = [_blend(color, color, 1) for color in (_PAGE, _LINE)]
    image = Image.new("P", (1, 1))
    image.putpalette([part for color in [*plain, *points, *texts, *cells] for part in color])
    return image

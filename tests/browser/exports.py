"""What a reader takes away of a view by the menu, and how a second program draws it."""

from __future__ import annotations

import csv
import io
import shutil
import subprocess
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image

from tests.browser.screenshot import Pixels
from tests.browser.visit import Visit, plain

SVG: Final = "{http://www.w3.org/2000/svg}"
BLOCK: Final = 8
"""Pixels of a square whose mean colour two programs should agree on, whatever their fonts."""


def press_export(there: Visit) -> None:
    """Open the menu, by its key."""
    there.page.keyboard.press("e")
    there.find(".export-item").first.wait_for()


def export(there: Visit, name: str, folder: Path) -> Path:
    """Save an entry of the menu, which is open."""
    with there.page.expect_download() as download:
        there.find(".export-item", has_text=name).click()
    path = folder / download.value.suggested_filename
    download.value.save_as(path)
    return path


def copied(there: Visit, name: str) -> str:
    """What an entry copies, where the page may not copy: it is shown to be copied by hand."""
    there.find(".export-item", has_text=name).click()
    return there.find(".export-panel textarea").input_value()


class Drawing:
    """An SVG file, opened."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.source = path.read_text(encoding="utf-8")
        self.root = ElementTree.fromstring(self.source)

    @property
    def size(self) -> tuple[int, int]:
        return round(float(self.root.attrib["width"])), round(float(self.root.attrib["height"]))

    @property
    def texts(self) -> list[str]:
        """Texts in the order of drawing, without the halos that lie below them."""
        found = [e for e in self.root.iter(f"{SVG}text") if "aria-hidden" not in e.attrib]
        return [plain("".join(e.itertext())) for e in found]

    def marks(self, tag: str) -> list[dict[str, Any]]:
        """Attributes of all elements of a kind."""
        return [dict(element.attrib) for element in self.root.iter(f"{SVG}{tag}")]

    def places(self, *tags: str) -> list[tuple[float, float, ElementTree.Element]]:
        """Where elements are in the figure: x and y with what they stand in added up."""
        places = []

        def walk(element: ElementTree.Element, x: float, y: float) -> None:
            moved = element.attrib.get("transform", "")
            if moved.startswith("translate("):
                dx, dy = moved.removeprefix("translate(").split(")")[0].split()
                x, y = x + float(dx), y + float(dy)
            if element.tag.removeprefix(SVG) in tags:
                left = float(element.attrib.get("x", element.attrib.get("cx", 0)))
                top = float(element.attrib.get("y", element.attrib.get("cy", 0)))
                places.append((x + left, y + top, element))
            for child in element:
                walk(child, x, y)

        walk(self.root, 0, 0)
        return places

    def rendered(self, scale: float = 1) -> Pixels:
        """Its pixels as librsvg draws it."""
        program = shutil.which("rsvg-convert")
        if program is None:
            pytest.skip("no rsvg-convert (Debian: librsvg2-bin), the second program to draw SVG")
        done = subprocess.run(
            [program, "--zoom", str(scale), str(self.path)], capture_output=True, check=True
        )
        return pixels(Image.open(io.BytesIO(done.stdout)))

    def is_safe(self) -> bool:
        """Whether nothing in it runs or is fetched from elsewhere."""
        tags = {element.tag.removeprefix(SVG) for element in self.root.iter()}
        values = [value for element in self.root.iter() for value in element.attrib.values()]
        links = [value for value in values if value.startswith(("http", "file", "blob", "//"))]
        handlers = [name for e in self.root.iter() for name in e.attrib if name.startswith("on")]
        return not (tags & {"script", "foreignObject", "style"} or links or handlers)


def pixels(image: Image.Image) -> Pixels:
    """On white."""
    ground = Image.new("RGBA", image.size, "white")
    return np.asarray(Image.alpha_composite(ground, image.convert("RGBA")).convert("RGB")).astype(
        np.int16
    )


def difference(one: Pixels, other: Pixels) -> np.ndarray[Any, np.dtype[np.float64]]:
    """How far the mean colours of small squares are from each other, 0 … 255."""
    height, width = np.minimum(one.shape[:2], other.shape[:2]) // BLOCK * BLOCK

    def blocks(image: Pixels) -> np.ndarray[Any, np.dtype[np.float64]]:
        cut = image[:height, :width].astype(float)
        return cut.reshape(height // BLOCK, BLOCK, width // BLOCK, BLOCK, 3).mean((1, 3))

    return np.abs(blocks(one) - blocks(other)).max(-1)


def read_csv(path: Path) -> tuple[list[str], list[list[str]]]:
    """Names of columns, and rows."""
    with path.open(encoding="utf-8", newline="") as file:
        names, *rows = csv.reader(file)
    return names, rows

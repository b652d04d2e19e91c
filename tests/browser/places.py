"""Where the points of a head's map must be in the window, worked out from the report's files
alone."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from scipy.spatial import cKDTree
from scipy.spatial.transform import Rotation

from tests.browser.screenshot import Box
from tests.fixtures.spoiled import manifest_of

Points = NDArray[np.float64]
"""(points, 2): x to the right, y down or up."""


def table(report: Path, kind: str, **where: Any) -> pa.Table:
    """The shards of a kind, one after another, read by nothing of attnviz; `where` are keys of the
    manifest's entries."""
    entries = manifest_of(report)["shards"].values()
    keys = {"kind": kind} | where
    tables = []
    for entry in entries:
        if all(entry.get(key) == keys[key] for key in keys):
            with pa.OSFile(str(report / entry["path"])) as file:
                tables.append(pa.ipc.open_file(file).read_all())
    return pa.concat_tables(table.replace_schema_metadata() for table in tables)


def heads_of(report: Path) -> list[dict[str, Any]]:
    """The first model's heads, with their names."""
    model = manifest_of(report)["models"][0]
    return [head | {"id": f"L{head['layer']}H{head['head']}"} for head in model["heads"]]


def starts(report: Path) -> NDArray[np.int64]:
    """Each document's first token in corpus order, and the number of all tokens at the end."""
    return _starts(report, (report / "manifest.json").stat().st_mtime_ns)


@cache
def _starts(report: Path, _written: int) -> NDArray[np.int64]:
    return np.cumsum([0, *table(report, "lengths")["length"].to_pylist()])


def whose(report: Path, index: int) -> tuple[int, int]:
    """Document and token of a token in corpus order."""
    first = starts(report)
    document = int(np.searchsorted(first, index, "right")) - 1
    return document, int(index - first[document])


@dataclass(frozen=True)
class Places:
    """The points of one head's map: tokens in corpus order, and their pixels when the map is not
    zoomed."""

    tokens: NDArray[np.int64]
    queries: Points
    keys: Points

    @property
    def both(self) -> Points:
        """The queries, then the keys."""
        return np.concatenate([self.queries, self.keys])

    def inside(self, box: Box) -> NDArray[np.bool_]:
        """Which of both lie in the box, off its edges."""
        low, high = np.add(box[:2], 3), np.add(box[:2], box[2:]) - 3
        inside: NDArray[np.bool_] = ((self.both > low) & (self.both < high)).all(1)
        return inside

    def mirrored(self, box: Box, axis: int) -> Points:
        """Both, turned about the middle of the box."""
        turned = self.both
        turned[:, axis] = 2 * (box[axis] + box[axis + 2] / 2) - turned[:, axis]
        return turned

    def lonely(self, box: Box, side: str, away: float = 12) -> NDArray[np.int64]:
        """Points of a side, well inside the box, that have no other so near."""
        points, others = (self.queries, self.keys) if side == "query" else (self.keys, self.queries)
        everyone = np.concatenate([points, others])
        left, top, width, height = box
        low, high = np.array([left, top]) + 60, np.array([left + width, top + height]) - 60
        inside = np.flatnonzero(((points > low) & (points < high)).all(1))
        # The nearest of all points is the point itself; next comes its neighbour.
        neighbour = cKDTree(everyone).query(points[inside], k=2)[0][:, 1]
        return inside[neighbour > away]


def map_row(report: Path, layer: int, head: int, map_id: str) -> dict[str, Any]:
    """A head's row in the shard of a map."""
    maps = table(report, "map", layer=layer, map=map_id)
    row: dict[str, Any] = maps.slice(maps["head"].to_pylist().index(head), 1).to_pylist()[0]
    return row


def places(report: Path, layer: int, head: int, box: Box, map_id: str | None = None) -> Places:
    """Pixels in the window of a head's points in a flat map, by default the first, the map's host
    being at `box`.

    What is in view, a square, fills the shorter side of the box; both have the same middle.
    """
    first = manifest_of(report)["models"][0]["overview"]["map"]
    row = map_row(report, layer, head, map_id or first)
    tokens = table(report, "sample")["token"].to_numpy().astype(np.int64)
    low, high = np.array(row["view_lo"]), np.array(row["view_hi"])
    left, top, width, height = box
    middle = np.array([left + width / 2, top + height / 2])
    scale = min(width, height) / (high - low).max()

    def pixels(codes: list[int]) -> Points:
        span = np.array(row["hi"]) - row["lo"]
        at = row["lo"] + np.array(codes).reshape(-1, 2) / 65535 * span
        return middle + (at - (low + high) / 2) * scale * [1, -1]

    return Places(tokens, pixels(row["queries"]), pixels(row["keys"]))


def solid_places(
    report: Path,
    layer: int,
    head: int,
    box: Box,
    map_id: str,
    yaw: float,
    pitch: float,
    shift: tuple[float, float] = (0, 0),
) -> tuple[Places, NDArray[np.float64]]:
    """Pixels of a head's points in a map of three dimensions, turned by so much in radians and
    moved by pixels; and how near the eye each of the queries is, in spans.

    What is in view, a cube, is seen 1.45 times its side wide; the eye is 2.2 spans away from its
    middle.
    """
    row = map_row(report, layer, head, map_id)
    low, high = np.array(row["view_lo"]), np.array(row["view_hi"])
    span = 1.45 * (high - low).max()
    left, top, width, height = box
    to_eye = Rotation.from_euler("yx", [yaw, pitch])  # about the upright axis first
    depths = []

    def pixels(codes: list[int]) -> Points:
        at = row["lo"] + np.array(codes).reshape(-1, 3) / 65535 * (np.array(row["hi"]) - row["lo"])
        x, y, z = to_eye.apply(at - (low + high) / 2).T / span
        x, y = x + shift[0] / min(width, height), y - shift[1] / min(width, height)
        depths.append(z)
        scale = min(width, height) / (1 - z / 2.2)
        return np.stack([left + width / 2 + x * scale, top + height / 2 - y * scale], -1)

    tokens = table(report, "sample")["token"].to_numpy().astype(np.int64)
    return Places(tokens, pixels(row["queries"]), pixels(row["keys"])), depths[0]

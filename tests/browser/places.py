"""Where the points of a head's map must be in the window, worked out from the report's files alone."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from tests.browser.pictures import Box

Points = NDArray[np.float64]
"""(points, 2): x to the right, y down or up."""


def rows(report: Path, kind: str, **where: Any) -> list[dict[str, Any]]:
    """The rows of the shards of a kind, read by nothing of attnviz; `where` are keys of the manifest's entries."""
    entries = json.loads((report / "manifest.json").read_bytes())["shards"].values()
    found: list[dict[str, Any]] = []
    for entry in entries:
        if entry["kind"] == kind and all(entry.get(key) == value for key, value in where.items()):
            with pa.OSFile(str(report / entry["path"])) as file:
                found += pa.ipc.open_file(file).read_all().to_pylist()
    return found


@dataclass(frozen=True)
class Places:
    """The points of one head's map: tokens in corpus order, and their pixels when the picture is not zoomed."""

    tokens: NDArray[np.int64]
    queries: Points
    keys: Points

    def mirrored(self, box: Box, axis: int) -> Points:
        """All points, turned about the picture's middle."""
        turned = np.concatenate([self.queries, self.keys])
        turned[:, axis] = 2 * (box[axis] + box[axis + 2] / 2) - turned[:, axis]
        return turned

    def lonely(self, box: Box, side: str, away: float = 12) -> NDArray[np.int64]:
        """Points of a side, well inside the box, that have no other so near."""
        own, other = (self.queries, self.keys) if side == "query" else (self.keys, self.queries)
        everyone = np.concatenate([own, other])
        left, top, width, height = box
        low, high = np.array([left, top]) + 60, np.array([left + width, top + height]) - 60
        inside = np.flatnonzero(((own > low) & (own < high)).all(1))
        distance = np.hypot(*(own[inside, None] - everyone[None]).transpose(2, 0, 1))
        distance[np.arange(len(inside)), inside] = np.inf
        return inside[distance.min(1) > away]


def places(report: Path, layer: int, head: int, box: Box) -> Places:
    """Pixels in the window of a head's points, the map's host being at `box`.

    The frame, a square, fills the shorter side of the box; both have their middles at one place.
    """
    (row,) = (one for one in rows(report, "map", layer=layer, map="pca-2d") if one["head"] == head)
    tokens = np.array([one["token"] for one in rows(report, "sample")])
    low, high = np.array(row["frame_lo"]), np.array(row["frame_hi"])
    left, top, width, height = box
    middle = np.array([left + width / 2, top + height / 2])
    scale = min(width, height) / (high - low).max()

    def pixels(codes: list[int]) -> Points:
        span = np.array(row["hi"]) - row["lo"]
        at = row["lo"] + np.array(codes).reshape(-1, 2) / 65535 * span
        return middle + (at - (low + high) / 2) * scale * [1, -1]

    return Places(tokens, pixels(row["queries"]), pixels(row["keys"]))

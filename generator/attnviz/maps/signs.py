"""The signs of principal axes, by which maps of neighbouring heads look alike, as a step of the
build."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np

from attnviz.engine.step import step
from attnviz.maps.align import same_signs
from attnviz.maps.layer_job import LayerJob
from attnviz.maps.making import principal_axes
from attnviz.score import Array

AXES: Final = 3
"""Principal axes whose signs are chosen, which is the most a map has."""


@step("signs")
def choose_signs(jobs: Sequence[LayerJob]) -> list[list[list[float]]]:
    """For each layer (heads, 3): its principal axes mirrored to be most like those of the head
    before. The jobs' own signs are 1."""
    before: dict[tuple[str, str], Array] = {}
    signs = []
    for job in jobs:
        layer = job.captured.layer
        axes = layer.query_axis, layer.key_axis
        points = job.points()
        of_layer = np.ones((layer.heads, AXES))
        for head in range(layer.heads if points.has_vectors else 0):
            positions = principal_axes(points, head, AXES).positions
            of_layer[head] = same_signs(positions, before.get(axes, positions))
            before[axes] = positions * of_layer[head]
        signs.append(of_layer.tolist())
    return signs

"""A layer's attention maps, made and written, as a step of the build: alone of all maps they need
torch."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from attnviz.engine.step import folder_step
from attnviz.maps.attention_layer import make_layer_attention_maps
from attnviz.maps.earlier import EarlierMaps
from attnviz.maps.former import FormerMaps
from attnviz.maps.layer_job import LayerJob
from attnviz.writer.layer_maps import LayerMaps, written


@folder_step("attention-maps")
def write_layer_attention_maps(
    into: Path,
    job: LayerJob,
    sizes: Sequence[int],
    device: str,
    model: str,
    start: EarlierMaps | FormerMaps | None = None,
    exact: bool = False,
) -> LayerMaps:
    """A layer's attention maps in these numbers of dimensions, from those of an earlier build or of
    a former model, or from scratch; none if it can have none. `exact`: for maps of a later model to
    start from."""
    maps = make_layer_attention_maps(job, sizes, device, start, into, exact)
    return written(maps, into, job, model)

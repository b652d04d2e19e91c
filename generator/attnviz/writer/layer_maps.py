"""A layer's maps of its queries and keys by one method, made, measured and written, and the
overview of all heads: steps of the build."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from attnviz.engine.step import folder_step
from attnviz.format.manifest import MapFigures, Shard
from attnviz.format.shards import ShardFolder
from attnviz.maps.former import FormerMaps
from attnviz.maps.layer_job import LayerJob
from attnviz.maps.measuring import MeasuredMaps, make_maps
from attnviz.maps.variants import Method
from attnviz.writer.maps import OverviewRow, overview_rows, write_maps, write_overview


@dataclass(frozen=True)
class LayerMaps:
    """The figures of a layer's maps and the overview's rows, by the maps' ids and head by head;
    their shards by id."""

    figures: dict[str, list[MapFigures]]
    overview: dict[str, list[OverviewRow]]
    shards: dict[str, Shard]


@folder_step("maps")
def write_layer_maps(
    into: Path,
    job: LayerJob,
    method: Method,
    sizes: Sequence[int],
    model: str,
    former: FormerMaps | None = None,
    keep: bool = False,
) -> LayerMaps:
    """A layer's maps of its queries and keys by one method in these numbers of dimensions, from a
    former model's or from scratch; none if it can have none. `keep`: for maps of a later model to
    start from."""
    maps = make_maps(job, method, sizes, former, into if keep else None)
    return written(maps, into, job, model)


def written(maps: Mapping[str, MeasuredMaps], into: Path, job: LayerJob, model: str) -> LayerMaps:
    """A layer's maps by the variant's id, in the folder."""
    layer, shards = job.captured.layer, ShardFolder(into)
    stem = f"map-{model}-{layer.stack}-L{layer.layer}"
    place = {"model": model, "stack": layer.stack, "layer": layer.layer}
    for name, measured in maps.items():
        write_maps(measured.maps, layer.numbers, name, stem, shards, **place)
    rows = {
        name: overview_rows(measured.maps, layer.numbers, layer.stack, layer.layer)
        for name, measured in maps.items()
    }
    figures = {name: measured.figures for name, measured in maps.items()}
    return LayerMaps(figures, rows, shards.shards)


@folder_step("overview")
def write_model_overview(into: Path, model: str, rows: Sequence[OverviewRow]) -> dict[str, Shard]:
    """All heads of a model in one small shard."""
    shards = ShardFolder(into)
    write_overview(model, rows, shards)
    return shards.shards

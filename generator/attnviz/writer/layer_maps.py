"""A layer's maps of its queries and keys by one method, made and written, and the overview of all
heads: steps of the build."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from attnviz.engine.step import folder_step
from attnviz.format.manifest import MapFigures, Shard
from attnviz.format.shards import ShardFolder
from attnviz.maps.former import FormerMaps
from attnviz.maps.layer_job import LayerJob
from attnviz.maps.quantised_maps import QuantisedMaps
from attnviz.maps.variants import Method
from attnviz.maps.vector_layer import make_layer_vector_maps
from attnviz.writer.maps import OverviewRow, overview_rows, write_maps, write_overview


@dataclass(frozen=True)
class LayerMaps:
    """What making says of a layer's maps (`quantisation_error` and `explained`; the rest is to be
    measured) and the overview's rows, by the maps' ids and head by head; their shards by id."""

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
    maps = make_layer_vector_maps(job, method, sizes, former, into if keep else None)
    return written(maps, into, job, model)


def written(maps: Mapping[str, QuantisedMaps], into: Path, job: LayerJob, model: str) -> LayerMaps:
    """A layer's maps by the variant's id, in the folder."""
    layer, shards = job.captured.layer, ShardFolder(into)
    stem = f"map-{model}-{layer.stack}-L{layer.layer}"
    place = {"model": model, "stack": layer.stack, "layer": layer.layer}
    for name, of_name in maps.items():
        write_maps(of_name.maps, layer.numbers, name, stem, shards, **place)
    rows = {
        name: overview_rows(of_name.maps, layer.numbers, layer.stack, layer.layer)
        for name, of_name in maps.items()
    }
    figures = {
        name: [
            MapFigures(quantisation_error=stored.quantisation_error, explained=explained)
            for stored, explained in zip(of_name.maps, of_name.explained, strict=True)
        ]
        for name, of_name in maps.items()
    }
    return LayerMaps(figures, rows, shards.shards)


@folder_step("overview")
def write_model_overview(into: Path, model: str, rows: Sequence[OverviewRow]) -> dict[str, Shard]:
    """All heads of a model in one small shard."""
    shards = ShardFolder(into)
    write_overview(model, rows, shards)
    return shards.shards

"""A layer's maps by all methods and its full spaces, measured, as a step of the build."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from attnviz.engine.step import folder_step
from attnviz.format.manifest import MapFigures, Shard
from attnviz.maps.earlier import EarlierSums
from attnviz.maps.layer_job import LayerJob
from attnviz.maps.measuring import LayerMeasures, measure_maps
from attnviz.maps.variants import Method
from attnviz.writer.maps import read_maps


@dataclass(frozen=True)
class MadeMaps:
    """A layer's maps by one method, as they were made: what making says of them, by id and head by
    head, and their shards by id, in `folder`."""

    method: Method
    folder: Path
    figures: Mapping[str, Sequence[MapFigures]]
    shards: Mapping[str, Shard]


@folder_step("map-figures")
def measure_layer_maps(
    into: Path, job: LayerJob, made: Sequence[MadeMaps], earlier: EarlierSums | None = None
) -> LayerMeasures:
    """How true a layer's maps by all methods are, and its full spaces; `earlier` is what is known
    of attention maps that stand."""
    by_method = {each.method: read_maps(each.folder, each.shards, each.figures) for each in made}
    return measure_maps(job, by_method, earlier, into)

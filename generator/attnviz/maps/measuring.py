"""A layer's maps of its queries and keys, measured against its attention."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from attnviz.engine.threads import one_thread
from attnviz.format.manifest import MapFigures
from attnviz.maps.earlier import keep_map
from attnviz.maps.following import follow
from attnviz.maps.former import FormerMaps
from attnviz.maps.layer_job import LayerJob
from attnviz.maps.making import HeadMap, make, trusted
from attnviz.maps.quality import MapPositions, Measurement, Truth, measure
from attnviz.maps.stored_map import StoredMap, quantise
from attnviz.maps.variants import MapVariant, Method
from attnviz.sampling import Estimate


@dataclass(frozen=True)
class MeasuredMaps:
    """A layer's maps of one variant as they are stored, head by head, and the figures of each."""

    maps: list[StoredMap]
    figures: list[MapFigures]


def make_maps(
    job: LayerJob,
    method: Method,
    sizes: Sequence[int],
    former: FormerMaps | None,
    keep_in: Path | None,
) -> dict[str, MeasuredMaps]:
    """A layer's maps by the variant's id, from a former model's or from scratch; none if it can
    have no such maps. On one thread, wherever it runs. `keep_in` is where positions are kept for a
    later model's."""
    with one_thread():
        points, documents = job.points(), job.rows()
        by_size = None if former is None else follow(former, points, method, sizes)
        by_size = by_size or make(points, method, sizes)
        if keep_in is not None:
            for size, heads in by_size.items():
                keep_map(keep_in, size, heads, (), None, exact=True)
        maps = QuantisedMaps.of(method, by_size)
        return maps.with_figures(measure(maps.positions, documents, job.seed), job.seed)


@dataclass(frozen=True)
class QuantisedMaps:
    """A layer's maps as they were made and as they are stored, head by head, by variant's id."""

    made: Mapping[str, Sequence[HeadMap]]
    stored: Mapping[str, list[StoredMap]]

    @classmethod
    def of(cls, method: Method, by_size: Mapping[int, Sequence[HeadMap]]) -> QuantisedMaps:
        """Maps by one method, by number of dimensions."""
        made = {MapVariant(method, size).id: heads for size, heads in by_size.items()}
        return cls(made, {
            name: [quantise(head_map.queries, head_map.keys) for head_map in heads]
            for name, heads in made.items()
        })  # fmt: skip

    @property
    def positions(self) -> dict[str, MapPositions]:
        """As readers of the report find them."""
        return {name: _positions(heads) for name, heads in self.stored.items()}

    def with_figures(self, measured: Measurement, seed: int) -> dict[str, MeasuredMaps]:
        """The stored maps with what was measured of their positions."""
        trusts = list(self._trusts(seed))
        return {
            name: MeasuredMaps(self.stored[name], [
                _figures(head_map, stored, trust[number], truth)
                for head_map, stored, trust, truth in zip(
                    heads, self.stored[name], trusts, measured.truths(name), strict=True
                )
            ])
            for number, (name, heads) in enumerate(self.made.items())
        }  # fmt: skip

    def _trusts(self, seed: int) -> Iterator[list[Estimate]]:
        """Each head's trustworthiness, in the order of variants."""
        made, stored = (zip(*each.values(), strict=True) for each in (self.made, self.stored))
        for of_head, as_stored in zip(made, stored, strict=True):
            positions = [np.concatenate(each.positions()) for each in as_stored]
            yield trusted(of_head, positions, seed)


def _positions(maps: Sequence[StoredMap]) -> MapPositions:
    queries, keys = zip(*(stored.positions() for stored in maps), strict=True)
    return MapPositions(np.stack(queries), np.stack(keys))


def _figures(head_map: HeadMap, stored: StoredMap, trust: Estimate, truth: Truth) -> MapFigures:
    return MapFigures(
        quantisation_error=stored.quantisation_error,
        explained=head_map.explained,
        trustworthiness=trust.value,
        trustworthiness_standard_error=trust.error,
        top3_mass=truth.top3_mass.value,
        top3_mass_standard_error=truth.top3_mass.error,
        rank=truth.rank.value,
        rank_standard_error=truth.rank.error,
        rows=truth.rows,
        sampled=truth.sampled,
    )

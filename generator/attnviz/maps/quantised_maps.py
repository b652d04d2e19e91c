"""A layer's maps of one variant as they are stored, with what their making says of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from attnviz.maps.making import HeadMap
from attnviz.maps.stored_map import StoredMap, quantise
from attnviz.maps.variants import MapVariant, Method


@dataclass(frozen=True)
class QuantisedMaps:
    """A layer's maps of one variant, head by head; `explained` is the share of variance that PCA
    keeps, None of other methods."""

    maps: list[StoredMap]
    explained: list[float | None]


def quantised(method: Method, by_size: Mapping[int, Sequence[HeadMap]]) -> dict[str, QuantisedMaps]:
    """A layer's maps by one method, from their number of dimensions to the variant's id."""
    return {
        MapVariant(method, size).id: QuantisedMaps(
            [quantise(head_map.queries, head_map.keys) for head_map in heads],
            [head_map.explained for head_map in heads],
        )
        for size, heads in by_size.items()
    }

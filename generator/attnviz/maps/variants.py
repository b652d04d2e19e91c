"""The variants of maps: a method in a number of dimensions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from attnviz.config.options import MapMethod
from attnviz.maps.embedding import EMBEDDINGS

Method = MapMethod
SpaceName = Literal["translated", "lifted"]

TITLES: Final = {"attention": "Attention map", "pca": "PCA"} | {
    name: embedding.title for name, embedding in EMBEDDINGS.items()
}

SECONDS: Final = {"attention": 1e-4, "pca": 1e-6} | {
    name: embedding.seconds for name, embedding in EMBEDDINGS.items()
}
"""About how long a method takes for one token of one head in 2 and 3 dimensions, to share out the
work."""
MEASURING_SECONDS: Final = 1e-5
"""The same for measuring one map, or the full spaces."""


@dataclass(frozen=True)
class MapVariant:
    """A way to make maps. `id` names it in links and in the report.

    `pre_rotary`: of queries and keys before rotary embedding. `space` is what all but attention
    maps are made from.
    """

    method: Method
    dimensions: int
    pre_rotary: bool = False
    space: SpaceName = "translated"

    @property
    def made_from(self) -> str | None:
        """The space as the report names it; None for an attention map, which is of none."""
        if self.method == "attention":
            return None
        return f"{self.space}-before-rotary" if self.pre_rotary else self.space

    @property
    def id(self) -> str:
        return f"{self.method}-{self.dimensions}d"

    @property
    def title(self) -> str:
        rotary = ", before rotary" if self.pre_rotary else ""
        return f"{TITLES[self.method]}, {self.dimensions}-D{rotary}"


def map_variants(
    methods: Sequence[Method],
    dimensions: Sequence[int],
    pre_rotary: bool = False,
    space: SpaceName = "translated",
) -> list[MapVariant]:
    """Every method in every number of dimensions; the first is the one that the overview shows."""
    return [
        MapVariant(method, size, pre_rotary and method != "attention", space)
        for method in methods
        for size in dimensions
    ]


def first_map(variants: Sequence[MapVariant]) -> str:
    """The id of the map that is shown first; empty where there is none."""
    return variants[0].id if variants else ""

"""The kinds of maps: a method in a number of dimensions."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

Method = Literal["attention", "pca", "umap", "tsne"]
SpaceName = Literal["translated", "lifted"]

TITLES: Final[dict[str, str]] = {
    "attention": "Attention map",
    "pca": "PCA",
    "umap": "UMAP",
    "tsne": "t-SNE",
}


@dataclass(frozen=True)
class MapVariant:
    """A way to make maps. `id` names it in links and in the report.

    `pre_rotary`: of queries and keys before rotary embedding.
    """

    method: Method
    dimensions: int
    pre_rotary: bool = False

    @property
    def id(self) -> str:
        return f"{self.method}-{self.dimensions}d"

    @property
    def title(self) -> str:
        return (
            f"{TITLES[self.method]},"
            f" {self.dimensions}-D{', before rotary' if self.pre_rotary else ''}"
        )


def map_variants(
    methods: Sequence[Method], dimensions: Sequence[int], pre_rotary: bool = False
) -> list[MapVariant]:
    """Every method in every number of dimensions; the first is the one that the overview shows."""
    return [
        MapVariant(method, size, pre_rotary and method != "attention")
        for method in methods
        for size in dimensions
    ]

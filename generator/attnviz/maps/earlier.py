"""Positions of an earlier build's maps, and what was measured of them: kept beside a layer's maps
and figures, and found again by the points of a corpus that has most of the same documents."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from attnviz.score import Array

if TYPE_CHECKING:
    from attnviz.maps.document_rows import DocumentRows
    from attnviz.maps.making import HeadMap

_SUMS: Final = "sums.npz"
_DOCUMENTS: Final = "documents"


@dataclass(frozen=True)
class EarlierMaps:
    """A layer's maps of an earlier build, in `folder`, and which of their points the points of this
    one are: queries (points,) and keys (points,) int64, −1 for new ones."""

    folder: Path
    queries: Array
    keys: Array

    @property
    def new(self) -> tuple[Array, Array]:
        """Which queries and which keys have no position yet, bool."""
        return self.queries < 0, self.keys < 0

    def has(self, sizes: Sequence[int]) -> bool:
        """Whether there are maps in these numbers of dimensions: a layer may have had none."""
        return all((self.folder / _file(size)).is_file() for size in sizes)

    def positions(self, size: int) -> tuple[Array, Array]:
        """Queries and keys (heads, points, size) float32, NaN where they are new."""
        with np.load(self.folder / _file(size)) as kept:
            sides = kept["queries"], kept["keys"]
        positions_here = []
        for positions, at in zip(sides, (self.queries, self.keys), strict=True):
            here = np.full((len(positions), len(at), size), np.nan, np.float32)
            here[:, at >= 0] = positions[:, at[at >= 0]]
            positions_here.append(here)
        return positions_here[0], positions_here[1]


@dataclass(frozen=True)
class EarlierSums:
    """What an earlier build measured of each document on a layer's attention maps, in `folder`, and
    which of those maps' points the points of this one are, as in `EarlierMaps`."""

    folder: Path
    queries: Array
    keys: Array

    def of(self, documents: Iterable[DocumentRows]) -> dict[int, dict[str, Array]]:
        """The sums of documents whose points all stand where they stood, by number and map; see
        `Measurement.sums_of`."""
        if not (self.folder / _SUMS).is_file():
            return {}
        with np.load(self.folder / _SUMS) as kept:
            sums = dict(kept)
        before = {tuple(place): row for row, place in enumerate(sums.pop(_DOCUMENTS).tolist())}
        known = {}
        for document in documents:
            row = before.get(_place(document, self.queries, self.keys) or ())
            if row is not None:
                known[document.document] = {name: of_map[row] for name, of_map in sums.items()}
        return known


def _place(document: DocumentRows, queries: Array, keys: Array) -> tuple[int, int, int] | None:
    """By what a document is known on a map: how many points it has there, and the first of them;
    None where any of them is new."""
    at = queries[document.queries[document.queries >= 0]]
    keys_at = keys[document.keys[document.keys >= 0]]
    if not len(at) or at.min() < 0 or not len(keys_at) or keys_at.min() < 0:
        return None
    return len(at), len(keys_at), int(at[0])


def keep_map(folder: Path, size: int, heads: Sequence[HeadMap], exact: bool = False) -> None:
    """Write a layer's maps in so many dimensions for the builds to come. `exact`: in every digit,
    for a model whose map may be the same."""
    kind = np.float64 if exact else np.float32
    queries = np.stack([head.queries for head in heads]).astype(kind)
    keys = np.stack([head.keys for head in heads]).astype(kind)
    np.savez(folder / _file(size), queries=queries, keys=keys)


def keep_sums(
    folder: Path,
    sizes: tuple[int, int],
    documents: Sequence[DocumentRows],
    sums: Mapping[str, Sequence[Array]],
) -> None:
    """Write what was measured of each document, by map, for the builds to come; `sizes` are the
    numbers of queries and of keys on the map."""
    here = [np.arange(size) for size in sizes]
    places = [_place(document, here[0], here[1]) for document in documents]
    arrays: dict[str, Any] = {_DOCUMENTS: np.array(places)}
    arrays |= {name: np.stack(of_map) for name, of_map in sums.items()}
    np.savez(folder / _SUMS, **arrays)


def positions_of(folder: Path, size: int) -> tuple[Array, Array] | None:
    """Queries and keys (heads, points, size) of a layer that are kept in a folder; None where
    it has none in so many dimensions."""
    if not (folder / _file(size)).is_file():
        return None
    with np.load(folder / _file(size)) as kept:
        return kept["queries"], kept["keys"]


def _file(size: int) -> str:
    return f"positions-{size}.npz"

"""Maps and spaces measured again: at their stored coordinates, against stored attention, on the
same sample of rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from attnviz import geometry
from attnviz.audit.findings import Findings
from attnviz.audit.stored_layer import StoredDocument, StoredLayer
from attnviz.audit.stored_maps import head_map
from attnviz.format.manifest import Certificate, Head, MapFigures, SpaceFigures
from attnviz.maps.document_rows import DocumentRows
from attnviz.maps.quality import MEASURED_PAIRS, MapPositions, Truth, measure
from attnviz.maps.stored_map import LEVELS
from attnviz.reader.selecting import axis_of
from attnviz.reader.store import ShardStore
from attnviz.score import Array

_EXACT: Final = 1e-6
_MASS: Final = 8
"""Top-3 mass is a ratio whose two sides change by t each, where t is a row's total variation and
not the mean of all: rows without a peak, where it counts most, may have more than others."""

_SHARE: Final = 3
"""How many times a row's share of the error those on maps are taken to have at most."""

_RANKS: Final = 0.03
"""What a rank correlation may be off besides ties, since keys that are nearly as attended change
places."""


class LayerMaps:
    """The maps of a layer's heads, and where its documents' tokens are on them."""

    def __init__(self, store: ShardStore, layer: StoredLayer) -> None:
        self._store, self._layer = store, layer
        self.seed = store.manifest.provenance.seed
        stack = layer.stack
        self._places = [_place(store, layer, axis) for axis in (stack.query_axis, stack.key_axis)]
        self._kinds = [
            kind for kind in layer.model.maps if all(kind.id in head.maps for head in layer.heads)
        ]

    @property
    def sizes(self) -> tuple[int, int]:
        """Queries and keys on the map."""
        queries, keys = self._places
        return queries.count, keys.count

    def documents(self) -> Iterator[tuple[Array, Array, StoredDocument]]:
        """The documents that have tokens on the map, with the places of their queries and of their
        keys."""
        queries, keys = self._places
        for number in self._layer.numbers:
            places = queries.of(number), keys.of(number)
            if all((place >= 0).any() for place in places):
                yield *places, self._layer.document(number)

    def rows(self) -> list[DocumentRows]:
        """The same as maps are measured by them."""
        return [document.on_map(queries, keys) for queries, keys, document in self.documents()]

    def positions(self, head: Head, name: str) -> tuple[Array, Array]:
        """A head's map as readers find it: queries and keys, (points, dimensions) each."""
        return head_map(self._store, self._layer.model, head, name).positions()

    def compare(self, findings: Findings) -> None:
        """Hold what the report states of the layer's maps against its shards."""
        if not self._kinds:
            return
        positions = {kind.id: self._positions(kind.id, findings) for kind in self._kinds}
        documents = self.rows()
        measured = measure(positions, documents, self.seed, MEASURED_PAIRS)
        slack = _slack(documents, [head.certificate for head in self._layer.heads])
        for name in positions:
            for head, truth, most in zip(
                self._layer.heads, measured.truths(name), slack, strict=True
            ):
                place = f"{self._layer.place(head)}, map {name}"
                compare_truth(findings, place, head.maps[name], truth, most)

    def _positions(self, name: str, findings: Findings) -> MapPositions:
        """Queries and keys of every head; compares how far their storage may be off."""
        both = []
        for head in self._layer.heads:
            stored = head_map(self._store, self._layer.model, head, name)
            error = float(((stored.hi - stored.lo) / LEVELS / 2).max(initial=0.0))
            nothing = not len(stored.queries) + len(stored.keys)
            findings.compare(
                f"{self._layer.place(head)}, map {name}",
                "error of a coordinate",
                stated=head.maps[name].quantisation_error,
                recomputed=0.0 if nothing else error,
            )
            both.append(stored.positions())
        return MapPositions(np.stack([x for x, _ in both]), np.stack([y for _, y in both]))


def compare_truth(
    findings: Findings,
    place: str,
    stated: MapFigures | SpaceFigures,
    truth: Truth,
    slack: tuple[float, float],
) -> None:
    """Hold the figures of a map or a space against those measured again; `slack` is what top-3 mass
    and rank may be off."""
    mass, rank = slack
    pairs = [
        ("top-3 mass", stated.top3_mass, truth.top3_mass.value, mass),
        ("rank", stated.rank, truth.rank.value, rank),
    ]
    if stated.sampled is None:
        if truth.sampled:
            findings.skip("figures of samples as attnviz drew them before they had an error", 2)
            return
    else:
        findings.compare(place, "sampled", stated=stated.sampled, recomputed=truth.sampled)
        for name, error, again in (
            ("top-3 mass", stated.top3_mass_standard_error, truth.top3_mass.error),
            ("rank", stated.rank_standard_error, truth.rank.error),
        ):
            pairs.append((f"standard error of {name}", error, again, of_errors(again)))
    if stated.rows is not None:
        findings.compare(place, "rows", stated=stated.rows, recomputed=truth.rows)
    for name, value, again, allowed in pairs:
        findings.compare(place, name, stated=value, recomputed=again, allowed=allowed)


def of_errors(error: float | None) -> float:
    """What a standard error may be off: a fifth of it, as it is of like rows."""
    return 0.2 * (error or 0.0)


class _Place:
    """The place of each token of an axis on maps: its point, −1 for none."""

    def __init__(self, place: Array, start: Array, count: int) -> None:
        self._place, self._start, self.count = place, start, count

    def of(self, document: int) -> Array:
        """Of a document's tokens."""
        return self._place[self._start[document] : self._start[document + 1]]


def _place(store: ShardStore, layer: StoredLayer, name: str) -> _Place:
    axis = axis_of(layer.model, name)
    lengths = store.lengths(axis)
    place = np.full(int(lengths.sum()), -1)
    sample = store.table(axis.sample.shard)["token"].to_numpy()
    place[sample] = np.arange(len(sample))
    return _Place(place, np.concatenate([[0], np.cumsum(lengths)]), len(sample))


def _slack(
    documents: Sequence[DocumentRows], certificates: Sequence[Certificate]
) -> list[tuple[float, float]]:
    """What top-3 mass and rank may be off, head by head, averaged over rows: a multiple of t over
    the attention on the three most attended keys, at most 1; and what ties among stored codes
    hide, and a row's rank turned round, which is seen where rows are few.

    A certificate's t is a mean over rows: the few on maps may have more than their share of it."""
    t = np.array([certificate.total_variation for certificate in certificates])
    shown = sum(int(document.allowed(slice(None)).any(-1).sum()) for document in documents)
    measured = max(certificate.rows for certificate in certificates)
    t *= np.clip(measured / max(shown, 1), 1, _SHARE)
    mass, ties, rows = np.zeros(len(t)), np.zeros(len(t)), 0
    for document in documents:
        part = slice(0, 64)
        attention, allowed = document.attention(part), document.allowed(part)
        telling = allowed.sum(-1) > geometry.NEAREST
        if not telling.any():
            continue
        attention, allowed = attention[:, telling], allowed[telling]
        most = np.partition(attention, -geometry.NEAREST, -1)[..., -geometry.NEAREST :].sum(-1)
        off = _MASS * (t + _EXACT)[:, None] / most.clip(1e-9)  # (head, row)
        mass += off.clip(max=1.0).sum(-1)
        ties += _tied(document.score(part)[:, telling], allowed) * len(allowed)
        rows += len(allowed)
    mass = mass / max(rows, 1)
    ties = ties / max(rows, 1) + (_RANKS + 1 / max(rows, 1)) * (t > 0)
    return list(zip(mass.tolist(), ties.tolist(), strict=True))


def _tied(score: Array, allowed: Array) -> Array:
    """Of the variance of ranks, what ties hide, averaged over rows, (heads,)."""
    ranks = geometry.score_ranks(score, allowed)
    count = allowed.sum(-1)  # (row,)
    centred = np.where(allowed, ranks - (count[:, None] + 1) / 2, 0)
    full = np.maximum(count * (count**2 - 1) / 12, 1e-9)
    hidden: Array = (1 - (centred**2).sum(-1) / full).mean(-1)
    return hidden

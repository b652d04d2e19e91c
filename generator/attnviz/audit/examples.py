"""Pairs by bands of attention, recounted, and the draw of examples repeated, from stored
attention."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from attnviz.audit.findings import Findings
from attnviz.audit.stored_layer import StoredDocument, StoredLayer
from attnviz.documents.tokens import Tokens
from attnviz.heads.bands import (
    DRAWN,
    LOWS,
    BandSums,
    band_of,
    head_numbers,
    pair_numbers,
    text_number,
)
from attnviz.heads.statistic import Block, SeeingRows
from attnviz.heads.traits import Traits
from attnviz.reader.examples import HeadExamples, head_examples
from attnviz.reader.store import ShardStore
from attnviz.score import Array

TokensOf = Callable[[str, int], Tokens | None]
"""A document's tokens on an axis, by name and number."""

_CAPTURED: Final = 1e-6
"""Between the captured attention that bands are of and the eager one of certificates."""
_UNSTORED: Final = "pairs by bands of attention, of documents whose attention is not stored"
_OTHERS: Final = "which pairs are drawn where a model reads more than text: it follows from that"


class ExamplesAudit:
    """Counts a layer's pairs by bands over documents: `add` each, then `compare`."""

    def __init__(self, store: ShardStore, layer: StoredLayer, tokens: TokensOf) -> None:
        self._layer, self._tokens = layer, tokens
        first, seed = layer.heads[0], store.manifest.provenance.seed
        self._numbers = head_numbers(
            seed, first.stack, first.layer, [head.head for head in layer.heads]
        )
        self._path = next(
            shard.path
            for shard in store.manifest.shards.values()
            if shard.kind == "examples"
            and (shard.stack, shard.layer) == (first.stack, first.layer)
            and shard.model == layer.model.name
        )
        self._stated = [head_examples(store, layer.model, head) for head in layer.heads]
        self._drawn = [self._numbers_drawn(n, examples) for n, examples in enumerate(self._stated)]
        self._sums = BandSums(self._numbers)
        heads, bands = len(layer.heads), len(LOWS)
        # Of stored pairs so near to the end of a band that they may be of the next one: how many,
        # and their attention. And those that were to be drawn and are not.
        self._near = np.zeros((heads, bands))
        self._near_attention = np.zeros((heads, bands))
        self._missing = np.zeros((heads, bands), np.int64)
        self._off: list[list[tuple[str, float, float]]] = [[] for _ in range(heads)]
        self._rows = 0

    def add(self, document: StoredDocument) -> None:
        """Take in a document."""
        nothing = np.zeros(document.intervals.keys, bool)
        traits, content = (
            Traits(nothing, nothing, None, None, None),
            self._content(document.document),
        )
        for block in document.intervals.blocks(len(document.heads)):
            intervals = document.intervals.rows(block)
            attention = document.attention(block)  # (head, row, key)
            rows = SeeingRows.of(Block(document.document, attention, intervals, traits))
            if rows is not None:
                self._sums.add(rows, 0)
                self._add(rows, content)
        self._rows += int(document.intervals.defined.sum())
        self._compare_weights(document)

    def _add(self, rows: SeeingRows, content: int | None) -> None:
        row, key = np.nonzero(rows.allowed)
        weights = rows.attention[:, rows.allowed]  # (head, pair)
        band, errors = band_of(weights.astype(np.float32)), self._errors()
        sure = np.ones(weights.shape, bool)
        for above, low in enumerate(LOWS[:-1]):
            near = np.abs(weights - low) <= errors[:, None]
            sure &= ~near
            for either in (above, above + 1):
                self._near[:, either] += near.sum(1)
                self._near_attention[:, either] += (near * (weights + errors[:, None])).sum(1)
        if content is None:
            return
        numbers = pair_numbers(content, rows.at[row], key, self._numbers)
        for head, drawn in enumerate(self._drawn):
            for of_band, (known, limit) in enumerate(drawn or ()):
                of_head = numbers[head, sure[head] & (band[head] == of_band)]
                missing = (of_head < limit) & ~np.isin(of_head, known)
                self._missing[head, of_band] += np.count_nonzero(missing)

    def _compare_weights(self, document: StoredDocument) -> None:
        """The attention of each pair that is drawn of the document."""
        for number, examples in enumerate(self._stated):
            drawn = examples.drawn
            for pair in np.flatnonzero(drawn["document"] == document.document).tolist():
                query, key = int(drawn["query"][pair]), int(drawn["key"][pair])
                stored = document.heads[number].attention(slice(query, query + 1))[0, key]
                name = f"attention of example {document.document}, {query}, {key}"
                self._off[number].append((name, float(drawn["weight"][pair]), float(stored)))

    def compare(self, findings: Findings) -> None:
        """Hold what the report states of the layer's heads against what was collected."""
        again, errors = self._sums.values(), self._errors()
        for number, (head, stated) in enumerate(zip(self._layer.heads, self._stated, strict=True)):
            place = self._layer.place(head)
            for name, weight, stored in self._off[number]:
                findings.compare(
                    place, name, stated=weight, recomputed=stored, allowed=float(errors[number]),
                    file=self._path,
                )  # fmt: skip
            self._compare_draw(number, place, findings)
            if self._layer.model.kept is not None:
                findings.skip(_UNSTORED, 2 * len(LOWS))
                continue
            off = 2 * (head.certificate.total_variation + _CAPTURED) * self._rows
            for band in range(len(LOWS)):
                findings.compare(
                    place, f"pairs of band {band}", stated=int(stated.pairs[band]),
                    recomputed=again[number].pairs[band], allowed=float(self._near[number, band]),
                    file=self._path,
                )  # fmt: skip
                findings.compare(
                    place, f"attention of band {band}", stated=float(stated.attention[band]),
                    recomputed=again[number].attention[band],
                    allowed=float(self._near_attention[number, band] + off), file=self._path,
                )  # fmt: skip

    def _compare_draw(self, number: int, place: str, findings: Findings) -> None:
        if self._drawn[number] is None:
            findings.skip(_OTHERS, len(LOWS))
            return
        for band, missing in enumerate(self._missing[number].tolist()):
            findings.compare(
                place, f"pairs of band {band} that the seed draws and that are not there",
                stated=0, recomputed=missing, file=self._path,
            )  # fmt: skip

    def _errors(self) -> Array:
        """How far each head's stored attention may be off, (heads,); of a sample twice what was
        measured."""
        certificates = [head.certificate for head in self._layer.heads]
        return np.array([of.max_error * (1 + of.sampled) + _CAPTURED for of in certificates])

    def _content(self, document: int) -> int | None:
        """The number of a document by its content; None where text is not all that counts."""
        axes = sorted(axis.name for axis in self._layer.model.axes)
        tokens = [self._tokens(axis, document) for axis in axes]
        return text_number([each for each in tokens if each is not None])

    def _numbers_drawn(self, head: int, examples: HeadExamples) -> list[tuple[Array, int]] | None:
        """By band the numbers of the pairs that are drawn, and the number below which a pair is to
        be among them; None where they are not known."""
        drawn = examples.drawn
        numbers = np.zeros(len(drawn["band"]), np.uint64)
        for pair, document in enumerate(drawn["document"].tolist()):
            content = self._content(document)
            if content is None:
                return None
            place = drawn["query"][pair : pair + 1], drawn["key"][pair : pair + 1]
            numbers[pair] = pair_numbers(content, *place, self._numbers[head : head + 1])[0, 0]
        by_band = [numbers[drawn["band"] == band] for band in range(len(LOWS))]
        most = int(np.iinfo(np.uint64).max)
        return [(n, int(n.max()) if len(n) == DRAWN else most) for n in by_band]

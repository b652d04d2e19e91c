"""Components and their certificates, recomputed from stored vectors."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from attnviz.audit.findings import Findings
from attnviz.audit.stored_layer import StoredDocument, StoredLayer
from attnviz.components.certificate import ScoredVectors, TotalVariation, rows_off, summarised
from attnviz.components.moments import Contrast, LabelNumbers, MomentSums
from attnviz.documents.tokens import Tokens
from attnviz.format.manifest import Head
from attnviz.interactions import HeadVectors, Spectrum, spectrum
from attnviz.reader.components import (
    components_table,
    document_vectors,
    interaction_figures,
    interaction_of,
)
from attnviz.reader.store import ShardStore
from attnviz.reader.stored_attention import StoredAttention
from attnviz.score import Array, Bias, Mask, ScoreRule

TokensOf = Callable[[str, int], Tokens | None]
"""A document's tokens on an axis, by name and number."""

_UNSTORED: Final = "components of heads over documents whose vectors are not stored"
_UNSPLIT: Final = "components of layers of which attention alone is known"
_RELATIVE: Final = 1e-4
"""Of float32 weights and vectors; and of total variation."""
_CAPTURED: Final = 2e-6
"""Between attention of stored vectors and the eager one of certificates."""


class ComponentsAudit:
    """Collects a layer's vectors over documents: `add` each, then `compare`."""

    def __init__(self, store: ShardStore, layer: StoredLayer, tokens: TokensOf) -> None:
        self._store, self._layer, self._tokens = store, layer, tokens
        entry = layer.model.components
        self._rank = 0 if entry is None else entry.rank
        stated = None if entry is None else entry.contrast
        self._contrast = None if stated is None else Contrast(stated.column, tuple(stated.values))
        first = layer.heads[0]
        self._known = entry is not None and any(
            (store.manifest.shards[name].stack, store.manifest.shards[name].layer)
            == (first.stack, first.layer)
            for name in entry.interactions
        )
        self._sums = MomentSums()
        self._off: list[Array] = []
        self._error = np.zeros(len(layer.heads))
        if self._known:
            self._of = [interaction_of(store, layer.model, head) for head in layer.heads]
            stored = StoredAttention(store)
            self._bias = [stored.bias(layer.model, head) for head in layer.heads]

    def add(self, document: StoredDocument) -> None:
        """Take in a document."""
        if not self._known:
            return
        layer = self._layer
        vectors = [
            document_vectors(self._store, layer.model, head, document.document)
            for head in layer.heads
        ]
        firsts = document.groups
        q = np.stack([of.q for of in vectors])
        k = np.stack([vectors[first].k for first in firsts])
        self._sums.add(q, k, self._labels(document.document))
        scored = self._scored(document, vectors, (q, k))
        self._off.append(rows_off(scored, self._of))
        for rows in document.intervals.blocks(len(layer.heads)):
            off = np.abs(scored.attention(rows) - document.attention(rows))
            self._error = np.maximum(self._error, np.nan_to_num(off).max((1, 2), initial=0.0))

    def _labels(self, document: int) -> LabelNumbers | None:
        """The labels of a document's tokens by which pairs are told apart."""
        if self._contrast is None:
            return None
        stack = self._layer.stack
        of_sides = [self._tokens(axis, document) for axis in (stack.query_axis, stack.key_axis)]
        queries, keys = (
            np.zeros(0, np.int64) if tokens is None else self._contrast.numbers(tokens)
            for tokens in of_sides
        )
        return LabelNumbers(queries, keys, len(self._contrast.values))

    def _scored(
        self, document: StoredDocument, vectors: list[HeadVectors], before: tuple[Array, Array]
    ) -> ScoredVectors:
        heads = self._layer.heads
        rule = self._layer.model.rules[heads[0].rule]
        after = before
        if vectors[0].turned is not None:
            turned = [of.turned for of in vectors if of.turned is not None]
            after = (
                np.stack([q for q, _ in turned]),
                np.stack([turned[first][1] for first in document.groups]),
            )
        sinks = [head.sink for head in heads]
        known = [of for of in self._bias if of is not None]
        return ScoredVectors(
            q=after[0],
            k=after[1],
            before=before,
            rule=ScoreRule(rule.scaling, Mask("intervals"), rule.softcap),
            intervals=document.intervals,
            sinks=None if sinks[0] is None else np.array(sinks, np.float64),
            bias=Bias(known[0].kind, np.concatenate([of.values for of in known]), known[0].index)
            if known
            else None,
        )

    def compare(self, findings: Findings) -> None:
        """Hold what the report states of the layer's heads against what was collected."""
        layer = self._layer
        if not self._known:
            findings.skip(_UNSPLIT, len(layer.heads))
            return
        off = summarised(self._off)
        again = None if layer.model.kept is not None else self._sums.of_heads(len(layer.heads))
        for number in range(len(layer.heads)):
            self._compare_attention(findings, number, off)
            if again is None:
                findings.skip(_UNSTORED, 3 + len(self._of[number].strengths))
                continue
            self._compare_spectrum(findings, number, spectrum(again[number], self._rank))

    def _compare_attention(self, findings: Findings, number: int, off: TotalVariation) -> None:
        """Attention of one head, with all of its score and with its components alone."""
        head = self._layer.heads[number]
        place, stated = self._layer.place(head), self._figures(head)
        rows = "rows of components"
        findings.compare(place, rows, stated=stated["rows"], recomputed=off.rows)
        for ending, values in (("", off.mean), ("_90", off.worst)):
            findings.compare(
                place,
                f"total variation{ending} with components alone",
                stated=stated[f"total_variation{ending}"],
                recomputed=float(values[number]) if off.rows else None,
                allowed=_RELATIVE,
            )
        mean = float(off.mean[number]) if off.rows else None
        self._compare_column(findings, head, "components_variation", mean)
        most = head.certificate.max_error * (1 + head.certificate.sampled) + _CAPTURED
        findings.compare(
            place,
            "attention of stored vectors is as near as the certificate says",
            stated=True,
            recomputed=bool(self._error[number] <= most),
        )

    def _compare_spectrum(self, findings: Findings, number: int, again: Spectrum) -> None:
        """Deviations and shares of one head."""
        head, model = self._layer.heads[number], self._layer.model
        place, stated = self._layer.place(head), self._figures(head)
        scaling = model.rules[head.rule].scaling
        deviations = {
            "deviation": again.deviation,
            "key_deviation": again.key_deviation,
            "query_deviation": again.query_deviation,
        }
        most = max(deviations.values())
        for name, deviation in deviations.items():
            findings.compare(
                place,
                f"{name} of components",
                stated=stated[name],
                recomputed=scaling * deviation,
                allowed=_RELATIVE * scaling * most,
            )
        self._compare_column(findings, head, "first_component", again.first_share)
        contrast = None if again.contrast is None else scaling * again.contrast
        findings.compare(
            place,
            "contrast of labels",
            stated=stated["contrast"],
            recomputed=contrast,
            allowed=_RELATIVE * scaling * most,
        )
        table = components_table(self._store, model, head)
        shares = table["share"].to_pylist()
        findings.compare(
            place, "components", stated=len(shares), recomputed=len(again.interaction.strengths)
        )
        for component, (share, value) in enumerate(zip(shares, again.shares, strict=False), 1):
            findings.compare(
                place,
                f"share of component {component}",
                stated=share,
                recomputed=float(value),
                allowed=_RELATIVE,
            )

    def _compare_column(
        self, findings: Findings, head: Head, name: str, value: float | None
    ) -> None:
        """A column of one head; nothing in reports from before there was one."""
        if name in head.statistics:
            findings.compare(
                self._layer.place(head),
                f"statistic {name}",
                stated=head.statistics[name],
                recomputed=value,
                allowed=_RELATIVE,
            )

    def _figures(self, head: Head) -> dict[str, float | None]:
        return interaction_figures(self._store, self._layer.model, head)

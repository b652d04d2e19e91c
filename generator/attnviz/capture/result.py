"""What is captured of one model: its layers, their score rules, and each layer's documents in a
stream."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final

import numpy as np

from attnviz.capture.batches import Axes
from attnviz.capture.calls import AttentionCall, CapturedBatch, Line
from attnviz.score import Array, Bias, Intervals, Mask, ScoreRule, attention

_EMPTY: Final = np.empty((0, 0, 0), np.float32)


@dataclass(frozen=True, kw_only=True)
class Layer:
    """One layer of a stack, with the heads of it that are kept."""

    # The model's own number of it, among how many of its stack (those without attention counted),
    # and what attends to what.
    stack: str
    layer: int
    depth: int
    query_axis: str
    key_axis: str
    # The call that it was captured from: number in the pass, by the axes of the documents that make
    # it; module, number among the calls of the module, and line of capture.
    calls: tuple[tuple[Axes, int], ...]
    module: str
    module_call: int
    line: Line
    # The score rule, by number, and what differs from head to head.
    rule: int
    sinks: Array | None  # (heads,) float64
    bias: Bias | None
    # The heads that are kept, and which of the model's heads they are.
    heads: int
    kv_heads: int
    head_size: int
    numbers: tuple[int, ...] = ()
    # Whether q and k are kept or (for a reason) the attention itself.
    vectors: bool
    reason: str | None

    @property
    def selected(self) -> list[int]:
        """`numbers` as an index of arrays; arrays of a layer have just these heads."""
        return list(self.numbers)

    def number_in(self, captured: CapturedBatch) -> int | None:
        """The number of the layer's call in a batch; None where its documents make no such call."""
        return dict(self.calls).get(captured.batch.axes)

    @property
    def kv_numbers(self) -> list[int]:
        """Which of the model's kv heads the layer has."""
        return [number // self.group for number in self.numbers[:: self.group]]

    @property
    def group(self) -> int:
        """Query heads that share one kv head."""
        return self.heads // self.kv_heads

    @property
    def cross(self) -> bool:
        """Whether queries and keys are of different sequences."""
        return self.query_axis != self.key_axis


@dataclass(frozen=True, kw_only=True)
class LayerDocument:
    """One document in one layer: q and k or the attention itself, float32, and its score rule."""

    document: int
    q: Array  # (heads, T, d); empty where `a` is kept
    k: Array  # (kv heads, K, d); empty where `a` is kept
    a: Array | None  # (heads, T, K)
    values: Array | None = None  # lengths of value vectors, (kv heads, K), where they are known
    intervals: Intervals
    rule: ScoreRule
    sinks: Array | None
    bias: Bias | None

    def attention(self, rows: slice = slice(None)) -> Array:
        """Attention (heads, rows, K), float32, of a block of rows; NaN in rows that see no key."""
        block = self.intervals.rows(rows)
        if self.a is None:
            return self._computed(self.q[:, rows], block)
        a = np.array(self.a[:, rows])
        a[:, ~block.defined] = np.nan
        return a

    def _computed(self, q: Array, block: Intervals) -> Array:
        """Attention of these queries; keys after the last that any of them may see are left out, as
        half of all are in long causal documents."""
        near = block.near()
        a = attention(q, self.k[:, : near.keys], self.rule, near, sinks=self.sinks, bias=self.bias)
        if near.keys == block.keys:
            return a
        padded = np.zeros((*a.shape[:2], block.keys), a.dtype)
        padded[..., : near.keys] = a
        padded[:, ~block.defined] = np.nan
        return padded

    def blocks(self, entries: int = 1 << 20) -> Iterator[tuple[Intervals, Array]]:
        """The attention of all rows, in blocks of so many entries: intervals (T of the block) and
        attention (heads, rows, K) of each block."""
        heads = len(self.q if self.a is None else self.a)
        for rows in self.intervals.blocks(heads, entries):
            yield self.intervals.rows(rows), self.attention(rows)


@dataclass(frozen=True)
class Capture:
    """Everything captured of one model over the corpus; `put_back` are paths of what its passes
    changed of the model."""

    layers: tuple[Layer, ...]
    rules: tuple[ScoreRule, ...]
    batches: tuple[CapturedBatch, ...]
    put_back: tuple[str, ...] = field(default=(), compare=False)

    @cached_property
    def alone(self) -> list[Capture]:
        """Each batch by itself, its documents numbered in its order: what is made of one does not
        depend on where its documents stand in the corpus."""
        return [replace(self, batches=(batch.apart(),)) for batch in self.batches]

    def documents(
        self, layer: Layer, among: frozenset[int] | None = None
    ) -> Iterator[LayerDocument]:
        """The documents of a layer, or those `among` these, batch by batch: shortest first, not in
        corpus order."""
        for captured in self.batches:
            numbers = captured.batch.documents
            places = None if among is None else [n for n, d in enumerate(numbers) if d in among]
            if places is None or places:
                yield from self.batch_documents(layer, captured, places)

    def batch_documents(
        self, layer: Layer, captured: CapturedBatch, places: Collection[int] | None = None
    ) -> Iterator[LayerDocument]:
        """The documents of a layer in one batch: those at these places in it, by default all."""
        if layer.number_in(captured) is not None:
            batch = LayerBatch(layer, captured, self.rules[layer.rule])
            rows = range(len(captured.batch.documents)) if places is None else sorted(places)
            yield from map(batch.document, rows)

    def intervals(self, rule: int) -> dict[int, Intervals]:
        """The intervals of each document under one rule, by number of the document."""
        layer = next(layer for layer in self.layers if layer.rule == rule)
        by_document: dict[int, Intervals] = {}
        for captured in self.batches:
            number = layer.number_in(captured)
            if number is not None:
                intervals = captured.intervals(captured.calls()[number])
                by_document.update(zip(captured.batch.documents, intervals, strict=True))
        return by_document


@dataclass(frozen=True)
class LayerBatch:
    """The documents of a layer in a batch whose documents it reads, each read as it is asked for;
    what they share is read once."""

    layer: Layer
    captured: CapturedBatch
    rule: ScoreRule

    @cached_property
    def number(self) -> int:
        """The number of the layer's call in the batch."""
        number = self.layer.number_in(self.captured)
        if number is None:
            raise LookupError(f"layer {self.layer.layer} makes no call in the batch")
        return number

    @cached_property
    def _call(self) -> AttentionCall:
        return self.captured.calls()[self.number]

    @cached_property
    def _intervals(self) -> list[Intervals]:
        return self.captured.intervals(self._call)

    @cached_property
    def vectors(self) -> tuple[Array, Array]:
        """Queries (heads, tokens, d) and keys (kv heads, tokens, d) of all the model's heads,
        float32, mapped from disk: only what is cut out of them is read."""
        return self.captured.vectors(self.number)

    @cached_property
    def _values(self) -> Array | None:
        return self.captured.array(f"v{self.number}") if self._call.values else None

    def document(self, row: int) -> LayerDocument:
        """The document at this place in the batch."""
        if self._call.vectors and not self.layer.vectors:
            return self._by_rule(row)
        layer, (queries, keys) = self.layer, self._tokens(row)
        q, k, a, values = _EMPTY, _EMPTY, None, self._values
        if layer.vectors:
            of_queries, of_keys = self.vectors
            q = np.asarray(of_queries[layer.selected, queries])
            k = np.asarray(of_keys[layer.kv_numbers, keys])
        else:
            a = self.captured.array(f"a{self.number}-{row}")[layer.selected]
        return self._document(
            row, q, k, a, None if values is None else values[layer.kv_numbers, keys]
        )

    def _by_rule(self, row: int) -> LayerDocument:
        """A document of a batch whose call has a score rule, in a layer that has none in others:
        its attention is computed."""
        layer, call, (q, k) = self.layer, self._call, self.vectors
        of_call = ScoreRule(call.scaling, Mask("intervals"), call.softcap, call.bias_kind)
        queries, keys = self._tokens(row)
        a = attention(
            q[:, queries],
            k[:, keys],
            of_call,
            self._intervals[row],
            sinks=None if call.sinks is None else np.asarray(call.sinks, np.float64),
            bias=self.captured.bias(call),
        )
        values = self._values
        if values is not None:
            values = np.repeat(values[:, keys], len(q) // len(k), 0)[layer.selected]
        return self._document(row, _EMPTY, _EMPTY, np.nan_to_num(a)[layer.selected], values)

    def _tokens(self, row: int) -> tuple[slice, slice]:
        layer, batch = self.layer, self.captured.batch
        return batch.slices(layer.query_axis)[row], batch.slices(layer.key_axis)[row]

    def _document(
        self, row: int, q: Array, k: Array, a: Array | None, values: Array | None
    ) -> LayerDocument:
        return LayerDocument(
            document=self.captured.batch.documents[row],
            q=q,
            k=k,
            a=a,
            values=values,
            intervals=self._intervals[row],
            rule=self.rule,
            sinks=self.layer.sinks,
            bias=self.layer.bias,
        )

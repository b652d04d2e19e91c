"""What was captured, put together from the batches: stacks, layers, rules, and each layer's documents in a stream."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from attnviz.capture.masks import simplest_mask
from attnviz.capture.runner import Call, CapturedBatch
from attnviz.errors import InputError
from attnviz.score import Array, Intervals, Mask, ScoreRule


@dataclass(frozen=True)
class Layer:
    """One layer of a stack: the call it was captured from and the index of its rule."""

    stack: str
    layer: int
    call: int
    module: str
    module_call: int
    rule: int
    heads: int
    kv_heads: int
    head_size: int
    sinks: Array | None

    @property
    def group(self) -> int:
        """Query heads that share one kv head."""
        return self.heads // self.kv_heads


@dataclass(frozen=True)
class LayerDocument:
    """One document in one layer: q (heads, T, d) and k (kv heads, T, d), float32, and what each row may see."""

    document: int
    q: Array
    k: Array
    intervals: Intervals


@dataclass(frozen=True)
class Capture:
    """Everything captured of one model over the corpus."""

    layers: tuple[Layer, ...]
    rules: tuple[ScoreRule, ...]
    batches: tuple[CapturedBatch, ...]

    def documents(self, layer: Layer) -> Iterator[LayerDocument]:
        """The documents of a layer, batch by batch: shortest first, not in corpus order."""
        for captured in self.batches:
            q, k = captured.vectors(layer.call)
            own = captured.intervals(captured.calls()[layer.call].mask)
            places = captured.batch.slices()
            for document, place, intervals in zip(captured.batch.documents, places, own, strict=True):
                yield LayerDocument(document, np.asarray(q[:, place]), np.asarray(k[:, place]), intervals)

    def intervals(self, rule: int) -> dict[int, Intervals]:
        """Each document's intervals under one rule, by document."""
        layer = next(layer for layer in self.layers if layer.rule == rule)
        found: dict[int, Intervals] = {}
        for captured in self.batches:
            own = captured.intervals(captured.calls()[layer.call].mask)
            found.update(zip(captured.batch.documents, own, strict=True))
        return found


def assemble(batches: Sequence[CapturedBatch]) -> Capture:
    """Put captured batches together. Every batch must have made the same calls."""
    first = batches[0].calls()
    for captured in batches[1:]:
        _same_calls(first, captured)
    masks = {number: _mask(batches, number) for number in {call.mask for call in first}}
    rules: list[ScoreRule] = []
    layers: list[Layer] = []
    stack = "decoder" if all(_looks_back(masks[call.mask]) for call in first) else "encoder"
    for index, call in enumerate(first):
        rule = ScoreRule(call.scaling, masks[call.mask], call.softcap)
        if rule not in rules:
            rules.append(rule)
        sinks = None if call.sinks is None else np.asarray(call.sinks, np.float64)
        shape = (call.heads, call.kv_heads, call.head_size)
        layers.append(Layer(stack, index, index, call.module, call.call, rules.index(rule), *shape, sinks))
    return Capture(tuple(layers), tuple(rules), tuple(batches))


def _mask(batches: Sequence[CapturedBatch], number: int) -> Mask:
    return simplest_mask(intervals for captured in batches for intervals in captured.intervals(number))


def _looks_back(mask: Mask) -> bool:
    return mask.kind == "causal" or (mask.kind == "band" and mask.after == 0)


def _same_calls(first: list[Call], captured: CapturedBatch) -> None:
    if captured.calls() != first:
        raise InputError(
            "the model's attention calls differ from batch to batch, so its layers cannot be told; "
            f"first difference in the batch of documents {captured.batch.documents[:3]} …"
        )

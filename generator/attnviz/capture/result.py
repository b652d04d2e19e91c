"""What was captured, put together from the batches: stacks, layers, rules, and each layer's
documents in a stream."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np

from attnviz.capture.calls import Call, CapturedBatch, Line
from attnviz.capture.masks import simplest_mask
from attnviz.errors import InputError
from attnviz.score import Array, Bias, Intervals, Mask, ScoreRule, attention


@dataclass(frozen=True)
class Layer:
    """One layer of a stack: the call it was captured from, its rule, and what differs from head to
    head.

    `vectors` says whether q and k were kept or the attention itself; `reason` then says why.
    """

    stack: str
    layer: int
    query_axis: str
    key_axis: str
    call: int
    module: str
    module_call: int
    line: Line
    rule: int
    heads: int
    kv_heads: int
    head_size: int
    sinks: Array | None
    bias: Bias | None
    vectors: bool
    reason: str | None
    numbers: tuple[int, ...] = ()

    @property
    def selected(self) -> list[int]:
        """Which of the model's heads these are; a layer's arrays hold just them."""
        return list(self.numbers)

    @property
    def kv_numbers(self) -> list[int]:
        """Which of the model's kv heads these are."""
        return [number // self.group for number in self.numbers[:: self.group]]

    @property
    def group(self) -> int:
        """Query heads that share one kv head."""
        return self.heads // self.kv_heads

    @property
    def cross(self) -> bool:
        """Whether queries and keys are of different sequences."""
        return self.query_axis != self.key_axis


@dataclass(frozen=True)
class LayerDocument:
    """One document in one layer: q (heads, T, d) and k (kv heads, K, d), or attention `a` (heads,
    T, K), float32.

    `values` are the lengths of value vectors, (kv heads, K), where they were seen.
    """

    document: int
    q: Array
    k: Array
    a: Array | None
    intervals: Intervals
    rule: ScoreRule
    sinks: Array | None
    bias: Bias | None
    values: Array | None = None

    def attention(self, rows: slice = slice(None)) -> Array:
        """Attention (heads, rows, K), float32, of a block of rows; NaN rows where nothing is
        allowed."""
        own = self.intervals.rows(rows)
        if self.a is None:
            return attention(
                self.q[:, rows], self.k, self.rule, own, sinks=self.sinks, bias=self.bias
            )
        given = np.array(self.a[:, rows])
        given[:, ~own.defined] = np.nan
        return given

    def blocks(self) -> Iterator[tuple[Intervals, Array]]:
        """The whole attention, a block of rows at a time: (intervals of the block, attention of the
        block)."""
        heads = len(self.q if self.a is None else self.a)
        for rows in self.intervals.blocks(heads):
            yield self.intervals.rows(rows), self.attention(rows)


@dataclass(frozen=True)
class Capture:
    """Everything captured of one model over the corpus."""

    layers: tuple[Layer, ...]
    rules: tuple[ScoreRule, ...]
    batches: tuple[CapturedBatch, ...]

    def documents(self, layer: Layer) -> Iterator[LayerDocument]:
        """The documents of a layer, batch by batch: shortest first, not in corpus order."""
        rule = self.rules[layer.rule]
        empty = np.empty((0, 0, 0), np.float32)
        for captured in self.batches:
            call = captured.calls()[layer.call]
            own = captured.intervals(call)
            q, k = captured.vectors(layer.call) if layer.vectors else (empty, empty)
            places = zip(
                captured.batch.slices(layer.query_axis),
                captured.batch.slices(layer.key_axis),
                strict=True,
            )
            for row, (document, (at, to)) in enumerate(
                zip(captured.batch.documents, places, strict=True)
            ):
                a = None if layer.vectors else captured.array(f"a{layer.call}-{row}")
                if a is not None:
                    a = a[layer.selected]
                vectors = (empty, empty)
                if layer.vectors:
                    vectors = np.asarray(q[layer.selected, at]), np.asarray(k[layer.kv_numbers, to])
                values = (
                    captured.array(f"v{layer.call}")[layer.kv_numbers, to] if call.values else None
                )
                yield LayerDocument(
                    document, *vectors, a, own[row], rule, layer.sinks, layer.bias, values
                )

    def intervals(self, rule: int) -> dict[int, Intervals]:
        """Each document's intervals under one rule, by document."""
        layer = next(layer for layer in self.layers if layer.rule == rule)
        found: dict[int, Intervals] = {}
        for captured in self.batches:
            own = captured.intervals(captured.calls()[layer.call])
            found.update(zip(captured.batch.documents, own, strict=True))
        return found


def assemble(
    batches: Sequence[CapturedBatch], layers: Sequence[int] = (), heads: Sequence[int] = ()
) -> Capture:
    """Put captured batches together. Every batch must have made the same calls.

    `layers` and `heads`, where given, are those to keep; heads come in whole groups that share
    keys.
    """
    calls = _common_calls(batches)
    masks = [_mask(batches, index) for index in range(len(calls))]
    unnamed = "decoder" if all(_looks_back(mask) for mask in masks) else "encoder"
    rules: dict[tuple[ScoreRule, bytes], int] = {}
    found: list[Layer] = []
    count: Counter[str] = Counter()
    for index, (call, mask) in enumerate(zip(calls, masks, strict=True)):
        stack = call.stack or unnamed
        count[stack] += 1
        if layers and count[stack] - 1 not in layers:
            continue
        rule = (
            ScoreRule(call.scaling, mask, call.softcap, call.bias_kind),
            _intervals(batches, index, mask),
        )
        sinks = None if call.sinks is None else np.asarray(call.sinks, np.float64)
        numbers = _numbers(call, heads)
        found.append(
            Layer(
                stack,
                count[stack] - 1,
                call.query_axis,
                call.key_axis,
                index,
                call.module,
                call.module_call,
                call.line,
                rules.setdefault(rule, len(rules)),
                len(numbers),
                len(numbers) * call.kv_heads // call.heads,
                call.head_size,
                None if sinks is None else sinks[list(numbers)],
                _some(_bias(batches, index), numbers),
                call.vectors,
                call.reason,
                numbers,
            )
        )
    if not found:
        raise InputError(
            f"layers: none of {', '.join(map(str, layers))} is a layer of the model, which has"
            f" {len(calls)}"
        )
    return Capture(tuple(found), tuple(rule for rule, _ in rules), tuple(batches))


def _numbers(call: Call, heads: Sequence[int]) -> tuple[int, ...]:
    """The heads to keep of a call: all, or those asked for with the others that share their
    keys."""
    group = call.heads // call.kv_heads
    groups = sorted({head // group for head in heads if head < call.heads})
    if heads and not groups:
        raise InputError(
            f"heads: none of {', '.join(map(str, heads))} is a head of {call.module}, which has"
            f" {call.heads}"
        )
    if not heads:
        return tuple(range(call.heads))
    return tuple(g * group + i for g in groups for i in range(group))


def _some(bias: Bias | None, numbers: tuple[int, ...]) -> Bias | None:
    """The bias of these heads; one that all heads share is repeated."""
    if bias is None:
        return None
    rows = [0] * len(numbers) if len(bias.values) == 1 else list(numbers)
    return Bias(bias.kind, bias.values[rows], bias.index)


def _common_calls(batches: Sequence[CapturedBatch]) -> list[Call]:
    """The calls of every batch, the numbers of masks and biases aside. A call must be of one form
    throughout."""
    first = batches[0].calls()
    plain = [replace(call, mask=0, bias=None) for call in first]
    for captured in batches[1:]:
        own = captured.calls()
        if [
            replace(call, mask=0, bias=None, bias_kind=p.bias_kind)
            for call, p in zip(own, plain, strict=False)
        ] != plain:
            raise InputError(
                "the model's attention calls differ from batch to batch, so its layers cannot be"
                " told; first seen in the batch of documents"
                f" {', '.join(map(str, captured.batch.documents[:3]))} …"
            )
    kinds = [
        {c.bias_kind for c in (b.calls()[i] for b in batches)} - {None} for i in range(len(first))
    ]
    return [
        replace(call, bias_kind=next(iter(kind), None))
        for call, kind in zip(first, kinds, strict=True)
    ]


def _mask(batches: Sequence[CapturedBatch], index: int) -> Mask:
    return simplest_mask(
        i for captured in batches for i in captured.intervals(captured.calls()[index])
    )


def _intervals(batches: Sequence[CapturedBatch], index: int, mask: Mask) -> bytes:
    """What tells masks of no simpler form apart: a digest of their intervals."""
    digest = hashlib.sha256()
    for captured in batches if mask.kind == "intervals" else ():
        for own in captured.intervals(captured.calls()[index]):
            digest.update(np.concatenate([own.lo, own.hi]).tobytes())
    return digest.digest()


def _bias(batches: Sequence[CapturedBatch], index: int) -> Bias | None:
    """The layer's bias: the longest reach that any batch showed."""
    found: Bias | None = None
    for captured in batches:
        own = captured.bias(captured.calls()[index])
        if own is None:
            continue
        if found is None or own.values.shape[-1] > found.values.shape[-1]:
            found = own
    return found


def _looks_back(mask: Mask) -> bool:
    return mask.kind == "causal" or (mask.kind == "band" and mask.after == 0)

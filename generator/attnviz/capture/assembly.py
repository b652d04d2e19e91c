"""Captured batches put together: the layers of a model, their score rules, and what they keep."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from attnviz.capture.calls import AttentionCall, CapturedBatch
from attnviz.capture.masks import simplest_mask
from attnviz.capture.result import Capture, Layer
from attnviz.capture.selection import check_heads, check_layers, kept_heads
from attnviz.errors import InputError
from attnviz.score import Bias, Intervals, Mask, ScoreRule


def assemble(
    batches: Sequence[CapturedBatch],
    layers: Sequence[int] = (),
    heads: Sequence[int] = (),
    model: str = "",
) -> Capture:
    """Put captured batches together, which must all have the same calls.

    `layers` and `heads` are the model's own numbers of what to keep, by default all; heads come in
    whole groups that share keys. Raises InputError, which names the `model`, if the calls differ,
    or if a layer or a head that is asked for is not there.
    """
    calls = _common_calls(batches)
    masks = [_mask(batches, index) for index in range(len(calls))]
    unnamed = "decoder" if all(_looks_back(mask) for mask in masks) else "encoder"
    check_layers(calls, layers, model)
    kept = [index for index, call in enumerate(calls) if not layers or call.layer in layers]
    check_heads([calls[index] for index in kept], heads, model)
    rules: dict[tuple[ScoreRule, bytes], int] = {}  # rules by number, told apart by intervals too
    captured: list[Layer] = []
    for index in kept:
        call, mask = calls[index], masks[index]
        rule = ScoreRule(call.scaling, mask, call.softcap, call.bias_kind)
        key = rule, _intervals_digest(batches, index, mask)
        captured.append(
            _layer(
                replace(call, stack=call.stack or unnamed),
                index=index,
                rule=rules.setdefault(key, len(rules)),
                bias=_bias(batches, index) if call.vectors else None,
                heads=kept_heads(call, heads, model),
            )
        )
    return Capture(tuple(captured), tuple(rule for rule, _ in rules), tuple(batches))


def _layer(
    call: AttentionCall,
    *,
    index: int,
    rule: int,
    bias: Bias | None,
    heads: tuple[int, ...],
) -> Layer:
    """The layer of a call, with these heads alone."""
    return Layer(
        stack=call.stack,
        layer=call.layer,
        depth=call.layers,
        query_axis=call.query_axis,
        key_axis=call.key_axis,
        call=index,
        module=call.module,
        module_call=call.module_call,
        line=call.line,
        rule=rule,
        sinks=None if call.sinks is None else np.asarray(call.sinks, np.float64)[list(heads)],
        bias=_bias_of_heads(bias, heads),
        heads=len(heads),
        kv_heads=len(heads) * call.kv_heads // call.heads,
        head_size=call.head_size,
        numbers=heads,
        vectors=call.vectors,
        reason=call.reason,
    )


def _bias_of_heads(bias: Bias | None, heads: tuple[int, ...]) -> Bias | None:
    """The bias of these heads; a bias that all heads share is repeated."""
    if bias is None:
        return None
    rows = [0] * len(heads) if len(bias.values) == 1 else list(heads)
    return Bias(bias.kind, bias.values[rows], bias.index)


def _common_calls(batches: Sequence[CapturedBatch]) -> list[AttentionCall]:
    """The calls that every batch has, with the kind of bias that any batch shows.

    The numbers of masks and biases are those of the batches and left out. A call that is a score
    rule in some batches and attention alone in others, as where short texts have full attention and
    long ones blocks, is attention alone. Raises InputError if the calls differ otherwise.
    """
    first = _without_rule(batches)
    expected = [replace(call, mask=0, bias=None) for call in first]
    for captured in batches:
        # A batch of short documents may show no bias, so its kind is not compared.
        calls = [
            replace(_as(call, other), mask=0, bias=None, bias_kind=other.bias_kind)
            for call, other in zip(captured.calls(), expected, strict=False)
        ]
        if calls != expected:
            raise InputError(
                "the model's attention calls differ from batch to batch, so its layers cannot be"
                " told; first seen in the batch of documents"
                f" {', '.join(map(str, captured.batch.documents[:3]))} …"
            )
    kinds = [
        {captured.calls()[index].bias_kind for captured in batches if call.vectors} - {None}
        for index, call in enumerate(first)
    ]
    return [
        replace(call, bias_kind=next(iter(kind), None))
        for call, kind in zip(first, kinds, strict=True)
    ]


def _without_rule(batches: Sequence[CapturedBatch]) -> list[AttentionCall]:
    """The calls of the first batch, those without a rule in another batch as they are there."""
    calls = batches[0].calls()
    for captured in batches[1:]:
        others = captured.calls()
        if len(others) == len(calls):
            calls = [
                other if call.vectors and not other.vectors else call
                for call, other in zip(calls, others, strict=True)
            ]
    return calls


def _as(call: AttentionCall, other: AttentionCall) -> AttentionCall:
    """A call as attention alone, if the other is so, of the same place and heads, and of the same
    module or one within it: a model may replace what is inside as it runs."""
    same = (call.module_call, call.place, call.heads) == (
        other.module_call,
        other.place,
        other.heads,
    )
    within = f"{other.module}.".startswith(f"{call.module}.")
    return other if call.vectors and not other.vectors and same and within else call


def _each_intervals(batches: Sequence[CapturedBatch], index: int) -> Iterator[Intervals]:
    """The intervals of every document in call `index`."""
    for captured in batches:
        yield from captured.intervals(captured.calls()[index])


def _mask(batches: Sequence[CapturedBatch], index: int) -> Mask:
    return simplest_mask(_each_intervals(batches, index))


def _intervals_digest(batches: Sequence[CapturedBatch], index: int, mask: Mask) -> bytes:
    """A digest of the intervals of a mask that has no simpler form, to tell such masks apart."""
    digest = hashlib.sha256()
    if mask.kind == "intervals":
        for intervals in _each_intervals(batches, index):
            digest.update(np.concatenate([intervals.lo, intervals.hi]).tobytes())
    return digest.digest()


def _bias(batches: Sequence[CapturedBatch], index: int) -> Bias | None:
    """The bias of call `index`: that of the batch in which it reaches farthest."""
    farthest: Bias | None = None
    for captured in batches:
        bias = captured.bias(captured.calls()[index])
        if bias is None:
            continue
        if farthest is None or bias.values.shape[-1] > farthest.values.shape[-1]:
            farthest = bias
    return farthest


def _looks_back(mask: Mask) -> bool:
    return mask.kind == "causal" or (mask.kind == "band" and mask.after == 0)

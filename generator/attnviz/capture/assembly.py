"""Captured batches put together: the layers of a model, their score rules, and what they keep."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

import numpy as np

from attnviz.capture.batches import Axes
from attnviz.capture.calls import AttentionCall, CapturedBatch
from attnviz.capture.common_calls import CommonCall, common_calls
from attnviz.capture.masks import simplest_mask
from attnviz.capture.result import Capture, Layer
from attnviz.capture.selection import check_heads, check_layers, kept_heads
from attnviz.score import Bias, Intervals, Mask, ScoreRule


def assemble(
    batches: Sequence[CapturedBatch],
    layers: Sequence[int] = (),
    heads: Sequence[int] = (),
    model: str = "",
) -> Capture:
    """Put captured batches together; those of documents on the same axes must have the same calls.

    `layers` and `heads` are the model's own numbers of what to keep, by default all; heads come in
    whole groups that share keys. Raises InputError, which names the `model`, if the calls differ,
    or if a layer or a head that is asked for is not there.
    """
    common = common_calls(batches)
    calls = [each.call for each in common]
    masks = [simplest_mask(_each_intervals(batches, each)) for each in common]
    unnamed = "decoder" if all(_looks_back(mask) for mask in masks) else "encoder"
    check_layers(calls, layers, model)
    check_heads([call for call in calls if not layers or call.layer in layers], heads, model)
    rules: dict[tuple[ScoreRule, bytes], int] = {}  # rules by number, told apart by intervals too
    captured: list[Layer] = []
    for each, mask in zip(common, masks, strict=True):
        call = each.call
        if layers and call.layer not in layers:
            continue
        rule = ScoreRule(call.scaling, mask, call.softcap, call.bias_kind)
        key = rule, _intervals_digest(batches, each, mask)
        captured.append(
            _layer(
                replace(call, stack=call.stack or unnamed),
                numbers=each.numbers,
                rule=rules.setdefault(key, len(rules)),
                bias=_bias(batches, each) if call.vectors else None,
                heads=kept_heads(call, heads, model),
            )
        )
    return Capture(tuple(captured), tuple(rule for rule, _ in rules), tuple(batches))


def _layer(
    call: AttentionCall,
    *,
    numbers: Mapping[Axes, int],
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
        calls=tuple(numbers.items()),
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


def _each_intervals(batches: Sequence[CapturedBatch], common: CommonCall) -> Iterator[Intervals]:
    """The intervals of every document in a call."""
    for captured, call in common.each(batches):
        yield from captured.intervals(call)


def _intervals_digest(batches: Sequence[CapturedBatch], common: CommonCall, mask: Mask) -> bytes:
    """A digest of the intervals of a mask that has no simpler form, to tell such masks apart, by
    document and axes."""
    digest = hashlib.sha256()
    if mask.kind == "intervals":
        for captured, call in common.each(batches):
            digest.update(str((captured.batch.documents, call.query_axis, call.key_axis)).encode())
            for intervals in captured.intervals(call):
                digest.update(np.concatenate([intervals.lo, intervals.hi]).tobytes())
    return digest.digest()


def _bias(batches: Sequence[CapturedBatch], common: CommonCall) -> Bias | None:
    """The bias of a call: that of the batch in which it reaches farthest."""
    farthest: Bias | None = None
    for captured, call in common.each(batches):
        bias = captured.bias(call)
        if bias is None:
            continue
        if farthest is None or bias.values.shape[-1] > farthest.values.shape[-1]:
            farthest = bias
    return farthest


def _looks_back(mask: Mask) -> bool:
    return mask.kind == "causal" or (mask.kind == "band" and mask.after == 0)

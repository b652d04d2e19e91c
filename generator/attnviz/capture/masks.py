"""From what a model adds to its scores to one interval of allowed keys per row, and a bias of a
known form."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

import numpy as np
import torch

from attnviz.score import Array, Bias, Intervals, Mask, mask_intervals

# Below this an additive mask means forbidden: models use the type's minimum, −10 000 or −65 500.
FORBIDDEN: Final = -9_000.0


class NotARule(ValueError):
    """What a model does to its scores is no score rule; the message says what it is. The attention
    itself can be kept."""


class NotOfTokens(NotARule):
    """The attention of a call is not from a document's tokens to its tokens, so that it cannot be
    kept in any form."""


def document_intervals(
    mask: torch.Tensor | None,
    *,
    causal: bool,
    row: int,
    queries: int,
    keys: int,
    padded_keys: int,
) -> Intervals:
    """The intervals of document `row` of a batch, which has `queries` and `keys` without padding.

    `mask` is (batch or 1, heads or 1, T or 1, K), bool or additive float, or None if the call has
    none. Raises NotARule if it differs from head to head or has holes, NotOfTokens if a row sees
    padding.
    """
    if mask is None:
        if padded_keys > keys and not causal:
            raise NotOfTokens("it attends to padding: its attention has no mask")
        return mask_intervals(Mask("causal" if causal else "full"), queries, keys)
    by_head = mask[row if mask.shape[0] > 1 else 0]  # (heads or 1, T or 1, K)
    if by_head.shape[0] > 1 and not _same_for_heads(by_head):
        raise NotARule("its mask differs from head to head")
    return intervals_of(_allowed(by_head[0], queries), keys)


def intervals_of(allowed: Array, keys: int) -> Intervals:
    """One interval per row of allowed (T, padded K), bool.

    Raises NotARule if a row has holes, NotOfTokens if it sees padding.
    """
    if allowed[:, keys:].any():
        raise NotOfTokens("its mask lets tokens attend to padding")
    allowed = allowed[:, :keys]
    lo = allowed.argmax(1).astype(np.int64)
    hi = keys - allowed[:, ::-1].argmax(1).astype(np.int64)
    empty = ~allowed.any(1)
    lo[empty], hi[empty] = 0, 0
    if (allowed.sum(1) != hi - lo).any():
        raise NotARule("its mask has holes: a row's keys are not one interval")
    return Intervals(lo, hi, keys)


def _allowed(mask: torch.Tensor, queries: int) -> Array:
    """(T, K) bool of a document's mask (T or 1, K)."""
    mask = mask[:queries] if mask.shape[0] > 1 else mask.expand(queries, -1)
    return (mask if mask.dtype == torch.bool else mask > FORBIDDEN).cpu().numpy()


def _same_for_heads(mask: torch.Tensor) -> bool:
    """Whether a document's mask (heads, T or 1, K) allows the same keys in all heads."""
    if mask.dtype != torch.bool:
        mask = mask > FORBIDDEN
    return bool((mask == mask[:1]).all())


def split_mask(
    mask: torch.Tensor | None, batch: int
) -> tuple[torch.Tensor | None, torch.Tensor | None]:
    """A mask argument of torch as the keys it allows, bool, and what it adds; (batch, heads, T, K)
    each, None if there is none."""
    if mask is None:
        return None, None
    with torch.no_grad(), torch._C.DisableTorchFunction():
        mask = mask.reshape(*(1,) * (4 - mask.ndim), *mask.shape)
        mask = mask.expand(batch, *mask.shape[1:])
        if mask.dtype == torch.bool:
            return mask, None
        allowed = mask > FORBIDDEN
        added = mask.masked_fill(~allowed, 0)
        return allowed, added if bool(added.any()) else None


def additive_bias(
    mask: torch.Tensor | None, position_bias: torch.Tensor | None
) -> torch.Tensor | None:
    """What a call adds to its scores beside forbidding keys, (batch or 1, heads, T, K) float; None
    if nothing."""
    added = position_bias
    if mask is not None and mask.dtype != torch.bool:
        by_mask = mask.masked_fill(mask <= FORBIDDEN, 0)
        added = by_mask if added is None else added + by_mask
    if added is None or not bool(added.any()):
        return None
    return added.masked_fill(added <= FORBIDDEN, 0)


def bias_of(added: torch.Tensor, fixed: bool) -> Bias:
    """The form of a bias (batch or 1, heads, T, K) that is the same for every document.

    `fixed` says that every document has the same axes, as images do, so that a table serves. Raises
    NotARule if the bias depends on the document, or is a table and the axes are not fixed.
    """
    if added.shape[0] > 1 and not bool((added == added[:1]).all()):
        raise NotARule("its bias depends on the document")
    table = added[0].detach().float().cpu().numpy()  # (head, query, key)
    relative = relative_values(table, np.ones(table.shape[1:], bool), exact=True)
    if relative is not None:
        return Bias("relative", relative)
    if fixed and table.shape[1] == table.shape[2]:
        return Bias("table", table)
    raise NotARule("its bias is neither relative nor a table")


def measured_bias(documents: Sequence[tuple[Array, Array]], fixed: bool) -> Bias:
    """The form of a bias that was measured in each document.

    A document is what was added (heads, T, K) and the entries (T, K), bool, that are allowed.
    Raises NotARule if the bias depends on a document's content.
    """
    # The form is that of the longest document …
    longest, allowed = max(documents, key=lambda document: document[0].shape[1])
    values = relative_values(longest, allowed, exact=False)
    if values is not None:
        bias = Bias("relative", values)
    elif fixed and longest.shape[1] == longest.shape[2]:
        bias = Bias("table", longest)
    else:
        raise NotARule("its bias is not relative: it depends on the document's content")
    # … and it must hold in all of them, but for a constant per row, which softmax does not see.
    for added, allowed in documents:
        _, rows, keys = added.shape
        expected = bias.rows(Intervals(np.zeros(rows, np.int64), np.full(rows, keys), keys))
        difference = (added - expected)[:, allowed]  # (head, allowed entry)
        row = np.nonzero(allowed)[0]
        sums = np.stack([np.bincount(row, entries, rows) for entries in difference])
        constant = sums / np.maximum(allowed.sum(1), 1)  # (head, row)
        scale = max(1.0, float(np.abs(added[:, allowed]).max(initial=0)))
        if (np.abs(difference - constant[:, row]) > 5e-5 * scale).any():
            raise NotARule("its bias differs from document to document")
    return bias


def relative_values(bias: Array, allowed: Array, exact: bool) -> Array | None:
    """Values (heads, 2R + 1) by j − i, R = max(T, K) − 1, if bias (heads, T, K) depends on j − i
    alone where `allowed` (T, K) is true; None if it does not.

    With `exact` false the bias was measured: a constant per row, which softmax does not see, and
    float32's rounding are tolerated.
    """
    heads, rows, keys = bias.shape
    # A measured row is known up to a constant: its diagonal becomes 0.
    if not exact and rows == keys and allowed.diagonal().all():
        bias = bias - np.diagonal(bias, axis1=1, axis2=2)[:, :, None]
    reach = max(rows, keys) - 1
    values = np.zeros((heads, 2 * reach + 1), np.float32)
    tolerance = 0.0 if exact else 2e-5 * max(1.0, float(np.abs(bias[:, allowed]).max(initial=0)))
    for offset in range(-(rows - 1), keys):
        diagonal = np.diagonal(bias, offset, 1, 2)[:, np.diagonal(allowed, offset)]
        if diagonal.shape[1] == 0:
            continue
        middle = diagonal[:, :1] if exact else np.median(diagonal, 1, keepdims=True)
        if (np.abs(diagonal - middle) > tolerance).any():
            return None
        values[:, reach + offset] = middle[:, 0]
    return values


def simplest_mask(documents: Iterable[Intervals]) -> Mask:
    """The simplest mask that has the intervals of all these documents.

    >>> simplest_mask(mask_intervals(Mask("causal"), size, size) for size in (3, 7)).kind
    'causal'
    """
    intervals = list(documents)
    reaches = [_reach(i) for i in intervals]
    before, after = (max((reach[side] for reach in reaches), default=0) for side in (0, 1))
    for mask in (Mask("full"), Mask("causal"), Mask("band", before, after)):
        if all(_same(mask_intervals(mask, len(i.lo), i.keys), i) for i in intervals):
            return mask
    return Mask("intervals")


def _reach(intervals: Intervals) -> tuple[int, int]:
    """How many keys before and after itself a row sees at most."""
    row = np.arange(len(intervals.lo))
    before = (row - intervals.lo)[intervals.defined].max(initial=0)
    after = (intervals.hi - 1 - row)[intervals.defined].max(initial=0)
    return int(before), int(after)


def _same(a: Intervals, b: Intervals) -> bool:
    return bool(np.array_equal(a.lo, b.lo) and np.array_equal(a.hi, b.hi))

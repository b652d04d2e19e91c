"""From what a model added to its scores to one interval of allowed keys a row, and a bias of a
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
    """What a model did to its scores is no score rule: the message says what. Its attention can be
    kept itself."""


class NotOfTokens(NotARule):
    """A call's attention is not one of the document's tokens to its tokens, so it cannot be kept in
    any form."""


def document_intervals(
    mask: torch.Tensor | None, causal: bool, row: int, queries: int, keys: int, padded_keys: int
) -> Intervals:
    """The intervals of document `row` of a batch over its own `queries` and `keys`, padding left
    out.

    `mask` is (batch or 1, heads or 1, T or 1, K), bool or additive float, or None where the call
    had none.
    """
    if mask is None:
        if padded_keys > keys and not causal:
            raise NotOfTokens("it attends to padding: its attention has no mask")
        return mask_intervals(Mask("causal" if causal else "full"), queries, keys)
    own = mask[row if mask.shape[0] > 1 else 0]
    if own.shape[0] > 1 and not _same_for_heads(own):
        raise NotARule("its mask differs from head to head")
    return intervals_of(_allowed(own[0], queries), keys)


def intervals_of(allowed: Array, keys: int) -> Intervals:
    """One interval a row of allowed (T, padded K); NotARule where a row has holes, NotOfTokens if
    it sees padding."""
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


def _allowed(own: torch.Tensor, queries: int) -> Array:
    own = own[:queries] if own.shape[0] > 1 else own.expand(queries, -1)
    return (own if own.dtype == torch.bool else own > FORBIDDEN).cpu().numpy()


def _same_for_heads(own: torch.Tensor) -> bool:
    if own.dtype != torch.bool:
        own = own > FORBIDDEN
    return bool((own == own[:1]).all())


def split_mask(
    given: torch.Tensor | None, batch: int
) -> tuple[torch.Tensor | None, torch.Tensor | None]:
    """A mask argument of torch as what it forbids, bool (batch, heads, T, K), and what it adds."""
    if given is None:
        return None, None
    with torch.no_grad(), torch._C.DisableTorchFunction():
        whole = given.reshape(*(1,) * (4 - given.ndim), *given.shape)
        whole = whole.expand(batch, *whole.shape[1:])
        if whole.dtype == torch.bool:
            return whole, None
        allowed = whole > FORBIDDEN
        added = whole.masked_fill(~allowed, 0)
        return allowed, added if bool(added.any()) else None


def additive_bias(
    mask: torch.Tensor | None, position_bias: torch.Tensor | None
) -> torch.Tensor | None:
    """What a call adds to its scores beside forbidding keys, (batch or 1, heads, T, K) float; None
    where nothing."""
    found = position_bias
    if mask is not None and mask.dtype != torch.bool:
        kept = mask.masked_fill(mask <= FORBIDDEN, 0)
        found = kept if found is None else found + kept
    if found is None or not bool(found.any()):
        return None
    return found.masked_fill(found <= FORBIDDEN, 0)


def bias_of(added: torch.Tensor, fixed: bool) -> Bias:
    """The form of a bias (batch or 1, heads, T, K) that is the same for every document.

    `fixed` says that every document has the same tokens on its axes, as images do, so that a table
    serves. NotARule where it depends on the document's content, or has no form that grows with the
    text.
    """
    if added.shape[0] > 1 and not bool((added == added[:1]).all()):
        raise NotARule("its bias depends on the document")
    own = added[0].detach().float().cpu().numpy()
    relative = relative_values(own, np.ones(own.shape[1:], bool), exact=True)
    if relative is not None:
        return Bias("relative", relative)
    if fixed and own.shape[1] == own.shape[2]:
        return Bias("table", own)
    raise NotARule("its bias is neither relative nor a table")


def measured_bias(documents: Sequence[tuple[Array, Array]], fixed: bool) -> Bias:
    """The form of a bias that was measured as (heads, T, K), with the entries (T, K) that were
    allowed, by document.

    NotARule where it depends on a document's content.
    """
    longest = max(documents, key=lambda one: one[0].shape[1])
    values = relative_values(*longest, exact=False)
    if values is not None:
        found = Bias("relative", values)
    elif fixed and longest[0].shape[1] == longest[0].shape[2]:
        found = Bias("table", longest[0])
    else:
        raise NotARule("its bias is not relative: it depends on the document's content")
    for own, allowed in documents:
        _, rows, keys = own.shape
        told = found.rows(Intervals(np.zeros(rows, np.int64), np.full(rows, keys), keys))
        apart = (own - told)[:, allowed]
        row = np.nonzero(allowed)[0]
        constant = np.stack([np.bincount(row, weights, rows) for weights in apart]) / np.maximum(
            allowed.sum(1), 1
        )
        scale = max(1.0, float(np.abs(own[:, allowed]).max(initial=0)))
        if (np.abs(apart - constant[:, row]) > 5e-5 * scale).any():
            raise NotARule("its bias differs from document to document")
    return found


def relative_values(bias: Array, allowed: Array, exact: bool) -> Array | None:
    """Values (heads, 2R + 1) by j − i if bias (heads, T, K) depends on nothing else where allowed;
    None otherwise.

    Where it was measured and not given (`exact` false), a constant along a row does not count
    (softmax does not see it), nor do differences at the level of float32's rounding.
    """
    heads, rows, keys = bias.shape
    if not exact and rows == keys and allowed.diagonal().all():
        bias = bias - np.diagonal(bias, axis1=1, axis2=2)[:, :, None]
    reach = max(rows, keys) - 1
    values = np.zeros((heads, 2 * reach + 1), np.float32)
    tolerance = 0.0 if exact else 2e-5 * max(1.0, float(np.abs(bias[:, allowed]).max(initial=0)))
    for offset in range(-(rows - 1), keys):
        own = np.diagonal(bias, offset, 1, 2)[:, np.diagonal(allowed, offset)]
        if own.shape[1] == 0:
            continue
        middle = own[:, :1] if exact else np.median(own, 1, keepdims=True)
        if (np.abs(own - middle) > tolerance).any():
            return None
        values[:, reach + offset] = middle[:, 0]
    return values


def simplest_mask(documents: Iterable[Intervals]) -> Mask:
    """The simplest mask that says the same as all these intervals.

    >>> simplest_mask(mask_intervals(Mask("causal"), size, size) for size in (3, 7)).kind
    'causal'
    """
    seen = list(documents)
    before = max(
        (int((np.arange(len(i.lo)) - i.lo)[i.defined].max(initial=0)) for i in seen), default=0
    )
    after = max(
        (int((i.hi - 1 - np.arange(len(i.hi)))[i.defined].max(initial=0)) for i in seen), default=0
    )
    for mask in (Mask("full"), Mask("causal"), Mask("band", max(before, 0), max(after, 0))):
        if all(_same(mask_intervals(mask, len(i.lo), i.keys), i) for i in seen):
            return mask
    return Mask("intervals")


def _same(a: Intervals, b: Intervals) -> bool:
    return bool(np.array_equal(a.lo, b.lo) and np.array_equal(a.hi, b.hi))

"""From the mask that a model used to one interval of allowed keys a row, and from there to the simplest name."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import torch

from attnviz.score import Array, Intervals, Mask, mask_intervals


class MaskNotIntervals(ValueError):
    """The mask says more than one interval a row: its message says what."""


def document_intervals(mask: torch.Tensor | None, causal: bool, row: int, length: int) -> Intervals:
    """The intervals of document `row` of a batch, over its own `length` tokens, padding left out.

    `mask` is (batch or 1, 1, T or 1, K), bool or additive float, or None where the call had none.
    """
    if mask is None:
        return mask_intervals(Mask("causal" if causal else "full"), length, length)
    allowed = _allowed(mask, row, length)
    if allowed[:, length:].any():
        raise MaskNotIntervals("its mask lets tokens attend to padding")
    allowed = allowed[:, :length]
    lo = allowed.argmax(1).astype(np.int64)
    hi = length - allowed[:, ::-1].argmax(1).astype(np.int64)
    empty = ~allowed.any(1)
    lo[empty], hi[empty] = 0, 0
    if (allowed.sum(1) != hi - lo).any():
        raise MaskNotIntervals("its mask has holes: a row's keys are not one interval")
    return Intervals(lo, hi, length)


def _allowed(mask: torch.Tensor, row: int, length: int) -> Array:
    if mask.shape[1] != 1:
        raise MaskNotIntervals("its mask differs from head to head (a bias rides on it)")
    own = mask[row if mask.shape[0] > 1 else 0, 0]
    own = own[:length] if own.shape[0] > 1 else own.expand(length, -1)
    if own.dtype == torch.bool:
        return own.cpu().numpy()
    forbidden = own <= torch.finfo(own.dtype).min / 2
    if bool((own.masked_fill(forbidden, 0) != 0).any()):
        raise MaskNotIntervals("its mask is a bias, not only allowed or forbidden")
    return (~forbidden).cpu().numpy()


def simplest_mask(documents: Iterable[Intervals]) -> Mask:
    """The simplest mask that says the same as all these intervals.

    >>> simplest_mask([mask_intervals(Mask("causal"), 3, 3), mask_intervals(Mask("causal"), 7, 7)]).kind
    'causal'
    """
    seen = list(documents)
    before = max((int((np.arange(len(i.lo)) - i.lo)[i.defined].max(initial=0)) for i in seen), default=0)
    after = max((int((i.hi - 1 - np.arange(len(i.hi)))[i.defined].max(initial=0)) for i in seen), default=0)
    for mask in (Mask("full"), Mask("causal"), Mask("band", max(before, 0), max(after, 0))):
        if all(_same(mask_intervals(mask, len(i.lo), i.keys), i) for i in seen):
            return mask
    return Mask("intervals")


def _same(a: Intervals, b: Intervals) -> bool:
    return bool(np.array_equal(a.lo, b.lo) and np.array_equal(a.hi, b.hi))

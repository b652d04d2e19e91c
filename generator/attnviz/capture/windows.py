"""Calls that attend within windows, put together to whole documents."""

from __future__ import annotations

import numpy as np
import torch

from attnviz.architectures import AttentionWindows
from attnviz.capture.masks import NotOfTokens
from attnviz.score import Bias


def join(x: torch.Tensor, windows: AttentionWindows, documents: int) -> torch.Tensor:
    """(documents, heads, T, d) in the order of the axis, of x (documents · windows, heads, tokens
    of a window, d)."""
    count = len(windows.order) // windows.size
    if x.shape[0] != documents * count or x.shape[2] != windows.size:
        raise NotOfTokens(
            f"its queries and keys are not the document's windows: {x.shape[0]} × {x.shape[2]}"
            f" where {documents * count} × {windows.size} were expected"
        )
    whole = x.reshape(documents, count, *x.shape[1:]).transpose(1, 2).flatten(2, 3)
    return whole[:, :, torch.from_numpy(windows.order).to(x.device)]


def spread(weights: torch.Tensor, windows: AttentionWindows, documents: int) -> torch.Tensor:
    """(documents, heads, T, T) of attention within windows (documents · windows, heads, n, n); 0
    between windows."""
    rows = join(
        weights, windows, documents
    )  # (documents, heads, T, n): keys by their place in the row's window
    order = torch.from_numpy(windows.order).to(weights.device)
    window, place = order // windows.size, order % windows.size
    same = window[:, None] == window
    return rows.gather(3, place.expand(*rows.shape[:3], -1)).masked_fill(~same, 0)


def window_bias(added: torch.Tensor, windows: AttentionWindows, exact: bool) -> Bias:
    """What a call adds by the places of query and key in their window, (heads, n, n).

    `added` (1 or documents · windows, heads, n, n) is that, and −100 or less where a region is
    forbidden. NotOfTokens where it is anything else. Where it was measured and not given (`exact`
    false), float32's rounding does not count.
    """
    count = len(windows.order) // windows.size
    given = added[:count].detach().float().cpu().numpy()
    given = np.broadcast_to(given, (count, *given.shape[1:]))  # (windows, heads, n, n)
    regions = windows.region[np.argsort(windows.order)].reshape(count, windows.size)
    apart = (regions[:, :, None] != regions[:, None, :])[:, None]
    values = np.where(apart, -np.inf, given).max(0)
    same = np.where(apart, 0, given - values)
    forbidden = np.where(apart, given, _FORBIDDEN) < _FORBIDDEN / 2
    tolerance = 0.0 if exact else 2e-5 * max(1.0, float(np.abs(given).max()))
    if not np.isfinite(values).all() or (np.abs(same) > tolerance).any() or not forbidden.all():
        raise NotOfTokens("what it adds to its scores is not the same in every window")
    return Bias("table", values, windows.index)


_FORBIDDEN = -100.0

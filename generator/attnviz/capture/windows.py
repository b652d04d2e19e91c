"""Calls that attend within windows (Swin, TimeSformer), joined to whole documents."""

from __future__ import annotations

from typing import Final

import numpy as np
import torch

from attnviz.architectures.attention_windows import AttentionWindows
from attnviz.capture.masks import NotOfTokens
from attnviz.score import Bias

_FORBIDDEN: Final = -100.0
"""What Swin adds to scores between regions that may not see each other."""


def join(x: torch.Tensor, windows: AttentionWindows, documents: int) -> torch.Tensor:
    """(documents, heads, T, d) in the order of the axis, from x (documents · windows, heads, n, d)
    with windows of n tokens.

    Raises NotOfTokens if x has another shape.
    """
    count = len(windows.order) // windows.size
    if x.shape[0] != documents * count or x.shape[2] != windows.size:
        raise NotOfTokens(
            f"its queries and keys are not the document's windows: {x.shape[0]} × {x.shape[2]}"
            f" where {documents * count} × {windows.size} were expected"
        )
    x = x.reshape(documents, count, *x.shape[1:])  # (document, window, head, n, d)
    x = x.transpose(1, 2).flatten(2, 3)  # (document, head, window · n, d)
    return x[:, :, torch.from_numpy(windows.order).to(x.device)]


def spread(weights: torch.Tensor, windows: AttentionWindows, documents: int) -> torch.Tensor:
    """(documents, heads, T, T) from attention within windows (documents · windows, heads, n, n): 0
    between windows."""
    rows = join(weights, windows, documents)  # (document, head, T, n): keys of the row's window
    order = torch.from_numpy(windows.order).to(weights.device)
    window, index = order // windows.size, order % windows.size  # of each token on the axis
    same = window[:, None] == window
    return rows.gather(3, index.expand(*rows.shape[:3], -1)).masked_fill(~same, 0)


def window_bias(added: torch.Tensor, windows: AttentionWindows, exact: bool) -> Bias:
    """What a call adds to its scores as a table (heads, n, n) of places within a window.

    `added` is (1 or documents · windows, heads, n, n): the bias, and −100 or less in entries
    between regions of a window that may not see each other. With `exact` false `added` was
    measured, and float32's rounding is tolerated. Raises NotOfTokens if it is anything else.
    """
    count = len(windows.order) // windows.size
    biases = added[:count].detach().float().cpu().numpy()
    biases = np.broadcast_to(biases, (count, *biases.shape[1:]))  # (window, head, n, n)
    # Entries of one region agree in all windows; entries between regions are forbidden.
    regions = windows.region[np.argsort(windows.order)].reshape(count, windows.size)
    apart = (regions[:, :, None] != regions[:, None, :])[:, None]
    values = np.where(apart, -np.inf, biases).max(0)
    same = np.where(apart, 0, biases - values)
    forbidden = np.where(apart, biases, _FORBIDDEN) < _FORBIDDEN / 2
    tolerance = 0.0 if exact else 2e-5 * max(1.0, float(np.abs(biases).max()))
    if not np.isfinite(values).all() or (np.abs(same) > tolerance).any() or not forbidden.all():
        raise NotOfTokens("what it adds to its scores is not the same in every window")
    return Bias("table", values, windows.index)

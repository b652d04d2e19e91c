"""Composition of heads: how much of what a later head reads an earlier one writes, by their
matrices alone.

Elhage et al. 2021, "A Mathematical Framework for Transformer Circuits": with W_QK and W_OV of a
head as one matrix each (hidden × hidden), Q-, K- and V-composition of a later head 2 with an
earlier head 1 are ‖W_QK2ᵀ W_OV1‖ / (‖W_QK2‖ ‖W_OV1‖), ‖W_QK2 W_OV1‖ / (…) and
‖W_OV2 W_OV1‖ / (‖W_OV2‖ ‖W_OV1‖), with Frobenius norms.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch


@dataclass(frozen=True)
class HeadMatrices:
    """A layer's heads by what composition needs: `writes` (heads, d, hidden) has W_OV up to a
    rotation on the left, `by_query`, `by_key` and `by_value` (heads, hidden, d) have W_QK, its
    transpose and W_OV up to one on the right. Neither changes a product's norm."""

    writes: torch.Tensor
    by_query: torch.Tensor
    by_key: torch.Tensor
    by_value: torch.Tensor


def head_matrices(
    q: torch.Tensor, k: torch.Tensor, v: torch.Tensor, o: torch.Tensor
) -> HeadMatrices:
    """Of W_Q, W_K, W_V (heads, hidden, d), by which a residual vector x becomes x W, and W_O
    (heads, d, hidden). Float32."""
    return HeadMatrices(
        writes=_right(v) @ o,
        by_query=q @ _right(k).mT,
        by_key=k @ _right(q).mT,
        by_value=v @ _right(o.mT).mT,
    )


def composition(earlier: HeadMatrices, later: HeadMatrices) -> torch.Tensor:
    """Q-, K- and V-composition of each later head with each earlier one, (later heads, earlier
    heads, 3) float32, from 0 to 1; 0 where one of them writes or reads nothing."""
    sides = (later.by_query, later.by_key, later.by_value)
    return torch.stack([_ratios(earlier.writes, side) for side in sides], -1)


def chance(hidden: int) -> float:
    """The root mean square of a composition whose earlier matrix is turned at random: 1 / √hidden.
    Of a uniformly random rotation R, E‖A R B‖² is ‖A‖² ‖B‖² / hidden."""
    return float(hidden**-0.5)


def _ratios(writes: torch.Tensor, reads: torch.Tensor) -> torch.Tensor:
    lengths = writes.flatten(1).norm(dim=1), reads.flatten(1).norm(dim=1)
    rows = []
    for matrix, length in zip(reads, lengths[1], strict=True):
        products = (writes @ matrix).flatten(1).norm(dim=1)  # (earlier heads,)
        rows.append(torch.where(products > 0, products / (lengths[0] * length), 0.0))
    return torch.stack(rows)


def _right(matrices: torch.Tensor) -> torch.Tensor:
    """The right factor R (heads, d, d) of W = Q R, W (heads, hidden, d): ‖W X‖ = ‖R X‖."""
    factor: torch.Tensor = torch.linalg.qr(matrices, mode="r")[1]
    return factor

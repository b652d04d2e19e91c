"""Gradients of the attention map's loss, over runs of blocks: on a processor compiled, elsewhere by
tensors; both by the formulas that `attention_map` has."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from attnviz.maps.block_points import BlockPoints
from attnviz.maps.row_blocks import Blocks


@dataclass(frozen=True)
class Parameters:
    """What is fitted, or its gradients: x of queries and y of keys (heads, size, points), and log σ
    of queries (heads, points)."""

    x: Tensor
    y: Tensor
    width: Tensor

    @cached_property
    def sigma(self) -> Tensor:
        """σ (heads, points)."""
        return self.width.exp()


def add_gradients(
    blocks: Blocks, run: slice, scale: Tensor, at: Parameters, total: Parameters
) -> None:
    """Add the gradients of these blocks to the total; `scale` (heads,) is what a unit of a row's
    weight counts."""
    if at.x.device.type == "cpu":
        _add_compiled(blocks, run, scale, at, total)
        return
    for piece in pieces(blocks, run):
        add_by_tensors(points_of(blocks, piece, at), scale, total)


def _add_compiled(
    blocks: Blocks, run: slice, scale: Tensor, at: Parameters, total: Parameters
) -> None:
    from attnviz.maps import fused  # numba takes half a second to import

    fused.add_gradients(
        blocks.arrays,
        run.start,
        run.stop,
        scale.numpy(),
        (at.x.numpy(), at.y.numpy(), at.sigma.numpy()),
        (total.x.numpy(), total.y.numpy(), total.width.numpy()),
    )


def points_of(blocks: Blocks, part: slice, at: Parameters) -> BlockPoints:
    """The points that these blocks are about."""
    return BlockPoints(blocks, part, x=at.x, y=at.y, width=at.width)


def pieces(blocks: Blocks, run: slice) -> Iterator[slice]:
    """The run of blocks in pieces that fit the working set."""
    _, heads, rows, keys = blocks.target.shape
    # What stays in the processor's cache; a GPU wants few launches instead.
    room = (1 << 20) if blocks.target.device.type == "cpu" else (1 << 26)
    step = max(1, room // (heads * rows * keys))
    for start in range(run.start, run.stop, step):
        yield slice(start, min(start + step, run.stop))


def add_by_tensors(points: BlockPoints, scale: Tensor, total: Parameters) -> None:
    """The same by tensors, on any device."""
    size = points.size
    weight = (points.weight * scale[:, None]).flatten(0, 1).unsqueeze(1)  # (n · head, 1, row)
    # G = p − t, and its products with both sides of the logits.
    g = points.probabilities().sub_(points.target).flatten(0, 1)  # (n · head, row, key)
    of_rows = torch.bmm(points.key_side, g.transpose(1, 2)) * weight  # w Σ_j G [y; ‖y‖²]
    of_keys = torch.bmm(points.query_side * weight, g)  # Σ_i w G [2σx; −σ]
    # −2 · (−σ) · w Σ_j G y, and Σ_i w G (2σx − 2σy); the logit is the product of both sides.
    points.add_to_queries(total.x, -2 * points.query_side[:, size:] * of_rows[:, :size])
    points.add_to_keys(total.y, of_keys[:, :size] + 2 * of_keys[:, size:] * points.keys)
    points.add_to_rows(total.width, (points.query_side * of_rows).sum(1))

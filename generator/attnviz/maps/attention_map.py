"""The attention map: positions of queries and keys at which near means attended.

Queries x_i and keys y_j are free points in 2 or 3 dimensions. They minimise the cross-entropy
between rows of attention t_ij and

    p_ij = softmax_j(−σ_i ‖x_i − y_j‖²),    σ_i > 0 learned, one per query and kind of row,

which belongs to stochastic neighbour embedding (Hinton & Roweis 2002), for two kinds of objects as
in co-occurrence data embedding (Globerson et al. 2007). Along a row ‖x_i‖² is constant, so the
logit is 2σ_i x_i·y_j − σ_i ‖y_j‖²: gradients are in closed form. With
G = p − t and a row's weight w,

    ∂/∂x_i = 2σ_i w_i Σ_j G_ij y_j,
    ∂/∂y_j = 2 Σ_i w_i G_ij σ_i (x_i − y_j),
    ∂/∂log σ_i = w_i Σ_j G_ij logit_ij.

Heads are independent and go through every operation together, on any device.
docs/explanation/attention-maps.md has the method and its figures.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

from attnviz.geometry import NEAREST
from attnviz.maps.adam import AdamParameter
from attnviz.maps.gradients import Parameters, add_gradients, pieces, points_of
from attnviz.maps.row_blocks import Blocks


@dataclass(frozen=True)
class Recipe:
    """How a map is optimised. docs/decisions/maps.md has what was tried."""

    perplexity: float = 5.0
    """Most that an in-document row's target may spread over."""
    global_perplexity: float = 100.0
    """Most that a global row's target may spread over."""
    global_share: float = 1 / 3
    """What global rows count; in-document rows count the rest."""
    pairs: int = 1 << 17
    """Pairs of a query and a key in one step, for one head, of in-document rows; of global rows
    half as many."""
    rate: float = 0.2
    """Adam's step, in units of the start's standard deviation."""
    width_rate: float = 2.0
    """How much faster log σ moves."""
    plain: int = 200
    """Steps with rows as they are, which set the large shapes; rows are then sharpened, which sets
    who is near."""
    settling: int = 0
    """Steps with sharpened rows in which points stand and log σ alone moves, for a start that is a
    map already."""
    longest: int = 500
    """Most steps with sharpened rows at the full rate."""
    check: int = 100
    """Steps between measurements of the map."""
    gain: float = 0.001
    """Top-3 mass by which a measurement must exceed the best before it; two in turn that do not
    end the full rate."""
    cooling: int = 300
    """Steps in which the rate then falls to nothing."""


RECIPE: Final = Recipe()


def attention_maps(
    documents: Sequence[Blocks], world: Sequence[Blocks], starts: Sequence[tuple[Tensor, Tensor]],
    recipe: Recipe = RECIPE, free: tuple[Tensor, Tensor] | None = None,
) -> list[tuple[Tensor, Tensor]]:  # fmt: skip
    """For each start, which is queries and keys (heads, points, dimensions), the positions at which
    it ends.

    `documents` are in-document rows, `world` global ones; either may be empty. Everything is on one
    device, and the rows are sharpened in place. `free` are the queries and the keys that move,
    (points,) bool each, all by default. The same input gives the same maps.
    """
    fits = [_Fit(documents, world, *start, recipe=recipe, free=free) for start in starts]
    for fit in fits:
        for _ in range(recipe.plain):
            fit.step(1.0)
    for blocks in documents:
        blocks.sharpen(recipe.perplexity)
    for blocks in world:
        keys = blocks.target.shape[-1]
        blocks.sharpen(max(1.0, min(recipe.global_perplexity, keys / 5)))
    for fit in fits:
        for _ in range(recipe.settling):
            fit.step(1.0, moving=False)
        _refine(fit, recipe)
    return [fit.positions() for fit in fits]


def _refine(fit: _Fit, recipe: Recipe) -> None:
    """Steps at the full rate as long as they make the map truer, then at a falling one."""
    best, idle, steps = -1.0, 0, 0
    while steps < recipe.longest and idle < 2:
        for _ in range(recipe.check):
            fit.step(1.0)
        steps += recipe.check
        quality = fit.quality()
        idle = 0 if quality > best + recipe.gain else idle + 1
        best = max(best, quality)
    for step in range(recipe.cooling):
        fit.step(1 - step / recipe.cooling)


@dataclass
class _Rounds:
    """Hands out runs of blocks in turn, a given share of each shape per step, so that all come
    equally often."""

    blocks: Sequence[Blocks]
    share: float

    def __post_init__(self) -> None:
        self._at = [0.0] * len(self.blocks)

    def next(self) -> list[tuple[Blocks, slice]]:
        runs = []
        for number, blocks in enumerate(self.blocks):
            count = len(blocks)
            start = int(self._at[number])
            self._at[number] += self.share * count
            end = int(self._at[number])
            # Positions count on from round to round; a run that passes the last block is cut there.
            while start < end:
                first = start % count
                last = min(first + end - start, count)
                runs.append((blocks, slice(first, last)))
                start += last - first
        return runs


@dataclass
class _RowKind:
    """In-document or global rows: which blocks come when, what they count, and log σ of each query,
    (heads, points)."""

    rounds: _Rounds
    share: float
    width: AdamParameter


class _Fit:
    """Positions, (heads, dimensions, points), and how they are moved: with the points innermost,
    rows are long and thin products fast."""

    def __init__(
        self,
        documents: Sequence[Blocks],
        world: Sequence[Blocks],
        queries: Tensor,
        keys: Tensor,
        recipe: Recipe,
        free: tuple[Tensor, Tensor] | None = None,
    ) -> None:
        self.free = free
        self.x = AdamParameter(queries.transpose(1, 2).contiguous(), recipe.rate)
        self.y = AdamParameter(keys.transpose(1, 2).contiguous(), recipe.rate)
        self.documents = documents
        # What each kind of rows counts; alone it counts all.
        local, far = (1 - recipe.global_share, recipe.global_share)
        if not (documents and world):
            local = far = 1.0
        self.kinds = [
            self._kind(blocks, share, pairs, recipe)
            for blocks, share, pairs in (
                (documents, local, recipe.pairs),
                (world, far, recipe.pairs / 2),
            )
            if blocks
        ]

    def _kind(
        self, blocks: Sequence[Blocks], share: float, pairs: float, recipe: Recipe
    ) -> _RowKind:
        """Rows of which so many pairs are taken per step."""
        heads, _, points = self.x.value.shape
        width = torch.zeros(heads, points, device=self.x.value.device)
        rounds = _Rounds(blocks, min(1.0, pairs / sum(shape.pairs for shape in blocks)))
        return _RowKind(rounds, share, AdamParameter(width, recipe.rate * recipe.width_rate))

    def positions(self) -> tuple[Tensor, Tensor]:
        """Queries and keys, (heads, points, dimensions) each."""
        return self.x.value.transpose(1, 2).contiguous(), self.y.value.transpose(1, 2).contiguous()

    def step(self, share: float, moving: bool = True) -> None:
        """One step of Adam at `share` of the rate; only of log σ where points are not moving."""
        x, y = torch.zeros_like(self.x.value), torch.zeros_like(self.y.value)
        widths = []
        for kind in self.kinds:
            # Each head's rows of this step count `kind.share` together, whatever their masses.
            runs = kind.rounds.next()
            mass = sum(blocks.weight[run].sum((0, 2)) for blocks, run in runs)  # (head,)
            scale = kind.share / torch.as_tensor(mass, device=x.device).clamp_min(1e-12)
            at, total = self._at(kind), Parameters(x, y, torch.zeros_like(kind.width.value))
            for blocks, run in runs:
                add_gradients(blocks, run, scale, at, total)
            widths.append((kind.width, total.width))
        if self.free is not None:  # Adam does not move what has never had a gradient
            x, y = x * self.free[0], y * self.free[1]
        places = ((self.x, x), (self.y, y)) if moving else ()
        for parameter, gradient in (*places, *widths):
            parameter.step(gradient, share)

    def _at(self, kind: _RowKind) -> Parameters:
        return Parameters(self.x.value, self.y.value, kind.width.value)

    def quality(self) -> float:
        """Top-3 mass of the attention fitted so far, over heads and a part of the in-document rows;
        0 without such."""
        mass, rows = 0.0, 0.0
        for blocks in self.documents:
            count = len(blocks)
            run = slice(0, max(1, min(count, (1 << 16) * count // blocks.pairs)))
            for piece in pieces(blocks, run):
                points = points_of(blocks, piece, self._at(self.kinds[0]))
                target, weight = points.target, points.weight
                if target.shape[-1] <= NEAREST:
                    continue
                # The target on the keys nearest in the map, over the most that as many can have.
                nearest = points.probabilities().topk(NEAREST, -1).indices
                most = target.topk(NEAREST, -1).values.sum(-1).clamp_min(1e-12)
                mass += float((target.gather(-1, nearest).sum(-1) / most * weight).sum())
                rows += float(weight.sum())
        return mass / rows if rows else 0.0

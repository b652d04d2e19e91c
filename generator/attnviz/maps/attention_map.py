"""The attention map: positions of queries and keys at which near means attended.

Queries x_i and keys y_j are free points in 2 or 3 dimensions. They minimise the cross-entropy
between rows of attention and

    p_ij = softmax_j(−σ_i ‖x_i − y_j‖²)                                     σ_i > 0 learned, one a
    query and kind of row

which belongs to stochastic neighbour embedding (Hinton & Roweis 2002), for two kinds of objects as
in co-occurrence data embedding (Globerson et al. 2007). Along a row ‖x_i‖² is constant, so the
logit is 2σ_i x_i·y_j − σ_i ‖y_j‖²: thin matrix products, and gradients in closed form. With G = p −
target and a row's weight w,

    ∂/∂x_i = 2σ_i w_i Σ_j G_ij y_j,   ∂/∂y_j = 2 Σ_i w_i G_ij σ_i (x_i − y_j),   ∂/∂log σ_i = w_i
    Σ_j G_ij logit_ij

Heads are independent and go through every operation together, on any device.
docs/explanation/attention-maps.md has the method and its figures.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import torch
from torch import Tensor

from attnviz.geometry import NEAREST
from attnviz.maps.attended_rows import Blocks

_SQUARED: Final = (0.9, 0.99)


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
    longest: int = 500
    """Most steps with sharpened rows at the full rate."""
    check: int = 100
    """Steps between measurements of the map."""
    gain: float = 0.001
    """Top-3 mass by which a measurement must exceed the best one; two in turn that do not end the
    full rate."""
    cooling: int = 300
    """Steps in which the rate then falls to nothing."""


RECIPE: Final = Recipe()


@dataclass
class _Adam:
    """Adam (Kingma & Ba 2015) for one tensor."""

    value: Tensor
    rate: float

    def __post_init__(self) -> None:
        self.mean, self.square = torch.zeros_like(self.value), torch.zeros_like(self.value)
        self.count = 0

    def step(self, gradient: Tensor, share: float) -> None:
        """Move against the gradient, by `share` of the rate."""
        first, second = _SQUARED
        self.count += 1
        self.mean.mul_(first).add_(gradient, alpha=1 - first)
        self.square.mul_(second).addcmul_(gradient, gradient, value=1 - second)
        spread = (self.square / (1 - second**self.count)).sqrt_().add_(1e-12)
        self.value.addcdiv_(self.mean, spread, value=-share * self.rate / (1 - first**self.count))


@dataclass
class _Rounds:
    """Hands out runs of blocks in turn, a given share of each shape a step, so that all come
    equally often."""

    blocks: Sequence[Blocks]
    share: float

    def __post_init__(self) -> None:
        self.at = [0.0] * len(self.blocks)

    def next(self) -> list[tuple[Blocks, slice]]:
        found = []
        for number, own in enumerate(self.blocks):
            start, self.at[number] = int(self.at[number]), self.at[number] + self.share * len(own)
            end = int(self.at[number])
            while start < end:
                first = start % len(own)
                last = min(first + end - start, len(own))
                found.append((own, slice(first, last)))
                start += last - first
        return found


def attention_maps(
    documents: Sequence[Blocks], world: Sequence[Blocks], starts: Sequence[tuple[Tensor, Tensor]],
    recipe: Recipe = RECIPE,
) -> list[tuple[Tensor, Tensor]]:  # fmt: skip
    """For each start, which is queries and keys (heads, points, dimensions), the positions at which
    it ends.

    `documents` are in-document rows, `world` global ones; either may be empty. Everything is on one
    device, and the rows are sharpened in place. The same input gives the same maps.
    """
    fits = [_Fit(documents, world, *start, recipe) for start in starts]
    for fit in fits:
        for _ in range(recipe.plain):
            fit.step(1.0)
    for own in documents:
        own.sharpen(recipe.perplexity)
    for own in world:
        own.sharpen(max(1.0, min(recipe.global_perplexity, own.target.shape[-1] / 5)))
    for fit in fits:
        _refine(fit, recipe)
    return [fit.positions() for fit in fits]


def _refine(fit: _Fit, recipe: Recipe) -> None:
    """At the full rate as long as it makes the map truer, then at a falling one."""
    best, idle, done = -1.0, 0, 0
    while done < recipe.longest and idle < 2:
        for _ in range(recipe.check):
            fit.step(1.0)
        done += recipe.check
        found = fit.quality()
        idle = 0 if found > best + recipe.gain else idle + 1
        best = max(best, found)
    for step in range(recipe.cooling):
        fit.step(1 - step / recipe.cooling)


class _Fit:
    """Parameters and their gradients. Positions are (heads, dimensions, points): long rows make
    fast thin products."""

    def __init__(
        self,
        documents: Sequence[Blocks],
        world: Sequence[Blocks],
        queries: Tensor,
        keys: Tensor,
        recipe: Recipe,
    ) -> None:
        heads, points, _ = queries.shape
        self.x = _Adam(queries.transpose(1, 2).contiguous(), recipe.rate)
        self.y = _Adam(keys.transpose(1, 2).contiguous(), recipe.rate)
        widths = recipe.rate * recipe.width_rate
        self.kinds: list[tuple[_Rounds, float, _Adam]] = []
        shares = (
            (1 - recipe.global_share, recipe.global_share) if documents and world else (1.0, 1.0)
        )
        for blocks, share, pairs in (
            (documents, shares[0], recipe.pairs),
            (world, shares[1], recipe.pairs / 2),
        ):
            if blocks:
                rounds = _Rounds(blocks, min(1.0, pairs / sum(own.pairs for own in blocks)))
                width = torch.zeros(heads, points, device=queries.device)
                self.kinds.append((rounds, share, _Adam(width, widths)))
        self.documents = documents
        # A working set that stays in the processor's cache; a GPU wants few launches instead.
        self.room = (1 << 20) if queries.device.type == "cpu" else (1 << 26)

    def positions(self) -> tuple[Tensor, Tensor]:
        """Queries (heads, points, dimensions) and keys."""
        return self.x.value.transpose(1, 2).contiguous(), self.y.value.transpose(1, 2).contiguous()

    def step(self, share: float) -> None:
        """One step of Adam at `share` of the rate."""
        x, y = torch.zeros_like(self.x.value), torch.zeros_like(self.y.value)
        widths = []
        for rounds, counts, width in self.kinds:
            drawn = rounds.next()
            total = sum(own.weight[part].sum((0, 2)) for own, part in drawn)
            scale = counts / torch.as_tensor(total, device=x.device).clamp_min(1e-12)
            gradient = torch.zeros_like(width.value)
            for own, part in drawn:
                self._gradient(own, part, width.value, scale, (x, y, gradient))
            widths.append((width, gradient))
        for parameter, gradient in ((self.x, x), (self.y, y), *widths):
            parameter.step(gradient, share)

    def _parts(self, blocks: Blocks, part: slice) -> Iterator[slice]:
        """The run of blocks in pieces that fit the working set."""
        _, heads, rows, keys = blocks.target.shape
        step = max(1, self.room // (heads * rows * keys))
        for start in range(part.start, part.stop, step):
            yield slice(start, min(start + step, part.stop))

    def _gradient(
        self,
        blocks: Blocks,
        part: slice,
        width: Tensor,
        scale: Tensor,
        into: tuple[Tensor, Tensor, Tensor],
    ) -> None:
        """Add the gradients of a run of blocks to those of positions and log σ; `scale` (heads,) is
        a row's share."""
        for own in self._parts(blocks, part):
            at = _Gathered(blocks, own, self.x.value, self.y.value, width)
            g = at.probabilities().sub_(blocks.target[own]).flatten(0, 1)  # (n·heads, R, L)
            weight = (blocks.weight[own] * scale[:, None]).flatten(0, 1).unsqueeze(1)
            toward = torch.bmm(at.key_side, g.transpose(1, 2)) * weight  # Σ_j G [y; ‖y‖²]
            back = torch.bmm(at.query_side * weight, g)  # Σ_i w G [2σx; −σ]
            size = at.keys.shape[1]
            at.add_queries(into[0], -2 * at.query_side[:, size:] * toward[:, :size])
            at.add_keys(into[1], back[:, :size] + 2 * back[:, size:] * at.keys)
            at.add_rows(into[2], (at.query_side * toward).sum(1))

    def quality(self) -> float:
        """Top-3 mass of the attention fitted so far, over heads and a part of the in-document rows;
        0 without such."""
        found, rows = 0.0, 0.0
        for own in self.documents:
            part = slice(0, max(1, min(len(own), (1 << 16) * len(own) // own.pairs)))
            for piece in self._parts(own, part):
                at = _Gathered(own, piece, self.x.value, self.y.value, self.kinds[0][2].value)
                target, weight = own.target[piece], own.weight[piece]
                if target.shape[-1] <= NEAREST:
                    continue
                nearest = at.probabilities().topk(NEAREST, -1).indices
                best = target.topk(NEAREST, -1).values.sum(-1).clamp_min(1e-12)
                found += float((target.gather(-1, nearest).sum(-1) / best * weight).sum())
                rows += float(weight.sum())
        return found / rows if rows else 0.0


class _Gathered:
    """The points of a run of n blocks: queries (n·heads, d, R), keys (n·heads, d, L), and both
    sides of the logits."""

    def __init__(self, blocks: Blocks, part: slice, x: Tensor, y: Tensor, width: Tensor) -> None:
        self.heads, self.size, _ = x.shape
        rows, keys = blocks.queries[part], blocks.keys[part]
        self.n, self.rows, self.count = len(rows), rows.shape[1], keys.shape[-1]
        self.blocks, self.part = blocks, part
        self.row_at = rows.reshape(1, 1, -1).expand(self.heads, self.size, -1)
        flat = keys.transpose(0, 1).reshape(keys.shape[1], 1, -1)
        self.key_at = flat.expand(self.heads, self.size, -1)
        queries = self._apart(x.gather(2, self.row_at), self.rows)
        self.keys = self._apart(y.gather(2, self.key_at), self.count)
        sigma = self._apart(width.gather(1, self.row_at[:, 0]).exp().unsqueeze(1), self.rows)
        self.query_side = torch.cat([2 * sigma * queries, -sigma], 1)
        self.key_side = torch.cat([self.keys, (self.keys * self.keys).sum(1, keepdim=True)], 1)

    def probabilities(self) -> Tensor:
        """p (n, heads, R, L)."""
        logits = torch.bmm(self.query_side.transpose(1, 2), self.key_side)
        logits = logits.view(self.n, self.heads, self.rows, self.count)
        if self.blocks.offset is not None:
            logits.add_(self.blocks.offset[self.part])
        if self.blocks.forbidden is not None:
            logits.masked_fill_(self.blocks.forbidden[self.part], -1e9)
        return torch.softmax(logits, -1)

    def _apart(self, points: Tensor, count: int) -> Tensor:
        """(n·heads, size, count) of points (heads, size, n·count)."""
        size = points.shape[1]
        return (
            points.view(self.heads, size, self.n, count)
            .permute(2, 0, 1, 3)
            .reshape(-1, size, count)
        )

    def _together(self, points: Tensor, count: int) -> Tensor:
        size = points.shape[1]
        return (
            points.view(self.n, self.heads, size, count)
            .permute(1, 2, 0, 3)
            .reshape(self.heads, size, -1)
        )

    def add_queries(self, into: Tensor, gradient: Tensor) -> None:
        into.scatter_add_(2, self.row_at, self._together(gradient, self.rows))

    def add_keys(self, into: Tensor, gradient: Tensor) -> None:
        into.scatter_add_(2, self.key_at, self._together(gradient, self.count))

    def add_rows(self, into: Tensor, gradient: Tensor) -> None:
        into.scatter_add_(
            1, self.row_at[:, 0], self._together(gradient.unsqueeze(1), self.rows)[:, 0]
        )

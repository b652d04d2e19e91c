"""The points that a run of blocks is about, laid out for thin matrix products."""

from __future__ import annotations

import torch
from torch import Tensor

from attnviz.maps.row_blocks import Blocks

_NEVER = -1e9


class BlockPoints:
    """Of n blocks of R rows and L keys the points, from positions (heads, size, points) and log σ
    (heads, points).

    A logit is the product of a query's side [2σx; −σ] and a key's side [y; ‖y‖²], both of size + 1
    numbers: query_side (n · heads, size + 1, R), key_side (n · heads, size + 1, L).
    """

    def __init__(self, blocks: Blocks, part: slice, x: Tensor, y: Tensor, width: Tensor) -> None:
        self.heads, self.size, _ = x.shape
        rows, keys = blocks.queries[part], blocks.keys[part]  # (n, R), (n, head or 1, L)
        self.n, self.rows, self.count = len(rows), rows.shape[1], keys.shape[-1]
        self.blocks, self.part = blocks, part
        # Where each block's points lie among all, the same in every dimension, and, for queries,
        # in every head: (head, size, n · R) and (head, size, n · L).
        self._row_at = rows.reshape(1, 1, -1).expand(self.heads, self.size, -1)
        by_head = keys.transpose(0, 1).reshape(keys.shape[1], 1, -1)
        self._key_at = by_head.expand(self.heads, self.size, -1)
        queries = self._by_block(x.gather(2, self._row_at), self.rows)  # (n · head, size, R)
        self.keys = self._by_block(y.gather(2, self._key_at), self.count)  # (n · head, size, L)
        log_sigma = width.gather(1, self._row_at[:, 0]).unsqueeze(1)  # (head, 1, n · R)
        sigma = self._by_block(log_sigma.exp(), self.rows)  # (n · head, 1, R)
        self.query_side = torch.cat([2 * sigma * queries, -sigma], 1)
        self.key_side = torch.cat([self.keys, (self.keys * self.keys).sum(1, keepdim=True)], 1)

    @property
    def target(self) -> Tensor:
        """t (n, heads, R, L)."""
        return self.blocks.target[self.part]

    @property
    def weight(self) -> Tensor:
        """w (n, heads, R)."""
        return self.blocks.weight[self.part]

    def probabilities(self) -> Tensor:
        """p (n, heads, R, L)."""
        logits = torch.bmm(self.query_side.transpose(1, 2), self.key_side)  # (n · head, R, L)
        logits = logits.view(self.n, self.heads, self.rows, self.count)
        if self.blocks.offset is not None:
            logits.add_(self.blocks.offset[self.part])
        if self.blocks.forbidden is not None:
            logits.masked_fill_(self.blocks.forbidden[self.part], _NEVER)
        return torch.softmax(logits, -1)

    def add_to_queries(self, total: Tensor, gradient: Tensor) -> None:
        """Add gradients (n · heads, size, R) to those of all queries, (heads, size, points)."""
        total.scatter_add_(2, self._row_at, self._by_head(gradient, self.rows))

    def add_to_keys(self, total: Tensor, gradient: Tensor) -> None:
        """Add gradients (n · heads, size, L) to those of all keys, (heads, size, points)."""
        total.scatter_add_(2, self._key_at, self._by_head(gradient, self.count))

    def add_to_rows(self, total: Tensor, gradient: Tensor) -> None:
        """Add gradients (n · heads, R) to those of log σ, (heads, points)."""
        by_head = self._by_head(gradient.unsqueeze(1), self.rows)[:, 0]  # (head, n · R)
        total.scatter_add_(1, self._row_at[:, 0], by_head)

    def _by_block(self, points: Tensor, count: int) -> Tensor:
        """(n · heads, size, count) of points (heads, size, n · count)."""
        size = points.shape[1]
        apart = points.view(self.heads, size, self.n, count).permute(2, 0, 1, 3)
        return apart.reshape(-1, size, count)

    def _by_head(self, points: Tensor, count: int) -> Tensor:
        """(heads, size, n · count) of points (n · heads, size, count)."""
        size = points.shape[1]
        together = points.view(self.n, self.heads, size, count).permute(1, 2, 0, 3)
        return together.reshape(self.heads, size, -1)

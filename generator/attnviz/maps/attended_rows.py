"""Rows of attention as the attention map fits them: blocks of rows and keys of equal shape, for
several heads at once.

In-document rows hold the model's own attention. A document of up to 512 keys is kept whole. In a
longer one a block of 64 consecutive rows keeps the keys that any of its rows attends most, and a
random sample of the others, each of which stands for many: log(others / sampled) is added to its
logit. So a map's work grows linearly with the text.

Global rows hold what the queries would attend to among keys drawn from the whole corpus,
softmax(q·k·scaling) under the rule's soft cap, without mask or bias by position: they tie the
documents into one picture.

Rows are sharpened, a ← a^β / Σ a^β with β ≥ 1, to a perplexity (exp of the entropy) that they may
not exceed, as stochastic neighbour embedding calibrates its rows (Hinton & Roweis 2002): the
nearest keys are what a reader sees.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch
from torch import Tensor

from attnviz.score import Array

SIZES: Final = (8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512)
"""Numbers of rows and of keys in a block; what is less is filled up with rows that weigh
nothing."""

LONG_ROWS: Final = 64
LONG_KEYS: Final = 256
GLOBAL_ROWS: Final = 128
GLOBAL_KEYS: Final = 512
_NEVER: Final = -1e9
_TINY: Final = 1e-30
_BISECTIONS: Final = 24


@dataclass(frozen=True)
class DocumentRows:
    """One document's attention, a block of rows at a time.

    `queries` and `keys` are the places of its tokens on the map, −1 where a token is not on it.
    `attention(rows)` is (heads, rows, keys), NaN where a row may see nothing; `allowed(rows)` is
    (rows, keys); `score(rows)` is anything monotone in the attention, such as the score before the
    softmax, which does not run out of digits.
    """

    queries: Array
    keys: Array
    attention: Callable[[slice], Array]
    allowed: Callable[[slice], Array]
    score: Callable[[slice], Array]


@dataclass(frozen=True)
class Blocks:
    """n blocks of R rows and L keys, for all heads.

    queries (n, R) and keys (n, heads or 1, L) are places on the map; target (n, heads, R, L) sums
    to 1 over keys; weight (n, heads, R) is what a row counts: its mass on keys, less than 1 where a
    sink takes some, 0 for filling; offset (n, heads or 1, 1, L) is added to logits; forbidden (n,
    heads or 1, R, L) marks keys that a row may not see.
    """

    queries: Tensor
    keys: Tensor
    target: Tensor
    weight: Tensor
    offset: Tensor | None = None
    forbidden: Tensor | None = None

    def __len__(self) -> int:
        return len(self.queries)

    def to(self, device: str) -> Blocks:
        """The same on a device."""
        tensors = (self.queries, self.keys, self.target, self.weight, self.offset, self.forbidden)
        return Blocks(*(None if tensor is None else tensor.to(device) for tensor in tensors))  # type: ignore[arg-type]

    def sharpen(self, perplexity: float) -> None:
        """Sharpen the targets in place, a block at a time."""
        for own in range(len(self)):
            known = self.weight[own].unsqueeze(-1) > 0
            self.target[own] = torch.where(known, sharpen(self.target[own], perplexity), 0)

    @property
    def pairs(self) -> int:
        """Pairs of a query and a key, for one head."""
        return len(self) * self.target.shape[2] * self.target.shape[3]


def sharpen(a: Tensor, perplexity: float) -> Tensor:
    """Rows (…, keys) raised to the smallest power β ≥ 1 at which their perplexity is at most
    `perplexity`."""
    logs = a.clamp_min(_TINY).log()
    low, high = (
        torch.ones(a.shape[:-1], device=a.device),
        torch.full(a.shape[:-1], 64.0, device=a.device),
    )
    limit = float(np.log(perplexity))

    def entropy(power: Tensor) -> Tensor:
        p = torch.softmax(logs * power.unsqueeze(-1), -1)
        return -(p * p.clamp_min(_TINY).log()).sum(-1)

    flat = entropy(low) > limit
    for _ in range(_BISECTIONS):
        middle = (low + high) / 2
        above = entropy(middle) > limit
        low, high = torch.where(above, middle, low), torch.where(above, high, middle)
    power = torch.where(flat, high, torch.ones_like(high))
    return torch.softmax(logs * power.unsqueeze(-1), -1)


@dataclass(frozen=True)
class _Piece:
    """A block before it is filled up: queries (R,), keys (heads or 1, L), target (heads, R, L), and
    the rest alike."""

    queries: Array
    keys: Array
    target: Array
    allowed: Array
    offset: Array


def document_blocks(documents: Iterable[DocumentRows], seed: int) -> list[Blocks]:
    """Blocks of in-document rows, in a seeded random order. Rows without attention on the map are
    left out."""
    pieces: dict[tuple[int, int], list[_Piece]] = defaultdict(list)
    rng = np.random.default_rng(seed)
    for document in documents:
        for piece in _pieces(document, rng):
            pieces[_fit(len(piece.queries)), _fit(piece.keys.shape[1])].append(piece)
    found = []
    for shape, own in sorted(pieces.items()):
        found.append(_fill_up([own[i] for i in rng.permutation(len(own))], shape))
    return found


def _fit(count: int) -> int:
    return next(size for size in SIZES if size >= count)


def _pieces(document: DocumentRows, rng: np.random.Generator) -> Iterator[_Piece]:
    """A document's rows: one block if it is short, else blocks of consecutive rows with the keys
    that matter."""
    shown = np.flatnonzero(document.keys >= 0)
    rows_at_once = SIZES[-1] if len(shown) <= SIZES[-1] else LONG_ROWS
    if len(shown) < 2:
        return
    for start in range(0, len(document.queries), rows_at_once):
        rows = slice(start, start + rows_at_once)
        attention = np.nan_to_num(document.attention(rows)[..., shown])
        allowed = document.allowed(rows)[:, shown]
        kept = (document.queries[rows] >= 0) & (attention.sum(-1).max(0) > 0)
        if not kept.any():
            continue
        queries, attention, allowed = (
            document.queries[rows][kept],
            attention[:, kept],
            allowed[kept],
        )
        if len(shown) <= SIZES[-1]:
            flat = np.zeros((1, len(shown)), np.float32)
            yield _Piece(queries, document.keys[shown][None], attention, allowed[None], flat)
        else:
            yield _long_piece(queries, document.keys[shown], attention, allowed, rng)


def _long_piece(
    queries: Array, keys: Array, attention: Array, allowed: Array, rng: np.random.Generator
) -> _Piece:
    """Of many keys those that any row attends most, head by head, and a sample of the others, which
    stands for all."""
    heads = len(attention)
    count = LONG_KEYS * 3 // 4
    important = attention / attention.max(-1, keepdims=True).clip(_TINY)
    order = np.argsort(-important.max(1), -1, kind="stable")  # (heads, keys)
    others = order[:, count:]
    drawn = rng.permuted(others, axis=1)[:, : LONG_KEYS - count]
    chosen = np.concatenate([order[:, :count], drawn], 1)
    offset = np.zeros(chosen.shape, np.float32)
    offset[:, count:] = np.log(others.shape[1] / drawn.shape[1])
    target = np.stack([attention[head][:, chosen[head]] for head in range(heads)])
    seen = np.stack([allowed[:, chosen[head]] for head in range(heads)])
    return _Piece(queries, keys[chosen], target, seen, offset)


def _fill_up(pieces: list[_Piece], shape: tuple[int, int]) -> Blocks:
    """Pieces as one array each, filled up to R rows and L keys."""
    rows, keys = shape
    heads, own = len(pieces[0].target), max(len(piece.keys) for piece in pieces)
    n = len(pieces)
    queries_at, keys_at = np.zeros((n, rows), np.int64), np.zeros((n, own, keys), np.int64)
    target, weight = torch.zeros(n, heads, rows, keys), torch.zeros(n, heads, rows)
    offset, forbidden = (
        np.full((n, own, 1, keys), _NEVER, np.float32),
        np.zeros((n, own, rows, keys), bool),
    )
    for i, piece in enumerate(pieces):
        r, c = len(piece.queries), piece.keys.shape[1]
        queries_at[i, :r], keys_at[i, :, :c] = piece.queries, piece.keys
        offset[i, :, 0, :c], forbidden[i, :, :r, :c] = piece.offset, ~piece.allowed
        mass = torch.from_numpy(np.ascontiguousarray(piece.target, np.float32))
        weight[i, :, :r] = mass.sum(-1)
        target[i, :, :r, :c] = mass / mass.sum(-1, keepdim=True).clamp_min(_TINY)
    bare = bool((offset == 0).all())
    return Blocks(
        torch.from_numpy(queries_at),
        torch.from_numpy(keys_at),
        target,
        weight,
        None if bare else torch.from_numpy(offset),
        torch.from_numpy(forbidden) if forbidden.any() else None,
    )


def global_blocks(
    q: Array, k: Array, scaling: float, softcap: float | None, seed: int
) -> list[Blocks]:
    """Blocks of global rows of queries (heads, points, d) over random keys (kv heads, points, d):
    each query once."""
    heads, points, _ = q.shape
    group = heads // len(k)
    rng = np.random.default_rng(seed)
    rows, count = min(GLOBAL_ROWS, points), min(GLOBAL_KEYS, k.shape[1])
    starts = sorted({*range(0, points - rows + 1, rows), points - rows})
    order = rng.permutation(points)
    queries_at = np.stack([order[start : start + rows] for start in starts])
    keys_at = np.stack([rng.choice(k.shape[1], count, replace=False) for _ in starts])
    target = torch.empty(len(starts), heads, rows, count)
    queries, keys = torch.from_numpy(q), torch.from_numpy(k)
    for i, (own, others) in enumerate(zip(queries_at, keys_at, strict=True)):
        near = keys[:, others].repeat_interleave(group, 0).transpose(1, 2)
        scores = torch.bmm(queries[:, own], near) * scaling
        if softcap is not None:
            scores = softcap * torch.tanh(scores / softcap)
        target[i] = torch.softmax(scores, -1)
    weight = torch.ones(len(starts), heads, rows)
    return [
        Blocks(torch.from_numpy(queries_at), torch.from_numpy(keys_at)[:, None], target, weight)
    ]

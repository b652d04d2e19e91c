"""In-document rows, which hold the model's own attention, as the attention map fits them.

A document of up to 512 keys is kept whole. In a longer one a block of 64 consecutive rows keeps the
keys that any of its rows attends most, and a random sample of the others, each of which stands for
many: log(others / sampled) is added to its logit. So a map's work grows linearly with the text.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
import torch

from attnviz.maps.document_rows import DocumentRows
from attnviz.maps.row_blocks import TINY, Blocks
from attnviz.score import Array

SIZES: Final = (8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512)
"""Numbers of rows and of keys in a block; what is less is filled up with rows that weigh
nothing."""

LONG_ROWS: Final = 64
LONG_KEYS: Final = 256
_NEVER: Final = -1e9


@dataclass(frozen=True)
class _Piece:
    """A block before it is filled up.

    queries (R,) and keys (heads or 1, L) are places on the map; target (heads, R, L) is attention;
    allowed (heads or 1, R, L) says which keys a row may see; offset (heads or 1, L) is added to
    logits.
    """

    queries: Array
    keys: Array
    target: Array
    allowed: Array
    offset: Array


def document_blocks(documents: Iterable[DocumentRows], seed: int) -> list[Blocks]:
    """Blocks of in-document rows, one entry per shape, in a seeded random order. Rows without
    attention on the map are left out."""
    by_shape: dict[tuple[int, int], list[_Piece]] = defaultdict(list)
    rng = np.random.default_rng(seed)
    for document in documents:
        for piece in _pieces(document, rng):
            by_shape[_size(len(piece.queries)), _size(piece.keys.shape[1])].append(piece)
    blocks = []
    for shape, pieces in sorted(by_shape.items()):
        order = rng.permutation(len(pieces))
        blocks.append(_fill_up([pieces[i] for i in order], shape))
    return blocks


def _size(count: int) -> int:
    """The smallest size that so many rows or keys fit in."""
    return next(size for size in SIZES if size >= count)


def _pieces(document: DocumentRows, rng: np.random.Generator) -> Iterator[_Piece]:
    """A document's rows: one block if it is short, else blocks of consecutive rows with the keys
    that matter."""
    on_map = np.flatnonzero(document.keys >= 0)
    if len(on_map) < 2:
        return
    is_short = len(on_map) <= SIZES[-1]
    step = SIZES[-1] if is_short else LONG_ROWS
    for start in range(0, len(document.queries), step):
        rows = slice(start, start + step)
        queries = document.queries[rows]
        attention = np.nan_to_num(document.attention(rows)[..., on_map])  # (head, row, key)
        allowed = document.allowed(rows)[:, on_map]  # (row, key)
        # Rows whose query is on the map, and that some head attends to a key of the map from.
        fit = (queries >= 0) & (attention.sum(-1).max(0) > 0)
        if not fit.any():
            continue
        queries, attention, allowed = queries[fit], attention[:, fit], allowed[fit]
        if is_short:
            yield _Piece(
                queries=queries,
                keys=document.keys[on_map][None],
                target=attention,
                allowed=allowed[None],
                offset=np.zeros((1, len(on_map)), np.float32),
            )
        else:
            keys = document.keys[on_map]
            yield _long_piece(queries, keys, attention=attention, allowed=allowed, rng=rng)


def _long_piece(
    queries: Array, keys: Array, attention: Array, allowed: Array, rng: np.random.Generator
) -> _Piece:
    """Of many keys those that any row attends most, head by head, and a sample of the others, which
    stands for all."""
    heads = len(attention)
    count = LONG_KEYS * 3 // 4
    # A key matters as much as it does to the row that it matters to most.
    importance = (attention / attention.max(-1, keepdims=True).clip(TINY)).max(1)  # (head, key)
    order = np.argsort(-importance, -1, kind="stable")
    others = order[:, count:]
    sample = rng.permuted(others, axis=1)[:, : LONG_KEYS - count]
    kept = np.concatenate([order[:, :count], sample], 1)  # (head, kept key)
    offset = np.zeros(kept.shape, np.float32)
    offset[:, count:] = np.log(others.shape[1] / sample.shape[1])
    return _Piece(
        queries=queries,
        keys=keys[kept],
        target=np.stack([attention[head][:, kept[head]] for head in range(heads)]),
        allowed=np.stack([allowed[:, kept[head]] for head in range(heads)]),
        offset=offset,
    )


def _fill_up(pieces: list[_Piece], shape: tuple[int, int]) -> Blocks:
    """Pieces as one array each, filled up to R rows and L keys."""
    n, (rows, keys) = len(pieces), shape
    heads = len(pieces[0].target)
    key_heads = max(len(piece.keys) for piece in pieces)  # 1 where all heads have the same keys
    queries_at = np.zeros((n, rows), np.int64)
    keys_at = np.zeros((n, key_heads, keys), np.int64)
    target = torch.zeros(n, heads, rows, keys)
    weight = torch.zeros(n, heads, rows)
    # Filling is never attended to.
    offset = np.full((n, key_heads, 1, keys), _NEVER, np.float32)
    forbidden = np.zeros((n, key_heads, rows, keys), bool)
    for i, piece in enumerate(pieces):
        r, c = len(piece.queries), piece.keys.shape[1]
        queries_at[i, :r], keys_at[i, :, :c] = piece.queries, piece.keys
        offset[i, :, 0, :c], forbidden[i, :, :r, :c] = piece.offset, ~piece.allowed
        attention = torch.from_numpy(np.ascontiguousarray(piece.target, np.float32))
        mass = attention.sum(-1)  # (head, row)
        weight[i, :, :r] = mass
        target[i, :, :r, :c] = attention / mass.unsqueeze(-1).clamp_min(TINY)
    return Blocks(
        queries=torch.from_numpy(queries_at),
        keys=torch.from_numpy(keys_at),
        target=target,
        weight=weight,
        offset=torch.from_numpy(offset) if (offset != 0).any() else None,
        forbidden=torch.from_numpy(forbidden) if forbidden.any() else None,
    )

"""Attention that was given, checked: its shape, its rows, and whether it looks back alone."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np

from attnviz.config.tree import half_characters
from attnviz.errors import InputError
from attnviz.score import Array, Mask

TOLERANCE: Final = 0.01
"""So far from 1 the sum of a row may be, as half precision and printed digits leave it; rows are
then scaled to 1."""
_SAID: Final = 1e-3
"""Beyond this the scaling of rows is said."""


def check_characters(value: Any, where: str) -> None:
    """Raises InputError, which begins with `where`, if a text in plain values has half a character,
    which no file can hold."""
    for problem in half_characters(value):
        raise InputError(f"{where}: {problem.message}")


def as_array(value: Any, where: str) -> Array:
    """Numbers as float32 on the CPU, from NumPy, torch, JAX or nested lists. Raises InputError,
    which begins with `where`, if they are no array of numbers."""
    try:
        if hasattr(value, "detach"):
            value = value.detach().float().cpu().numpy()
        with np.errstate(over="ignore"):  # what is too large for it is infinite, which is refused
            return np.asarray(value, np.float32)
    except (TypeError, ValueError) as error:
        raise InputError(
            f"{where}: is no array of numbers ({str(error)[:120]}); expected rows of equal length"
        ) from error


def check_shape(a: Array, queries: int, keys: int, where: str) -> None:
    """Raises InputError if `a` is not (heads, queries, keys)."""
    if a.ndim == 3 and a.shape[1:] == (queries, keys) and a.shape[0]:
        return
    count = f"{queries} tokens" if queries == keys else f"{queries} and {keys} tokens"
    raise InputError(
        f"{where}: has shape {a.shape}, and there are {count}; expected (heads, {queries}, {keys}):"
        " a row for each token, special ones such as [CLS] among them"
    )


def check_rows(a: Array, where: str, missing: bool = False) -> tuple[Array, float]:
    """Attention (heads, T, K) with rows scaled to 1, and how far the farthest was from that; with
    `missing`, rows that may sum to less stay as they are.

    Raises InputError that names the first head and query whose row is no attention.
    """
    infinite, negative = np.asarray(~np.isfinite(a).all(-1)), np.asarray((a < 0).any(-1))
    if infinite.any():
        raise InputError(
            f"{where}: {_place(infinite)} holds NaN or infinity; expected weights"
            " from 0 to 1: rows of padding are left out"
        )
    if negative.any():
        raise InputError(
            f"{where}: {_place(negative)} has the weight {a.min():.4g}; expected weights"
            " from 0 to 1, after the softmax"
        )
    totals = a.sum(-1, dtype=np.float64)  # (head, query)
    off = (totals - 1).clip(0) if missing else np.abs(totals - 1)
    if (off > TOLERANCE).any():
        total = totals[off == off.max()][0]
        raise InputError(f"{where}: {_place(off == off.max())} {_wrong_sum(total)}")
    if missing:
        return a, 0.0
    return (a / totals[..., None]).astype(np.float32), float(off.max(initial=0))


def _wrong_sum(total: float) -> str:
    """What is wrong with a row of this sum, and what to do."""
    if total > 1:
        return (
            f"sums to {total:.3g}, {100 * (total - 1):.3g} % too much; expected 1: attention after"
            " the softmax, one head a matrix"
        )
    if total == 0:
        return "sums to 0; expected 1: leave out padding, or rows that see no token"
    return (
        f"sums to {total:.3g}: {100 * (1 - total):.3g} % is missing; expected 1; where only the"
        " strongest weights were kept, say so with missing=True"
    )


def _place(wrong: Array) -> str:
    """The first head and query where (head, query) bool is true."""
    head, query = np.argwhere(wrong)[0]
    return f"the row of head {head}, query {query}"


def scaling_notice(off: float) -> str | None:
    """What is to be said of rows that were scaled."""
    if off <= _SAID:
        return None
    return (
        f"rows of the attention that was given sum to 1 within {off:.2g} only; each was scaled to"
        " sum to 1"
    )


def mask_of(layers: Sequence[Array]) -> Mask:
    """Whether one layer's attention (heads, T, K), document by document, looks back alone."""
    square = all(a.shape[1] == a.shape[2] for a in layers)
    if square and not any(np.triu(a, 1).any() for a in layers):
        return Mask("causal")
    return Mask("full")

"""Memory that attention takes where it is kept whole, said before a model reads its documents."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from attnviz.capture.batches import Batch
from attnviz.capture.calls import AttentionCall
from attnviz.engine.machine import machine_memory
from attnviz.errors import InputError

SAID: Final = 10**9
"""Bytes from which they are said."""
_WORKING: Final = 8
"""Arrays as large as one call's attention that a pass works on, beside those that it keeps:
measured 7.1 and 7.8 in WavLM, whose softmax is followed (docs/decisions/capture.md)."""


@dataclass(frozen=True)
class WholeAttention:
    """Of one call: its attention is kept, (heads, T, K), and not queries and keys."""

    query_axis: str
    key_axis: str
    heads: int


def whole_attention(calls: Sequence[AttentionCall]) -> list[WholeAttention]:
    """The calls of a pass whose attention is kept whole."""
    return [
        WholeAttention(call.query_axis, call.key_axis, call.heads)
        for call in calls
        if not call.vectors
    ]


def kept_and_needed(calls: Sequence[WholeAttention], batch: Batch) -> tuple[int, int]:
    """Bytes of attention that is kept of a batch, float32, and that its pass needs at once."""
    sizes = [_size(call, batch) for call in calls]
    return sum(sizes), sum(sizes) + _WORKING * max(sizes, default=0)


def _size(call: WholeAttention, batch: Batch) -> int:
    tokens = [batch.padded.get(axis, 0) for axis in (call.query_axis, call.key_axis)]
    return 4 * len(batch.documents) * call.heads * tokens[0] * tokens[1]


def memory_in_words(
    model: str, calls: Sequence[WholeAttention], batches: Sequence[Batch]
) -> str | None:
    """What the largest batch takes, if that is much. Raises InputError if what is kept alone is
    more than this machine has."""
    if not calls or not batches:
        return None
    largest = max(batches, key=lambda batch: kept_and_needed(calls, batch)[1])
    kept, needed = kept_and_needed(calls, largest)
    if needed < SAID:
        return None
    work = (
        f"model {model}: the attention of {len(calls)} of its calls is computed and kept whole, so"
        f" that reading {_documents(largest)} takes about"
        f" {needed / 1e9:,.1f} GB of memory, and {kept / 1e9:,.1f} GB of the cache"
    )
    memory = machine_memory()
    if memory is not None and kept > memory:
        raise InputError(
            f"{work}; this machine has {memory / 1e9:,.1f} GB: divide it into shorter documents,"
            " set max_length where it is a text, or build where there is more"
        )
    return work


def _documents(batch: Batch) -> str:
    """What is read at once, and how long it is with its padding."""
    tokens = " and ".join(f"{count:,} tokens of {axis}" for axis, count in batch.padded.items())
    first, *others = batch.documents
    if not others:
        return f"document {first} ({tokens})"
    return f"document {first} and {len(others):,} more at once ({tokens} each)"

"""Keys that attention rests on whatever the query: of which kinds they are in a stack, and where
they stand in a document. Reports name them (`resting` of a stack), and viewers hide the same."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np

from attnviz.documents import Tokens
from attnviz.format.model import RestingKind
from attnviz.score import Array, Mask


def kinds_under(masks: Collection[Mask], separator: int | None) -> tuple[RestingKind, ...]:
    """The kinds of keys that attention of a stack rests on, whose layers have these masks.

    Special tokens are everywhere. Separators are where the model names one. The first token is
    where no row sees what comes after it: all later rows then see the first, which is what makes it
    a place to rest (Xiao et al. 2024). Elsewhere the first token is a word, or a patch, like
    others.
    """
    kinds: list[RestingKind] = ["special"]
    if separator is not None:
        kinds.append("separator")
    if all(map(_looks_back, masks)):
        kinds.append("first")
    return tuple(kinds)


def _looks_back(mask: Mask) -> bool:
    """Whether no row sees a key after its own place."""
    return mask.kind == "causal" or (mask.kind == "band" and mask.after == 0)


def resting_keys(
    kinds: Collection[RestingKind], tokens: Tokens | None, keys: int, separator: int | None
) -> Array:
    """Which of a document's keys attention rests on, (keys,) bool. Of `tokens` that are not known
    only the first can be."""
    resting = np.zeros(keys, bool)
    if tokens is not None:
        if "special" in kinds:
            resting |= tokens.special
        if "separator" in kinds and separator is not None:
            resting |= tokens.ids == separator
    if "first" in kinds:
        resting[:1] = True
    return resting

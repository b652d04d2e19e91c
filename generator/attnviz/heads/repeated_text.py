"""A probe: random tokens said twice, so that nothing but the repetition can be known.

The second time an induction head attends to the token after the first occurrence of the present
one, a duplicate-token head to the first occurrence itself (Elhage et al. 2021; Olsson et al. 2022).
The control says the same tokens twice, the second time in another order: a head that attends to
the same places there does not go by the tokens.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import numpy as np

from attnviz.heads.awake import AWAKE, LEAST_AWAKE
from attnviz.heads.sums import Mean
from attnviz.heads.token_texts import frame_of, plain_tokens, token_text
from attnviz.modalities.model_input import ModelInput
from attnviz.models.loaded import LoadedModel
from attnviz.sampling import ERROR_OF
from attnviz.score import Array

TEXTS: Final = 8
LENGTH: Final = 40
_SHORTEST: Final = 8

SCORES: Final = ("induction", "duplicate_probe")
CONTROLS: Final = ("induction_control", "duplicate_control")


def probe_texts(loaded: LoadedModel, seed: int, repeated: bool = True) -> list[ModelInput]:
    """Texts of distinct random tokens said twice, between the tokenizer's own special tokens.

    [] where the model takes too few tokens, or has too few. Without `repeated` the second time is
    in another order: what a head does there it does without the sequence being known.
    """
    before, after = frame_of(loaded.tokenizer)
    vocabulary = plain_tokens(loaded)
    room = (loaded.limit or 10**9) - len(before) - len(after)
    length = min(LENGTH, room // 2, len(vocabulary))
    if length < _SHORTEST:
        return []
    rng = np.random.default_rng(seed)
    texts = []
    for _ in range(TEXTS):
        first = rng.choice(vocabulary, length, replace=False)
        second = first if repeated else rng.permutation(first)
        ids = np.concatenate([first, second])
        texts.append(token_text(loaded.tokenizer, before, ids, after))
    return texts


def probe_scores(
    texts: Iterable[tuple[Array, Array, Array]], heads: int, names: tuple[str, str] = SCORES
) -> dict[str, Array]:
    """`induction` and `duplicate_probe`, or what `names` calls them, (heads,) each, from attention
    (heads, T, T), `special` and `resting` (T,) of every text; and their standard errors, since the
    texts are drawn from all there could be. They are of one length, so that each counts alike. With
    an `awake_` before their names, the same of the attention that is not on `resting` keys."""
    after, same = names
    means = {after: Mean(heads), same: Mean(heads)}  # over texts
    awake = {after: DrawnRatio(heads), same: DrawnRatio(heads)}
    for a, special, rests in texts:
        tokens = np.flatnonzero(~special)
        length = len(tokens) // 2
        second = tokens[length:]
        mass = a[:, second][..., ~rests].sum(-1).mean(-1)  # (head,)
        # A token's first occurrence lies `length` before its second.
        for name, keys in ((after, second - length + 1), (same, second - length)):
            means[name].add(a[:, second, keys].mean(-1, keepdims=True))
            awake[name].add((a[:, second, keys] * ~rests[keys]).mean(-1), mass)
    scores = {name: mean.value() for name, mean in means.items()}
    scores |= {name + ERROR_OF: mean.standard_error() for name, mean in means.items()}
    scores |= {f"{AWAKE}{name}": ratio.value() for name, ratio in awake.items()}
    errors = {f"{AWAKE}{name}{ERROR_OF}": r.standard_error() for name, r in awake.items()}
    return scores | errors


class DrawnRatio:
    """One sum over another, per head, over texts that are drawn."""

    def __init__(self, heads: int) -> None:
        self._heads = heads
        self._parts: list[Array] = []
        self._totals: list[Array] = []

    def add(self, part: Array, total: Array) -> None:
        """Take in what a text has of both, (heads,)."""
        self._parts.append(part)
        self._totals.append(total)

    def value(self) -> Array:
        """(heads,), NaN where there is too little to divide by."""
        if not self._totals:
            return np.full(self._heads, np.nan)
        part, total = np.mean(self._parts, 0), np.mean(self._totals, 0)
        enough = total >= LEAST_AWAKE
        ratio: Array = np.divide(part, total, where=enough, out=np.full(self._heads, np.nan))
        return ratio

    def standard_error(self) -> Array:
        """(heads,), that of a ratio of means (Cochran 1977, 6.4); NaN for fewer than two texts."""
        count = len(self._totals)
        if count < 2:
            return np.full(self._heads, np.nan)
        ratio = self.value()
        rests = np.array(self._parts) - ratio * np.array(self._totals)  # (text, head)
        error: Array = np.sqrt((rests**2).sum(0) / (count * (count - 1))) / np.mean(self._totals, 0)
        return error

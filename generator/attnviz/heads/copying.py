"""Copying: whether what a head writes when it attends to a token makes that token more likely."""

from __future__ import annotations

from typing import Final

import numpy as np

from attnviz.score import Array

TIE: Final = 1e-5
"""Logits count as equal up to this share of the largest: what is left of rounding is no copying."""


def copying_score(logits: Array) -> float:
    """How far a token's own logit stands above the others', from −1 (below all) over 0 (chance) to
    1 (above all): the mean of `copying_scores`."""
    return float(copying_scores(logits).mean())


def copying_scores(logits: Array) -> Array:
    """The copying score of each text, (texts,).

    `logits` (texts, n, n): what attending to token i of a text adds to the logit of its token j;
    the tokens of a text are distinct. The score is the mean over i ≠ j of the sign of
    logit_ii − logit_ij: a rank, so that no scale of the last norm matters. It is the direct path
    of Elhage et al. 2021, W_U W_O W_V, measured on tokens as they stand in a text, which Olsson et
    al. 2022 measure alike; a head that writes nothing has 0.
    """
    of_itself = np.diagonal(logits, axis1=1, axis2=2)[:, :, None]  # (text, token, 1)
    above = of_itself - logits  # (text, token, token)
    largest = abs(logits).max(-1, keepdims=True)
    signs = np.where(abs(above) <= TIE * largest, 0, np.sign(above))
    count = logits.shape[-1]
    scores: Array = signs.sum((1, 2)) / (count * (count - 1))
    return scores


def copying_among(logits: Array, of_itself: Array) -> Array:
    """The copying score of each token among a whole vocabulary, (tokens,).

    `logits` (tokens, vocabulary) are what attending to each token adds to all logits, `of_itself`
    (tokens,) what to its own. The score is the mean over other tokens of the sign of the
    difference, as that of `copying_scores` is over the tokens of a text.
    """
    above = of_itself[:, None] - logits  # (token, vocabulary)
    largest = abs(logits).max(-1, keepdims=True)
    signs = np.where(abs(above) <= TIE * largest, 0, np.sign(above))
    scores: Array = signs.sum(-1) / max(1, logits.shape[-1] - 1)
    return scores

"""Which next tokens what a head writes at a token raises and lowers most, as a step of the
build."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch

from attnviz.capture.result import Layer
from attnviz.documents.token_names import name_type
from attnviz.engine.step import step
from attnviz.heads.copied_tokens import SavedModel
from attnviz.heads.copying import TIE, copying_among
from attnviz.heads.pairs import Types
from attnviz.models.unembedding import load_unembedding
from attnviz.score import Array
from attnviz.writes.norms import LinearNorm
from attnviz.writes.outputs import ModelOutput
from attnviz.writes.values_by_token import NormScale

EACH: Final = 8
"""Types of tokens that are taken because a head attends most to them, and as many because they are
frequent."""
NEXT: Final = 5
"""Next tokens that are raised, and as many that are lowered."""
_VOCABULARY: Final = 2**14
"""Rows of the unembedding that are multiplied at once."""


@dataclass(frozen=True)
class WrittenToken:
    """A type of token that a head attends to: how many there are, the share of the head's attention
    that they get, and the mean length of what the head writes there. `copying` and the next tokens
    are of the mean of what it writes there, in logits; None and empty where there are none."""

    head: int
    id: int
    text: str
    count: int
    attention: float
    length: float
    copying: float | None
    raised: list[str]
    raised_by: list[float]
    lowered: list[str]
    lowered_by: list[float]


@dataclass(frozen=True)
class WrittenLayer:
    """A layer with the types of tokens on its axis of keys, and the folder that says how much
    attention they get."""

    layer: Layer
    types: Types
    attended: Path


@step("next tokens")
def find_next_tokens(
    model: SavedModel,
    layers: Sequence[WrittenLayer],
    output: ModelOutput,
    scale: NormScale,
    outputs: Path,
    means: Path,
) -> list[list[WrittenToken]]:
    """By layer, head by head, the types that a head attends to most and those that are frequent,
    those with most attention first. `outputs` is the folder of `find_outputs`, `means` that of
    `mean_values`."""
    logits = _Logits(model, output, scale, outputs)
    tables = []
    for number, each in enumerate(layers):
        known = output.layers[number]
        rows: list[WrittenToken] = []
        if known.projected and (means / f"v{number}.npy").is_file():
            written = np.load(outputs / f"o{number}.npy")
            values, lengths = (np.load(means / f"{name}{number}.npy") for name in "vw")
            seen_by = logits if known.factor is not None and not each.layer.cross else None
            for place in range(each.layer.heads):
                at_types = values[place // each.layer.group] @ written[place]  # (types, hidden)
                rows += _of_head(each, place, at_types, lengths[place], seen_by)
        tables.append(rows)
    return tables


class _Logits:
    """What is added to logits by vectors that are added to the residual stream: through the last
    norm, its scale at the corpus's mean, and the unembedding."""

    def __init__(
        self, model: SavedModel, output: ModelOutput, scale: NormScale, outputs: Path
    ) -> None:
        self._tokenizer: Any = model.loaded.tokenizer
        matrix = load_unembedding(model.loaded, model.spec) if output.norm else None
        self._matrix = matrix if matrix is not None and matrix.shape[1] == output.hidden else None
        if self._matrix is None:
            return
        if self._tokenizer is not None:  # rows that fill a table up stand for no token
            self._matrix = self._matrix[: len(self._tokenizer)]
        gain = torch.from_numpy(np.load(outputs / "gain.npy"))
        self._norm = LinearNorm(gain, torch.zeros_like(gain), output.centred)
        self._inverse = scale.inverse

    @property
    def known(self) -> bool:
        """Whether there are logits."""
        return self._matrix is not None and self._inverse > 0

    def of(self, added: Array) -> Array:
        """(tokens, vocabulary) float32, of vectors (tokens, hidden)."""
        if self._matrix is None:
            raise RuntimeError("the model has no unembedding")
        normed = self._norm.before_scale(torch.from_numpy(added)) * self._inverse
        parts = [
            normed.float() @ rows.float().cpu().T for rows in torch.split(self._matrix, _VOCABULARY)
        ]
        logits: Array = torch.cat(parts, -1).numpy()
        return logits

    def names(self, ids: Array) -> list[str]:
        """What to call tokens."""
        numbers = [int(number) for number in ids]
        if self._tokenizer is None:
            return [f"token {number}" for number in numbers]
        pieces = self._tokenizer.convert_ids_to_tokens(numbers)
        return [
            name_type(str(piece), self._tokenizer.decode([number]), ())
            for piece, number in zip(pieces, numbers, strict=True)
        ]


def _of_head(
    each: WrittenLayer, place: int, at_types: Array, lengths: Array, logits: _Logits | None
) -> Iterator[WrittenToken]:
    """The rows of the head at a place in its layer."""
    shares = np.load(each.attended / "shares.npy")[place]
    counts = np.load(each.attended / "counts.npy")
    chosen = _chosen(shares, np.where(np.isnan(lengths), 0, counts))
    if logits is not None and not logits.known:
        logits = None
    added = None if logits is None else logits.of(at_types[chosen])
    scores = None if added is None else _copying(added, each.types.ids[chosen])
    for row, number in enumerate(chosen):
        raised, lowered = _extremes(added[row]) if added is not None else (_NONE, _NONE)
        by = added[row] if added is not None else np.zeros(0)
        yield WrittenToken(
            head=each.layer.numbers[place],
            id=int(each.types.ids[number]),
            text=each.types.texts[number],
            count=int(counts[number]),
            attention=float(shares[number]),
            length=float(lengths[number]),
            copying=None if scores is None or np.isnan(scores[row]) else float(scores[row]),
            raised=[] if logits is None else logits.names(raised),
            raised_by=by[raised].astype(float).tolist(),
            lowered=[] if logits is None else logits.names(lowered),
            lowered_by=by[lowered].astype(float).tolist(),
        )


_NONE: Final = np.zeros(0, np.int64)


def _chosen(shares: Array, counts: Array) -> Array:
    """The types with most attention and the most frequent ones, most attention first; of equals the
    smaller ids."""
    there = np.flatnonzero(counts > 0)
    most = there[np.argsort(-shares[there], kind="stable")[:EACH]]
    frequent = there[np.argsort(-counts[there], kind="stable")[:EACH]]
    both = np.union1d(most, frequent)
    return both[np.argsort(-shares[both], kind="stable")]


def _copying(added: Array, ids: Array) -> Array:
    """The copying score of each token; NaN of one that the vocabulary has not."""
    inside = ids < added.shape[-1]
    own = added[np.arange(len(ids)), np.where(inside, ids, 0)]
    return np.where(inside, copying_among(added, own), np.nan)


def _extremes(added: Array) -> tuple[Array, Array]:
    """The tokens whose logits rise, and those that fall most; none that stay as they are but for
    rounding."""
    order = np.argsort(-added, kind="stable")
    raised, lowered = order[:NEXT], order[::-1][:NEXT]
    least = TIE * abs(added).max(initial=0.0)
    return raised[added[raised] > least], lowered[added[lowered] < -least]

"""What each head copies from a needle, as a step of the build."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from attnviz.capture.assembly import assemble
from attnviz.capture.batches import make_batch
from attnviz.capture.calls import CapturedBatch
from attnviz.capture.captured_layer import captured_layers
from attnviz.capture.runner import write_batch
from attnviz.engine.step import step
from attnviz.format.model import RestingKind
from attnviz.heads.needle_texts import VALUE, NeedleTexts
from attnviz.heads.resting import resting_keys
from attnviz.modalities.family import Family
from attnviz.modalities.model_input import ModelInput
from attnviz.models.loaded import LoadedModel
from attnviz.score import Array


@dataclass(frozen=True)
class CopiedShares:
    """What the heads of a layer do at the end of texts, mean over the tokens before the value's,
    from 0 to 1, (text, head) each: attention on the needle's token that comes next (`gold`); how
    often that has the largest attention (`strongest`); attention that does not rest (`mass`), and
    that where the token that comes next has the largest of it (`strongest_mass`)."""

    gold: list[list[float]]
    strongest: list[list[float]]
    mass: list[list[float]]
    strongest_mass: list[list[float]]


@step("needle")
def score_needle(
    loaded: LoadedModel,
    family: Family,
    needle: NeedleTexts,
    together: int,
    layers: Sequence[int],
    heads: Sequence[int],
    resting: Mapping[str, tuple[RestingKind, ...]],
    separator: int | None,
) -> list[tuple[CopiedShares, CopiedShares]]:
    """By layer what its heads do on the texts of one depth, and on their controls; `together` are
    captured at a time. `layers` and `heads` are those to keep, all if empty; `resting` are the
    kinds of keys that each stack's attention rests on, `separator` is the id of the model's."""
    documents = [*needle.texts, *needle.controls]
    measured: list[list[Array]] = []  # document, layer: (4, head)
    for first in range(0, len(documents), together):
        measured += _measure(
            loaded,
            family,
            documents[first : first + together],
            needle,
            (layers, heads),
            (resting, separator),
        )
    count = len(needle.texts)
    return [
        (_shares(of_layer[:count]), _shares(of_layer[count:]))
        for of_layer in zip(*measured, strict=True)
    ]


def _measure(
    loaded: LoadedModel,
    family: Family,
    documents: Sequence[ModelInput],
    needle: NeedleTexts,
    kept: tuple[Sequence[int], Sequence[int]],
    rests: tuple[Mapping[str, tuple[RestingKind, ...]], int | None],
) -> list[list[Array]]:
    """By document and layer the four figures of its heads, (4, head)."""
    batch = make_batch(tuple(range(len(documents))), documents, family.lengths)
    resting, separator = rests
    with tempfile.TemporaryDirectory() as folder:
        write_batch(loaded, family, batch, documents, folder=Path(folder))
        captured = assemble([CapturedBatch(batch, Path(folder))], *kept)
        measured: list[list[Array]] = [[] for _ in documents]
        for layer in captured_layers(captured):
            kinds = resting.get(layer.layer.stack, ())
            for document in layer.documents():
                tokens = documents[document.document].axes["text"]
                keys = resting_keys(kinds, tokens, len(tokens), separator)
                rows = document.attention(slice(needle.query, needle.query + VALUE))
                measured[document.document].append(copied_shares(rows, needle.gold, keys))
    return measured


def copied_shares(rows: Array, gold: int, rests: Array) -> Array:
    """The figures of `CopiedShares`, (4, head), from the rows before each token of the value,
    (head, VALUE, K); `gold` is the place of the first token of the needle's value, `rests` (K,) are
    the keys that attention rests on."""
    attention = rows.astype(np.float64)
    number = np.arange(VALUE)
    copied = attention[:, number, gold + number]  # (head, token)
    awake = attention * ~rests
    mass = awake.sum(-1)
    strongest = (attention.argmax(-1) == gold + number) & (copied > 0)
    first_awake = (awake.argmax(-1) == gold + number) & (copied > 0)
    figures: Array = np.stack([copied, strongest, mass, mass * first_awake]).mean(-1)
    return figures


def _shares(documents: Sequence[Array]) -> CopiedShares:
    return CopiedShares(*np.stack(documents, 1).tolist())

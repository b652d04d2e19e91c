"""The scores of texts said twice, as a step of the build."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from attnviz.capture.assembly import assemble
from attnviz.capture.batches import make_batch
from attnviz.capture.calls import CapturedBatch
from attnviz.capture.captured_layer import CapturedLayer, captured_layers
from attnviz.capture.runner import write_batch
from attnviz.engine.step import step
from attnviz.format.model import RestingKind
from attnviz.heads.repeated_text import CONTROLS, SCORES, probe_scores
from attnviz.heads.resting import resting_keys
from attnviz.heads.statistics import by_head
from attnviz.modalities.family import Family
from attnviz.modalities.model_input import ModelInput
from attnviz.models.loaded import LoadedModel
from attnviz.score import Array


@step("probe")
def score_repetition(
    loaded: LoadedModel,
    family: Family,
    texts: Sequence[ModelInput],
    controls: Sequence[ModelInput],
    layers: Sequence[int],
    heads: Sequence[int],
    resting: Mapping[str, tuple[RestingKind, ...]],
    separator: int | None,
) -> list[list[dict[str, float | None]]]:
    """By layer and head what each does on `texts`, of random tokens said twice, and on `controls`,
    where the second time is in another order. `layers` and `heads` are those to keep, all if
    empty; `resting` are the kinds of keys that each stack's attention rests on, `separator` is the
    id of the model's."""
    documents = [*texts, *controls]
    batch = make_batch(tuple(range(len(documents))), documents, family.lengths)
    with tempfile.TemporaryDirectory() as folder:
        write_batch(loaded, family, batch, documents, folder=Path(folder))
        captured = assemble([CapturedBatch(batch, Path(folder))], layers, heads)
        return [
            _scores(layer, documents, len(texts), resting.get(layer.layer.stack, ()), separator)
            for layer in captured_layers(captured)
        ]


def _scores(
    layer: CapturedLayer,
    documents: Sequence[ModelInput],
    texts: int,
    resting: tuple[RestingKind, ...],
    separator: int | None,
) -> list[dict[str, float | None]]:
    tokens = [document.axes["text"] for document in documents]
    rests = [resting_keys(resting, each, len(each), separator) for each in tokens]
    scores: dict[str, Array] = {}
    for names, numbers in (
        (SCORES, range(texts)),
        (CONTROLS, range(texts, len(documents))),
    ):
        attention = (
            (document.attention(), tokens[document.document].special, rests[document.document])
            for document in layer.documents()
            if document.document in numbers
        )
        scores |= probe_scores(attention, layer.layer.heads, names)
    return by_head(scores, layer.layer.heads)

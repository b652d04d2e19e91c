"""The copying score of each head, of models that predict tokens, as a step of the build."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import torch

from attnviz.capture.batches import make_batch
from attnviz.capture.result import Layer
from attnviz.capture.written import Written, read_writes
from attnviz.config.options import ModelSpec
from attnviz.engine.step import step
from attnviz.heads.copying import copying_scores
from attnviz.heads.statistics import by_head
from attnviz.heads.sums import Mean
from attnviz.modalities.family import Family
from attnviz.modalities.model_input import ModelInput
from attnviz.models.loaded import LoadedModel
from attnviz.models.unembedding import load_unembedding
from attnviz.sampling import ERROR_OF
from attnviz.score import Array


@dataclass(frozen=True)
class SavedModel:
    """A loaded model and where it lies; which weights these are the loaded model says."""

    loaded: LoadedModel
    spec: ModelSpec = field(compare=False)


@step("copying")
def score_copying(
    model: SavedModel, family: Family, texts: Sequence[ModelInput], layers: Sequence[Layer]
) -> list[list[dict[str, float | None]]]:
    """`copying` by layer and head, on texts of random tokens said twice; [] if the model has no
    head for next tokens, or writes in a way that it is not defined for."""
    matrix = load_unembedding(model.loaded, model.spec)
    if matrix is None:
        return []
    batch = make_batch(tuple(range(len(texts))), texts, family.lengths)
    writes = read_writes(model.loaded, family, batch, texts)
    if writes is None:
        return []
    places = np.stack([_first_time(text) for text in texts])  # (texts, n)
    tokens = zip(texts, places, strict=True)
    ids = np.stack([text.axes["text"].ids[place] for text, place in tokens])
    rows = matrix[torch.from_numpy(ids).to(matrix.device)].float().cpu().numpy()

    def score(layer: Layer, head: int) -> dict[str, float | None]:
        return _score(writes, (layer.module, layer.module_call), head, places, rows)

    return [[score(layer, head) for head in layer.numbers] for layer in layers]


def _first_time(text: ModelInput) -> Array:
    """Where the random tokens stand the first time."""
    places = np.flatnonzero(~text.axes["text"].special)
    return places[: len(places) // 2]


def _score(
    writes: Written, call: tuple[str, int], head: int, places: Array, rows: Array
) -> dict[str, float | None]:
    """A head's score with its standard error, since the texts are drawn; `places` (texts, n) are
    those of the tokens, `rows` (texts, n, hidden) their unembedding. None if what the head writes
    is not known."""
    if call not in writes.writes:
        return {"copying": None}
    added = writes.normed(writes.writes[call].of_head(head)).float().cpu().numpy()
    if added.shape[-1] != rows.shape[-1]:
        return {"copying": None}
    at_tokens = np.take_along_axis(added, places[:, :, None], 1)  # (texts, n, hidden)
    of_texts = Mean(1)
    of_texts.add(copying_scores(at_tokens @ rows.transpose(0, 2, 1))[None])
    [scores] = by_head(
        {"copying": of_texts.value(), f"copying{ERROR_OF}": of_texts.standard_error()}, 1
    )
    return scores

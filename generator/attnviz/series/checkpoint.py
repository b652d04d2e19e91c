"""A model of a series, as those after it are compared with it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np

from attnviz.capture.model_corpus import ModelCorpus
from attnviz.capture.result import Capture, Layer
from attnviz.config import Config
from attnviz.errors import InputError
from attnviz.models.loaded import LoadedModel
from attnviz.score import Array


@dataclass(frozen=True)
class Checkpoint:
    """A model's name, its tokens' ids by axis and document, and what was captured of it: nothing of
    the model itself."""

    name: str
    ids: Mapping[str, Sequence[Array]]
    captured: Capture

    @staticmethod
    def of(corpus: ModelCorpus, captured: Capture) -> Checkpoint:
        """The model as it was captured."""
        return Checkpoint(corpus.name, {n: axis.ids for n, axis in corpus.axes.items()}, captured)


def refuse_other_shape(config: Config, former: Checkpoint, here: Checkpoint) -> None:
    """Raises InputError unless both have the same layers with the same heads, and read every
    document as the same tokens."""
    for difference in _differences(former, here):
        raise _other_shape(config, former.name, here.name, difference)


def refuse_other_sizes(config: Config, models: Sequence[LoadedModel]) -> None:
    """Raises InputError if the configurations of two models of the series tell that they are of
    other shapes: before weights are loaded. What they do not tell is seen when both have run."""
    steps = [
        (spec, model.model.config)
        for spec, model in zip(config.models, models, strict=True)
        if spec.step is not None and not (spec.layers or spec.heads)
    ]
    for (former, before), (here, after) in pairwise(steps):
        for key, noun in _SIZES.items():
            sizes = getattr(before, key, None), getattr(after, key, None)
            if None not in sizes and sizes[0] != sizes[1]:
                difference = f"{sizes[1]} {noun}, not {sizes[0]}"
                raise _other_shape(config, former.name, here.name, difference)


_SIZES: Final = {
    "num_hidden_layers": "layers",
    "num_attention_heads": "heads in a layer",
}


def _other_shape(config: Config, former: str, here: str, difference: str) -> InputError:
    return InputError(
        f"{config.model_place(here)}: step: {here} is not of the shape of {former}, the step"
        f" before: {difference}; expected models with the same heads that read the same tokens, or"
        " no step"
    )


def _differences(former: Checkpoint, here: Checkpoint) -> Iterator[str]:
    """What differs, in words, the coarsest first."""
    layers, others = here.captured.layers, former.captured.layers
    if len(layers) != len(others):
        yield f"{len(layers)} layers with attention, not {len(others)}"
        return
    for layer, other in zip(layers, others, strict=True):
        name = f"{layer.stack} layer {layer.layer}"
        if _place(layer) != _place(other):
            yield f"{name} stands where the other has {other.stack} layer {other.layer}"
        elif layer.numbers != other.numbers:
            yield f"{name} has {layer.heads} heads, not {other.heads}"
    if list(here.ids) != list(former.ids):
        yield f"it reads {', '.join(here.ids)}, not {', '.join(former.ids)}"
        return
    for name, documents in here.ids.items():
        for number, (ids, other_ids) in enumerate(zip(documents, former.ids[name], strict=True)):
            if len(ids) != len(other_ids):
                yield f"document {number} has {len(ids)} tokens ({name}), not {len(other_ids)}"
            elif not np.array_equal(ids, other_ids):
                yield f"document {number} has other tokens ({name})"


def _place(layer: Layer) -> tuple[str, int, str, str]:
    return layer.stack, layer.layer, layer.query_axis, layer.key_axis


def refuse_series(config: Config) -> None:
    """Raises InputError if the corpus has a series, for what cannot hold one."""
    for spec in config.models:
        if spec.step is not None:
            raise InputError(
                f"{config.model_place(spec.name)}: step: a capture holds no series of models;"
                " expected no step, or attnviz build, which compares them where they run"
            )

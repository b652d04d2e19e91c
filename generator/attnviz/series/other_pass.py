"""A model's attention once more, run in another number type: what heads move by without
learning."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from attnviz.capture.corpus import OtherPass, capture_corpus
from attnviz.capture.model_corpus import ModelCorpus
from attnviz.config import Config, ModelSpec
from attnviz.documents import Document
from attnviz.engine.engine import Engine
from attnviz.modalities.preparing import prepare
from attnviz.modalities.registry import family_of
from attnviz.models.loaded import LoadedModel
from attnviz.models.loading import load_weights


def pass_in_other_dtype(
    skeleton: LoadedModel,
    spec: ModelSpec,
    documents: Sequence[Document],
    config: Config,
    engine: Engine,
) -> OtherPass | None:
    """Load a model of a series in another number type and run it on some of the documents; None
    where the corpus asks for no noise floor, or the model is of no series. Nothing of the model is
    left in memory. Raises InputError as capturing does."""
    if spec.step is None or not config.noise_floor:
        return None
    dtype = "bfloat16" if _runs_in(skeleton, spec) == "float32" else "float32"
    loaded = load_weights(skeleton, spec.model_copy(update={"dtype": dtype}))
    family = family_of(loaded)
    inputs, _ = prepare(loaded, family, documents, refuse=False)
    chosen = _drawn([n for n, each in enumerate(inputs) if each is not None], config.noise_floor)
    corpus = ModelCorpus(
        about=replace(loaded.about, name=f"{spec.name} in {dtype}"),
        running=loaded,
        family=family,
        inputs=[each if number in chosen else None for number, each in enumerate(inputs)],
        spec=spec,
        notices=(),
    )
    captured, _ = capture_corpus(corpus, config, engine)
    return OtherPass(captured, loaded.dtype, chosen)


def _runs_in(skeleton: LoadedModel, spec: ModelSpec) -> str:
    """The number type that a model is going to run in."""
    if spec.dtype != "auto":
        return spec.dtype
    stored = getattr(skeleton.model.config, "dtype", None)
    return str(stored or "float32").removeprefix("torch.")


def _drawn(numbers: Sequence[int], count: int) -> frozenset[int]:
    """So many of these documents, at even distances."""
    places = np.linspace(0, len(numbers) - 1, min(count, len(numbers))).round().astype(int)
    return frozenset(numbers[place] for place in places.tolist())

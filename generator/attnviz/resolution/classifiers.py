"""What a classifier says of inputs: a step of the build."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import torch

from attnviz.config.options import ModelSpec
from attnviz.engine.step import step
from attnviz.modalities.model_input import ModelInput
from attnviz.models.foreign import foreign_work
from attnviz.models.loaded import LoadedModel
from attnviz.models.loading import load_classifier, pick_device


@dataclass(frozen=True)
class Classifier:
    """A model that was saved with a head that classifies; `loaded` is it without its weights, and
    `head` the class of transformers that loads it with them."""

    loaded: LoadedModel
    spec: ModelSpec
    head: str

    @property
    def identity(self) -> tuple[object, ...]:
        """What its predictions depend on."""
        settings = json.dumps(self.loaded.model.config.to_dict(), default=str)
        device = pick_device(self.spec)
        return *self.loaded.weights_identity, self.head, self.spec.dtype, settings, device


@dataclass(frozen=True)
class Prediction:
    """What a classifier says: a label with its probability, several of a model that gives several,
    or a number, which has none."""

    label: str
    probability: float | None


@step("predictions")
def predict(classifier: Classifier, inputs: Sequence[ModelInput]) -> list[Prediction]:
    """What a classifier says of each input, one at a time; [] if the weights of its head are not
    in its files."""
    model = load_classifier(classifier.loaded, classifier.spec, classifier.head)
    if model is None:
        return []
    failure = f"model {classifier.loaded.name}: {classifier.head} fails on a document"
    with foreign_work(failure, "leave the document out"), torch.inference_mode():
        return [_predict(model, each.arrays) for each in inputs]


def _predict(model: Any, arrays: Mapping[str, Any]) -> Prediction:
    tensors = {}
    for name in arrays:
        tensor = torch.from_numpy(arrays[name])[None].to(model.device)
        tensors[name] = tensor.to(model.dtype) if tensor.is_floating_point() else tensor
    logits = model(**tensors).logits[0].float().cpu()
    settings = model.config
    if settings.problem_type == "regression" or len(logits) == 1:
        return Prediction(f"{float(logits[0]):.4g}", None)
    names = [str(settings.id2label.get(n, n)) for n in range(len(logits))]
    if settings.problem_type == "multi_label_classification":
        shares = logits.sigmoid()
        chosen = [name for name, share in zip(names, shares, strict=True) if share > 0.5]
        return Prediction(", ".join(chosen) or "none", float(shares.max()))
    shares = logits.softmax(-1)
    return Prediction(names[int(shares.argmax())], float(shares.max()))

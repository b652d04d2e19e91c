"""What classifiers say of documents, as labels of these: beside what the corpus says of them."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import torch

from attnviz.config import Config
from attnviz.config.options import ModelSpec
from attnviz.documents.document import Corpus, Document
from attnviz.engine.engine import Engine
from attnviz.engine.step import step
from attnviz.modalities import family_of
from attnviz.modalities.model_input import ModelInput
from attnviz.models.foreign import foreign_work
from attnviz.models.loaded import LoadedModel
from attnviz.models.loading import load_classifier, pick_device

LABEL: Final = "prediction"
PROBABILITY: Final = "prediction probability"

_HEADS: Final = {
    f"For{kind}Classification": f"AutoModelFor{kind}Classification"
    for kind in ("Sequence", "Image", "Audio", "Video")
}
"""The class of transformers that loads a classifier, by how the name of its architecture ends."""


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


def with_predictions(
    corpus: Corpus, models: Sequence[LoadedModel], config: Config, engine: Engine
) -> Corpus:
    """The corpus with what each classifier among its models says of each document that it reads, as
    labels `prediction` and `prediction probability`, with its name where there are several."""
    classifiers = [
        classifier
        for loaded, spec in zip(models, config.models, strict=True)
        if (classifier := classifier_of(loaded, spec)) is not None
    ]
    documents = list(corpus.documents)
    for classifier in classifiers:
        ending = f" · {classifier.loaded.name}" if len(classifiers) > 1 else ""
        inputs = _inputs(classifier.loaded, documents)
        predictions = engine.run(predict.of(classifier, list(inputs.values()))).value
        for number, prediction in zip(inputs, predictions or (), strict=bool(predictions)):
            labels = {LABEL + ending: prediction.label}
            if prediction.probability is not None:
                labels[PROBABILITY + ending] = f"{prediction.probability:.4f}"
            document = documents[number]
            documents[number] = replace(document, labels={**document.labels, **labels})
    return replace(corpus, documents=tuple(documents))


def classifier_of(loaded: LoadedModel, spec: ModelSpec) -> Classifier | None:
    """The model as a classifier; None if it was not saved as one, or runs already: it is never
    loaded again."""
    if loaded.with_heads is not None:
        return None
    for architecture in getattr(loaded.model.config, "architectures", None) or ():
        for ending, head in _HEADS.items():
            if architecture.endswith(ending):
                return Classifier(loaded, spec, head)
    return None


def _inputs(loaded: LoadedModel, documents: Sequence[Document]) -> dict[int, ModelInput]:
    """What the model takes of the documents that it reads, by number."""
    family = family_of(loaded)
    reads, _ = family.reads_of(documents)
    inputs = {}
    for number, document in enumerate(documents):
        if document.is_for(loaded.name) and reads(document.kind):
            what = f"model {loaded.name}: “{document.title}”"
            with foreign_work(what, "look whether its tokenizer or processor takes it"):
                prepared, _ = family.prepare(document)
            if prepared is not None:
                inputs[number] = prepared
    return inputs


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

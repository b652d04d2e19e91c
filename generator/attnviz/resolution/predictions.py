"""What classifiers say of documents, as labels of these: beside what the corpus says of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from attnviz.config import Config
from attnviz.config.options import ModelSpec
from attnviz.documents.document import Corpus, Document
from attnviz.engine.engine import Engine
from attnviz.modalities.model_input import ModelInput
from attnviz.modalities.registry import family_of
from attnviz.models.foreign import foreign_work
from attnviz.models.loaded import LoadedModel
from attnviz.models.loading import release_memory
from attnviz.resolution.classifiers import Classifier, predict

LABEL: Final = "prediction"
PROBABILITY: Final = "prediction probability"

_HEADS: Final = {
    f"For{kind}Classification": f"AutoModelFor{kind}Classification"
    for kind in ("Sequence", "Image", "Audio", "Video")
}
"""The class of transformers that loads a classifier, by how the name of its architecture ends."""


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
        release_memory()
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

"""What classifiers say of documents, as labels of these: beside what the corpus says of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from attnviz.config import Config
from attnviz.config.made_columns import BETWEEN, PREDICTION, is_prediction
from attnviz.config.options import ModelSpec
from attnviz.config.type_words import join
from attnviz.config.values import quoted
from attnviz.documents.document import Corpus, Document
from attnviz.engine.engine import Engine
from attnviz.errors import InputError
from attnviz.modalities.model_input import ModelInput
from attnviz.modalities.registry import family_of
from attnviz.models.foreign import foreign_work
from attnviz.models.loaded import LoadedModel
from attnviz.models.loading import release_memory
from attnviz.resolution.classifiers import Classifier, predict

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
        ending = f"{BETWEEN}{classifier.loaded.name}" if len(classifiers) > 1 else ""
        inputs = _inputs(classifier.loaded, documents)
        predictions = engine.run(predict.of(classifier, list(inputs.values()))).value
        for number, prediction in zip(inputs, predictions or (), strict=bool(predictions)):
            labels = {PREDICTION + ending: prediction.label}
            if prediction.probability is not None:
                labels[PROBABILITY + ending] = f"{prediction.probability:.4f}"
            document = documents[number]
            documents[number] = replace(document, labels={**document.labels, **labels})
        release_memory()
    _refuse_unpredicted(config, documents)
    return replace(corpus, documents=tuple(documents))


def _refuse_unpredicted(config: Config, documents: Sequence[Document]) -> None:
    """Raises InputError if a label of heads asks for predictions that there are not."""
    columns = {column for document in documents for column in document.labels}
    for number, label in enumerate(config.head_labels):
        for column in label.documents or ():
            if is_prediction(column) and column not in columns:
                known = sorted(filter(is_prediction, columns))
                reason = f"expected {join(known)}" if known else "no model here is a classifier"
                raise InputError(
                    f"{config.label}: head_labels[{number}].documents: no document has the label"
                    f" {quoted(column)}; {reason}"
                )


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

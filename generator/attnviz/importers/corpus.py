"""What was given as the pipeline takes what it captures: a corpus, and the layers of a model."""

from __future__ import annotations

from typing import Final

from attnviz.capture.assembly import assemble
from attnviz.capture.batches import Batch
from attnviz.capture.calls import CapturedBatch
from attnviz.capture.corpus import CapturedModel
from attnviz.capture.model_corpus import ModelCorpus
from attnviz.capture.selfcheck import SelfCheckResult
from attnviz.config import Config
from attnviz.documents.document import Corpus, Notice, Source
from attnviz.engine.engine import Engine
from attnviz.importers.family import GivenFamily
from attnviz.importers.given import GivenDocument, GivenModel
from attnviz.importers.given_calls import keep_given
from attnviz.modalities.family import TEXT_AXIS
from attnviz.modalities.model_input import ModelInput
from attnviz.models.about import ModelAbout

NOTICE: Final = "given"
"""The kind of notice that says that attention was given."""


def corpus_of(model: GivenModel) -> Corpus:
    """The documents that attention was given of."""
    documents = tuple(each.document for each in model.documents)
    source = Source(
        entry=0, name=model.by, sha256=model.sha256, documents=len(documents),
        source=None, licence=None,
    )  # fmt: skip
    return Corpus(documents, (source,))


def capture_given(model: GivenModel, config: Config, engine: Engine) -> CapturedModel:
    """What was given as layers of a model, each document a batch of its own."""
    notices = [_notice(model), *model.notices]
    for notice in notices:
        engine.note(notice.message)
    calls = [keep_given.of(_depth(model), each.layers) for each in model.documents]
    sizes = [float(max(map(len, each.axes.values()))) for each in model.documents]
    batches = [
        CapturedBatch(_batch(number, model.documents[number]), piece.folder)
        for number, piece in enumerate(engine.each(f"take {model.name}", calls, sizes))
    ]
    axes = {name for each in model.documents for name in each.axes}
    about = model.about or ModelAbout(
        name=model.name, title=model.title, source=model.by, attention_by=model.by
    )
    corpus = ModelCorpus(
        about=about,
        running=None,
        family=GivenFamily(dict.fromkeys(sorted(axes), TEXT_AXIS)),
        inputs=[ModelInput(each.axes, {}) for each in model.documents],
        spec=config.models[0],
        notices=notices,
    )
    checked = SelfCheckResult(model.max_error, model.rows, [])
    return CapturedModel(corpus, assemble(batches, model=model.name), checked)


def _notice(model: GivenModel) -> Notice:
    if model.about is not None:
        message = (
            f"{model.name}: {model.about.architecture} was given as an object and ran once, in"
            " evaluation mode, on the inputs that were given; certificates are of the attention"
            " that its softmaxes gave then"
        )
        return Notice(NOTICE, message, None, model.name)
    message = (
        f"{model.name}: no model ran: attention is as given by {model.by}; certificates say how far"
        " what is stored may be from that, and nothing that it is a model's own"
    )
    return Notice(NOTICE, message, None, model.name)


def _depth(model: GivenModel) -> int:
    return 1 + max(layer.layer for each in model.documents for layer in each.layers)


def _batch(number: int, document: GivenDocument) -> Batch:
    lengths = {name: (len(tokens),) for name, tokens in document.axes.items()}
    return Batch((number,), lengths, {name: length for name, (length,) in lengths.items()})

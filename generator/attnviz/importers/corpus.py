"""What was given as the pipeline takes what it captures: a corpus, and the layers of a model."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np

from attnviz.capture.assembly import assemble
from attnviz.capture.batches import Batch
from attnviz.capture.calls import GIVEN, AttentionCall, CapturedBatch, Recorded
from attnviz.capture.corpus import CapturedModel
from attnviz.capture.model_corpus import ModelCorpus
from attnviz.capture.selfcheck import SelfCheckResult
from attnviz.config import Config
from attnviz.documents.document import Corpus, Notice, Source
from attnviz.engine.engine import Engine
from attnviz.engine.step import folder_step
from attnviz.importers.family import GivenFamily
from attnviz.importers.given import GivenDocument, GivenLayer, GivenModel
from attnviz.modalities.family import TEXT_AXIS
from attnviz.modalities.model_input import ModelInput
from attnviz.models.about import ModelAbout
from attnviz.score import Array, mask_intervals

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


@folder_step("given attention")
def keep_given(into: Path, depth: int, layers: Sequence[GivenLayer]) -> int:
    """Write the layers of one document as calls of a batch; returns their number. `depth` is the
    number of layers of the model's stacks."""
    recorded = Recorded()
    for number, layer in enumerate(layers):
        recorded.calls.append(_record(number, layer, recorded, depth))
    recorded.save(into)
    return len(layers)


def _record(number: int, layer: GivenLayer, recorded: Recorded, depth: int) -> AttentionCall:
    """The call of a layer; its arrays are added to those recorded."""
    vectors = layer.q is not None and layer.k is not None
    heads, queries, keys = _shape(layer)
    intervals = mask_intervals(layer.mask, queries, keys)
    lo, hi = intervals.lo, intervals.hi
    if layer.a is not None and layer.missing:
        empty = ~layer.a.any((0, 2))  # nothing of these rows was kept
        lo, hi = np.where(empty, 0, lo), np.where(empty, 0, hi)
    recorded.arrays |= {f"lo{number}": lo, f"hi{number}": hi}
    if vectors:
        recorded.arrays |= {f"q{number}": _array(layer.q), f"k{number}": _array(layer.k)}
    else:
        recorded.arrays[f"a{number}-0"] = _array(layer.a)
    return AttentionCall(
        module=f"{layer.stack or layer.query_axis}.{layer.layer}",
        module_call=0,
        line=GIVEN,
        stack=layer.stack,
        query_axis=layer.query_axis,
        key_axis=layer.key_axis,
        heads=heads,
        kv_heads=len(layer.k) if vectors and layer.k is not None else heads,
        head_size=layer.q.shape[2] if vectors and layer.q is not None else 0,
        scaling=layer.scaling,
        softcap=layer.softcap,
        sinks=(0.0,) * heads if layer.missing else None,
        mask=number,
        bias=None,
        bias_kind=None,
        vectors=vectors,
        reason=None if vectors else layer.reason,
        layer=layer.layer,
        layers=depth,
    )


def _shape(layer: GivenLayer) -> tuple[int, int, int]:
    """Heads, queries and keys."""
    if layer.q is not None and layer.k is not None:
        return layer.q.shape[0], layer.q.shape[1], layer.k.shape[1]
    return _array(layer.a).shape


def _array(array: Array | None) -> Array:
    if array is None:
        raise ValueError("a layer has neither attention nor queries and keys")
    return np.ascontiguousarray(array, np.float32)

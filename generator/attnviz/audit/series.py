"""How far heads moved from step to step of a series, recomputed from stored attention of both
models."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np

from attnviz.audit.findings import Findings
from attnviz.audit.stored_layer import StoredDocument, StoredLayer, layers_of
from attnviz.format.manifest import Head, Model
from attnviz.reader.store import ShardStore
from attnviz.score import Array
from attnviz.series.divergence import row_divergences

_UNSTORED: Final = "how far heads moved, of documents whose attention is not stored"
_FLOOR: Final = "noise floors of a series: they need the model in another number type"


def compare_series(store: ShardStore, findings: Findings) -> None:
    """Hold every model's distances from the step before and from the first against those of stored
    attention."""
    models = {model.name: model for model in store.manifest.models}
    for model in models.values():
        if model.series is None:
            continue
        if model.series.floor is not None:
            findings.skip(_FLOOR, len(model.heads))
        for name, other in (
            ("divergence", model.series.former),
            ("divergence_first", model.series.first),
        ):
            if other is None:
                continue
            if model.kept is not None or models[other].kept is not None:
                findings.skip(_UNSTORED, len(model.heads))
                continue
            _compare(store, findings, name, model, models[other])


def _compare(store: ShardStore, findings: Findings, name: str, model: Model, former: Model) -> None:
    rows = 0
    for here, other in zip(layers_of(store, model), layers_of(store, former), strict=True):
        total, count = np.zeros(len(here.heads)), 0
        for divergences in _divergences(here, other):
            total += divergences.sum(-1)
            count += divergences.shape[-1]
        rows = max(rows, count)
        for head, counterpart, again in zip(here.heads, other.heads, total, strict=True):
            mean = float(again) / count if count else None
            findings.compare(
                here.place(head),
                f"statistic {name}",
                stated=head.statistics.get(name),
                recomputed=mean,
                allowed=_allowed(mean or 0.0, (head, counterpart)),
            )
    if name == "divergence" and model.series is not None:
        findings.compare(f"{model.name}, step", "rows", stated=model.series.rows, recomputed=rows)


def _divergences(here: StoredLayer, other: StoredLayer) -> Iterator[Array]:
    """Of every document a block of rows at a time, (heads, rows)."""
    for number in here.numbers:
        documents = here.document(number), other.document(number)
        for block in documents[0].intervals.blocks(2 * len(here.heads)):
            yield _of_block(documents, block)


def _of_block(documents: Sequence[StoredDocument], block: slice) -> Array:
    a, b = (document.attention(block) for document in documents)
    seen = np.maximum(*(of.intervals.hi[block] - of.intervals.lo[block] for of in documents))
    counted = np.isfinite(a).all((0, 2)) & np.isfinite(b).all((0, 2)) & (seen > 1)
    return row_divergences(a[:, counted], b[:, counted])


def _allowed(mean: float, heads: tuple[Head, Head]) -> float:
    """How far a mean divergence may be off. Its root is a distance, and of a row from its stored
    one that is at most √(t ln 2), t the total variation, and far less where t is spread."""
    off = sum(float(np.sqrt(head.certificate.total_variation)) for head in heads)
    distance = float(np.sqrt(np.log(2))) * (0.1 * off + 2e-3)
    return 2 * float(np.sqrt(mean)) * distance + distance**2

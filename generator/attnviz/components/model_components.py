"""What the scores of all heads of a model are made of: what has to be known before it is split."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from attnviz.capture.batches import Batch
from attnviz.capture.before_rotary import capture_pre_rotary
from attnviz.capture.corpus import is_pre_rotary
from attnviz.capture.model_corpus import ModelCorpus
from attnviz.capture.result import Capture
from attnviz.components.moments import BatchContrast, Contrast, sum_moments
from attnviz.components.words import components_notice, missing_parts, not_here_notice
from attnviz.config import Config
from attnviz.documents.document import Notice
from attnviz.engine.engine import Engine
from attnviz.heads.pairs import Types, frequent_types

MOST_LABELS: Final = 64
"""Labels of a contrast: sums of each are kept for every head."""


@dataclass(frozen=True)
class ModelComponents:
    """How many components are kept; each batch's folder of sums, and that of vectors before rotary
    embedding; the numbers of the layers that are split, and of those with rotary embedding; the
    frequent types of tokens by axis; what contrastive components tell apart, None where there are
    none; and what is missing."""

    rank: int
    contrast: Contrast | None
    moments: tuple[Path, ...]
    before: tuple[Path, ...]
    split: tuple[int, ...]
    turned: frozenset[int]
    types: dict[str, Types]
    missing: tuple[str, ...]
    notices: Sequence[Notice]


def measure_components(
    corpus: ModelCorpus, captured: Capture, config: Config, engine: Engine
) -> ModelComponents | None:
    """What the corpus asks for; None where it does not. With a notice alone where the model is not
    here."""
    if config.components is None:
        return None
    rank = config.components.rank
    if corpus.running is None:
        notice = not_here_notice(corpus.name)
        engine.note(notice.message)
        missing = (notice.message,)
        return ModelComponents(rank, None, (), (), (), frozenset(), {}, missing, (notice,))
    layers = captured.layers
    rotary = has_rotary(corpus.running.model)
    before = _before(corpus, captured, engine) if rotary else ()
    turned = frozenset(
        number
        for number, layer in enumerate(layers)
        if layer.vectors and is_pre_rotary(before, captured, layer)
    )
    contrast, lacking = contrast_by(config.components.contrast, corpus)
    sums = [
        sum_moments.of(
            alone,
            before[place] if turned else None,
            tuple(sorted(turned)),
            None if contrast is None else _in_batch(contrast, corpus, batch.batch),
        )
        for place, (alone, batch) in enumerate(zip(captured.alone, captured.batches, strict=True))
    ]
    sizes = [float(batch.batch.tokens) for batch in captured.batches]
    pieces = engine.each(f"moments {corpus.name}", sums, sizes)
    types = {name: frequent_types(axis.documents) for name, axis in corpus.axes.items()}
    parts = missing_parts(layers, rotary, sorted(turned), any(len(of.ids) for of in types.values()))
    parts += lacking
    notices = components_notice(corpus.name, parts)
    for notice in notices:
        engine.note(notice.message)
    return ModelComponents(
        rank,
        contrast,
        tuple(piece.folder for piece in pieces),
        before,
        tuple(number for number, layer in enumerate(layers) if layer.vectors),
        turned,
        types,
        tuple(parts),
        notices,
    )


def contrast_by(column: str | None, corpus: ModelCorpus) -> tuple[Contrast | None, list[str]]:
    """The labels that tokens have in a column; None where they are too few or too many, with what
    is to be said of it."""
    if column is None:
        return None, []
    values = sorted(
        {
            label
            for axis in corpus.axes.values()
            for tokens in axis.documents
            if tokens is not None
            for label in tokens.labels.get(column, ())
            if label
        }
    )
    if 2 <= len(values) <= MOST_LABELS:
        return Contrast(column, tuple(values)), []
    return None, [
        f"pairs are not told apart by {column}: its tokens have {len(values):,}"
        f" label{'' if len(values) == 1 else 's'}, and a contrast needs 2 to {MOST_LABELS}"
    ]


def _in_batch(contrast: Contrast, corpus: ModelCorpus, batch: Batch) -> BatchContrast:
    members = corpus.members(batch)
    return BatchContrast(
        contrast, {name: tuple(each.axes[name] for each in members) for name in batch.axes}
    )


def has_rotary(model: Any) -> bool:
    """Whether a model has rotary embedding: by its configuration, or a module of such a name."""
    config = getattr(model, "config", None)
    names = ("rope_theta", "rope_parameters", "rope_scaling", "rotary_dim", "rotary_pct")
    if any(getattr(config, name, None) is not None for name in names):
        return True
    return any("rotary" in type(module).__name__.lower() for module in model.modules())


def _before(corpus: ModelCorpus, captured: Capture, engine: Engine) -> tuple[Path, ...]:
    """Each batch's folder of queries and keys before rotary embedding."""
    calls = [
        capture_pre_rotary.of(corpus.loaded, corpus.family, batch, corpus.members(batch.batch))
        for batch in captured.batches
    ]
    sizes = [float(batch.batch.tokens) for batch in captured.batches]
    pieces = engine.each(f"before rotary {corpus.name}", calls, sizes)
    return tuple(piece.folder for piece in pieces)

"""What the parts of a model add to logits of next tokens, of the documents whose attention is
stored."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from attnviz.capture.model_corpus import ModelCorpus
from attnviz.capture.result import Capture
from attnviz.config import Config
from attnviz.effects.documents import grouped, inputs_of
from attnviz.effects.measured_model import MeasuredModel
from attnviz.engine.engine import Engine
from attnviz.writes.document_attribution import AttributedBatch, AttributedDocument, attribute_batch
from attnviz.writes.words import missing_attribution, not_here


@dataclass(frozen=True)
class AttributionFile:
    """What is known of a document, and the file that has it."""

    document: int
    about: AttributedDocument
    path: Path


@dataclass(frozen=True)
class ModelAttribution:
    """The documents of which anything is known, ascending; and what is missing, each with its
    reason."""

    files: tuple[AttributionFile, ...]
    missing: tuple[str, ...]

    @property
    def error(self) -> float | None:
        """How far heads' codes are off at most, in logits; None of no documents."""
        return max((file.about.error for file in self.files), default=None)


def measure_attribution(
    corpus: ModelCorpus, captured: Capture, stored: Iterable[int], config: Config, engine: Engine
) -> ModelAttribution | None:
    """Of the `stored` documents; None where the corpus does not ask for it. Of a model that is not
    here, or whose logits are no sum of parts, what is missing alone."""
    if not config.writes:
        return None
    if corpus.running is None:
        return ModelAttribution((), (not_here(corpus.name),))
    model = MeasuredModel(corpus.loaded, tuple(sorted(corpus.axes)), corpus.spec)
    groups = grouped(corpus, sorted(stored))
    steps = [
        attribute_batch.of(
            model,
            corpus.family,
            captured.layers,
            inputs_of(corpus, group),
            config.seed,
        )
        for group in groups
    ]
    sizes = [float(len(group)) for group in groups]
    pieces = tuple(engine.each(f"logit attribution of {corpus.name}", steps, sizes))
    batches: list[AttributedBatch] = [piece.value for piece in pieces]
    files = [
        AttributionFile(document, about, piece.folder / f"{place}.npz")
        for group, piece in zip(groups, pieces, strict=True)
        for place, (document, about) in enumerate(zip(group, piece.value.documents, strict=False))
        if about.tokens
    ]
    files.sort(key=lambda file: file.document)
    missing = missing_attribution(captured.layers, batches)
    for part in missing:
        engine.note(f"{corpus.name}: {part}")
    return ModelAttribution(_files_if_whole(files, batches), tuple(missing))


def _files_if_whole(
    files: Sequence[AttributionFile], batches: Sequence[AttributedBatch]
) -> tuple[AttributionFile, ...]:
    """None where the logits of any document are no sum of parts."""
    return () if any(batch.reason for batch in batches) else tuple(files)

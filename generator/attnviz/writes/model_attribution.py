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
    """What is known of a document, and the files that have it: that of heads, and by number of the
    layer those of pairs."""

    document: int
    about: AttributedDocument
    folder: Path
    place: int

    @property
    def path(self) -> Path:
        """The file of heads."""
        return self.folder / f"{self.place}.npz"

    def pairs(self, layer: int) -> Path:
        """The file of pairs of the heads of a layer."""
        return self.folder / f"{self.place}-{layer}.npz"


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

    @property
    def pairs_error(self) -> float | None:
        """The same of pairs; None of none."""
        paired = (file.about for file in self.files if file.about.pairs)
        return max((about.pairs_error for about in paired), default=None)


def measure_attribution(
    corpus: ModelCorpus, captured: Capture, stored: Iterable[int], config: Config, engine: Engine
) -> ModelAttribution | None:
    """Of the `stored` documents; None where the corpus does not ask for it. Of a model that is not
    here, or whose logits are no sum of parts, what is missing alone."""
    if config.writes is None:
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
            config.writes.pairs,
            config.seed,
        )
        for group in groups
    ]
    sizes = [float(len(group)) for group in groups]
    pieces = tuple(engine.each(f"logit attribution of {corpus.name}", steps, sizes))
    batches: list[AttributedBatch] = [piece.value for piece in pieces]
    files = [
        AttributionFile(document, about, piece.folder, place)
        for group, piece in zip(groups, pieces, strict=True)
        for place, (document, about) in enumerate(zip(group, piece.value.documents, strict=False))
        if about.tokens
    ]
    files.sort(key=lambda file: file.document)
    missing = missing_attribution(captured.layers, batches, config.writes.pairs)
    for part in missing:
        engine.note(f"{corpus.name}: {part}")
    return ModelAttribution(_files_if_whole(files, batches), tuple(missing))


def _files_if_whole(
    files: Sequence[AttributionFile], batches: Sequence[AttributedBatch]
) -> tuple[AttributionFile, ...]:
    """None where the logits of any document are no sum of parts."""
    return () if any(batch.reason for batch in batches) else tuple(files)

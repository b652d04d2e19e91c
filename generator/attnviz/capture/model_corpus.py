"""A model, and the corpus as that model takes it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

from attnviz.capture.axes import CorpusAxis
from attnviz.capture.batches import Batch
from attnviz.config import Config, ModelSpec
from attnviz.documents.document import Corpus, Notice
from attnviz.engine.engine import Engine
from attnviz.format.manifest import NeedleDepth
from attnviz.modalities.family import Family
from attnviz.modalities.model_input import Crop, ModelInput
from attnviz.modalities.preparing import prepare
from attnviz.modalities.registry import family_of
from attnviz.models.about import ModelAbout
from attnviz.models.loaded import LoadedModel

ByHead = list[list[dict[str, float | None]]]
"""Statistics by name, by layer and head."""


@dataclass(frozen=True)
class NeedleFigures:
    """What the model's heads copy from a needle in long texts, by layer and head, over all depths
    and by depth, [] where that was not to be had; and what is to be said of it."""

    statistics: ByHead
    depths: list[list[list[NeedleDepth]]]
    notices: list[str]


class Probes(NamedTuple):
    """What the model did on texts said twice, and what its heads copy, by layer and head; and what
    they copy from long texts, None where nobody asked."""

    repetition: ByHead
    copying: ByHead
    needle: NeedleFigures | None = None


@dataclass(frozen=True)
class ModelCorpus:
    """A model with its input of each document, None where it does not take it; what the corpus says
    of the model; and what is to be said of the documents.

    `running` is the model itself; None where only what was captured of it is here: then `probes`
    are what it did where it was captured, None where that is not known.
    """

    about: ModelAbout
    running: LoadedModel | None
    family: Family
    inputs: Sequence[ModelInput | None]
    spec: ModelSpec
    notices: Sequence[Notice]
    probes: Probes | None = None

    @property
    def name(self) -> str:
        """The model's name in the report."""
        return self.about.name

    @property
    def loaded(self) -> LoadedModel:
        """The model itself, for steps that run it. Raises RuntimeError where it is not here."""
        if self.running is None:
            raise RuntimeError(f"model {self.name} is not here: only what was captured of it")
        return self.running

    @cached_property
    def axes(self) -> dict[str, CorpusAxis]:
        """The axes that any document has, by name."""
        axes = {}
        for name, about in self.family.axes.items():
            tokens = tuple(None if i is None else i.axes.get(name) for i in self.inputs)
            windows = self.family.windows.get(name)
            crops = tuple(_crop(document, name) for document in self.inputs)
            axis = CorpusAxis(name, about.kind, tokens, crops, windows.index if windows else None)
            if axis.lengths.any():
                axes[name] = axis
        return axes

    def members(self, batch: Batch) -> tuple[ModelInput, ...]:
        """The input of a batch's documents."""
        inputs = (self.inputs[document] for document in batch.documents)
        return tuple(document for document in inputs if document is not None)


def prepare_corpus(
    loaded: LoadedModel, corpus: Corpus, config: Config, engine: Engine
) -> ModelCorpus:
    """Every document as the model takes it. Raises InputError if it takes none, or if the corpus
    refuses what would only be a notice."""
    family = family_of(loaded)
    refuse_long = config.long == "refuse"
    inputs, notices = prepare(loaded, family, corpus.documents, config.strict, refuse_long)
    for notice in notices:
        engine.note(notice.message)
    spec = next(spec for spec in config.models if spec.name == loaded.name)
    return ModelCorpus(loaded.about, loaded, family, inputs, spec, notices)


def _crop(document: ModelInput | None, axis: str) -> Crop | None:
    """What the patches of an axis show of a document's image; None for all, or without patches."""
    if document is None or axis not in document.axes:
        return None
    return document.crop if bool((document.axes[axis].row >= 0).any()) else None

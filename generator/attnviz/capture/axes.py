"""An axis of the whole corpus, and the documents of a batch at their numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from attnviz.capture.batches import Batch
from attnviz.documents.tokens import Tokens
from attnviz.format.manifest import AxisKind
from attnviz.modalities.model_input import Crop, ModelInput
from attnviz.score import Array


@dataclass(frozen=True)
class CorpusAxis:
    """An axis of the whole corpus: each document's tokens, None where a model does not take it.

    `crops` are the parts of the documents' images that the patches of an axis show, None for all;
    `places` (T,) are its tokens' places in their windows, where they attend within windows.
    """

    name: str
    kind: AxisKind
    documents: tuple[Tokens | None, ...]
    crops: tuple[Crop | None, ...]
    places: Array | None

    @cached_property
    def lengths(self) -> Array:
        """(documents,) int64."""
        return np.array([len(of_document) for of_document in self.ids], np.int64)

    @property
    def ids(self) -> list[Array]:
        """Each document's ids, int32; none of one that a model does not take."""
        nothing = np.empty(0, np.int32)
        return [nothing if tokens is None else tokens.ids for tokens in self.documents]


def by_number(batch: Batch, members: Sequence[ModelInput]) -> list[ModelInput | None]:
    """A batch's documents at their numbers in the corpus, None for all others."""
    inputs: list[ModelInput | None] = [None] * (max(batch.documents) + 1)
    for document, member in zip(batch.documents, members, strict=True):
        inputs[document] = member
    return inputs

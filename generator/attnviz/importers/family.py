"""The family of a model of which only what was captured is here: its axes and nothing that reads
documents."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from attnviz.documents import Document
from attnviz.modalities.axes import AttentionPlace, Axis
from attnviz.modalities.family import Family
from attnviz.modalities.model_input import Prepared
from attnviz.models.loaded import LoadedModel


class GivenFamily(Family):
    """The axes of what was captured elsewhere."""

    name = "given"
    reads_in_words = takes = "nothing: only what was captured of it is here"

    def __init__(self, axes: Mapping[str, Axis]) -> None:
        self.axes, self.padding, self.windows = axes, {}, {}

    @classmethod
    def has(cls, loaded: LoadedModel) -> bool:
        """No model that is here."""
        return False

    def place(self, path: str) -> AttentionPlace:
        raise NotImplementedError

    def prepare(self, document: Document) -> Prepared:
        raise NotImplementedError

    def sample(self, folder: Path) -> list[Document]:
        raise NotImplementedError

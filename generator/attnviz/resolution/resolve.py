"""From what the corpus says to what the models read: completions, conversations, excerpts
of videos, and windows of long texts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from attnviz.config import Config
from attnviz.documents import Corpus, Notice
from attnviz.engine.engine import Engine
from attnviz.errors import InputError
from attnviz.models.loaded import LoadedModel
from attnviz.resolution.chats import write_chats
from attnviz.resolution.completions import complete
from attnviz.resolution.excerpts import choose_excerpts
from attnviz.resolution.long_texts import cut_long_texts


def resolve(
    corpus: Corpus, models: Sequence[LoadedModel], config: Config, engine: Engine
) -> tuple[Corpus, list[Notice]]:
    """The corpus with prompts completed, conversations written as texts, and long texts cut into
    windows, where the corpus asks for that."""
    completed, stopped = complete(corpus, models, config, engine)
    documents = choose_excerpts(completed, models)
    documents = write_chats(documents, models, config)
    windows: list[Notice] = []
    if config.long == "window":
        documents, windows = cut_long_texts(documents, models, config)
    refused = [*corpus.notices, *windows]
    if refused and config.strict:
        raise InputError(
            [*(notice.message for notice in refused), "leave strict out to accept this"]
        )
    notices = [*corpus.notices, *stopped, *windows]
    for notice in notices:
        engine.note(notice.message)
    count = Counter(document.entry for document in documents)
    sources = (replace(source, documents=count[source.entry]) for source in corpus.sources)
    return Corpus(tuple(documents), tuple(sources)), notices

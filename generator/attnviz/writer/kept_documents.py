"""Which documents' attention a report stores, by what the corpus says of `keep`: statistics are of
all, whichever are stored."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from attnviz import encoding
from attnviz.capture.result import Capture, Layer
from attnviz.config import Config
from attnviz.documents.document import Document, Notice
from attnviz.documents.with_vectors import numbers_of
from attnviz.score import Array, Intervals
from attnviz.site.wording import size_in_words
from attnviz.writer.kept_shard import KIND

BUDGET: Final = 1_000_000_000
"""Bytes of attention that a report stores where the corpus does not say `keep`: of all models
together, without the twins for file://."""


@dataclass(frozen=True)
class KeptDocuments:
    """The documents of a model whose attention is stored, with the bytes of that, about; `taken`
    and `of_all` are how many it reads and what all of them would take."""

    documents: frozenset[int]
    bytes: int
    taken: int
    of_all: int
    reason: str

    @property
    def all(self) -> bool:
        """Whether they are all that the model reads."""
        return len(self.documents) == self.taken

    def notice(self, model: str) -> Notice:
        """What is to be said where they are not all."""
        message = (
            f"{model}: the attention of {len(self.documents):,} of {self.taken:,} documents is"
            f" stored, {self.reason}; statistics, labels, pairs and examples are of all; keep: all"
            f" in the corpus stores all attention, about {size_in_words(self.of_all)}"
        )
        figures = {"stored": len(self.documents), "of": self.taken}
        return Notice(KIND, message, None, model, figures)


def keep_documents(
    documents: Sequence[Document],
    sizes: Array,
    samples: Mapping[str, Array],
    lengths: Mapping[str, Array],
    vectors: frozenset[int],
    config: Config,
) -> KeptDocuments:
    """The documents of a model whose attention is stored.

    `sizes` are the bytes that each takes in each layer, (layers, documents), as `attention_sizes`
    says them. `samples` are the tokens that maps show and `lengths` the documents' lengths, by
    axis; `vectors` are the documents whose queries and keys the corpus asks for. A number of
    documents, and the budget, take those first that maps show, then others in one random order of
    the corpus's seed, so that fewer are among more. Each layer that any document reaches is reached
    by one of them.

    Raises InputError if `keep` lists a document that there is not.
    """
    of_documents = sizes.sum(0)
    taken = np.flatnonzero(of_documents)
    shown = _shown(samples, lengths)
    order = _in_order(taken, shown, config.seed)
    keep = config.keep
    reason = "as the corpus says"
    if keep is None:
        numbers = _within(order, of_documents, BUDGET // len(config.models), vectors, config)
        reason = f"as many as fit into {size_in_words(BUDGET)}"
    elif keep == "all":
        numbers = set(taken.tolist())
    elif keep == "sample":
        numbers, reason = shown & set(taken.tolist()), "those that maps show"
    elif isinstance(keep.documents, int):
        numbers = set(order[: keep.documents])
    else:
        numbers = set(numbers_of(documents, keep.documents, config.label, "keep.documents"))
    if keep != "all":
        numbers |= _reaching(sizes, numbers, order)
    return KeptDocuments(
        documents=frozenset(numbers & set(taken.tolist())),
        bytes=int(of_documents[sorted(numbers)].sum()),
        taken=len(taken),
        of_all=int(of_documents.sum()),
        reason=reason,
    )


def attention_sizes(captured: Capture, documents: int, vectors: frozenset[int]) -> Array:
    """About how many bytes the attention of each document takes in each layer, (layers, documents)
    int64: packed vectors or dense uint8, whichever is smaller; 0 where the layer does not read
    it."""
    sizes = np.zeros((len(captured.layers), documents), np.int64)
    for number, layer in enumerate(captured.layers):
        for batch in captured.batches:
            call = layer.number_in(batch)
            if call is None:
                continue
            intervals = batch.intervals(batch.calls()[call])
            for document, of_document in zip(batch.batch.documents, intervals, strict=True):
                sizes[number, document] = attention_bytes(layer, of_document, document in vectors)
    return sizes


def attention_bytes(layer: Layer, intervals: Intervals, with_vectors: bool) -> int:
    """About how many bytes the attention of a document takes in a layer."""
    names: tuple[str, ...] = ("dense-uint8",)
    if layer.vectors:
        names = (encoding.PACKED,) if with_vectors else ("dense-uint8", encoding.PACKED)
    costs = (encoding.stored_bytes(name, intervals, layer.group, layer.head_size) for name in names)
    return min(costs) * layer.kv_heads


def _shown(samples: Mapping[str, Array], lengths: Mapping[str, Array]) -> set[int]:
    """The documents that maps show a token of."""
    documents: set[int] = set()
    for axis, tokens in samples.items():
        ends = np.cumsum(lengths[axis])
        documents |= set(np.searchsorted(ends, tokens, side="right").tolist())
    return documents


def _in_order(taken: Array, shown: set[int], seed: int) -> list[int]:
    """The documents that a model reads: those that maps show, then the others, each in one random
    order."""
    shuffled = np.random.default_rng(seed).permutation(taken).tolist()
    return sorted(shuffled, key=lambda document: document not in shown)


def _within(
    order: Sequence[int], sizes: Array, budget: int, vectors: frozenset[int], config: Config
) -> set[int]:
    """As many documents as fit into a budget of bytes; those whose vectors are asked for by name
    are among them in any case, and the first."""
    named = vectors if isinstance(config.vectors, tuple) else frozenset()
    numbers = {document for document in order if document in named}
    room = budget - int(sizes[sorted(numbers)].sum())
    for document in order:
        if document not in numbers and (sizes[document] <= room or not numbers):
            numbers.add(document)
            room -= int(sizes[document])
    return numbers


def _reaching(sizes: Array, numbers: set[int], order: Sequence[int]) -> set[int]:
    """For each layer that none of these documents reaches, the first that does."""
    more: set[int] = set()
    for of_layer in sizes:
        if not any(of_layer[document] for document in numbers | more):
            more |= {next(document for document in order if of_layer[document])}
    return more

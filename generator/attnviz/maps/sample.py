"""Which tokens a map shows.

Documents and their tokens have random numbers that follow from the seed and from what the document
says, its ids, alone: a corpus with a document more has the same tokens in the same order, and those
of the new one among them.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence

import numpy as np

from attnviz.score import Array


def sample_documents(ids: Sequence[Array], points: int, seed: int) -> Array:
    """Indices, in corpus order, of the tokens that maps show: at most `points`, int64, in one
    seeded random order. `ids` are the documents' ids, int32 (T,) each.

    Documents are taken whole, in a seeded random order, as far as they fit; where none does, the
    first is cut at its end. Any prefix of the result is a fair sample of it.
    """
    numbers = _numbers(ids, seed)
    if not numbers:
        return np.empty(0, np.int64)
    starts = np.concatenate([[0], np.cumsum([len(of_document) for of_document in ids])])
    in_order = sorted(numbers, key=lambda document: numbers[document])
    room, lengths = points, dict[int, int]()
    for document in in_order:
        if len(ids[document]) <= room:
            lengths[document] = len(ids[document])
            room -= lengths[document]
    lengths = lengths or {in_order[0]: points}
    tokens = [np.arange(count) + starts[document] for document, count in lengths.items()]
    order = [
        np.random.default_rng(list(numbers[document])).random(len(ids[document]))[:count]
        for document, count in lengths.items()
    ]
    sample: Array = np.concatenate(tokens)[np.argsort(np.concatenate(order), kind="stable")]
    return sample


def _numbers(ids: Sequence[Array], seed: int) -> dict[int, bytes]:
    """A random number, 32 bytes, of each document that has tokens; of documents that say the same,
    each has its own."""
    numbers, times = {}, Counter[bytes]()
    for document, of_document in enumerate(ids):
        if len(of_document):
            content = np.ascontiguousarray(of_document, np.int32).tobytes()
            about = f"{seed} {times[content]} ".encode()
            numbers[document] = hashlib.sha256(about + content).digest()
            times[content] += 1
    return numbers


def sample_axes(ids: Mapping[str, Sequence[Array]], points: int, seed: int) -> dict[str, Array]:
    """The tokens that maps show, by axis, from the documents' ids on each; see
    `sample_documents`."""
    return {name: sample_documents(of_axis, points, seed) for name, of_axis in ids.items()}

"""Shards of the corpus: documents, and for each model its tokens, lengths, map sample and irregular masks."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from attnviz.documents import Document, Tokens
from attnviz.report.schema import Axis, Sample
from attnviz.report.shards import ShardFolder, cut
from attnviz.score import Array, Intervals

AXIS: Final = "text"


def write_documents(documents: Sequence[Document], groups: Array, into: ShardFolder) -> list[str]:
    """The documents' texts and titles, split by rows; returns the shards' ids."""
    sizes = [len(d.text.encode()) + len(d.title.encode()) + 14 for d in documents]
    names = []
    for part, (first, end) in enumerate(cut(sizes)):
        own = documents[first:end]
        columns = {
            "entry": [d.entry for d in own],
            "group": groups[first:end],
            "title": [d.title for d in own],
            "text": [d.text for d in own],
        }
        names.append(into.add(f"documents-{part}", "documents", columns, documents=(first, end)))
    return names


def write_axis(model: str, tokens: Sequence[Tokens], sample: Array, into: ShardFolder) -> Axis:
    """A model's tokens, their lengths by document, and the sample that its maps show."""
    stem = f"{model}-{AXIS}"
    lengths = into.add(f"lengths-{stem}", "lengths", {"length": [len(t) for t in tokens]}, model=model, axis=AXIS)
    sizes = [sum(len(text.encode()) for text in t.texts) + 17 * len(t) for t in tokens]
    names = []
    for part, (first, end) in enumerate(cut(sizes)):
        own = tokens[first:end]
        columns = {
            "token": [token for t in own for token in t.ids.tolist()],
            "text": [text for t in own for text in t.texts],
            "start": [start for t in own for start in t.start.tolist()],
            "end": [stop for t in own for stop in t.end.tolist()],
            "special": [special for t in own for special in t.special.tolist()],
        }
        place = (first, end)
        names.append(into.add(f"tokens-{stem}-{part}", "tokens", columns, model=model, axis=AXIS, documents=place))
    sampled = into.add(f"sample-{stem}", "sample", {"token": sample}, model=model, axis=AXIS)
    total = sum(len(t) for t in tokens)
    return Axis(
        name=AXIS, kind="text", tokens=total, lengths=lengths, shards=names,
        sample=Sample(shard=sampled, count=len(sample)),
    )  # fmt: skip


def write_masks(model: str, rule: int, documents: int, intervals: dict[int, Intervals], into: ShardFolder) -> list[str]:
    """The intervals of a mask of no simpler form, a row a document; a document without tokens has none."""
    rows = [intervals.get(d) for d in range(documents)]
    sizes = [16 if i is None else 8 * len(i.lo) for i in rows]
    names = []
    for part, (first, end) in enumerate(cut(sizes)):
        columns = {
            side: [[] if i is None else getattr(i, side).tolist() for i in rows[first:end]] for side in ("lo", "hi")
        }
        place = (first, end)
        names.append(into.add(f"mask-{model}-{rule}-{part}", "mask", columns, model=model, rule=rule, documents=place))
    return names

"""Statistics of one layer's heads over the whole corpus, as a step of the build."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from attnviz.capture.axes import CorpusAxis
from attnviz.capture.captured_layer import CapturedLayer
from attnviz.capture.result import LayerDocument
from attnviz.engine.step import step
from attnviz.heads.pairs import Types, pair_rows
from attnviz.heads.statistic import Block
from attnviz.heads.statistics import HeadStatistics
from attnviz.heads.traits import Traits, traits_of

ByHead = list[dict[str, float | None]]
"""A mapping for each head, by the names of statistics; None where one is not defined."""


@dataclass(frozen=True)
class LayerStatistics:
    """By head: statistics; the evidence that labels are given by; eleven documents, from the one
    the head is most focused in to the least, and how focused it is in them; mean attention at
    offsets −16 to 16, empty under cross-attention; deciles of the entropy, in nats; token pairs
    (query, key, share, lift)."""

    values: ByHead
    evidence: ByHead
    typical: list[list[int]]
    focus: list[list[float | None]]
    offsets: list[list[float | None]]
    deciles: list[list[float]]
    pairs: list[list[tuple[str, str, float, float]]]


@step("statistics")
def measure_layer(
    layer: CapturedLayer,
    queries: CorpusAxis,
    keys: CorpusAxis,
    types: tuple[Types, Types],
    separator: int | None,
    grid_is_of_input: bool,
) -> LayerStatistics:
    """What a layer's heads do on the whole corpus.

    `types` are the token types of queries and of keys that pairs are counted of; `separator` is the
    id of the token between segments. Unless `grid_is_of_input`, patches' rows and columns are of
    the report's picture and tell nothing of what is seen or heard.
    """
    about = layer.layer
    collected = HeadStatistics(about.heads, about.sinks is not None, types)
    for document in layer.documents():
        if about.vectors:
            collected.add_vectors(document.q, document.k)
        if document.values is not None:
            collected.add_values(document.values)
        query, key = queries.documents[document.document], keys.documents[document.document]
        numbers = None
        if query is not None and key is not None:
            numbers = types[0].of(query.ids), types[1].of(key.ids)
        traits = traits_of(key, document.intervals.keys, separator, about.cross, numbers)
        traits = traits if grid_is_of_input else replace(traits, row=None, column=None)
        for block in _blocks(document, traits, about.cross):
            collected.add(block)
    typical, focus = collected.typical()
    return LayerStatistics(
        values=collected.values(),
        evidence=collected.evidence(),
        typical=typical,
        focus=focus,
        offsets=[] if about.cross else collected.profiles(),
        deciles=collected.deciles(),
        pairs=pair_rows(collected.pairs()),
    )


def _blocks(document: LayerDocument, traits: Traits, cross: bool) -> Iterator[Block]:
    """A document's attention, a block of rows at a time."""
    for intervals, attention in document.blocks():
        yield Block(document.document, attention, intervals, traits, cross, document.values)

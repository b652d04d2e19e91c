"""All that is known of one layer's heads, beside their attention and maps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from attnviz.format.manifest import CounterExample, LabelFigures, NeedleDepth
from attnviz.heads.bands import HeadBands


@dataclass(frozen=True)
class LayerFacts:
    """By head: statistics by name; labels with their scores, the strongest first, and those of what
    the head does besides resting; mean attention at offsets −16 to 16, empty under cross-attention;
    eleven documents, from the one the head is most focused in to the least, and how focused it is
    in them; deciles of the entropy; token pairs (query, key, share, lift); tokens that wake it
    (token, rate, rows); pairs of tokens by bands of attention; how well labels that are tests say
    where it looks, and the strongest pairs against each; what it copies from long texts, by depth;
    its place among the heads, and those
    most alike, by id, with their distance and its standard error."""

    statistics: Sequence[Mapping[str, float | None]]
    labels: Sequence[Sequence[tuple[str, float]]]
    awake_labels: Sequence[Sequence[tuple[str, float]]]
    offsets: Sequence[Sequence[float | None]]
    typical: Sequence[Sequence[int]]
    focus: Sequence[Sequence[float | None]]
    deciles: Sequence[Sequence[float]]
    pairs: Sequence[Sequence[tuple[str, str, float, float]]]
    waking: Sequence[Sequence[tuple[str, float, int]]]
    bands: Sequence[HeadBands]
    label_figures: Sequence[Sequence[LabelFigures]]
    counter_examples: Sequence[Sequence[CounterExample]]
    needle: Sequence[Sequence[NeedleDepth]]
    positions: Sequence[tuple[float, float]]
    alike: Sequence[Sequence[tuple[str, float, float | None]]]

    def names(self, head: int) -> set[str]:
        """The names of a head's labels, awake or not."""
        return {name for name, _ in (*self.labels[head], *self.awake_labels[head])}

"""A text whose parts have a score each: the tokens of whoever made the scores, which need not be
those of a model."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import accumulate

from attnviz.documents.score_scale import ScoreScale, scale_of
from attnviz.documents.token_scores import TokenScores


@dataclass(frozen=True)
class ScoreRow:
    """A row of scores of a document: `spans` are first character, the one after the last, and the
    score of each part of the text, in order and without overlap."""

    name: str
    spans: tuple[tuple[int, int, float], ...]
    scale: ScoreScale

    def within(self, start: int, end: int) -> ScoreRow:
        """The row of the text's characters from `start` to `end` alone, on the same scale."""
        spans = tuple(
            (max(first, start) - start, min(last, end) - start, score)
            for first, last, score in self.spans
            if first < end and last > start
        )
        return replace(self, spans=spans)


def scored_text(
    scores: TokenScores, gap: str, cmap: str, alpha: float
) -> tuple[str, tuple[ScoreRow, ...]]:
    """The text that the tokens are with `gap` between them, and its rows of scores. Raises
    InputError of a colour map that there is not, and where alpha turns a scale around."""
    ends = accumulate(len(token) + len(gap) for token in scores.tokens)
    last = [end - len(gap) for end in ends]
    first = [end - len(token) for end, token in zip(last, scores.tokens, strict=True)]
    rows = tuple(
        ScoreRow(
            name, tuple(zip(first, last, row.tolist(), strict=True)), scale_of(row, cmap, alpha)
        )
        for name, row in zip(scores.names, scores.scores, strict=True)
    )
    return gap.join(scores.tokens), rows

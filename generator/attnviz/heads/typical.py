"""In which documents a head is focused, and in which it is not."""

from __future__ import annotations

from typing import Final

import numpy as np

from attnviz.heads.sums import Mean, State, Sums
from attnviz.score import Array

STEPS: Final = 11
"""Documents that are named: the first, the last, and those between by tenths."""


class TypicalDocuments(Sums):
    """Means of a head's focus, 1 − evenness, over each document's rows."""

    def __init__(self, heads: int) -> None:
        self.heads = heads
        self._focus: dict[int, Mean] = {}

    def add(self, document: int, focus: Array) -> None:
        """Take in the focus of rows of a document, (heads, rows)."""
        self._focus.setdefault(document, Mean(self.heads)).add(focus)

    def state(self) -> dict[str, Array]:
        """The rows (documents,) and the focus summed over them (documents, heads) of each
        document."""
        means = list(self._focus.values())
        return {
            "documents": np.array(list(self._focus), np.int64),
            "rows": np.array([mean.rows for mean in means], np.float64),
            "totals": np.array([mean.total for mean in means]).reshape(-1, self.heads),
        }

    def merge(self, state: State, documents: Array) -> None:
        numbers = documents[state["documents"]].tolist()
        for number, rows, total in zip(numbers, state["rows"], state["totals"], strict=True):
            mean = self._focus.setdefault(number, Mean(self.heads))
            mean.rows, mean.total = mean.rows + float(rows), mean.total + total

    def of(self, document: int) -> Array:
        """The mean focus of each head in a document, (heads,); NaN where it has none."""
        mean = self._focus.get(document)
        return np.full(self.heads, np.nan) if mean is None else mean.value()

    def values(self) -> tuple[list[list[int]], list[list[float | None]]]:
        """For each head eleven documents, from the one it is most focused in down by tenths to the
        least, and its mean focus in each, None where no row of the document has one."""
        documents = sorted(self._focus)
        if not documents:
            return [[] for _ in range(self.heads)], [[] for _ in range(self.heads)]
        means = [self._focus[document].value() for document in documents]
        focus = np.stack(means)  # (document, head)
        # Documents without a focus come last; of those as focused the earlier comes first.
        order = np.argsort(-np.nan_to_num(focus, nan=-1.0), 0, kind="stable")
        steps = np.rint(np.linspace(0, len(documents) - 1, STEPS)).astype(int)
        typical = order[steps]  # (step, head)
        values = np.take_along_axis(focus, typical, 0)
        return (
            [[documents[place] for place in column] for column in typical.T],
            [[None if np.isnan(x) else float(x) for x in column] for column in values.T],
        )

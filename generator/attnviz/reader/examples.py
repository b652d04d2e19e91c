"""A head's pairs by bands of attention, as a report holds them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa

from attnviz.errors import InputError, ReportError
from attnviz.format.manifest import Examples, Head, Model
from attnviz.reader.selecting import axis_of, stack_of
from attnviz.reader.store import ShardStore
from attnviz.reader.unfit import naming
from attnviz.score import Array

_OF_PAIRS: Final = ("band", "document", "query", "key", "weight")


@dataclass(frozen=True)
class HeadExamples:
    """Of one head: by band the least attention, the pairs that there are, int64, and their
    attention, float64, (bands,) each; and of the pairs drawn the band, the document, the places of
    query and key, int64, and the attention, float32, (pairs,) each, the strongest band first."""

    lows: Array
    pairs: Array
    attention: Array
    drawn: dict[str, Array]

    @property
    def highs(self) -> Array:
        """Up to which attention each band reaches, (bands,)."""
        return np.append(1.0, self.lows[:-1])


def head_examples(store: ShardStore, model: Model, head: Head) -> HeadExamples:
    """A head's pairs by bands. Raises InputError if the report has none of it; ReportError where a
    shard does not fit."""
    entry = model.examples
    shards = [] if entry is None else entry.shards
    of_layer = (head.stack, head.layer)
    names = [
        n for n in shards if (of := store.manifest.shards[n]) and (of.stack, of.layer) == of_layer
    ]
    if entry is None or not names:
        raise InputError(
            f"{model.name} {model.head_id(head)}: this report has no examples of it, as it is of an"
            " earlier attnviz: build it again"
        )
    with naming(store.manifest, names):
        table = store.table(names[0])
        row = table["head"].to_pylist().index(head.head)
        pairs, attention = (np.array(table[name][row].as_py()) for name in ("pairs", "attention"))
        drawn = {name: _column(table[name][row]) for name in _OF_PAIRS}
    examples = HeadExamples(np.array(entry.lows), pairs.astype(np.int64), attention, drawn)
    if problem := _problem(store, model, head, entry, examples):
        raise ReportError(
            f"{store.manifest.shards[names[0]].path}: {model.head_id(head)}: {problem}"
        )
    return examples


def examples_table(examples: HeadExamples) -> pa.Table:
    """One row for each pair drawn."""
    drawn = examples.drawn
    band = drawn["band"]
    by_band = {
        "low": examples.lows,
        "high": examples.highs,
        "count": examples.pairs,
        "share": examples.pairs / max(1, examples.pairs.sum()),
        "attention": examples.attention / (examples.attention.sum() or 1),
    }
    return pa.table(
        {"band": band}
        | {name: values[band] for name, values in by_band.items()}
        | {name: values for name, values in drawn.items() if name != "band"}
    )


def _column(cell: pa.Scalar) -> Array:
    values: Array = cell.values.to_numpy()
    return values if values.dtype == np.float32 else values.astype(np.int64)


def _problem(
    store: ShardStore, model: Model, head: Head, entry: Examples, examples: HeadExamples
) -> str | None:
    """What is not as the format says."""
    bands, drawn = len(entry.lows), examples.drawn
    if {len(examples.pairs), len(examples.attention)} != {bands}:
        return f"has other than {bands} bands"
    if len({len(values) for values in drawn.values()}) != 1:
        return "has lists of pairs that are not equally long"
    if (drawn["band"] >= bands).any() or (np.diff(drawn["band"]) < 0).any():
        return "has pairs that are not in order of the bands"
    counts = np.bincount(drawn["band"], minlength=bands)
    if (counts > np.minimum(entry.drawn, examples.pairs)).any():
        return "has more pairs than may be drawn"
    weights = drawn["weight"].astype(np.float64)
    low, high = examples.lows[drawn["band"]], examples.highs[drawn["band"]]
    if not ((weights >= low) & (weights <= high + _ROUNDING)).all():
        return "has pairs whose attention is not of their band"
    if (drawn["document"] >= store.manifest.documents.count).any():
        return "has pairs of documents that there are not"
    stack = stack_of(model, head)
    for side, axis in (("query", stack.query_axis), ("key", stack.key_axis)):
        lengths = store.lengths(axis_of(model, axis))
        if (drawn[side] >= lengths[drawn["document"]]).any():
            return "has pairs of tokens that there are not"
    return None


_ROUNDING: Final = 1e-6
"""By which a row's only weight may be above 1."""

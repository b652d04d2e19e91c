"""The effects of heads that a report holds."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa

from attnviz.errors import InputError
from attnviz.format.columns import EFFECT_MEANINGS
from attnviz.format.manifest import Head, Model
from attnviz.reader.store import ShardStore
from attnviz.reader.unfit import naming
from attnviz.score import Array

_NAMES = [f"{name}{ending}" for name in EFFECT_MEANINGS for ending in ("", "_control")]


class LayerEffects(NamedTuple):
    """The documents of a layer that were measured, how many tokens of each, (n,), and what of them
    by name, (heads, n) float32, in the manifest's order of heads; NaN where the layer does not
    read a document."""

    documents: Array
    tokens: Array
    columns: dict[str, Array]


def layer_effects(store: ShardStore, model: Model, head: Head) -> LayerEffects:
    """All of a head's layer. Raises InputError if nothing was measured of it; ReportError where a
    shard does not fit."""
    shards = [] if model.effects is None else model.effects.shards
    entries = {name: store.manifest.shards[name] for name in shards}
    names = [n for n, of in entries.items() if (of.stack, of.layer) == (head.stack, head.layer)]
    if not names:
        raise InputError(
            f"{model.name} {model.head_id(head)}: this report has no effects of it: build with"
            " effects: true"
        )
    heads = len(_numbers(model, head))
    parts = []
    for name in names:
        with naming(store.manifest, [name]):
            parts.append(_of_shard(store.table(name), heads))
    documents, tokens, columns = zip(*parts, strict=True)
    return LayerEffects(
        np.concatenate(documents),
        np.concatenate(tokens),
        {name: np.hstack([part[name] for part in columns]) for name in columns[0]},
    )


def effect_of(
    store: ShardStore, model: Model, head: Head, document: int | None
) -> dict[str, float]:
    """What was measured of a head, by name: in one document, or the mean over the tokens of all.
    Raises InputError where nothing was."""
    layer = layer_effects(store, model, head)
    row = _numbers(model, head).index(head.head)
    columns = {name: values[row].astype(np.float64) for name, values in layer.columns.items()}
    known = ~np.isnan(next(iter(columns.values()))) & (layer.tokens > 0)
    if document is not None:
        known &= layer.documents == document
    if not known.any():
        what = "" if document is None else f"document {document}: "
        raise InputError(f"{what}the effect of {model.name} {model.head_id(head)} is not measured")
    weights = layer.tokens[known]
    return {
        name: float((values[known] * weights).sum() / weights.sum())
        for name, values in columns.items()
    }


def effects_table(store: ShardStore) -> pa.Table:
    """One row per head and document, in the order of heads, then of documents."""
    tables = [
        pa.table(_rows(store, model, head))
        for model in store.manifest.models
        if model.effects is not None and model.effects.shards
        for head in model.heads
    ]
    if tables:
        return pa.concat_tables(tables, promote_options="default")
    return pa.table({name: [] for name in ("model", "stack", "layer", "head", "document")})


def _rows(store: ShardStore, model: Model, head: Head) -> dict[str, Any]:
    layer = layer_effects(store, model, head)
    row, count = _numbers(model, head).index(head.head), len(layer.documents)
    return {
        "model": [model.name] * count,
        "stack": [head.stack] * count,
        "layer": [head.layer] * count,
        "head": [head.head] * count,
        "document": layer.documents,
        "tokens": layer.tokens,
    } | {
        name: pa.array(values[row], mask=np.isnan(values[row]))
        for name, values in layer.columns.items()
    }


def _numbers(model: Model, head: Head) -> list[int]:
    """The heads of a head's layer, by number, in the manifest's order."""
    place = head.stack, head.layer
    return [each.head for each in model.heads if (each.stack, each.layer) == place]


def _of_shard(table: pa.Table, heads: int) -> tuple[Array, Array, dict[str, Array]]:
    columns = {}
    for name in _NAMES:
        if name in table.column_names:
            rows = [np.full(heads, np.nan, np.float32) if x is None else np.float32(x)
                    for x in table[name].to_pylist()]  # fmt: skip
            columns[name] = np.reshape(rows, (len(rows), heads)).T
    documents, tokens = (table[name].to_numpy().astype(np.int64) for name in ("document", "tokens"))
    return documents, tokens, columns

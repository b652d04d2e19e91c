"""What scores are made of, as a report holds it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from attnviz.errors import InputError
from attnviz.format.columns import KEYS, QUERIES, schema_of
from attnviz.format.manifest import Components, Head, Model
from attnviz.interactions import HeadVectors, Interaction, pair_parts
from attnviz.reader.store import ShardStore
from attnviz.reader.stored_attention import StoredAttention
from attnviz.reader.unfit import naming
from attnviz.score import Array, Mask, ScoreRule

_FIGURES = (
    "dimensions", "deviation", "key_deviation", "query_deviation", "total_variation",
    "total_variation_90", "rows", "contrast",
)  # fmt: skip


def components_table(store: ShardStore, model: Model, head: Head) -> pa.Table:
    """The components of one head, the strongest first. Raises InputError if there are none;
    ReportError where a shard does not fit."""
    entry = _entry(model, head)
    with naming(store.manifest, _of_layer(store, entry.shards, head)):
        rows = _rows(store, entry.shards, model, head)
        scaling = model.rules[head.rule].scaling
        numbers = pa.array(np.arange(1, rows.num_rows + 1, dtype=np.uint16))
        deviation = pa.array(scaling * rows["strength"].to_numpy(), pa.float64())
    table = rows.drop_columns(["head", "strength", "query_weights", "key_weights"])
    return table.add_column(0, "component", numbers).add_column(2, "deviation", deviation)


def interaction_figures(store: ShardStore, model: Model, head: Head) -> dict[str, float | None]:
    """What is known of all components of one head together. Raises as `components_table` does."""
    entry = _entry(model, head)
    with naming(store.manifest, _of_layer(store, entry.interactions, head)):
        [row] = _rows(store, entry.interactions, model, head).to_pylist()
    return {name: row.get(name) for name in _FIGURES}


def interaction_of(store: ShardStore, model: Model, head: Head) -> Interaction:
    """The kept components of one head, float64. Raises as `components_table` does."""
    entry = _entry(model, head)
    of_layer = [
        *_of_layer(store, entry.interactions, head),
        *_of_layer(store, entry.shards, head),
    ]
    with naming(store.manifest, of_layer):
        means = _rows(store, entry.interactions, model, head)
        rows = _rows(store, entry.shards, model, head)
        mean_query, mean_key = (_list(means, name, 0) for name in ("mean_query", "mean_key"))
        weights = {
            name: np.array([_list(rows, name, row) for row in range(rows.num_rows)])
            for name in ("query_weights", "key_weights")
        }
        shape = (rows.num_rows, len(mean_query))
        if len(mean_key) != shape[1] or any(w.size and w.shape != shape for w in weights.values()):
            raise ValueError(f"weights of {weights['query_weights'].shape} for {shape}")
        return Interaction(
            mean_query,
            mean_key,
            weights["query_weights"].reshape(shape),
            weights["key_weights"].reshape(shape),
            rows["strength"].to_numpy().astype(np.float64),
        )


def score_table(
    store: ShardStore,
    stored: StoredAttention,
    model: Model,
    head: Head,
    document: int,
    query: int,
    key: int,
) -> pa.Table:
    """The parts of one pair's score. Raises InputError where the document or the pair is not
    there; ReportError where a shard does not fit."""
    interaction = interaction_of(store, model, head)
    intervals = stored.intervals(model, head, document)
    stored.refuse_unkept(model, document)
    place = f"document {document}"
    if not 0 <= query < len(intervals.lo):
        raise InputError(f"{place}: query {query}: it has {len(intervals.lo)}, counted from zero")
    if not 0 <= key < intervals.keys:
        raise InputError(f"{place}: key {key}: it has {intervals.keys}, counted from zero")
    row = intervals.rows(slice(query, query + 1))
    if not row.allowed()[0, key]:
        raise InputError(
            f"{place}: query {query} may not see key {key}: {model.head_id(head)} has no score of"
            f" them; it may see keys from {row.lo[0]} to {row.hi[0] - 1}"
        )
    vectors = document_vectors(store, model, head, document)
    of_pair = HeadVectors(
        vectors.q[query : query + 1],
        vectors.k[key : key + 1],
        None
        if vectors.turned is None
        else (vectors.turned[0][query : query + 1], vectors.turned[1][key : key + 1]),
    )
    entry = model.rules[head.rule]
    rule = ScoreRule(entry.scaling, Mask("intervals"), entry.softcap)
    bias = stored.bias(model, head)
    added = None if bias is None else float(bias.rows(row)[0, 0, key])
    parts = pair_parts(of_pair, interaction, rule, added)
    names, numbers, values = zip(*parts, strict=True)
    return pa.table(
        {
            "part": pa.array(names, pa.utf8()),
            "component": pa.array(numbers, pa.uint16()),
            "value": pa.array(values, pa.float64()),
        }
    )


def document_vectors(store: ShardStore, model: Model, head: Head, document: int) -> HeadVectors:
    """A head's queries and keys of a document, float32, as they were captured."""
    entry = _entry(model, head)
    names = [
        name
        for name in _of_layer(store, entry.vectors, head)
        if head.kv_head in range(*(store.manifest.shards[name].kv_heads or (0, 0)))
        and document in range(*(store.manifest.shards[name].documents or (0, 0)))
    ]
    with naming(store.manifest, names):
        tables = [store.table(name) for name in names]
        q = _side(tables, QUERIES, head.head, document)
        k = _side(tables, KEYS, head.kv_head, document)
        if (q.turned is None) != (k.turned is None):
            raise ValueError("queries or keys alone are turned")
        turned = None if q.turned is None or k.turned is None else (q.turned, k.turned)
        return HeadVectors(q.values, k.values, turned)


@dataclass(frozen=True)
class _Side:
    values: Array
    turned: Array | None


def _side(tables: Sequence[pa.Table], side: int, head: int, document: int) -> _Side:
    """Vectors of one side, (tokens, d); raises LookupError where they do not follow on."""
    parts: list[tuple[int, int, pa.Table, int]] = []
    for table in tables:
        columns = [table[name].to_numpy() for name in ("side", "head", "document")]
        start, rows = table["start"].to_pylist(), table["rows"].to_pylist()
        wanted = (columns[0] == side) & (columns[1] == head) & (columns[2] == document)
        parts += [(start[row], rows[row], table, row) for row in np.flatnonzero(wanted).tolist()]
    parts.sort(key=lambda part: part[0])
    covered = 0
    for start, count, _, _ in parts:
        if start != covered:
            raise LookupError(f"row {start} of vectors follows row {covered}")
        covered += count
    if not covered:
        raise LookupError(f"no vectors of head {head}, document {document}")

    def joined(name: str) -> Array:
        flat = [table[name][row].values.to_numpy() for _, _, table, row in parts]
        return np.concatenate(flat).reshape(covered, -1)

    _, _, table, row = parts[0]
    return _Side(joined("values"), joined("turned") if table["turned"][row].is_valid else None)


def _entry(model: Model, head: Head) -> Components:
    if model.components is None:
        raise InputError(
            f"{model.name} {model.head_id(head)}: this report does not say what scores are made of:"
            " build with components: true"
        )
    return model.components


def _of_layer(store: ShardStore, names: Sequence[str], head: Head) -> list[str]:
    entries = store.manifest.shards
    place = head.stack, head.layer
    return [name for name in names if (entries[name].stack, entries[name].layer) == place]


def _rows(store: ShardStore, names: Sequence[str], model: Model, head: Head) -> pa.Table:
    """The rows of one head."""
    entry = _entry(model, head)
    tables = [store.table(name) for name in _of_layer(store, names, head)]
    if not tables and _of_layer(store, entry.interactions, head):
        return schema_of("components").empty_table()  # its queries, or its keys, are all alike
    if not tables:
        missing = entry.missing
        why = f": {'; '.join(missing)}" if missing else ""
        raise InputError(
            f"{model.name} {model.head_id(head)}: what its scores are made of is not known{why}"
        )
    return pa.concat_tables(
        [t.filter(pc.equal(t["head"], head.head)).replace_schema_metadata(None) for t in tables]
    ).combine_chunks()


def _list(table: pa.Table, name: str, row: int) -> Array:
    values: Array = table[name][row].values.to_numpy().astype(np.float64)
    return values

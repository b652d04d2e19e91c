"""What heads write, and how they are composed, as a report holds it."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from attnviz.errors import InputError
from attnviz.format.columns import schema_of
from attnviz.format.manifest import Head, Model
from attnviz.reader.store import ShardStore
from attnviz.reader.unfit import naming


def writes_of(store: ShardStore, model: Model, head: Head) -> pa.Table:
    """The rows of one head. Raises InputError if there are none; ReportError where a shard does not
    fit."""
    if model.writes is None:
        raise InputError(
            f"{model.name} {model.head_id(head)}: this report does not say what heads write: build"
            " with writes: true"
        )
    entries = store.manifest.shards
    names = [
        name
        for name in model.writes.shards
        if (entries[name].stack, entries[name].layer) == (head.stack, head.layer)
    ]
    with naming(store.manifest, names):
        tables = [_of_head(store.table(name), head.head) for name in names]
    if not any(table.num_rows for table in tables):
        why = f": {'; '.join(model.writes.missing)}" if model.writes.missing else ""
        raise InputError(f"{model.name} {model.head_id(head)}: what it writes is not known{why}")
    return pa.concat_tables(tables).drop_columns(["head"])


def composition_table(store: ShardStore, model: Model) -> pa.Table:
    """One row per head and earlier head. Raises InputError where the corpus did not ask for it."""
    if model.writes is None:
        raise InputError(
            f"{model.name}: this report does not say how heads are composed: build with"
            " writes: true"
        )
    tables = []
    for name in model.writes.composition:
        entry = store.manifest.shards[name]
        with naming(store.manifest, [name]):
            table = store.table(name)
        count = table.num_rows
        stack = pa.array([entry.stack] * count, pa.utf8())
        layer = pa.array(np.full(count, entry.layer, np.uint16))
        tables.append(table.add_column(0, "stack", stack).add_column(1, "layer", layer))
    schema = schema_of("composition")
    for place, (name, kind) in enumerate((("stack", pa.utf8()), ("layer", pa.uint16()))):
        schema = schema.insert(place, pa.field(name, kind))
    tables = [table.replace_schema_metadata(None).cast(schema) for table in tables]
    rows = pa.concat_tables(tables) if tables else schema.empty_table()
    chance = pa.array([model.writes.chance] * rows.num_rows, pa.float64())
    return rows.append_column("chance", chance)


def _of_head(table: pa.Table, head: int) -> pa.Table:
    return table.filter(pc.equal(table["head"], head)).replace_schema_metadata(None)

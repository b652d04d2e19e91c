"""A layer's attention put together from that of its batches, as a step of the build."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from attnviz.capture.result import Layer
from attnviz.encoding import ENCODINGS
from attnviz.engine.step import folder_step
from attnviz.format.manifest import Shard
from attnviz.format.shards import ShardFolder, read_shard
from attnviz.writer.attention import write_table


@dataclass(frozen=True)
class BatchShards:
    """A layer's shards of one batch: the folder that holds them, their entries by id, and the
    numbers in the corpus of what are documents 0, 1, … in them."""

    folder: Path
    shards: Mapping[str, Shard]
    documents: tuple[int, ...]


@folder_step("attention")
def put_together(
    into: Path, layer: Layer, batches: Sequence[BatchShards], model: str
) -> dict[str, Shard]:
    """The shards of a layer's attention, by id: the codes of all batches, row by row as they were
    measured, with the documents' numbers in the corpus."""
    tables: dict[str, list[pa.Table]] = defaultdict(list)
    for batch in batches:
        for shard in batch.shards.values():
            table = read_shard(batch.folder, shard).replace_schema_metadata(None)
            tables[shard.encoding or ""].append(_renumbered(table, batch.documents))
    shards = ShardFolder(into)
    for encoding in sorted(tables, key=ENCODINGS.index):
        write_table(pa.concat_tables(tables[encoding]), encoding, layer, shards, model)
    return shards.shards


def _renumbered(table: pa.Table, documents: tuple[int, ...]) -> pa.Table:
    """The rows with the documents' numbers in the corpus."""
    place = table.column_names.index("document")
    field = table.schema.field(place)
    numbers = np.array(documents)[table["document"].to_numpy()]
    return table.set_column(place, field, pa.array(numbers, field.type))

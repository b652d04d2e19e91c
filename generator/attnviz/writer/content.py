"""What a report holds, before it has a title, pages and a viewer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from attnviz.format.manifest import DocumentsEntry, Model, NoticeEntry, Shard, SourceEntry


@dataclass(frozen=True)
class Content:
    """All that a report says of a corpus and its models: whatever follows from what models read,
    and nothing of how it is shown.

    `device` and `threads` are what it was computed on. `pieces` are the pieces of the cache that
    hold the shards, by the shards' paths. `notes` are what was said while it was made.
    """

    documents: DocumentsEntry
    models: Sequence[Model]
    shards: Mapping[str, Shard]
    notices: Sequence[NoticeEntry]
    sources: Sequence[SourceEntry]
    device: str
    threads: int
    pieces: Mapping[str, str]
    notes: Sequence[str]

"""Whether what lies at a place is an earlier publication, which the next may replace."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from pydantic import ValidationError

from attnviz.errors import ReportError
from attnviz.format.index import join
from attnviz.format.manifest import FORMAT, Manifest, Shard
from attnviz.format.tables import read_table


def published_paths(manifest: bytes, read: Callable[[str], bytes]) -> set[str] | None:
    """The paths of the files that the manifest of a report names, and its own; None where these
    bytes are no such manifest. `read` gives a file that lies beside it, by its path; no bytes, or
    an OSError, where it is not there: then what it names is not known."""
    if not is_manifest(manifest):
        return None
    try:
        report = Manifest.model_validate(json.loads(manifest))
        whole = join(report, lambda shard: _table(shard, read))
    except (ValidationError, ReportError, OSError):
        return _named(json.loads(manifest))
    return {*(shard.path for shard in whole.data.values()), *whole.files, "manifest.json"}


def is_manifest(content: bytes) -> bool:
    """Whether these bytes are the manifest of a report."""
    try:
        named: Any = json.loads(content)
        return bool(named["format"] == FORMAT and _named(named))
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError):
        return False


def _named(content: Any) -> set[str]:
    """What a manifest names itself."""
    entries = content["shards"] | content.get("tables", {})
    paths = [str(entry["path"]) for entry in entries.values()]
    return {*paths, *map(str, content["files"]), "manifest.json"}


def _table(shard: Shard, read: Callable[[str], bytes]) -> Any:
    return read_table(read(shard.path), shard)

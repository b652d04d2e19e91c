"""Whether what lies at a place is an earlier publication, which the next may replace."""

from __future__ import annotations

import json
from typing import Any

from attnviz.format.manifest import FORMAT


def published_paths(manifest: bytes) -> set[str] | None:
    """The paths of the files that the manifest of a report names, and its own; None where these
    bytes are no such manifest."""
    try:
        content: Any = json.loads(manifest)
        if content["format"] != FORMAT:
            return None
        shards = [str(shard["path"]) for shard in content["shards"].values()]
        return {*shards, *map(str, content["files"]), "manifest.json"}
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError):
        return None

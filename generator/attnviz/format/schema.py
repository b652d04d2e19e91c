"""The manifest's JSON Schema, draft 2020-12, from its declaration."""

from __future__ import annotations

import json
from functools import cache
from typing import Any, Final

from attnviz.format.manifest import Manifest

SCHEMA_FILE: Final = "manifest.schema.json"
"""Its path in a report."""


@cache
def manifest_schema() -> str:
    """The schema as JSON. The same attnviz gives the same bytes."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **manifest_parts()}
    return json.dumps(_without_titles(schema), indent=1, ensure_ascii=False) + "\n"


def manifest_parts() -> dict[str, Any]:
    """The schema as pydantic has it: of the manifest, and of each part in `$defs`."""
    schema = Manifest.model_json_schema()
    # By these a file introduces itself: they have a default, and are there.
    schema["required"][:0] = ["format_version", "format"]
    return schema


def _without_titles(schema: Any) -> Any:
    """Pydantic repeats every name as a title, and keeps the line breaks of docstrings."""
    if isinstance(schema, list):
        return [_without_titles(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    kept = {
        name: _without_titles(value)
        for name, value in schema.items()
        if not (name == "title" and isinstance(value, str))
    }
    if isinstance(kept.get("description"), str):
        kept["description"] = " ".join(kept["description"].split())
    return kept

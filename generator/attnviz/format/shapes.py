"""What each part of the manifest is made of, in words that any reader can follow."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Final

from attnviz.format.schema import manifest_parts

Kind = str | list[Any]
"""What a value is: `text`, `integer` (from zero), `number`, `flag`, `null` or a part by name; or
[word, …]: a `list` or `map` of something, a `tuple` of several, `any` of several, one of some
`values`."""

_PLAIN: Final = {"string": "text", "integer": "integer", "number": "number", "boolean": "flag"}


@cache
def parts() -> dict[str, dict[str, Kind]]:
    """The parts by name, each with the kinds of its keys; a key with ? may be absent."""
    schema = manifest_parts()
    return {
        name: {
            key if key in part.get("required", ()) else f"{key}?": _kind(field)
            for key, field in part["properties"].items()
        }
        for name, part in ({"Manifest": schema} | schema["$defs"]).items()
    }


def _kind(field: Mapping[str, Any]) -> Kind:
    if "$ref" in field:
        return str(field["$ref"]).rpartition("/")[2]
    if "const" in field or "enum" in field:
        return ["values", *field.get("enum", [field.get("const")])]
    if "anyOf" in field:
        return ["any", *map(_kind, field["anyOf"])]
    if "prefixItems" in field:
        return ["tuple", *map(_kind, field["prefixItems"])]
    if field["type"] == "array":
        return ["list", _kind(field["items"])]
    if field["type"] == "object":
        return ["map", _kind(field["additionalProperties"])]
    if field["type"] == "integer" and field.get("minimum", 0) < 0:
        return "number"
    return _PLAIN.get(field["type"], "null")

"""What every part of the manifest is: a frozen model whose fields say what they mean."""

from __future__ import annotations

from functools import cache
from typing import Any, Final

from pydantic import (
    BaseModel,
    ConfigDict,
    GetJsonSchemaHandler,
    SerializerFunctionWrapHandler,
    model_serializer,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema


class Part(BaseModel):
    """An object of the manifest. Fields without a default are in every file."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", protected_namespaces=(), use_attribute_docstrings=True
    )


ADDED: Final = "added"
"""Marks a field that came after format 1 was first written."""

DETAIL: Final = "detail"
"""Marks a field of a head that only its own card or page shows."""


class GrownPart(Part):
    """An object of the manifest whose fields marked `ADDED` are left out of the file where they are
    as by default: a file that was written before them is written again as it was read."""

    @model_serializer(mode="wrap")
    def _leave_out(self, serialize: SerializerFunctionWrapHandler) -> dict[str, Any]:
        added = _defaults_of_added(type(self))
        return {
            name: value
            for name, value in serialize(self).items()
            if name not in added or getattr(self, name) != added[name]
        }


@cache
def _defaults_of_added(part: type[GrownPart]) -> dict[str, Any]:
    """By field that is marked as `ADDED`. Asking pydantic takes as long as all else of a write."""
    return {
        name: field.get_default(call_default_factory=True)
        for name, field in part.model_fields.items()
        if ADDED in field.metadata
    }


class SparsePart(Part):
    """An object of the manifest whose keys are left out of the file where they are None."""

    @model_serializer(mode="wrap")
    def _leave_out(self, serialize: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {name: value for name, value in serialize(self).items() if value is not None}

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """The schema of what is in a file: no key is null."""
        reference = handler(core_schema)
        for field in handler.resolve_ref_schema(reference).get("properties", {}).values():
            kinds = [kind for kind in field.get("anyOf", []) if kind != {"type": "null"}]
            if len(kinds) == 1 and field.get("default", "") is None:
                del field["anyOf"], field["default"]
                field |= kinds[0]
        return reference

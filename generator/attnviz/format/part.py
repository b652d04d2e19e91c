"""What every part of the manifest is: a frozen model whose fields say what they mean."""

from __future__ import annotations

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
        fields = type(self).model_fields
        return {
            name: value
            for name, value in serialize(self).items()
            if ADDED not in fields[name].metadata
            or getattr(self, name) != fields[name].get_default(call_default_factory=True)
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

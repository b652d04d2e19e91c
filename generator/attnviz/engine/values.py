"""Values of steps as JSON, and back."""

from __future__ import annotations

from functools import cache
from typing import Any, TypeVar

from pydantic import TypeAdapter

from attnviz.engine.step import Step

T = TypeVar("T")


def to_json(step: Step[Any, T], value: T) -> Any:
    """What a step's function returned, as JSON has it."""
    return _adapter(step).dump_python(value, mode="json")


def from_json(step: Step[Any, T], value: Any) -> T:
    """The value that JSON has."""
    restored: T = _adapter(step).validate_python(value)
    return restored


@cache
def _adapter(step: Step[Any, Any]) -> TypeAdapter[Any]:
    return TypeAdapter(step.result)

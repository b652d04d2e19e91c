"""The type of an option in words, from its annotation: for messages and for the YAML reference."""

from __future__ import annotations

import types
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import annotated_types
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from attnviz.config.values import Words, quoted

_PLAIN = {
    str: "text",
    int: "a whole number",
    float: "a number",
    bool: "true or false",
    Path: "a path",
}


def type_in_words(field: FieldInfo) -> str:
    """The values that an option takes, limits included.

    >>> from attnviz.config.options import FidelityOptions
    >>> type_in_words(FidelityOptions.model_fields["max_error"])
    'a number above 0, at most 1'
    """
    return annotation_in_words(field.annotation, field.metadata)


def bare_type(annotation: Any) -> Any:
    """The type without `| None` and without annotations."""
    if get_origin(annotation) is Annotated:
        return bare_type(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        return bare_type(next(part for part in get_args(annotation) if part is not type(None)))
    return annotation


def item_type(annotation: Any) -> Any:
    """The type of a list's items; None if the type is no list."""
    bare = bare_type(annotation)
    return get_args(bare)[0] if get_origin(bare) is tuple else None


def choices(annotation: Any) -> tuple[str, ...]:
    """The values that a Literal allows; nothing for other types."""
    bare = bare_type(annotation)
    return tuple(str(value) for value in get_args(bare)) if get_origin(bare) is Literal else ()


def options_of(annotation: Any) -> type[BaseModel] | None:
    """The type if it is a section, else None."""
    bare = bare_type(annotation)
    return bare if isinstance(bare, type) and issubclass(bare, BaseModel) else None


def value_in_words(value: object) -> str:
    """A value for a message, with its verb.

    >>> value_in_words(3)
    'is a number (3)'
    """
    match value:
        case None:
            return "has no value"
        case bool():
            return f"is {str(value).lower()}"
        case int() | float():
            return f"is a number ({value})"
        case str():
            return f"is text ({quoted(value)})"
        case dict():
            return "is a mapping"
        case list() | tuple():
            return "is a list"
    return f"is of type {type(value).__name__} ({value})"


def join(words: Sequence[str], last: str = "or") -> str:
    """The words as a list in a sentence: a, b or c."""
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} {last} {words[-1]}"


def annotation_in_words(annotation: Any, metadata: Sequence[object] = ()) -> str:
    """As `type_in_words`, for a type without a field, such as that of a list's items."""
    if words := _words(annotation, metadata):
        return words.singular
    if allowed := choices(annotation):
        return join(allowed)
    if (item := item_type(annotation)) is not None:
        return f"a list of {_several(item)}"
    if section := options_of(annotation):
        return f"a mapping of {join(list(section.model_fields), 'and')}"
    return " ".join([_PLAIN.get(bare_type(annotation), "a value"), _limits(metadata)]).strip()


def _several(item: Any) -> str:
    if words := _words(item, ()):
        return words.plural
    return "mappings" if options_of(item) else annotation_in_words(item)


def _words(annotation: Any, metadata: Sequence[object]) -> Words | None:
    """The `Words` of an annotation, also inside `| None`."""
    parts = (
        get_args(annotation)
        if get_origin(annotation) in (Union, types.UnionType)
        else (annotation,)
    )
    inner = [mark for part in parts if get_origin(part) is Annotated for mark in get_args(part)[1:]]
    return next((mark for mark in (*metadata, *inner) if isinstance(mark, Words)), None)


def _limits(metadata: Sequence[object]) -> str:
    limits = []
    for mark in metadata:
        if isinstance(mark, annotated_types.Gt):
            limits.append(f"above {mark.gt}")
        if isinstance(mark, annotated_types.Ge):
            limits.append(f"of at least {mark.ge}")
        if isinstance(mark, annotated_types.Le):
            limits.append(f"at most {mark.le}")
    return ", ".join(limits)

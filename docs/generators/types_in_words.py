"""Types as people say them: int or None, list of Head, NumPy array."""

from __future__ import annotations

import types
from collections.abc import Iterator, Mapping, Sequence
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import numpy as np
import pyarrow as pa

_NAMES = {np.ndarray: "NumPy array", pa.Table: "pyarrow Table", type(None): "`None`", Any: "any"}


def type_in_words(hint: Any, addresses: Mapping[type, str]) -> str:
    """A type, with links to the classes that have an address.

    >>> type_in_words(dict[str, int | None], {})
    'dict of `str` to `int` or `None`'
    """
    origin, arguments = get_origin(hint), get_args(hint)
    if origin is Annotated:
        return type_in_words(arguments[0], addresses)
    if origin in (Union, types.UnionType):
        return " or ".join(type_in_words(part, addresses) for part in arguments)
    if origin is Literal:
        return " or ".join(f"`{value!r}`" for value in arguments)
    words = [type_in_words(part, addresses) for part in arguments if part is not Ellipsis]
    if origin is tuple and Ellipsis not in arguments:
        return f"tuple of {', '.join(words)}"
    if origin in (dict, Mapping):
        return f"{origin.__name__.lower()} of {words[0]} to {words[1]}"
    if isinstance(origin, type) and words and origin not in _NAMES:
        return f"{origin.__name__.lower()} of {words[0]}"
    name = _NAMES.get(origin or hint) or f"`{getattr(hint, '__name__', hint)}`"
    return f"[{name}]({addresses[hint]})" if hint in addresses else name


def classes_in(hint: Any) -> Iterator[type]:
    """The classes that a type is made of."""
    if isinstance(hint, type) and get_origin(hint) is None:
        yield hint
    for part in get_args(hint):
        if not isinstance(hint, Sequence):
            yield from classes_in(part)

"""Everything in `attnviz.__all__`, with signature and docstring."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from generators.markdown import NOTE, code


def python_api() -> str:
    """Everything in `attnviz.__all__`, with signature and docstring."""
    import attnviz

    parts = [NOTE, "", "# Python", "", *_docstring(attnviz)]
    for name in attnviz.__all__:
        parts += _entry(name, getattr(attnviz, name))
    return "\n".join(parts).rstrip() + "\n"


def _entry(name: str, thing: Any) -> Iterator[str]:
    yield from (f"## {name}", "")
    if not callable(thing):
        yield from (f"`{thing!r}`", "")
        return
    yield from (*code(_signature(name, thing)), *_docstring(thing))
    if inspect.isclass(thing):
        if issubclass(thing, BaseModel):
            yield from (f"Fields: {', '.join(f'`{field}`' for field in thing.model_fields)}.", "")
        for member, value in vars(thing).items():
            if not member.startswith(("_", "model_")):
                yield from _member(name, member, value)


def _member(owner: str, name: str, value: Any) -> Iterator[str]:
    """A public method or property; fields stand in the signature."""
    getter = value.fget if isinstance(value, property) else getattr(value, "func", None)
    if getter is not None:
        signature = f"{name}: {inspect.signature(getter).return_annotation}"
    elif inspect.isfunction(value):
        signature = _signature(name, value)
    else:
        return
    yield from (f"### {owner}.{name}", "", *code(signature), *_docstring(value))


def _signature(name: str, thing: Any) -> str:
    if inspect.isclass(thing) and issubclass(thing, Exception | BaseModel):
        return f"class {name}({thing.__mro__[1].__name__})"
    # Postponed evaluation leaves annotations in quotes.
    return name + re.sub(r"(: |-> )'([^']*)'", r"\1\2", str(inspect.signature(thing)))


def _docstring(thing: Any) -> Iterator[str]:
    """The docstring's paragraphs; examples as code."""
    for paragraph in re.split(r"\n\n+", inspect.getdoc(thing) or ""):
        if paragraph.startswith(">>>"):
            yield from code(re.sub(r" +# doctest: .*", "", paragraph), "pycon")
        elif paragraph:
            yield from (paragraph, "")

"""The Python API: everything in `attnviz.__all__`, and every class that it returns."""

from __future__ import annotations

import inspect
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, get_type_hints

from pydantic import BaseModel

from generators.corpus_yaml import section_addresses
from generators.docstrings import docstring, field_docstrings
from generators.markdown import NOTE, code, table
from generators.types_in_words import classes_in, type_in_words

LONGEST = 100
"""Characters of a line of code."""


def python_api() -> str:
    """The page: functions, then classes, each after the first that leads to it."""
    import attnviz

    things = {name: getattr(attnviz, name) for name in attnviz.__all__ if name != "__version__"}
    functions = {name: thing for name, thing in things.items() if inspect.isfunction(thing)}
    starts = [thing for thing in things.values() if inspect.isclass(thing)]
    classes = [cls for cls in _reached(starts) if not issubclass(cls, Exception)]
    errors = [cls for cls in starts if issubclass(cls, Exception)]
    anchors = {cls: _anchor(cls) for cls in [*classes, *errors]}
    addresses = _elsewhere() | {cls: f"#{anchor}" for cls, anchor in anchors.items()}
    lines = [NOTE, "", "# Python", "", *docstring(attnviz).text]
    for name, function in functions.items():
        lines += [f"## {name}", "", *_function(name, function, addresses)]
    for cls in classes:
        lines += _class(cls, anchors[cls], addresses)
    for cls in errors:
        lines += [f"## {cls.__name__} {{#{anchors[cls]}}}", "", *docstring(cls).text]
    return "\n".join(lines).rstrip() + "\n"


def _anchor(cls: type) -> str:
    """A class's place on the page: two packages may have a class of one name."""
    return f"{cls.__module__.split('.')[1]}-{cls.__name__.lower()}"


def _reached(starts: Iterable[type]) -> list[type]:
    """The classes that are passed, and those of attnviz in the types of their members."""
    reached: list[type] = []
    elsewhere = _elsewhere()
    waiting = list(starts)
    while waiting:
        cls = waiting.pop(0)
        if cls in reached or cls in elsewhere or not cls.__module__.startswith("attnviz."):
            continue
        reached.append(cls)
        hints = [member.type for member in _members(cls)] + list(getattr(cls, "__orig_bases__", ()))
        waiting += [part for hint in hints for part in classes_in(hint)]
    return reached


def _elsewhere() -> dict[type, str]:
    """Classes that stand on other pages of the reference: a corpus's sections, and the manifest
    with its parts but for the one that a call returns."""
    from attnviz.format import manifest

    parts = {
        cls: f"report-format.md#{name.lower()}"
        for name, cls in vars(manifest).items()
        if inspect.isclass(cls) and issubclass(cls, BaseModel) and cls is not manifest.Certificate
    }
    return section_addresses() | parts


def _sentence(text: str) -> str:
    """As a sentence, for a cell of its own."""
    return text if not text or text.endswith((".", "…")) else f"{text[:1].upper()}{text[1:]}."


@dataclass(frozen=True)
class _Member:
    """A field, property or method of a class; `type` is what a method returns."""

    name: str
    type: Any
    meaning: str
    method: Any = None


def _members(cls: type) -> Iterator[_Member]:
    """The public members of a class, fields first."""
    if issubclass(cls, Exception):
        return
    hints, meanings = get_type_hints(cls), field_docstrings(cls)
    described = {
        name: info.description or ""
        for name, info in getattr(cls, "model_fields", {}).items()
        if issubclass(cls, BaseModel)
    }
    for name, hint in hints.items():
        if not name.startswith(("_", "model_")):
            yield _Member(name, hint, described.get(name) or meanings.get(name, ""))
    for base in reversed(cls.__mro__):
        if base.__module__.startswith("attnviz."):
            yield from (_member(name, value) for name, value in _public(base))


def _public(cls: type) -> Iterator[tuple[str, Any]]:
    for name, value in vars(cls).items():
        is_member = isinstance(value, property | cached_property) or inspect.isfunction(value)
        if is_member and not name.startswith(("_", "model_")):
            yield name, value


def _member(name: str, value: Any) -> _Member:
    getter = value.fget if isinstance(value, property) else getattr(value, "func", None)
    function = getter or value
    meaning = " ".join(docstring(function).text[:1])
    returned = get_type_hints(function).get("return")
    return _Member(name, returned, meaning, None if getter else function)


def _class(cls: type, anchor: str, addresses: Mapping[type, str]) -> Iterator[str]:
    yield from (f"## {cls.__name__} {{#{anchor}}}", "", *docstring(cls).text)
    members = list(_members(cls))
    fields = [member for member in members if member.method is None]
    if fields:
        rows = [
            (f"`{member.name}`", type_in_words(member.type, addresses), _sentence(member.meaning))
            for member in fields
        ]
        yield from (*table(("attribute", "type", "meaning"), rows), "")
    shared = docstring(cls).parameters
    for member in members:
        if member.method is not None:
            yield f"### {cls.__name__}.{member.name} {{#{anchor}-{member.name}}}"
            yield from ("", *_function(member.name, member.method, addresses, shared))


def _wrapped(call: str, parameters: Sequence[str]) -> str:
    """A call, with a line for each parameter where it is long."""
    if len(call) <= LONGEST or "*, " in call:
        return call
    lines = [f"    {parameter},".replace("'", '"') for parameter in parameters]
    return "\n".join([call[: call.index("(") + 1], *lines, ")"])


def _function(
    name: str, function: Any, addresses: Mapping[type, str], shared: Mapping[str, str] = {}
) -> Iterator[str]:
    """Its call, what it says, and a table of parameters, of what it returns and raises."""
    doc, hints = docstring(function), get_type_hints(function)
    meanings = dict(shared) | doc.parameters
    signature = inspect.signature(function)
    parameters = [p for p in signature.parameters.values() if p.name != "self"]
    rows = []
    for parameter in parameters:
        words = type_in_words(hints[parameter.name], addresses)
        if parameter.default not in (parameter.empty, None):
            words += f", default `{parameter.default!r}`"
        rows.append((f"`{parameter.name}`", words, _sentence(meanings.get(parameter.name, ""))))
    rows.append(("returns", type_in_words(hints["return"], addresses), _sentence(doc.returns)))
    rows += [("raises", f"`{error}`", _sentence(meaning)) for error, meaning in doc.raises.items()]
    bare = [parameter.replace(annotation=parameter.empty) for parameter in parameters]
    call = str(signature.replace(parameters=bare, return_annotation=signature.empty)).replace(
        "'", '"'
    )
    yield from (*code(_wrapped(f"{name}{call}", [str(each) for each in bare])), *doc.text)
    yield from (*table(("parameter", "type", "meaning"), rows), "")

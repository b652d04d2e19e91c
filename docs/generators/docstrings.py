"""Docstrings taken apart: what they say, then the sections `Parameters:`, `Returns:`, `Raises:`."""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from generators.markdown import code

_SECTION = re.compile(r"^(Parameters|Returns|Raises):\n((?:[ ]{4}.*\n?|\n)+)", re.MULTILINE)


@dataclass(frozen=True)
class Docstring:
    """What a docstring says, as Markdown; the meaning of each parameter, of what is returned, and
    of each error by its name."""

    text: list[str]
    parameters: dict[str, str] = field(default_factory=dict)
    returns: str = ""
    raises: dict[str, str] = field(default_factory=dict)


def docstring(thing: Any) -> Docstring:
    """The docstring of a function or class."""
    text = inspect.getdoc(thing) or ""
    sections = {title: textwrap.dedent(body) for title, body in _SECTION.findall(text)}
    return Docstring(
        list(_markdown(_SECTION.sub("", text))),
        _entries(sections.get("Parameters", "")),
        " ".join(sections.get("Returns", "").split()),
        _entries(sections.get("Raises", "")),
    )


def _entries(section: str) -> dict[str, str]:
    """`name: meaning` by line; what is indented goes on."""
    entries = re.findall(r"^(\w+): (.*(?:\n[ ]+.*)*)", section, re.MULTILINE)
    return {name: " ".join(meaning.split()) for name, meaning in entries}


def _markdown(text: str) -> Iterator[str]:
    """Paragraphs with an empty line after each; examples as code."""
    for paragraph in re.split(r"\n\n+", text.strip()):
        if paragraph.startswith(">>>"):
            yield from code(re.sub(r" +# doctest: .*", "", paragraph), "pycon")
        elif paragraph:
            yield from (paragraph, "")


def field_docstrings(cls: type) -> dict[str, str]:
    """The strings that stand below the fields of a class, its bases' among them."""
    meanings: dict[str, str] = {}
    for base in reversed(cls.__mro__):
        if base.__module__.startswith("attnviz"):
            meanings |= _below_fields(base)
    return meanings


def _below_fields(cls: type) -> dict[str, str]:
    tree = ast.parse(textwrap.dedent(inspect.getsource(cls))).body[0]
    assert isinstance(tree, ast.ClassDef)
    return {
        before.target.id: " ".join(after.value.value.split())
        for before, after in zip(tree.body, tree.body[1:], strict=False)
        if isinstance(before, ast.AnnAssign)
        and isinstance(before.target, ast.Name)
        and isinstance(after, ast.Expr)
        and isinstance(after.value, ast.Constant)
        and isinstance(after.value.value, str)
    }

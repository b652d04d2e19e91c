"""YAML to plain values that remember their lines. Mappings become dicts, lists become tuples."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.constructor import ConstructorError
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError

Place = tuple[str | int, ...]

_HALF = re.compile("[\\ud800-\\udfff]")
_HALF_MESSAGE = "holds half a character (a surrogate without its other half); expected UTF-8 text"


@dataclass(frozen=True)
class Problem:
    """Something wrong with the option at `place`; `line` (from 1) is set where the place alone does
    not tell it."""

    place: Place
    message: str
    line: int | None = None


@dataclass
class Tree:
    """The values of a YAML text, its nodes, which know their lines, and problems of reading it."""

    value: Any = None
    root: Node | None = None
    problems: list[Problem] = field(default_factory=list)
    _keys: dict[int, dict[str, tuple[int, Node]]] = field(default_factory=dict)

    def line(self, place: Place) -> int | None:
        """The line (from 1) of the key or list item at `place`, or of the nearest one around it."""
        line = None if self.root is None else _line(self.root)
        node = self.root
        for step in place:
            child = self._child(node, step)
            if child is None:
                break
            line, node = child
        return line

    def _child(self, node: Node | None, step: str | int) -> tuple[int, Node] | None:
        """The line of a key or an item, and the node of its value."""
        if isinstance(node, SequenceNode) and isinstance(step, int) and step < len(node.value):
            return _line(node.value[step]), node.value[step]
        if not isinstance(node, MappingNode):
            return None
        if id(node) not in self._keys:
            # The first of keys that are there twice.
            pairs = reversed(node.value)
            self._keys[id(node)] = {
                key.value: (_line(key), value)
                for key, value in pairs
                if isinstance(key, ScalarNode)
            }
        return self._keys[id(node)].get(str(step))


def parse(text: str) -> Tree:
    """Read YAML. Raises nothing: `problems` of the tree has what cannot be read."""
    tree = Tree()
    yaml = YAML(typ="safe", pure=True)
    try:
        tree.root = yaml.compose(text)
        if tree.root is not None:
            tree.value = _Reader(yaml, tree.problems).read(tree.root, ())
    except MarkedYAMLError as error:
        tree.problems.append(_broken(error))
    except ReaderError as error:
        line, code = text.count("\n", 0, error.position) + 1, ord(text[error.position])
        message = f"holds a character that YAML does not allow (U+{code:04X}); expected text"
        tree.problems.append(Problem((), message, line))
    except RecursionError:
        tree.problems.append(Problem((), "is nested too deeply; expected a corpus", 1))
    except ValueError as error:  # an escape of a character beyond Unicode
        tree.problems.append(Problem((), f"is no valid YAML: {error}"))
    return tree


def half_characters(value: Any, place: Place = ()) -> Iterator[Problem]:
    """Every text in a plain value that has half of a surrogate pair, which no file can hold in
    UTF-8; Python reads bytes of arguments that are not UTF-8 as such."""
    if isinstance(value, str) and _HALF.search(value):
        yield Problem(place, _HALF_MESSAGE)
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from half_characters(key, place)
            yield from half_characters(item, (*place, key))
    elif isinstance(value, tuple | list):
        for index, item in enumerate(value):
            yield from half_characters(item, (*place, index))


_NOTHING: Final = object()


class _Reader:
    """Reads nodes to values. Aliases share one value, so that a small file cannot become a huge
    one."""

    def __init__(self, yaml: YAML, problems: list[Problem]) -> None:
        self.yaml, self.problems = yaml, problems
        self.done: dict[int, Any] = {}
        self.open: set[int] = set()

    def read(self, node: Node, place: Place) -> Any:
        if id(node) in self.open:
            return self._refuse(node, place, "holds itself; expected values")
        if id(node) not in self.done:
            self.open.add(id(node))
            self.done[id(node)] = self._value(node, place)
            self.open.remove(id(node))
        return self.done[id(node)]

    def _value(self, node: Node, place: Place) -> Any:
        if isinstance(node, SequenceNode):
            return tuple(self.read(item, (*place, index)) for index, item in enumerate(node.value))
        if isinstance(node, MappingNode):
            return self._mapping(node, place)
        if _HALF.search(node.value):
            return self._refuse(node, place, _HALF_MESSAGE)
        try:
            value = self.yaml.constructor.construct_object(node)
        except (ConstructorError, LookupError, ValueError, OverflowError):
            value = _NOTHING
        if value is _NOTHING or isinstance(value, set | dict | list):  # a collection of no items
            kind = str(node.tag).rsplit(":", 1)[-1]
            return self._refuse(
                node, place, f"cannot be read as {kind}; put it in quotes if it is text"
            )
        return value

    def _mapping(self, node: MappingNode, place: Place) -> dict[str, Any]:
        lines: dict[str, int] = {}
        values: dict[str, Any] = {}
        for key, value in node.value:
            if not isinstance(key, ScalarNode):
                self._refuse(
                    key, place, "has a key that is not text; expected the name of an option"
                )
            elif _HALF.search(key.value):
                self._refuse(key, place, f"has a key that {_HALF_MESSAGE}")
            elif key.value in lines:
                first = lines[key.value]
                self._refuse(
                    key,
                    (*place, key.value),
                    f"is given twice, first at line {first}; expected once",
                )
            else:
                lines[key.value] = _line(key)
                values[key.value] = self.read(value, (*place, key.value))
        return values

    def _refuse(self, node: Node, place: Place, message: str) -> None:
        self.problems.append(Problem(place, message, _line(node)))


def _line(node: Node) -> int:
    return int(node.start_mark.line) + 1


def _broken(error: MarkedYAMLError) -> Problem:
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    what = ", ".join(part for part in (error.context, error.problem) if part)
    return Problem((), f"is no valid YAML at column {column}: {what}", line)

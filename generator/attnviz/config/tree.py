"""YAML to plain values that remember their lines. Mappings become dicts, lists become tuples."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Any

import yaml

Place = tuple[str | int, ...]


class _Loader(yaml.SafeLoader):
    """Safe YAML that also reads 1e-3 as a number, as YAML 1.2 does."""


_Loader.add_implicit_resolver("tag:yaml.org,2002:float", re.compile(r"^[-+]?[0-9]+(\.[0-9]*)?[eE][-+]?[0-9]+$"), list("-+0123456789"))


@dataclass(frozen=True)
class Fault:
    """Something the YAML itself gets wrong: at `line` (from 1), at the key `place`."""

    line: int
    place: Place
    message: str


@dataclass
class Tree:
    """The values of a YAML text, the line of each, and what was wrong with them."""

    value: Any = None
    faults: list[Fault] = field(default_factory=list)
    _root: yaml.Node | None = None

    def line(self, place: Place) -> int | None:
        """The line (from 1) of the key or list item at `place`, or of the nearest thing around it."""
        line = None if self._root is None else self._root.start_mark.line + 1
        node: yaml.Node | None = self._root
        for step in place:
            found = _child(node, step)
            if found is None:
                break
            line, node = found
        return line


def parse(text: str) -> Tree:
    """Read YAML. Raises nothing: what cannot be read is a fault of the tree."""
    tree = Tree()
    loader: _Loader | None = None
    try:
        loader = _Loader(text)
        tree._root = loader.get_single_node()
        if tree._root is not None:
            tree.value = _Reader(loader, tree.faults).read(tree._root, ())
    except yaml.MarkedYAMLError as error:
        tree.faults.append(_broken(error))
    except yaml.reader.ReaderError as error:
        line = text.count("\n", 0, error.position) + 1
        tree.faults.append(Fault(line, (), f"holds a character that YAML does not allow (U+{ord(text[error.position]):04X}); expected plain text"))
    except RecursionError:
        tree.faults.append(Fault(1, (), "is nested too deeply; expected a corpus"))
    finally:
        if loader is not None:
            loader.dispose()
    return tree


class _Reader:
    """Nodes to values; aliases share one value, so that nothing grows out of proportion."""

    def __init__(self, loader: _Loader, faults: list[Fault]) -> None:
        self.loader, self.faults = loader, faults
        self.done: dict[int, Any] = {}
        self.open: set[int] = set()

    def read(self, node: yaml.Node, place: Place) -> Any:
        if id(node) in self.done:
            return self.done[id(node)]
        if id(node) in self.open:
            self.faults.append(Fault(node.start_mark.line + 1, place, "holds itself; expected values"))
            return None
        self.open.add(id(node))
        value = self._value(node, place)
        self.open.remove(id(node))
        self.done[id(node)] = value
        return value

    def _value(self, node: yaml.Node, place: Place) -> Any:
        if isinstance(node, yaml.SequenceNode):
            return tuple(self.read(item, (*place, index)) for index, item in enumerate(node.value))
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, place)
        try:
            return self.loader.construct_object(node)  # type: ignore[no-untyped-call]
        except (yaml.constructor.ConstructorError, ValueError, OverflowError):
            self.faults.append(Fault(node.start_mark.line + 1, place, f"cannot be read as {node.tag.rsplit(':')[-1]}; put it in quotes if it is text"))
            return None

    def _mapping(self, node: yaml.MappingNode, place: Place) -> dict[str, Any]:
        lines: dict[str, int] = {}
        values: dict[str, Any] = {}
        for key_node, value_node in node.value:
            line = key_node.start_mark.line + 1
            if not isinstance(key_node, yaml.ScalarNode):
                self.faults.append(Fault(line, place, "has a key that is not text; expected the name of an option"))
                continue
            key = str(key_node.value)
            if key in lines:
                self.faults.append(Fault(line, (*place, key), f"is given twice, first at line {lines[key]}; expected once"))
                continue
            lines[key], values[key] = line, self.read(value_node, (*place, key))
        return values


def _child(node: yaml.Node | None, step: str | int) -> tuple[int, yaml.Node] | None:
    if isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
        item: yaml.Node = node.value[step]
        return item.start_mark.line + 1, item
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == step:
                return key.start_mark.line + 1, value
    return None


def _broken(error: yaml.MarkedYAMLError) -> Fault:
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    what = ", ".join(part for part in (error.context, error.problem) if part)
    return Fault(line, (), f"is no valid YAML at column {column}: {what}")

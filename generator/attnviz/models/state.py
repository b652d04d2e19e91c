"""The state of a model put back after a pass, so that no document is read by a model that an
earlier one has changed.

A pass may leave things behind: frequencies of rotary embedding for the longest text so far, another
kind of attention that a short text switched to, the hidden states of a recurrence. State is what
the model's own code keeps: buffers and other arrays, the attributes of its modules, of its
configurations and of objects of the same package, and what stands in their lists and mappings.
"""

from __future__ import annotations

import contextlib
import re
from collections import deque
from collections.abc import Iterable, Iterator
from typing import Any, Final, NamedTuple

import numpy as np
import torch

from attnviz.models.changes import Changes

_NOT_STATE: Final = {"_output_capturing_hooks_installed"} | (
    vars(torch.nn.Module()).keys() - {"_buffers", "_modules", "_parameters"}
)
"""What torch keeps in a module, such as its hooks, and what transformers notes of its own hooks."""


@contextlib.contextmanager
def restored(model: Any) -> Iterator[Changes]:
    """After this context the model is as it was before, whatever ran within, but for weights.

    Yields what is known of the changes afterwards.
    """
    state = _State(model)
    changes = Changes()
    try:
        yield changes
    finally:
        with torch.inference_mode():
            changes.put_back = state.put_back()
        changes.weights = state.changed_weights()


class _Container(NamedTuple):
    """A mapping, list, set or deque, and a copy of what stood in it."""

    path: str
    container: Any
    content: Any


class _Array(NamedTuple):
    """An array with a copy, and its version: torch counts what is written to it; None where it does
    not."""

    path: str
    array: torch.Tensor
    content: torch.Tensor
    version: int | None


class _State:
    """All that a pass of a model may change, as it was when this was made."""

    def __init__(self, model: Any) -> None:
        self._packages = {_package(model), "transformers", "transformers_modules"}
        # Weights that are fetched as they are needed are other objects after each pass.
        self._skipped = {"_parameters"} if getattr(model, "hf_device_map", None) else set()
        self._containers: list[_Container] = []
        self._arrays: list[_Array] = []
        self._weights: list[tuple[str, torch.Tensor, int]] = []
        self._visited: dict[int, Any] = {}  # by id, alive so that the ids stay theirs
        self._visit("", model)

    def put_back(self) -> list[str]:
        """Make everything as it was; returns the paths of what was not, sorted."""
        changed = []
        for path, container, content in self._containers:
            names = _differences(container, content)
            if names:
                _refill(container, content)
            changed += [_join(path, name) for name in names]
        for path, array, copy, version in self._arrays:
            if version is None or array._version != version:
                if not torch.equal(array, copy):
                    changed.append(path)
                array.copy_(copy)
        return sorted(set(changed))

    def changed_weights(self) -> list[str]:
        """Paths of weights that were written to."""
        return [path for path, weight, version in self._weights if weight._version != version]

    def _visit(self, path: str, value: Any) -> None:
        """Remember a value and all that it holds, once."""
        if isinstance(value, _PLAIN) or id(value) in self._visited:
            return
        self._visited[id(value)] = value
        match value:
            case torch.Tensor() | np.ndarray():
                self._visit_array(path, value)
            case dict():
                self._containers.append(_Container(path, value, dict(value)))
                for name, part in value.items():
                    self._visit(_join(path, name), part)
            case list() | deque() | set():
                self._containers.append(_Container(path, value, list(value)))
                for number, part in enumerate(value):
                    self._visit(_join(path, number), part)
            case tuple():
                for number, part in enumerate(value):
                    self._visit(_join(path, number), part)
            case torch.nn.Module() if _package(value) in self._packages | {"torch"}:
                self._visit_attributes(path, value, _NOT_STATE | self._skipped)
            case _ if _package(value) in self._packages and hasattr(value, "__dict__"):
                self._visit_attributes(path, value, frozenset())

    def _visit_attributes(self, path: str, value: Any, skipped: Any) -> None:
        attributes = vars(value)
        self._containers.append(_Container(path, attributes, dict(attributes)))
        for name, part in attributes.items():
            if name not in skipped:
                self._visit(_join(path, name), part)

    def _visit_array(self, path: str, array: Any) -> None:
        if isinstance(array, np.ndarray):
            if array.dtype.kind not in "biufc":
                return
            array = torch.from_numpy(array)  # the same memory; torch does not count who writes
            self._arrays.append(_Array(path, array, array.clone(), None))
        elif array.is_meta:
            return
        elif isinstance(array, torch.nn.Parameter):
            self._weights.append((path, array, array._version))
        else:
            version = None if array.is_inference() else array._version
            self._arrays.append(_Array(path, array, array.detach().clone(), version))


_PLAIN: Final = (bool, int, float, complex, str, bytes, type, type(None))


def in_words(paths: Iterable[str]) -> str:
    """Paths of a model briefly: those that differ by a number are one, and of many the first ones.

    >>> in_words(["attention_type", "layer.0.self", "layer.1.self"])
    'attention_type, layer.*.self'
    """
    patterns = list(dict.fromkeys(re.sub(r"(?<=\.)\d+(?=\.|$)", "*", path) for path in paths))
    more = f" and {len(patterns) - _MANY} more" if len(patterns) > _MANY else ""
    return ", ".join(patterns[:_MANY]) + more


_MANY: Final = 5


def _differences(container: Any, content: Any) -> list[str]:
    """Names of what a container holds otherwise than its copy; "" for all of one without names."""
    if isinstance(container, dict):
        return [
            str(name)
            for name in content | container
            if name not in _NOT_STATE
            and (
                name not in content
                or name not in container
                or _differ(container[name], content[name])
            )
        ]
    items = list(container)
    alike = len(items) == len(content) and not any(map(_differ, items, content))
    return [] if alike else [""]


def _refill(container: Any, content: Any) -> None:
    """Give a container back what its copy holds; what is no state stays."""
    if isinstance(container, dict):
        content = content | {name: container[name] for name in _NOT_STATE & container.keys()}
    container.clear()
    (container.extend if isinstance(container, (list, deque)) else container.update)(content)


def _differ(a: Any, b: Any) -> bool:
    """Whether two values are different objects and not equal numbers or texts."""
    return a is not b and not (isinstance(a, _PLAIN) and type(a) is type(b) and a == b)


def _join(path: str, name: object) -> str:
    """The path of a part, as a model's modules are called: torch's own mappings have no name."""
    if name in ("_buffers", "_modules", "_parameters"):
        return path
    return f"{path}.{name}" if path and name != "" else f"{path}{name}"


def _package(value: Any) -> str:
    return type(value).__module__.partition(".")[0]

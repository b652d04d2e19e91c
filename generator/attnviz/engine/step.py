"""Steps of a build: functions whose results are remembered.

A step says only its name, its inputs (the function's parameters, by their types) and its function.
What a result depends on follows from these: see `keys`. This module imports nothing of attnviz, as
its source counts for every step.
"""

from __future__ import annotations

import importlib
import inspect
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Concatenate, Final, Generic, ParamSpec, TypeVar, get_type_hints

P = ParamSpec("P")
T = TypeVar("T")

STEPS: Final[dict[str, Step[Any, Any]]] = {}
"""Every step by its name, as far as its module is imported."""


class Step(Generic[P, T]):
    """A function whose results are remembered under `name`.

    Its result is a value that JSON can hold, by the annotation of what it returns: numbers, texts,
    lists, mappings, dataclasses and the manifest's parts. If `fills`, the function also fills the
    empty folder that is its first argument.
    """

    def __init__(self, name: str, function: Callable[..., T], fills: bool) -> None:
        self.name, self.function, self.fills = name, function, fills
        self.__doc__, self.__name__ = function.__doc__, function.__name__
        self.__module__, self.__qualname__ = function.__module__, function.__qualname__
        self.__wrapped__ = function
        place = (function.__module__, function.__qualname__)
        other = STEPS.setdefault(name, self)
        if (other.__module__, other.__qualname__) != place:
            raise ValueError(f"two steps are named {name}")

    def __call__(self, *args: Any, **kwargs: Any) -> T:
        """The function itself, nothing remembered."""
        return self.function(*args, **kwargs)

    def of(self, *args: P.args, **kwargs: P.kwargs) -> Call[T]:
        """The step on these inputs, for the engine to run or to remember."""
        first = (None,) if self.fills else ()
        bound = inspect.signature(self.function).bind(*first, *args, **kwargs)
        bound.apply_defaults()
        inputs = dict(list(bound.arguments.items())[len(first) :])
        return Call(self, inputs)

    @cached_property
    def result(self) -> Any:
        """The type of what the function returns."""
        return get_type_hints(self.function)["return"]

    def __reduce__(self) -> tuple[Any, ...]:
        return _step_at, (self.__module__, self.__qualname__)


def _step_at(module: str, name: str) -> Step[Any, Any]:
    """The step of this name in a module: other processes find it there."""
    defined: Step[Any, Any] = getattr(importlib.import_module(module), name)
    return defined


@dataclass(frozen=True)
class Call(Generic[T]):
    """A step with its inputs by the names of the function's parameters. Torch computes on one
    thread in every process that makes it if `one_thread`, so that its result is the same in all;
    else on as many as the process has."""

    step: Step[Any, T]
    inputs: Mapping[str, object]
    one_thread: bool = False

    def on_one_thread(self) -> Call[T]:
        """The same call, made on one thread wherever it is made."""
        return replace(self, one_thread=True)

    def make(self, folder: Path) -> T:
        """Run the function; `folder` is filled by a step that fills one."""
        first = (folder,) if self.step.fills else ()
        return self.step.function(*first, **self.inputs)


def step(name: str) -> Callable[[Callable[P, T]], Step[P, T]]:
    """A decorator: the function's results are remembered under this name."""
    return lambda function: Step(name, function, fills=False)


def folder_step(name: str) -> Callable[[Callable[Concatenate[Path, P], T]], Step[P, T]]:
    """The same of a function that fills a folder, its first argument, and may return a value."""
    return lambda function: Step(name, function, fills=True)

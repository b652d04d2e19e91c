"""How a call travels to a worker, and what arrives there.

Calls are pickled, with three exceptions. A path within the cache travels by its name there, as
workers may have the cache in another place. What an object has only remembered (`cached_property`)
stays behind. An object of a class that says so (`travels_as`) travels as an address and is made
there: a model's weights are read by each worker, once, and kept (`once`).
"""

from __future__ import annotations

import copyreg
import io
import pickle
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any, Final, TypeVar

from attnviz.engine.step import Call

T = TypeVar("T")

_ADDRESSES: Final[dict[type, Callable[[Any], tuple[Callable[..., Any], tuple[Any, ...]]]]] = {}
_KEPT: Final[dict[str, tuple[object, Any]]] = {}


class Stays(Exception):
    """A call cannot travel: the message says why."""


def travels_as(
    kind: type[T], address: Callable[[T], tuple[Callable[..., T], tuple[Any, ...]]]
) -> None:
    """Objects of a class travel as the function that makes them, a module's own, and its arguments.
    `address` raises Stays for one that cannot."""
    _ADDRESSES[kind] = address


def once(kind: str, name: object, make: Callable[[], T]) -> T:
    """What `make` makes of this name, kept in this process until another of the kind takes its
    place: there is memory for one."""
    known = _KEPT.get(kind)
    if known is None or known[0] != name:
        _KEPT.pop(kind, None)
        del known
        _KEPT[kind] = name, make()
    value: T = _KEPT[kind][1]
    return value


def pack(call: Call[Any], root: Path) -> bytes:
    """A call as bytes; `root` is the folder of the cache. Raises Stays if it cannot travel: an
    input is a path that other machines need not have, or is what cannot be pickled."""
    for name, value in call.inputs.items():
        if isinstance(value, Path) and not value.is_relative_to(root):
            raise Stays(f"{name} is a path of this machine")
    if call.step.__module__ == "__main__":
        raise Stays("its function is of the program that runs here")
    stream = io.BytesIO()
    try:
        _Pickler(stream, root).dump((call.step, dict(call.inputs)))
    except (pickle.PicklingError, TypeError, AttributeError) as error:
        raise Stays(str(error)) from error
    return stream.getvalue()


def unpack(payload: bytes, find: Callable[[str], Path]) -> Call[Any]:
    """The call of these bytes; `find` gives the path of a name within the cache."""
    step, inputs = _Unpickler(io.BytesIO(payload), find).load()
    return Call(step, inputs)


class _Pickler(pickle.Pickler):
    def __init__(self, stream: io.BytesIO, root: Path) -> None:
        super().__init__(stream, protocol=pickle.HIGHEST_PROTOCOL)
        self._root = root

    def persistent_id(self, value: Any) -> str | None:
        if isinstance(value, Path) and value.is_relative_to(self._root):
            return value.relative_to(self._root).as_posix()
        return None

    def reducer_override(self, value: Any) -> Any:
        kind = type(value)
        if kind in _ADDRESSES:
            return _ADDRESSES[kind](value)
        if isinstance(value, Path):
            return type(value), (str(value.absolute()),)
        state = _without_remembered(value)
        if state is None:
            return NotImplemented
        return copyreg.__newobj__, (kind,), state  # type: ignore[attr-defined]


def _without_remembered(value: Any) -> dict[str, Any] | None:
    """The attributes of an object but for those that it has only remembered; None if there are none
    such, or its class has a way of its own to be pickled."""
    kind = type(value)
    if issubclass(kind, type) or not hasattr(value, "__dict__"):
        return None
    if any(getattr(kind, name) is not getattr(object, name) for name in _WAYS):
        return None
    remembered = {n for n in vars(value) if isinstance(getattr(kind, n, None), cached_property)}
    return {n: v for n, v in vars(value).items() if n not in remembered} if remembered else None


_WAYS: Final = ("__reduce__", "__reduce_ex__", "__getstate__")


class _Unpickler(pickle.Unpickler):
    def __init__(self, stream: io.BytesIO, find: Callable[[str], Path]) -> None:
        super().__init__(stream)
        self._find = find

    def persistent_load(self, name: str) -> Path:
        return self._find(name)

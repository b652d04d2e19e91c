"""Keys of results: what a step's result depends on, as one number.

A key is made of the step's inputs, of the sources that its function can reach (`sources`), and of
the versions of what these import (`versions`). Inputs are values, which do not change: arrays count
by their bytes, texts, numbers, lists and mappings by their content, dataclasses by their fields. A
path inside the cache is the result of an earlier step and counts by that step's name and key; any
other path by the content of what it leads to. An object with an `identity` counts by that: a
loaded model's is its weights' hash, configuration and device. An object brings its class along,
with the sources that its methods can reach.
"""

from __future__ import annotations

import hashlib
import sys
import weakref
from collections.abc import Mapping, Set
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
from pydantic import BaseModel

from attnviz.engine.digests import file_digest
from attnviz.engine.sources import own_sources
from attnviz.engine.step import Call, Step
from attnviz.engine.versions import versions_of

_PLAIN: Final = {bool, bytes, complex, float, int, str, type(None)}
"""Types whose values Python writes out each in its own way, so that a sequence of them, such as
the ids of a document's tokens, is one text."""


class Keys:
    """Keys of calls; `root` is the folder of the cache."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._known: dict[int, tuple[weakref.ref[Any], bytes]] = {}
        self._classes: dict[type, bytes] = {}
        self._codes: dict[tuple[str, str, int | None], bytes] = {}

    def key(self, call: Call[Any]) -> str:
        """A call's key, 32 hexadecimal digits."""
        parts = (call.step.name, self._of_code(call), self.fingerprint(call.inputs))
        return hashlib.sha256(b"".join(map(self.fingerprint, parts))).hexdigest()[:32]

    def _of_code(self, call: Call[Any]) -> bytes:
        """By what the step's function depends on; only torch's threads may change in a process."""
        step, threads = call.step, 1 if call.one_thread else _threads()
        known = (step.function.__module__, step.function.__qualname__, threads)
        if known not in self._codes:
            self._codes[known] = self.fingerprint(code_of(step, threads))
        return self._codes[known]

    def fingerprint(self, value: Any) -> bytes:
        """A digest of a value, 32 bytes. Raises TypeError if the value is of a kind that has no
        content, such as a function."""
        match value:
            case None | bool() | int() | float() | complex() | str() | bytes():
                return _digest(type(value).__name__, repr(value).encode())
            case np.ndarray():
                return _of_array(value)
            case np.generic():
                return _of_array(np.asarray(value))
            case Path():
                return self._of_path(value)
            case Mapping():
                parts = (part for pair in value.items() for part in pair)
                return _digest("mapping", *map(self.fingerprint, parts))
            case list() | tuple() | range() if _PLAIN.issuperset(map(type, value)):
                return _digest("plain sequence", repr(tuple(value)).encode())
            case list() | tuple() | range():
                return _digest("sequence", *map(self.fingerprint, value))
            case Set():
                return _digest("set", *sorted(map(self.fingerprint, value)))
            case type():
                return _digest("type", _name_of(value).encode())
        if hasattr(value, "identity"):
            return _digest(*self._of_class(value), self.fingerprint(value.identity))
        if isinstance(value, BaseModel) or is_dataclass(value):
            return self._of_fields(value)
        raise TypeError(f"an input of a step is of type {_name_of(type(value))}, without content")

    def _of_fields(self, value: Any) -> bytes:
        """By fields; computed once for each object, as long as it lives."""
        known = self._known.get(id(value))
        if known is not None and known[0]() is value:
            return known[1]
        names = list(type(value).model_fields) if isinstance(value, BaseModel) else _fields(value)
        parts = (self.fingerprint((name, getattr(value, name))) for name in names)
        digest = _digest(*self._of_class(value), *parts)
        self._known[id(value)] = weakref.ref(value), digest
        return digest

    def _of_class(self, value: Any) -> tuple[str, bytes]:
        """The name of an object's class, and the sources that its methods can reach."""
        kind = type(value)
        if kind not in self._classes:
            self._classes[kind] = self.fingerprint(_code(kind.__module__))
        return _name_of(kind), self._classes[kind]

    def _of_path(self, path: Path) -> bytes:
        if path.is_relative_to(self.root):
            return _digest("kept", path.relative_to(self.root).as_posix().encode())
        files = sorted(path.rglob("*")) if path.is_dir() else [path]
        contents = (
            _digest(file.relative_to(path).as_posix(), file.suffix.encode(), file_digest(file))
            for file in files
            if file.is_file()
        )
        return _digest("files", *contents)


def code_of(step: Step[Any, Any], threads: int | None) -> dict[str, Any]:
    """What a step's function depends on: the sources that it can reach, versions, and threads if
    torch computes, which may change the last bits."""
    code = {"function": step.function.__qualname__} | _code(step.function.__module__)
    if "torch" in code["versions"] and threads is not None:
        code["threads"] = threads
    return code


def _threads() -> int | None:
    """The threads that torch computes on in this process; None where it is not imported."""
    return sys.modules["torch"].get_num_threads() if "torch" in sys.modules else None


def packages_of(step: Step[Any, Any]) -> frozenset[str]:
    """The packages that a step's function can reach, by the names they are imported by."""
    return own_sources().reach(step.function.__module__).packages


def _code(module: str) -> dict[str, Any]:
    """The sources that a module can reach, and the versions of what they import."""
    sources = own_sources()
    if module not in sources.files:  # a class of another package
        return {"sources": module, "versions": {}}
    packages = sources.reach(module).packages
    return {"sources": sources.digest(module), "versions": versions_of(packages)}


def _fields(value: Any) -> list[str]:
    return [field.name for field in fields(value) if field.compare]


def _of_array(array: np.ndarray[Any, Any]) -> bytes:
    about = f"{array.dtype.str} {array.shape}".encode()
    return _digest("array", about, np.ascontiguousarray(array).data)


def _name_of(kind: type) -> str:
    return f"{kind.__module__}.{kind.__qualname__}"


def _digest(kind: str, *parts: Any) -> bytes:
    """Of parts that are each of a known length, or one alone."""
    digest = hashlib.sha256(f"{kind}\0".encode())
    for part in parts:
        digest.update(hashlib.sha256(part).digest() if len(parts) > 1 else part)
    return digest.digest()

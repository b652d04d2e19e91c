"""A model on a worker: it travels as its origin, and each worker loads it once.

Its weights are never sent: a worker reads them from the same folder or the hub's copy, and proves
that it has the model that is meant.
"""

from __future__ import annotations

import platform
from typing import Any, Final

from attnviz.engine.travelling import Stays, once, travels_as
from attnviz.errors import InputError
from attnviz.models.loaded import LoadedModel, Origin
from attnviz.models.loading import load_weights, look_at, release_memory

_PARTS: Final = (
    "weights", "prefix of weights", "adapter", "code", "dtype", "configuration", "device",
)  # fmt: skip
"""What a loaded model's identity is made of."""


def _address(loaded: LoadedModel) -> tuple[Any, tuple[Origin, tuple[str, ...]]]:
    if loaded.origin is None:
        raise Stays(f"model {loaded.name} was handed over as an object")
    return arrive, (loaded.origin, loaded.identity)


def arrive(origin: Origin, identity: tuple[str, ...]) -> LoadedModel:
    """The model of this origin, loaded when this process is first asked for it. Raises InputError
    if it is another one here than where it was sent."""
    kind = "model" if origin.weights else "model without weights"
    return once(kind, (repr(origin), identity), lambda: _load(origin, identity))


def _load(origin: Origin, identity: tuple[str, ...]) -> LoadedModel:
    release_memory()
    loaded = look_at(origin.spec)
    if origin.weights:
        loaded = load_weights(loaded, origin.spec)
    parts = zip(_PARTS, loaded.identity, identity, strict=True)
    unlike = [f"{part} ({_short(a)}, not {_short(b)})" for part, a, b in parts if a != b]
    if unlike:
        raise InputError(
            f"model {loaded.name}: source: on the worker {platform.node()} it has other"
            f" {', '.join(unlike)}: let all machines see the same folder, and set device in the"
            " corpus where some have a GPU and others none"
        )
    return loaded


def _short(part: str) -> str:
    return part if len(part) < 80 else f"{part[:20]}…"


travels_as(LoadedModel, _address)

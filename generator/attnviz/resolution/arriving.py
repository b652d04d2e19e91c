"""A model that generates, on a worker: each loads it once for all prompts."""

from __future__ import annotations

from attnviz.engine.travelling import once, travels_as
from attnviz.resolution.generation import LazyModel, Writer


def lazy_model(writer: Writer) -> LazyModel:
    """The writer's model, to be loaded when it is first asked for."""
    return LazyModel(writer)


def arrive(writer: Writer) -> LazyModel:
    """The same on a worker, which keeps it for the next prompts."""
    return once("writer", (repr(writer.spec), writer.identity), lambda: LazyModel(writer))


travels_as(LazyModel, lambda lazy: (arrive, (lazy.writer,)))

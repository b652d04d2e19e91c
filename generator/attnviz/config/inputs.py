"""What a report's content depends on of its corpus: the options that say what models read and what
is computed, and every file that they lead to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from pydantic import BaseModel

from attnviz.config.entries import STREAMED
from attnviz.config.options import Config, ModelSpec
from attnviz.engine.digests import file_digest

_SHOWN: Final = ("title", "name", "path", "sha256", "story", "model_lines")
"""Options that say how a report is shown, and where it comes from."""
_NOT_READ: Final = (".gguf", ".h5", ".msgpack", ".onnx", ".ckpt", ".pt", ".pth")
"""Endings of files beside a model's that nothing is read from."""
_TEMPLATES: Final = "additional_chat_templates"


def content_inputs(config: Config) -> dict[str, Any] | None:
    """Options and the SHA-256 of each file, as plain values. None where not all can be known before
    models are looked at: those of the hub, rows that are streamed, code that a model brings, files
    that cannot be read."""
    options = config.model_dump(mode="json", warnings=False)
    for name in _SHOWN:
        del options[name]
    for name in ("url", "theme"):
        del options["site"][name]
    for document in options["documents"]:
        del document["line"]
    if any(getattr(entry, origin) for entry in config.documents for origin in STREAMED):
        return None
    if not all(map(_lies_here, config.models)):
        return None
    try:
        files = {str(file): file_digest(file).hex() for file in sorted(set(_files(config)))}
    except OSError:
        return None
    return {"options": options, "files": files}


def _lies_here(spec: ModelSpec) -> bool:
    """Whether all of a model lies in folders of this machine."""
    adapted = spec.adapter is None or spec.adapter_folder is not None
    return spec.folder is not None and adapted and not spec.trust_remote_code


def _files(config: Config) -> Iterator[Path]:
    for spec in config.models:
        yield from _of_model(spec.folder)
        yield from _of_model(spec.adapter_folder)
    for path in _paths(config.documents):
        yield from filter(Path.is_file, path.rglob("*") if path.is_dir() else [path])


def _of_model(folder: Path | None) -> Iterator[Path]:
    """The files that may be read of a model."""
    if folder is not None:
        for file in (*folder.iterdir(), *(folder / _TEMPLATES).glob("*")):
            if file.is_file() and file.suffix not in _NOT_READ:
                yield file


def _paths(value: Any) -> Iterator[Path]:
    """Every path within a value."""
    if isinstance(value, Path):
        yield value
    elif isinstance(value, BaseModel):
        yield from _paths([getattr(value, name) for name in type(value).model_fields])
    elif isinstance(value, Mapping):
        yield from _paths(list(value.values()))
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _paths(item)

"""From corpus.yaml, or a mapping of the same shape, to a frozen `Config`: all problems at once.

>>> corpus = {"models": [{"source": "bert-base-uncased"}], "documents": [{"text": ["A cat."]}]}
>>> parse_config(corpus, Path("."), "cats").models[0].name
'bert-base-uncased'
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from pydantic import ValidationError

from attnviz.config.addresses import locate_data_set
from attnviz.config.entries import DocumentEntry, is_sequences, is_table
from attnviz.config.options import (
    Config,
    CorpusOptions,
    DocumentSpec,
    FidelityOptions,
    MapOptions,
    ModelEntry,
    ModelSpec,
    SiteOptions,
)
from attnviz.config.problems import conflicts, key_text, type_problems
from attnviz.config.regular_files import MOST_JSON, fault_of_file
from attnviz.config.tree import Place, Problem, Tree, half_characters, parse
from attnviz.config.values import locate, locate_adapter, name_from
from attnviz.errors import InputError

__all__ = [
    "Config",
    "DocumentSpec",
    "FidelityOptions",
    "MapOptions",
    "ModelSpec",
    "SiteOptions",
    "is_sequences",
    "is_table",
    "load_config",
    "parse_config",
]


@dataclass(frozen=True)
class _Source:
    """Where a corpus comes from: its label in messages, the folder that paths are relative to, its
    lines if it has any, and the dotted keys that were overridden."""

    label: str
    base: Path
    tree: Tree | None = None
    overridden: tuple[str, ...] = ()

    def line(self, place: Place) -> int | None:
        """The line of an option; None if it does not come from a file."""
        key = key_text(place)
        overridden = any(
            key == dotted or key.startswith((f"{dotted}.", f"{dotted}["))
            for dotted in self.overridden
        )
        return None if self.tree is None or overridden else self.tree.line(place)

    def messages(self, problems: Sequence[Problem]) -> list[str]:
        """One message per problem, in the order of the file; those without a line come first."""
        lines = []
        for problem in problems:
            line = problem.line or self.line(problem.place)
            parts = [
                self.label if line is None else f"{self.label}:{line}",
                key_text(problem.place),
                problem.message,
            ]
            lines.append((line or 0, ": ".join(part for part in parts if part)))
        return [text for _, text in sorted(lines, key=lambda item: item[0])]


_MUCH: Final = 250_000
"""Bytes of YAML from which on reading it, a second or two for each so many, is announced."""


def load_config(
    path: Path,
    overrides: Mapping[str, object] = {},
    note: Callable[[str], None] = lambda message: None,
) -> Config:
    """Read a corpus.yaml. `overrides` are options that replace its own, by dotted key:
    `{"site.theme": "dark"}`; `note` takes what is said before a large file is read.

    Raises InputError with every problem as `file:line: key: what is wrong; expected …; did you mean
    …`.
    """
    if any(half_characters(path.stem)):
        raise InputError(f"{path}: its name is not UTF-8; expected one that is: rename the file")
    content = _read(path)
    if len(content) > _MUCH:
        note(
            f"reading {path}, {len(content) / 1e6:.1f} MB of YAML; documents are read much faster"
            " from files of their own (file:)"
        )
    tree = parse(_decode(content, path))
    source = _Source(str(path), path.resolve().parent, tree, tuple(overrides))
    faults = tree.problems
    if tree.value is None and not faults:
        faults = [Problem((), "holds nothing; expected models and documents", 1)]
    if faults and not isinstance(tree.value, dict):
        raise InputError(source.messages(faults))
    sha256 = hashlib.sha256(content).hexdigest()
    identity = {"name": path.stem, "path": path.resolve(), "sha256": sha256}
    faults += half_characters({key: _plain(value) for key, value in overrides.items()})
    return _resolve(_override(tree.value, overrides), source, faults, identity)


def parse_config(mapping: Mapping[str, object], base: Path, name: str) -> Config:
    """A corpus from Python or from options of the command line; paths are relative to `base`.

    `sha256` is that of the mapping as JSON with sorted keys. Raises InputError as `load_config`
    does, without lines.
    """
    value = _plain(mapping)
    content = json.dumps(value, sort_keys=True, ensure_ascii=False, default=str).encode(
        "utf-8", "surrogatepass"
    )
    identity = {"name": name, "path": None, "sha256": hashlib.sha256(content).hexdigest()}
    source = _Source(name, base.resolve())
    if problems := list(half_characters(value)):
        raise InputError(source.messages(problems))
    return _resolve(value, source, [], identity)


def _read(path: Path) -> bytes:
    if path.is_dir():
        raise InputError(
            f"{path}: is a folder; expected a YAML file, such as {path / 'corpus.yaml'}"
        )
    if os.path.lexists(path) and (fault := fault_of_file(path, MOST_JSON)):
        raise InputError(f"{path}: {fault}; expected a corpus in YAML")
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise InputError(f"{path}: there is no such file; expected a corpus in YAML") from None
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        raise InputError(
            f"{path}: cannot be read ({getattr(error, 'strerror', error)}); expected a corpus in"
            " YAML"
        ) from None


def _decode(content: bytes, path: Path) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InputError(
            f"{path}:{line}: is not UTF-8 (byte 0x{content[error.start]:02x}); expected a text file"
            " in UTF-8"
        ) from None


def _resolve(
    value: object, source: _Source, faults: Sequence[Problem], identity: dict[str, Any]
) -> Config:
    """Check everything, then build the Config. `identity` has its name, path and sha256."""
    problems = list(faults)
    try:
        corpus = CorpusOptions.model_validate(value, context={"base": source.base})
    except ValidationError as error:
        problems += type_problems(error)
    problems += conflicts(value, source.base)
    if problems:
        raise InputError(source.messages(problems))
    models = tuple(_model(entry, source.base) for entry in corpus.models)
    documents = tuple(
        _document(entry, source, index, corpus.seed) for index, entry in enumerate(corpus.documents)
    )
    resolved = {
        "title": corpus.title or identity["name"],
        "models": models,
        "documents": documents,
        "model_lines": tuple(source.line(("models", index)) for index in range(len(models))),
    }
    return Config.model_construct(**dict(corpus) | resolved | identity)


def _model(entry: ModelEntry, base: Path) -> ModelSpec:
    name = entry.name or name_from(entry.source)
    kind, folder = locate(entry.source, base)
    adapter = None if entry.adapter is None else locate_adapter(entry.adapter, base)
    resolved = {"name": name, "title": entry.title or name, "kind": kind, "folder": folder}
    resolved |= {"adapter_folder": adapter}
    return ModelSpec.model_construct(**dict(entry) | resolved)


def _document(entry: DocumentEntry, source: _Source, index: int, seed: int) -> DocumentSpec:
    resolved = {
        "line": source.line(("documents", index)),
        "text_column": entry.column or entry.text_column,
        "split": entry.split or ("paragraph" if entry.hf is None else "train"),
        "seed": seed if entry.seed is None else entry.seed,
        "folder": None if entry.hf is None else locate_data_set(entry.hf, source.base),
    }
    return DocumentSpec.model_construct(**dict(entry) | resolved)


def _override(value: Any, overrides: Mapping[str, object]) -> Any:
    """The mapping with dotted keys set. A value that is no mapping stays as it is: checks will
    report it."""
    for key, option in overrides.items():
        if not isinstance(value, Mapping | None):
            return value
        section, _, rest = key.partition(".")
        value = dict(value or {})
        value[section] = _override(value.get(section), {rest: option}) if rest else _plain(option)
    return value


def _plain(value: Any) -> Any:
    """Lists as tuples and paths as text, as the YAML reader returns them."""
    match value:
        case Mapping():
            return {str(key): _plain(item) for key, item in value.items()}
        case list() | tuple():
            return tuple(_plain(item) for item in value)
        case Path():
            return str(value)
    return value

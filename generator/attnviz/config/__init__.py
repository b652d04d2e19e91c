"""From corpus.yaml, or a mapping of the same shape, to a frozen `Config`. Every problem is reported at once.

>>> corpus = {"models": [{"source": "bert-base-uncased"}], "documents": [{"text": ["The cat sat."]}]}
>>> parse_config(corpus, Path("."), "cats").models[0].name
'bert-base-uncased'
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from attnviz.config.options import Config, Corpus, DocumentSpec, Fidelity, Maps, ModelEntry, ModelSpec, Site, TextEntry
from attnviz.config.problems import conflicts, key_text, type_problems
from attnviz.config.tree import Place, parse
from attnviz.config.values import locate, name_from
from attnviz.errors import InputError

__all__ = ["Config", "DocumentSpec", "Fidelity", "Maps", "ModelSpec", "Site", "TextEntry", "load_config", "parse_config"]

Line = Callable[[Place], int | None]


def load_config(path: Path, overrides: Mapping[str, object] = {}) -> Config:
    """Read a corpus.yaml. `overrides` are options that win over it, by dotted key: `{"site.theme": "dark"}`.

    Raises InputError with every problem as `file:line: key: what is wrong; expected …; did you mean …`.
    """
    content = _read(path)
    tree = parse(_decode(content, path))
    faults = [(fault.line, fault.place, fault.message) for fault in tree.faults]
    if tree.value is None and not faults:
        faults = [(1, (), "holds nothing; expected models and documents")]
    if faults and not isinstance(tree.value, dict):
        raise InputError(_in_order(str(path), faults))
    value = _override(tree.value, overrides)
    sha256 = hashlib.sha256(content).hexdigest()
    return _resolve(value, str(path), path.resolve().parent, tree.line, faults, {"name": path.stem, "path": path.resolve(), "sha256": sha256})


def parse_config(mapping: Mapping[str, object], base: Path, name: str) -> Config:
    """A corpus given from Python or by options of the command line; relative paths count from `base`.

    `sha256` is that of the mapping as JSON with sorted keys. Raises InputError as `load_config` does, without lines.
    """
    value = _plain(mapping)
    sha256 = hashlib.sha256(json.dumps(value, sort_keys=True, ensure_ascii=False, default=str).encode()).hexdigest()
    return _resolve(value, name, base.resolve(), lambda place: None, [], {"name": name, "path": None, "sha256": sha256})


def _read(path: Path) -> bytes:
    if path.is_dir():
        raise InputError(f"{path}: is a folder; expected a YAML file, such as {path / 'corpus.yaml'}")
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise InputError(f"{path}: there is no such file; expected a corpus in YAML") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); expected a corpus in YAML") from None


def _decode(content: bytes, path: Path) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise InputError(f"{path}:{line}: is not UTF-8 (byte 0x{content[error.start]:02x}); expected a text file in UTF-8") from None


def _resolve(value: object, label: str, base: Path, line: Line, faults: list[tuple[int | None, Place, str]] | Any, identity: dict[str, Any]) -> Config:
    """Check everything, then build the Config; identity is its name, path and sha256."""
    problems: list[tuple[int | None, Place, str]] = list(faults)
    corpus: Corpus | None = None
    try:
        corpus = Corpus.model_validate(value, context={"base": base})
    except ValidationError as error:
        problems += [(line(place), place, message) for place, message in type_problems(error)]
    problems += [(line(place), place, message) for place, message in conflicts(value)]
    if problems or corpus is None:
        raise InputError(_in_order(label, problems))
    options = dict(corpus) | identity
    options["title"] = corpus.title or identity["name"]
    options["models"] = tuple(_model(entry, base) for entry in corpus.models)
    options["documents"] = tuple(DocumentSpec.model_construct(**dict(entry), line=line(("documents", index))) for index, entry in enumerate(corpus.documents))
    return Config.model_construct(**options)


def _model(entry: ModelEntry, base: Path) -> ModelSpec:
    name = entry.name or name_from(entry.source)
    kind, folder = locate(entry.source, base)
    return ModelSpec.model_construct(**dict(entry) | {"name": name, "title": entry.title or name, "kind": kind, "folder": folder})


def _override(value: Any, overrides: Mapping[str, object]) -> Any:
    """The mapping with dotted keys set; sections that are missing or no mapping make way."""
    for key, given in overrides.items():
        section, _, rest = key.partition(".")
        value = dict(value) if isinstance(value, Mapping) else {}
        value[section] = _override(value.get(section), {rest: given}) if rest else _plain(given)
    return value


def _plain(value: Any) -> Any:
    """Lists as tuples and paths as text, as the YAML reader gives them."""
    match value:
        case Mapping():
            return {str(key): _plain(item) for key, item in value.items()}
        case list() | tuple():
            return tuple(_plain(item) for item in value)
        case Path():
            return str(value)
    return value


def _in_order(label: str, problems: list[tuple[int | None, Place, str]]) -> list[str]:
    """One line a problem, in the order of the file."""
    lines = []
    for line, place, message in sorted(problems, key=lambda problem: problem[0] or 0):
        where = label if line is None else f"{label}:{line}"
        key = key_text(place)
        lines.append(f"{where}: {key}: {message}" if key else f"{where}: {message}")
    return lines

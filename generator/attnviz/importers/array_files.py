"""Arrays of attention in NumPy's and Arrow's files.

A .npz holds `attention` (layers, heads, T, T) and `tokens` (T,) texts, with `text` and `layers`
(the layers' numbers) where they are known; of several documents `attention_0`, `tokens_0`, …

An .arrow is a table with a row for each document, layer and head: `document`, `layer`, `head`,
`tokens` (their number) and `attention` (tokens² float32, row by row); its metadata
`attnviz.attention` is JSON with the tokens and text of each document.
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa

from attnviz.errors import InputError
from attnviz.importers.records import AttentionRecord, record_of

METADATA: Final = b"attnviz.attention"


def load_arrays(path: Path) -> dict[str, Any]:
    """The arrays of a .npz by name. Raises InputError if it is none, or holds pickled objects."""
    try:
        with np.load(path, allow_pickle=False) as arrays:
            return {name: arrays[name] for name in arrays.files}
    except (OSError, ValueError, zipfile.BadZipFile, AttributeError) as error:
        raise InputError(
            f"{path}: cannot be read ({str(error)[:160]}); expected arrays as numpy.savez writes"
            " them, texts as arrays of texts and not of objects"
        ) from error


def read_array_records(path: Path, arrays: Mapping[str, Any]) -> list[AttentionRecord]:
    """The documents of a .npz. Raises InputError that names what is wrong."""
    if "attention" in arrays:
        return [_record(arrays, "", str(path))]
    count = sum(name.startswith("attention_") for name in arrays)
    if not count:
        raise InputError(
            f"{path}: has the arrays {', '.join(list(arrays)[:6]) or 'none'}; expected attention"
            " (layers, heads, tokens, tokens) and tokens, or the names of TransformerLens or"
            " nnsight with tokens"
        )
    return [_record(arrays, f"_{number}", f"{path}: document {number}") for number in range(count)]


def _record(arrays: Mapping[str, Any], ending: str, where: str) -> AttentionRecord:
    a, tokens = arrays.get(f"attention{ending}"), arrays.get(f"tokens{ending}")
    if a is None or tokens is None:
        missing = "attention" if a is None else "tokens"
        raise InputError(f"{where}: {missing}{ending}: is lacking; expected an array of that name")
    if a.ndim != 4:
        raise InputError(
            f"{where}: attention{ending}: has shape {a.shape}; expected (layers, heads, tokens,"
            " tokens)"
        )
    text, layers = arrays.get(f"text{ending}"), arrays.get("layers")
    numbers = range(len(a)) if layers is None else [int(number) for number in layers]
    if len(numbers) != len(a):
        raise InputError(f"{where}: layers: has {len(numbers)} numbers for {len(a)} layers")
    prediction = arrays.get(f"prediction{ending}")
    return record_of(
        where,
        tokens=[str(token) for token in tokens],
        text=None if text is None else str(text),
        matrices=dict(zip(numbers, a, strict=True)),
        missing=bool(arrays.get("missing", False)),
        prediction=None if prediction is None else json.loads(str(prediction)),
    )


def read_arrow_records(path: Path) -> list[AttentionRecord]:
    """The documents of an .arrow file. Raises InputError that names what is wrong."""
    try:
        with pa.memory_map(str(path)) as opened:
            table = pa.ipc.open_file(opened).read_all()
        about = json.loads((table.schema.metadata or {})[METADATA])["documents"]
    except (OSError, pa.ArrowInvalid, KeyError, ValueError, TypeError) as error:
        raise InputError(
            f"{path}: is no Arrow file of attention ({str(error)[:160]}); expected what attnviz"
            " extract writes"
        ) from error
    matrices: list[dict[int, dict[int, Any]]] = [{} for _ in about]
    for row in table.to_pylist():
        size = row["tokens"]
        a = np.array(row["attention"], np.float32).reshape(size, size)
        matrices[row["document"]].setdefault(row["layer"], {})[row["head"]] = a
    return [
        record_of(
            f"{path}: document {number}",
            tokens=each["tokens"],
            text=each["text"],
            matrices={
                layer: np.stack([heads[head] for head in sorted(heads)])
                for layer, heads in matrices[number].items()
            },
            missing=each.get("missing", False),
            prediction=each.get("prediction"),
        )
        for number, each in enumerate(about)
    ]

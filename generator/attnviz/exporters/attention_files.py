"""Attention as files: JSON as extraction scripts write it and as front ends read it, NumPy's .npz,
Arrow. `importers` reads them back."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa

from attnviz.errors import InputError
from attnviz.importers.array_files import METADATA
from attnviz.importers.records import AttentionRecord
from attnviz.score import Array

DIGITS: Final = 8
"""Of weights in JSON: finer than float32 tells from the model's own."""


def write_records(records: Sequence[AttentionRecord], path: Path) -> None:
    """Write documents to a file, in the form that its ending names. Raises InputError if that is
    none of them, or the folder is not there."""
    writer = _WRITERS.get(path.suffix.lower())
    if writer is None:
        raise InputError(f"-o {path}: expected a file that ends in {', '.join(_WRITERS)}")
    refuse_no_folder(path)
    writer(records, path)


def refuse_no_folder(path: Path) -> None:
    """Raises InputError if the folder that a file is to lie in is not there."""
    if not path.parent.is_dir():
        raise InputError(f"-o {path}: there is no folder {path.parent}; make it, or name another")


def write_prepared(records: Sequence[AttentionRecord], path: Path) -> None:
    """Write documents as front ends read them, `layers` of `heads`. Raises InputError if the folder
    is not there."""
    refuse_no_folder(path)
    _write_json([_prepared(record) for record in records], path)


def _write_json(documents: list[dict[str, Any]], path: Path) -> None:
    content = documents[0] if len(documents) == 1 else documents
    path.write_text(json.dumps(content, ensure_ascii=False, allow_nan=False) + "\n", "utf-8")


def _matrices(records: Sequence[AttentionRecord], path: Path) -> None:
    _write_json([_raw(record) for record in records], path)


def _raw(record: AttentionRecord) -> dict[str, Any]:
    entry: dict[str, Any] = {
        "tokens": list(record.tokens),
        "text": record.text,
        "attention_matrices": [_rounded(a) for a in record.attention],
    }
    if record.layers != tuple(range(len(record.layers))):
        entry["layer_indices"] = list(record.layers)
    return entry | _beside(record)


def _prepared(record: AttentionRecord) -> dict[str, Any]:
    layers = [
        {
            "layer_idx": number,
            "heads": [
                {"head_idx": head, "attention": matrix} for head, matrix in enumerate(_rounded(a))
            ],
        }
        for number, a in zip(record.layers, record.attention, strict=True)
    ]
    entry = {"tokens": list(record.tokens), "text": record.text, "layers": layers}
    return entry | _beside(record)


def _beside(record: AttentionRecord) -> dict[str, Any]:
    """What few documents have beside tokens, text and matrices."""
    entry: dict[str, Any] = {"missing": True} if record.missing else {}
    return entry | ({"prediction": dict(record.prediction)} if record.prediction else {})


def _rounded(a: Array) -> Any:
    return np.round(a.astype(np.float64), DIGITS).tolist()


def _npz(records: Sequence[AttentionRecord], path: Path) -> None:
    arrays: dict[str, Any] = {"layers": np.array(records[0].layers)}
    if records[0].missing:
        arrays["missing"] = np.array(True)
    for number, record in enumerate(records):
        ending = "" if len(records) == 1 else f"_{number}"
        arrays[f"attention{ending}"] = np.stack(record.attention)
        arrays[f"tokens{ending}"] = np.array(record.tokens)
        arrays[f"text{ending}"] = np.array(record.text)
        if record.prediction:
            arrays[f"prediction{ending}"] = np.array(json.dumps(dict(record.prediction)))
    with path.open("wb") as file:
        np.savez_compressed(file, **arrays)


def _arrow(records: Sequence[AttentionRecord], path: Path) -> None:
    rows = [
        {
            "document": number, "layer": layer, "head": head, "tokens": len(record.tokens),
            "attention": matrix.ravel(),
        }
        for number, record in enumerate(records)
        for layer, a in zip(record.layers, record.attention, strict=True)
        for head, matrix in enumerate(a)
    ]  # fmt: skip
    about = [
        {"tokens": list(record.tokens), "text": record.text} | _beside(record) for record in records
    ]
    whole = pa.int32()
    columns = [(name, whole) for name in ("document", "layer", "head", "tokens")]
    metadata = {METADATA: json.dumps({"documents": about}, ensure_ascii=False).encode()}
    schema = pa.schema([*columns, ("attention", pa.list_(pa.float32()))], metadata=metadata)
    table = pa.table({name: [row[name] for row in rows] for name in schema.names}, schema=schema)
    with pa.ipc.new_file(str(path), schema) as file:
        file.write_table(table)


_WRITERS: Final[dict[str, Callable[[Sequence[AttentionRecord], Path], None]]] = {
    ".json": _matrices,
    ".npz": _npz,
    ".arrow": _arrow,
}

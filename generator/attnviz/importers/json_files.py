"""JSON files of attention, in the two forms that extraction scripts write.

- `{"tokens", "text", "attention_matrices"}`, matrices by layer, head, query and key;
- `{"tokens", "text", "layers": [{"layer_idx", "heads": [{"head_idx", "attention"}]}]}`, as front
  ends read it;

or a list of one of them, a document each. Beside these keys, `attention_mask` says which tokens are
no padding, `layer_indices` which layers the matrices are of, `missing` that rows may sum to less
than 1, and `prediction` what a classifier says.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from attnviz.errors import InputError
from attnviz.importers.recognising import LAYERS, MATRICES, is_attention, parse_json
from attnviz.importers.records import AttentionRecord, record_of


def read_json_records(path: Path) -> list[AttentionRecord]:
    """The documents of a file, without padding. Raises InputError that names what is wrong."""
    content = parse_json(path)
    if not is_attention(content):
        raise InputError(
            f"{path}: holds no attention; expected an object with tokens and"
            f" {MATRICES} or {LAYERS}, or a list of such"
        )
    if isinstance(content, dict):
        return [_record(content, str(path))]
    return [_record(each, f"{path}: document {n}") for n, each in enumerate(content)]


def _record(entry: Any, where: str) -> AttentionRecord:
    if not isinstance(entry, dict):
        raise InputError(f"{where}: is no object; expected tokens and {MATRICES} or {LAYERS}")
    matrices = _matrices(entry, where) if MATRICES in entry else _prepared(entry.get(LAYERS), where)
    return record_of(
        where,
        tokens=entry.get("tokens"),
        text=entry.get("text"),
        matrices=matrices,
        mask=entry.get("attention_mask"),
        missing=bool(entry.get("missing", False)),
        prediction=entry.get("prediction"),
    )


def _matrices(entry: dict[str, Any], where: str) -> dict[int, Any]:
    """The matrices of each layer, by its number."""
    layers, numbers = entry[MATRICES], entry.get("layer_indices")
    if not isinstance(layers, list):
        raise InputError(f"{where}: {MATRICES}: expected a list of layers, each a list of heads")
    if numbers is None:
        return dict(enumerate(layers))
    fits = isinstance(numbers, list) and all(isinstance(n, int) and n >= 0 for n in numbers)
    if not fits or len(set(numbers)) != len(layers):
        raise InputError(
            f"{where}: layer_indices: expected {len(layers)} numbers, one for each layer"
        )
    return dict(zip(numbers, layers, strict=True))


def _prepared(layers: Any, where: str) -> dict[int, Any]:
    """The same of the form that front ends read."""
    if not isinstance(layers, list):
        raise InputError(f"{where}: {LAYERS}: expected a list of layers")
    matrices: dict[int, Any] = {}
    for place, layer in enumerate(layers):
        at = f"{where}: {LAYERS}[{place}]"
        heads = layer.get("heads") if isinstance(layer, dict) else None
        number = layer.get("layer_idx") if isinstance(layer, dict) else None
        if not isinstance(number, int) or number < 0 or number in matrices:
            raise InputError(f"{at}: layer_idx: expected a number from 0, another for each layer")
        if not isinstance(heads, list) or not heads:
            raise InputError(f"{at}: heads: expected a list of heads")
        by_number = {h.get("head_idx"): h.get("attention") for h in heads if isinstance(h, dict)}
        if set(by_number) != set(range(len(heads))):
            raise InputError(f"{at}: head_idx: expected 0 to {len(heads) - 1}, each once")
        matrices[number] = [by_number[head] for head in range(len(heads))]
    return matrices

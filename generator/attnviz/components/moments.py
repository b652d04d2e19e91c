"""Sums of queries and keys over tokens, which those of other batches are added to."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save_file

from attnviz.capture.captured_layer import captured_layers
from attnviz.capture.result import Capture
from attnviz.components.layer_vectors import LayerVectors
from attnviz.documents.tokens import Tokens
from attnviz.engine.step import folder_step
from attnviz.interactions import Moments, contrast_of, moments
from attnviz.score import Array

State = dict[str, Array]


@dataclass(frozen=True)
class LabelNumbers:
    """The labels of a document's queries (T,) and keys (K,) as numbers, −1 for none, and how many
    labels there are."""

    queries: Array
    keys: Array
    count: int


@dataclass(frozen=True)
class Contrast:
    """The labels of tokens, in order, by which pairs are told apart, and their column."""

    column: str
    values: tuple[str, ...]

    def numbers(self, tokens: Tokens) -> Array:
        """The labels of tokens as places among the values, −1 for none, (T,)."""
        places = {value: place for place, value in enumerate(self.values)}
        labels = tokens.labels.get(self.column, (None,) * len(tokens))
        return np.array([places.get(label, -1) if label else -1 for label in labels], np.int64)


@dataclass(frozen=True)
class BatchContrast:
    """A contrast on a batch: for each axis the tokens of its documents, in order."""

    contrast: Contrast
    axes: Mapping[str, tuple[Tokens, ...]]

    def labels(self, query_axis: str, key_axis: str, document: int) -> LabelNumbers:
        """Those of a document of the batch."""
        queries, keys = (
            self.contrast.numbers(self.axes[axis][document]) for axis in (query_axis, key_axis)
        )
        return LabelNumbers(queries, keys, len(self.contrast.values))


class MomentSums:
    """Of queries (heads, …) and of keys (kv heads, …): the number of tokens, Σ x and Σ x xᵀ,
    float64. Each token of each document counts once, as in all statistics of vectors. Of a contrast
    the same by label, without Σ x xᵀ."""

    def __init__(self) -> None:
        self._sums: State = {}

    def add(self, q: Array, k: Array, labels: LabelNumbers | None = None) -> None:
        """Take in queries (heads, T, d) and keys (kv heads, K, d), and what labels they have."""
        sums: State = {}
        for side, vectors in (("q", q), ("k", k)):
            x = vectors.astype(np.float64)
            sums[f"{side}_count"] = np.array(float(x.shape[1]))
            sums[side] = x.sum(1)
            sums[f"{side}{side}"] = x.transpose(0, 2, 1) @ x
            if labels is not None:
                numbers = labels.queries if side == "q" else labels.keys
                has = np.arange(labels.count)[:, None] == numbers  # (label, token)
                sums[f"{side}_labelled"] = has.sum(1, dtype=np.float64)
                sums[f"{side}_by_label"] = has.astype(np.float64) @ x  # (head, label, d)
        self.merge(sums)

    def merge(self, state: State) -> None:
        """Take in the sums of other documents."""
        for name, values in state.items():
            self._sums[name] = self._sums.get(name, 0.0) + values

    def state(self) -> State:
        """The sums by name; nothing where there were no tokens."""
        return dict(self._sums)

    def of_heads(self, heads: int) -> list[Moments]:
        """The moments of each head; heads of a group share their keys."""
        sums = self._sums
        queries, keys = float(sums["q_count"]), float(sums["k_count"])
        group = heads // len(sums["k"])
        of_heads = [
            moments(
                (queries, sums["q"][head], sums["qq"][head]),
                (keys, sums["k"][head // group], sums["kk"][head // group]),
            )
            for head in range(heads)
        ]
        if "q_labelled" not in sums:
            return of_heads
        return [
            replace(
                of,
                contrast=contrast_of(
                    (sums["q_labelled"], sums["q_by_label"][head]),
                    (sums["k_labelled"], sums["k_by_label"][head // group]),
                    (of.mean_query, of.mean_key),
                ),
            )
            for head, of in enumerate(of_heads)
        ]


def file_of(layer: int) -> str:
    """The name of the file of a layer's sums."""
    return f"layer-{layer}.safetensors"


@folder_step("moments of a batch")
def sum_moments(
    into: Path,
    captured: Capture,
    before: Path | None,
    turned: tuple[int, ...],
    contrast: BatchContrast | None,
) -> int:
    """Sums of the one batch that was `captured`: a file for each layer that it reaches and whose
    vectors are known. `before` is the batch's folder of those before rotary embedding, `turned` are
    the numbers of the layers that have one. Returns how many files there are."""
    reached = 0
    for number, layer in enumerate(captured_layers(captured)):
        if not layer.layer.vectors or layer.layer.number_in(captured.batches[0]) is None:
            continue
        sums = MomentSums()
        folders = (before,) if before is not None and number in turned else ()
        for document in LayerVectors(layer, folders).documents():
            number_here = document.captured.document
            axes = layer.layer.query_axis, layer.layer.key_axis
            labels = None if contrast is None else contrast.labels(*axes, number_here)
            sums.add(document.q, document.k, labels)
        arrays = {name: np.asarray(a, order="C") for name, a in sums.state().items()}
        save_file(arrays, into / file_of(number))
        reached += 1
    return reached


def merged(folders: Iterable[Path], number: int) -> MomentSums:
    """The sums of a layer over all batches that reach it."""
    sums = MomentSums()
    for folder in folders:
        file = folder / file_of(number)
        if file.exists():
            sums.merge(load_file(file))
    return sums

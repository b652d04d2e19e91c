"""Sums of queries and keys over tokens, which those of other batches are added to."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save_file

from attnviz.capture.captured_layer import captured_layers
from attnviz.capture.result import Capture
from attnviz.components.layer_vectors import LayerVectors
from attnviz.engine.step import folder_step
from attnviz.interactions import Moments, moments
from attnviz.score import Array

State = dict[str, Array]


class MomentSums:
    """Of queries (heads, …) and of keys (kv heads, …): the number of tokens, Σ x and Σ x xᵀ,
    float64. Each token of each document counts once, as in all statistics of vectors."""

    def __init__(self) -> None:
        self._sums: State = {}

    def add(self, q: Array, k: Array) -> None:
        """Take in queries (heads, T, d) and keys (kv heads, K, d)."""
        sums: State = {}
        for side, vectors in (("q", q), ("k", k)):
            x = vectors.astype(np.float64)
            sums[f"{side}_count"] = np.array(float(x.shape[1]))
            sums[side] = x.sum(1)
            sums[f"{side}{side}"] = x.transpose(0, 2, 1) @ x
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
        return [
            moments(
                (queries, sums["q"][head], sums["qq"][head]),
                (keys, sums["k"][head // group], sums["kk"][head // group]),
            )
            for head in range(heads)
        ]


def file_of(layer: int) -> str:
    """The name of the file of a layer's sums."""
    return f"layer-{layer}.safetensors"


@folder_step("moments of a batch")
def sum_moments(into: Path, captured: Capture, before: Path | None, turned: tuple[int, ...]) -> int:
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
            sums.add(document.q, document.k)
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

"""What the heads of a model write through, and which later heads' matrices read it, as a step of
the build."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from attnviz.capture.batches import make_batch
from attnviz.capture.calls import CallKey
from attnviz.capture.result import Layer
from attnviz.capture.runner import forward, model_inputs
from attnviz.engine.step import folder_step
from attnviz.modalities.family import Family
from attnviz.modalities.model_input import ModelInput
from attnviz.models.foreign import foreign_work
from attnviz.models.loaded import LoadedModel
from attnviz.writes.anatomy import Anatomy, TracedCall, trace
from attnviz.writes.composition import HeadMatrices, composition, head_matrices
from attnviz.writes.norms import linear_norm
from attnviz.writes.reads import COPIES, Reads, find_reads

_LINEAR = 1e-2
"""A norm counts as linear up to its scale if no output is further off, as a share of the
largest."""


@dataclass(frozen=True)
class LayerOutput:
    """Of a layer: whether a module takes in what its heads bring as it is, and how many times of
    what that puts out the block adds, None where it does not add it; and whether the matrices by
    which its heads read the residual stream are known."""

    projected: bool
    factor: float | None
    reads: bool


@dataclass(frozen=True)
class ModelOutput:
    """The layers in their order, the path of the last norm before logits, '' where there is none
    that is linear up to its scale, and whether it takes the mean away."""

    layers: list[LayerOutput]
    norm: str
    centred: bool
    hidden: int


@folder_step("what heads write through")
def find_outputs(
    into: Path,
    loaded: LoadedModel,
    family: Family,
    document: ModelInput,
    layers: Sequence[Layer],
    seed: int,
) -> ModelOutput:
    """Writes for each layer, by its number, what is known: `o‹n›.npy` (heads, d, hidden) float32,
    the heads' W_O times what the block adds of it, and `c‹n›.npy` (heads, earlier heads, 3)
    float32, Q-, K- and V-composition with the heads of all earlier layers of its stack whose
    matrices are known, one layer after another; and `gain.npy` (hidden,), the last norm's."""
    failure = f"model {loaded.name}: what its heads write cannot be found out"
    with foreign_work(failure, "leave writes out"):
        anatomy = _pass(loaded, family, layers, document)
        reads = _reads(loaded, family, anatomy, document, seed)
        outputs = []
        matrices: dict[int, HeadMatrices] = {}
        for number, layer in enumerate(layers):
            traced = anatomy.calls.get(_call(layer))
            of_heads = _of_heads(traced, layer)
            if of_heads is not None:
                np.save(into / f"o{number}.npy", of_heads.numpy())
            factor = None if traced is None else traced.factor
            known = reads.get(_call(layer)) if factor is not None and not layer.cross else None
            if known is not None and of_heads is not None:
                matrices[number] = _matrices(known, of_heads, layer)
            outputs.append(LayerOutput(of_heads is not None, factor, number in matrices))
        for number in matrices:
            _compose(into, number, layers, matrices)
        return _with_norm(into, anatomy, outputs)


def _pass(
    loaded: LoadedModel, family: Family, layers: Sequence[Layer], document: ModelInput
) -> Anatomy:
    return trace(loaded.model, [layer.module for layer in layers], _run(loaded, family, [document]))


def _reads(
    loaded: LoadedModel, family: Family, anatomy: Anatomy, document: ModelInput, seed: int
) -> Mapping[CallKey, Reads]:
    run = _run(loaded, family, [document] * COPIES)
    return find_reads(loaded.model, anatomy, run, seed)


def _run(loaded: LoadedModel, family: Family, members: Sequence[ModelInput]) -> Any:
    batch = make_batch(tuple(range(len(members))), members, family.lengths)
    return lambda: forward(loaded, model_inputs(loaded, family, batch, members))


def _call(layer: Layer) -> CallKey:
    return layer.module, layer.module_call


def _of_heads(traced: TracedCall | None, layer: Layer) -> torch.Tensor | None:
    """W_O of the layer's heads, times what the block adds of it, or once where it adds nothing."""
    if traced is None or traced.projection is None:
        return None
    factor = 1.0 if traced.factor is None else traced.factor
    return factor * traced.matrices()[layer.selected]


def _matrices(reads: Reads, of_heads: torch.Tensor, layer: Layer) -> HeadMatrices:
    """Of the layer's heads, each with the keys and values that it reads."""
    group = len(reads.q) // len(reads.k)
    kv = [number // group for number in layer.numbers]
    return head_matrices(reads.q[layer.selected], reads.k[kv], reads.v[kv], of_heads)


def _compose(
    into: Path, number: int, layers: Sequence[Layer], matrices: Mapping[int, HeadMatrices]
) -> None:
    later = layers[number]
    earlier = [
        n for n in matrices if layers[n].stack == later.stack and layers[n].layer < later.layer
    ]
    if earlier:
        parts = [composition(matrices[n], matrices[number]) for n in earlier]
        np.save(into / f"c{number}.npy", torch.cat(parts, 1).numpy())


def _with_norm(into: Path, anatomy: Anatomy, outputs: list[LayerOutput]) -> ModelOutput:
    states = getattr(anatomy.output, "last_hidden_state", None)
    hidden = 0 if states is None else states.shape[-1]
    last = None if states is None else anatomy.last_norm(states)
    if last is None or last.input is None:
        return ModelOutput(outputs, "", False, hidden)
    norm = linear_norm(last.module, last.input)
    if norm.error(last.input.cpu(), last.output.cpu()) > _LINEAR:
        return ModelOutput(outputs, "", False, hidden)
    np.save(into / "gain.npy", norm.gain.numpy())
    return ModelOutput(outputs, last.path, norm.centred, hidden)

"""What heads write at each type of token, in the mean over a corpus, as a step of the build."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from attnviz.capture.batches import make_batch
from attnviz.capture.calls import CallKey
from attnviz.capture.interface import recording
from attnviz.capture.operands import Operands
from attnviz.capture.result import Layer
from attnviz.capture.runner import forward, model_inputs
from attnviz.effects.batch_effects import EffectInputs
from attnviz.engine.step import folder_step
from attnviz.heads.pairs import Types
from attnviz.modalities.family import Family
from attnviz.models.foreign import foreign_work
from attnviz.models.loaded import LoadedModel
from attnviz.score import Array
from attnviz.writes.norms import LinearNorm, linear_norm


@dataclass(frozen=True)
class NormScale:
    """1 / scale of the last norm: the mean over `tokens` tokens; 0 of none."""

    inverse: float
    tokens: int


@folder_step("values by token")
def mean_values(
    into: Path,
    loaded: LoadedModel,
    family: Family,
    groups: Sequence[EffectInputs],
    layers: Sequence[Layer],
    types: Mapping[str, Types],
    outputs: Path,
    norm: str,
) -> NormScale:
    """Runs the model over all documents, those of a group together, which are of one length. Writes
    for each layer whose heads' W_O is in `outputs`, by its number, `v‹n›.npy` (kv heads, types, d)
    float32, the mean value at tokens of each of its axis's `types`, and `w‹n›.npy` (heads, types)
    float32, the mean length of what each head writes there, were it to attend to that token alone.
    `norm` is the path of the last norm, whose scale is returned."""
    work = _Sums(layers, types, outputs)
    scales = _Scales()
    failure = f"model {loaded.name}: what its heads write cannot be measured"
    with foreign_work(failure, "leave writes out"), ExitStack() as stack:
        if norm:
            module = loaded.model.get_submodule(norm)
            stack.callback(module.register_forward_hook(scales.add).remove)
        for group in groups:
            members = group.members
            batch = make_batch(tuple(range(len(members))), members, family.lengths)
            values = _Values(loaded.model)
            with recording(loaded.model, values):
                forward(loaded, model_inputs(loaded, family, batch, members))
            for number, layer in enumerate(layers):
                v = values.by_call.get((layer.module, layer.module_call))
                axes = [member.axes.get(layer.key_axis) for member in members]
                if v is not None and all(axis is not None for axis in axes):
                    ids = np.stack([axis.ids for axis in axes if axis is not None])
                    work.add(number, v, ids)
    for name, table in work.means():
        np.save(into / f"{name}.npy", table)
    return scales.mean()


class _Values:
    """The values of each call of a pass."""

    def __init__(self, model: torch.nn.Module) -> None:
        self._names = {id(module): path for path, module in model.named_modules()}
        self._counts: Counter[str] = Counter()
        self.by_call: dict[CallKey, torch.Tensor] = {}

    def record(self, module: torch.nn.Module, operands: Operands) -> None:
        """Called for each attention call."""
        path = self._names.get(id(module), "")
        if operands.v is not None:
            self.by_call[path, self._counts[path]] = operands.v
        self._counts[path] += 1


class _Scales:
    """Sums of the last norm's inverse scale, called after it ran."""

    def __init__(self) -> None:
        self._sum, self._tokens = 0.0, 0
        self._norm: LinearNorm | None = None
        self._probing = False

    def add(self, module: torch.nn.Module, args: Any, output: torch.Tensor) -> None:
        """Take in what the norm made of its input."""
        if self._probing:
            return
        if self._norm is None:
            self._probing = True  # its gain is found by running it
            self._norm = linear_norm(module, args[0])
            self._probing = False
        inverse = self._norm.inverse_scale(args[0].cpu(), output.cpu())
        self._sum += float(inverse.sum())
        self._tokens += inverse.numel()

    def mean(self) -> NormScale:
        """Over all tokens."""
        return NormScale(self._sum / self._tokens if self._tokens else 0.0, self._tokens)


class _Sums:
    """Sums over all tokens of each type."""

    def __init__(self, layers: Sequence[Layer], types: Mapping[str, Types], outputs: Path) -> None:
        self._layers, self._types = layers, types
        self._written = {
            number: np.load(outputs / f"o{number}.npy")
            for number in range(len(layers))
            if (outputs / f"o{number}.npy").is_file()
        }
        self._values: dict[int, Array] = {}
        self._lengths: dict[int, Array] = {}
        self._counts: dict[int, Array] = {}

    def add(self, number: int, v: torch.Tensor, ids: Array) -> None:
        """Take in values (documents, kv heads, K, d) of tokens `ids` (documents, K)."""
        layer, written = self._layers[number], self._written.get(number)
        types = self._types[layer.key_axis]
        if written is None or v.shape[2] != ids.shape[1] or v.shape[3] != written.shape[1]:
            return
        numbers = types.of(ids.ravel())
        of_type = numbers >= 0
        values = v.float().cpu().numpy()[:, layer.kv_numbers].transpose(1, 0, 2, 3)
        values = values.reshape(len(values), -1, values.shape[-1])[:, of_type]  # (kv, tokens, d)
        shape = len(values), len(types.ids), values.shape[-1]
        total = self._values.setdefault(number, np.zeros(shape))
        lengths = self._lengths.setdefault(number, np.zeros((layer.heads, shape[1])))
        counts = self._counts.setdefault(number, np.zeros(shape[1]))
        np.add.at(counts, numbers[of_type], 1)
        for kv, of_head in enumerate(values):
            np.add.at(total[kv], numbers[of_type], of_head)
        for head, matrix in enumerate(written):
            added = values[head // layer.group] @ matrix  # (tokens, hidden)
            np.add.at(lengths[head], numbers[of_type], np.linalg.norm(added, axis=-1))

    def means(self) -> Iterator[tuple[str, Array]]:
        """Tables by the names of their files; NaN at types of no token."""
        for number, counts in self._counts.items():
            with np.errstate(invalid="ignore", divide="ignore"):
                yield f"v{number}", (self._values[number] / counts[:, None]).astype(np.float32)
                yield f"w{number}", (self._lengths[number] / counts).astype(np.float32)

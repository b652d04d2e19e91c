"""Documents of a batch put together to a model's input, and taken apart again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch

from attnviz.architectures.lengths import TARGET, Lengths
from attnviz.capture.batches import ANY
from attnviz.modalities.model_input import SAMPLES, ModelInput
from attnviz.score import Array


def collate(
    members: Sequence[ModelInput],
    padding: Mapping[str, int],
    device: torch.device,
    dtype: torch.dtype,
    by_length: Lengths = ANY,
) -> dict[str, torch.Tensor]:
    """Model input of a batch: sequences are padded on the right to (batch, longest), or as long as
    the model pads them; other arrays are stacked."""
    inputs = {}
    for name in members[0].arrays:
        arrays = [member.arrays[name] for member in members]
        fixed = arrays[0].ndim != 1 or name == SAMPLES
        if fixed:
            tensor = torch.from_numpy(np.stack(arrays))
        else:
            axis = TARGET if name.startswith("decoder_") else ""
            length = by_length.padded(axis, max(map(len, arrays)))
            tensor = torch.from_numpy(_padded(arrays, padding[name], length))
        inputs[name] = tensor.to(device, dtype if tensor.is_floating_point() else None)
    return inputs


def _padded(sequences: Sequence[Array], value: int, length: int) -> Array:
    """(sequences, length) int64, with `value` after the end of each."""
    padded = np.full((len(sequences), length), value, np.int64)
    for row, sequence in zip(padded, sequences, strict=True):
        row[: len(sequence)] = sequence
    return padded


def unpadded(x: torch.Tensor, lengths: Sequence[int]) -> Array:
    """(heads, tokens of the batch, d) float32 on the CPU, from x (batch, heads, longest, d)."""
    rows = [x[row, :, :length] for row, length in enumerate(lengths)]
    return torch.cat(rows, 1).detach().float().cpu().numpy().copy()

"""The batch plan. It follows from the corpus alone, because another batch size changes the low bits
of a result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from attnviz.modalities import SAMPLES, ModelInput
from attnviz.score import Array


@dataclass(frozen=True)
class Batch:
    """Documents that run together: their indices in corpus order, and their lengths by axis."""

    documents: tuple[int, ...]
    lengths: Mapping[str, tuple[int, ...]]

    @property
    def tokens(self) -> int:
        """Tokens on all axes, padding left out."""
        return sum(sum(own) for own in self.lengths.values())

    def slices(self, axis: str) -> list[slice]:
        """Each document's place among the batch's tokens on an axis, padding left out."""
        ends = np.cumsum(self.lengths[axis]).tolist()
        return [
            slice(end - length, end) for end, length in zip(ends, self.lengths[axis], strict=True)
        ]


def plan_batches(prepared: Sequence[ModelInput | None], batch_tokens: int) -> list[Batch]:
    """Documents by length, so that little is padding; at most `batch_tokens` tokens a batch,
    padding counted.

    The longest axis counts. Documents that the model does not take are left out; one longer than
    `batch_tokens` is a batch of its own. Documents are batched only with those whose arrays have
    the same shapes but for padding.
    """
    order = sorted((_longest(own), index) for index, own in enumerate(prepared) if own is not None)
    groups: list[list[int]] = []
    held = None
    for length, index in order:
        shape = fixed_shapes(prepared[index])
        if not groups or shape != held or (len(groups[-1]) + 1) * length > batch_tokens:
            groups.append([])
            held = shape
        groups[-1].append(index)
    return [make_batch(tuple(members), prepared) for members in groups]


def make_batch(documents: tuple[int, ...], prepared: Sequence[ModelInput | None]) -> Batch:
    """A batch of these documents."""
    members = [own for own in (prepared[document] for document in documents) if own is not None]
    axes = members[0].axes
    return Batch(documents, {axis: tuple(len(own.axes[axis]) for own in members) for axis in axes})


def _longest(own: ModelInput) -> int:
    return max(len(tokens) for tokens in own.axes.values())


def fixed_shapes(own: ModelInput | None) -> tuple[tuple[str, tuple[int, ...]], ...]:
    """The shapes that padding cannot make equal: pixels', and samples', since silence would be
    heard."""
    shapes = {} if own is None else own.shapes
    return tuple(
        (name, shape)
        for name, shape in sorted(shapes.items())
        if len(shape) != 1 or name == SAMPLES
    )


def collate(
    members: Sequence[ModelInput],
    padding: Mapping[str, int],
    device: torch.device,
    dtype: torch.dtype,
) -> dict[str, torch.Tensor]:
    """Model input of a batch: sequences padded on the right to (batch, longest), the rest
    stacked."""
    inputs = {}
    for name in members[0].arrays:
        own = [member.arrays[name] for member in members]
        stacked = (
            np.stack(own) if own[0].ndim != 1 or name == SAMPLES else _padded(own, padding[name])
        )
        tensor = torch.from_numpy(stacked)
        inputs[name] = tensor.to(device, dtype if tensor.is_floating_point() else None)
    return inputs


def _padded(rows: Sequence[Array], value: int) -> Array:
    padded = np.full((len(rows), max(len(row) for row in rows)), value, np.int64)
    for row, own in zip(padded, rows, strict=True):
        row[: len(own)] = own
    return padded

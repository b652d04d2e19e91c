"""Masks and biases of a batch's calls, each kept once in the form of a score rule."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import torch

from attnviz.architectures.attention_windows import AttentionWindows
from attnviz.capture.batches import Batch
from attnviz.capture.calls import Recorded
from attnviz.capture.masks import additive_bias, bias_of, document_intervals, measured_bias
from attnviz.capture.operands import Operands
from attnviz.capture.windows import window_bias
from attnviz.modalities.axes import AttentionPlace
from attnviz.modalities.family import Family
from attnviz.score import Bias, BiasKind, Intervals

BiasNumber = tuple[int | None, BiasKind | None]
"""The number of a bias in the batch, and its kind; None and None if there is no bias."""


class BatchRules:
    """Writes the masks and biases of a batch's calls to `recorded`, and numbers them.

    Layers share most masks: a tensor that is passed again has the number that it had before.
    """

    def __init__(self, recorded: Recorded, batch: Batch, family: Family) -> None:
        self._arrays, self._batch, self._family = recorded.arrays, batch, family
        self._masks: dict[tuple[Any, ...], int] = {}
        self._biases: dict[tuple[int, int], tuple[int, BiasKind]] = {}
        self._alive: list[Any] = []  # an id belongs to a tensor only while the tensor lives

    def lengths(self, place: AttentionPlace) -> Iterator[tuple[int, int]]:
        """Queries and keys of each document, padding left out."""
        lengths = self._batch.lengths
        return zip(lengths[place.query_axis], lengths[place.key_axis], strict=True)

    def keep_intervals(self, documents: Sequence[Intervals]) -> int:
        """The number of a mask that has these intervals in the batch's documents."""
        number = sum(name.startswith("lo") for name in self._arrays)
        self._arrays[f"lo{number}"] = np.concatenate([intervals.lo for intervals in documents])
        self._arrays[f"hi{number}"] = np.concatenate([intervals.hi for intervals in documents])
        return number

    def of(
        self, operands: Operands, place: AttentionPlace, *, measured: bool
    ) -> tuple[int, BiasNumber]:
        """The numbers of the mask and of the bias of a call, as it receives them or, with
        `measured`, as its softmax shows them. Raises NotARule if they have no known form."""
        if place.windows is not None:
            return self._windowed(place.windows, operands)
        mask = self._mask(operands, place)
        bias = self._measured_bias if measured else self._passed_bias
        return mask, bias(operands, place)

    def _mask(self, operands: Operands, place: AttentionPlace) -> int:
        """The number of a call's mask. Raises NotARule if it has no intervals."""
        mask, causal = operands.mask, operands.causal
        key = None if mask is None else id(mask), causal, place.query_axis, place.key_axis
        if key not in self._masks:
            intervals = [
                document_intervals(
                    mask,
                    causal=causal,
                    row=row,
                    queries=queries,
                    keys=keys,
                    padded_keys=operands.k.shape[2],
                )
                for row, (queries, keys) in enumerate(self.lengths(place))
            ]
            self._masks[key] = self.keep_intervals(intervals)
            self._alive.append(mask)
        return self._masks[key]

    def _passed_bias(self, operands: Operands, place: AttentionPlace) -> BiasNumber:
        """The number of the bias that a call receives. Raises NotARule if it has no known form."""
        mask, bias = operands.mask, operands.position_bias
        if bias is None and (mask is None or mask.dtype == torch.bool):
            return None, None
        key = id(mask), id(bias)
        if key not in self._biases:
            self._alive += [mask, bias]
            added = additive_bias(mask, bias)
            if added is None:
                return None, None
            self._biases[key] = self._keep_bias(bias_of(added, self._fixed(place)))
        return self._biases[key]

    def _measured_bias(self, operands: Operands, place: AttentionPlace) -> BiasNumber:
        """The number of a bias that was measured at a softmax, (batch, heads, T, K). Raises
        NotARule if it has no known form."""
        if operands.position_bias is None:
            return None, None
        documents = []
        for row, (queries, keys) in enumerate(self.lengths(place)):
            added = operands.position_bias[row, :, :queries, :keys].detach().float().cpu().numpy()
            allowed = np.ones(added.shape[1:], bool)
            if operands.mask is not None:
                allowed = operands.mask[row, 0, :queries, :keys].cpu().numpy()
            documents.append((added, allowed))
        return self._keep_bias(measured_bias(documents, self._fixed(place)))

    def _windowed(self, windows: AttentionWindows, operands: Operands) -> tuple[int, BiasNumber]:
        """The numbers of the mask and of the bias of a call within windows. Raises NotOfTokens if
        the bias is not the same in every window."""
        mask = self.keep_intervals([windows.intervals()] * len(self._batch.documents))
        if operands.mask is not None:
            return mask, self._keep_bias(window_bias(operands.mask, windows, exact=True))
        if operands.position_bias is not None:
            return mask, self._keep_bias(window_bias(operands.position_bias, windows, exact=False))
        return mask, (None, None)

    def _fixed(self, place: AttentionPlace) -> bool:
        """Whether every document has the same tokens on the axis."""
        return self._family.axes[place.query_axis].places_are_fixed

    def _keep_bias(self, bias: Bias) -> tuple[int, BiasKind]:
        number = sum(name.startswith("bias") for name in self._arrays)
        self._arrays[f"bias{number}"] = bias.values
        if bias.index is not None:
            self._arrays[f"place{number}"] = bias.index
        return number, bias.kind

"""The recorder: takes each attention call of a batch out of padding, as vectors or as attention."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from attnviz.architectures import AttentionWindows
from attnviz.capture.batches import Batch
from attnviz.capture.calls import DENSE, INTERFACE, TRACER, Call, Line, Recorded
from attnviz.capture.interface import Operands, weights_of
from attnviz.capture.masks import (
    NotARule,
    NotOfTokens,
    additive_bias,
    bias_of,
    document_intervals,
    measured_bias,
)
from attnviz.capture.tracer import Traced
from attnviz.capture.windows import join, window_bias
from attnviz.modalities import AttentionPlace, Family
from attnviz.score import Array, Bias, Intervals


class BatchRecorder:
    """Takes each call's queries and keys out of padding, onto the CPU, in float32."""

    def __init__(self, names: Mapping[int, str], batch: Batch, family: Family) -> None:
        self.recorded = Recorded()
        self._names, self._batch, self._family = names, batch, family
        self._counts: Counter[str] = Counter()
        self._masks: dict[tuple[Any, ...], int] = {}
        self._biases: dict[tuple[int, int], tuple[int, str]] = {}
        self._alive: list[Any] = []  # an id is its owner's only while the owner lives

    def record(self, module: torch.nn.Module, seen: Operands) -> None:
        """A call through the attention interface."""
        name = self._names[id(module)]
        try:
            self._keep(name, seen, INTERFACE, lambda: weights_of(seen))
        except NotARule as reason:
            self.recorded.problems.append(f"{name}: {reason}")

    def record_traced(self, name: str, traced: Traced) -> None:
        """A softmax that the tracer followed: as vectors if it is a score rule, else as
        attention."""
        with contextlib.suppress(
            NotARule
        ):  # what is no attention over tokens is left to the third line
            if traced.seen is None:
                reason = "its scores are not a product of queries and keys"
                self.keep_attention(name, traced.attention(), TRACER, reason)
            else:
                self._keep(name, traced.seen, TRACER, traced.attention)

    def _keep(
        self, name: str, seen: Operands, line: Line, weights: Callable[[], torch.Tensor]
    ) -> None:
        """A call as vectors if it is a score rule, else as attention."""
        try:
            self._keep_vectors(name, seen, line)
        except NotOfTokens:
            raise
        except NotARule as reason:
            self.keep_attention(name, weights(), line, str(reason))

    def keep_attention(self, name: str, a: torch.Tensor, line: Line, reason: str) -> None:
        """Keep the model's own attention (batch, heads, T, K) of a call that is no score rule."""
        place = self._family.place(name)
        if a.ndim != 4:
            raise NotOfTokens(
                f"its attention has shape {tuple(a.shape)}, not (batch, heads, queries, keys)"
            )
        self._fit(a.shape[0], a.shape[2], a.shape[3], place)
        if line == DENSE and a.shape[1] > 1 and bool((a == a[:, :1]).all()):
            raise NotOfTokens(
                "the weights that it returns are the same for all heads: they are a mean over heads"
            )
        lengths = self._batch.lengths
        index = len(self.recorded.calls)
        allowed: list[Intervals] = []
        for row, (queries, keys) in enumerate(
            zip(lengths[place.query_axis], lengths[place.key_axis], strict=True)
        ):
            if bool((a[row, :, :queries, keys:] > 0).any()):
                raise NotOfTokens("it attends to padding")
            own = a[row, :, :queries, :keys].detach().float().cpu().numpy().copy()
            self.recorded.arrays[f"a{index}-{row}"] = own
            allowed.append(_reach(own, keys))
        mask = self._keep_intervals(allowed)
        self.recorded.calls.append(
            Call(
                name,
                self._count(name),
                line,
                place.stack,
                place.query_axis,
                place.key_axis,
                a.shape[1],
                a.shape[1],
                0,
                1.0,
                None,
                None,
                mask,
                None,
                None,
                vectors=False,
                reason=reason,
            )
        )

    def _keep_vectors(self, name: str, seen: Operands, line: Line) -> None:
        if seen.unknown:
            raise NotOfTokens(
                f"its attention takes {', '.join(seen.unknown)}, which changes what attention is"
            )
        place = self._family.place(name)
        lengths = _value_lengths(seen)
        if place.windows is not None:
            documents = len(self._batch.documents)
            lengths = None if lengths is None else join(lengths, place.windows, documents)
            q, k = (join(x, place.windows, documents) for x in (seen.q, seen.k))
            seen = replace(seen, q=q, k=k)
        q, k = seen.q, seen.k
        if seen.causal and seen.mask is None and k.shape[2] > q.shape[2]:
            k = k[:, :, : q.shape[2]]
        self._fit(q.shape[0], q.shape[2], k.shape[2], place)
        if place.windows is not None:
            mask, bias = self._cut_by(place.windows, seen)
        else:
            mask = self._mask_number(seen, place, k.shape[2])
            bias = (
                self._given_bias(seen, place)
                if line == INTERFACE
                else self._measured_bias(seen, place)
            )
        index = len(self.recorded.calls)
        if lengths is not None:
            self.recorded.arrays[f"v{index}"] = self._unpadded(lengths, place.key_axis)[..., 0]
        self.recorded.arrays[f"q{index}"] = self._unpadded(q, place.query_axis)
        self.recorded.arrays[f"k{index}"] = self._unpadded(k, place.key_axis)
        sinks = None if seen.sinks is None else tuple(float(s) for s in seen.sinks.flatten())
        self.recorded.calls.append(
            Call(
                name,
                self._count(name),
                line,
                place.stack,
                place.query_axis,
                place.key_axis,
                q.shape[1],
                k.shape[1],
                q.shape[3],
                seen.scaling,
                seen.softcap,
                sinks,
                mask,
                *bias,
                values=lengths is not None,
            )
        )

    def _count(self, name: str) -> int:
        self._counts[name] += 1
        return self._counts[name] - 1

    def _fit(self, batch: int, queries: int, keys: int, place: AttentionPlace) -> None:
        lengths = self._batch.lengths
        expected = (
            len(self._batch.documents),
            max(lengths[place.query_axis]),
            max(lengths[place.key_axis]),
        )
        if (batch, queries, keys) != expected:
            raise NotOfTokens(
                f"its queries and keys are not the document's tokens: {batch} × {queries} × {keys}"
                f" where {expected[0]} × {expected[1]} × {expected[2]} were expected"
            )

    def _unpadded(self, x: torch.Tensor, axis: str) -> Array:
        """(heads, tokens of the batch, d) float32 of x (batch, heads, longest, d)."""
        rows = [x[row, :, :length] for row, length in enumerate(self._batch.lengths[axis])]
        return torch.cat(rows, 1).detach().float().cpu().numpy().copy()

    def _cut_by(
        self, windows: AttentionWindows, seen: Operands
    ) -> tuple[int, tuple[int | None, Any]]:
        """The numbers of the mask and of the bias, with its kind, of a call within windows."""
        mask = self._keep_intervals([windows.intervals()] * len(self._batch.documents))
        if seen.mask is not None:
            return mask, self._keep_bias(window_bias(seen.mask, windows, exact=True))
        if seen.position_bias is not None:
            return mask, self._keep_bias(window_bias(seen.position_bias, windows, exact=False))
        return mask, (None, None)

    def _mask_number(self, seen: Operands, place: AttentionPlace, padded: int) -> int:
        key = (
            None if seen.mask is None else id(seen.mask),
            seen.causal,
            place.query_axis,
            place.key_axis,
        )
        if key not in self._masks:
            lengths = self._batch.lengths
            pairs = zip(lengths[place.query_axis], lengths[place.key_axis], strict=True)
            own = [
                document_intervals(seen.mask, seen.causal, row, q, k, padded)
                for row, (q, k) in enumerate(pairs)
            ]
            self._masks[key] = self._keep_intervals(own)
            self._alive.append(seen.mask)
        return self._masks[key]

    def _keep_intervals(self, own: Sequence[Intervals]) -> int:
        number = sum(name.startswith("lo") for name in self.recorded.arrays)
        self.recorded.arrays[f"lo{number}"] = np.concatenate([i.lo for i in own])
        self.recorded.arrays[f"hi{number}"] = np.concatenate([i.hi for i in own])
        return number

    def _given_bias(self, seen: Operands, place: AttentionPlace) -> tuple[int | None, Any]:
        """The number and kind of a bias that the call was given."""
        key = (id(seen.mask), id(seen.position_bias))
        if seen.position_bias is None and (seen.mask is None or seen.mask.dtype == torch.bool):
            return None, None
        if key not in self._biases:
            self._alive += [seen.mask, seen.position_bias]
            added = additive_bias(seen.mask, seen.position_bias)
            if added is None:
                return None, None
            self._biases[key] = self._keep_bias(bias_of(added, self._fixed(place)))
        return self._biases[key]

    def _measured_bias(self, seen: Operands, place: AttentionPlace) -> tuple[int | None, Any]:
        """The number and kind of a bias that was measured, (batch, heads, T, K)."""
        if seen.position_bias is None:
            return None, None
        documents = []
        lengths = self._batch.lengths
        for row, (queries, keys) in enumerate(
            zip(lengths[place.query_axis], lengths[place.key_axis], strict=True)
        ):
            own = seen.position_bias[row, :, :queries, :keys].detach().float().cpu().numpy()
            allowed = np.ones(own.shape[1:], bool)
            if seen.mask is not None:
                allowed = seen.mask[row, 0, :queries, :keys].cpu().numpy()
            documents.append((own, allowed))
        return self._keep_bias(measured_bias(documents, self._fixed(place)))

    def _fixed(self, place: AttentionPlace) -> bool:
        return self._family.axes[place.query_axis] in ("image", "video")

    def _keep_bias(self, bias: Bias) -> tuple[int, str]:
        number = sum(name.startswith("bias") for name in self.recorded.arrays)
        self.recorded.arrays[f"bias{number}"] = bias.values
        if bias.index is not None:
            self.recorded.arrays[f"place{number}"] = bias.index
        return number, bias.kind


def _value_lengths(seen: Operands) -> torch.Tensor | None:
    """‖v‖ of each key, (batch, kv heads, K, 1); None where values were not seen, or are not one for
    each key."""
    if seen.v is None or seen.v.shape[:3] != seen.k.shape[:3]:
        return None
    lengths: torch.Tensor = seen.v.float().norm(dim=-1, keepdim=True)
    return lengths


def _reach(a: Array, keys: int) -> Intervals:
    """The span of keys that any head attends to, a row: what has to be stored of dense
    attention."""
    seen: Array = np.any(np.nan_to_num(a) > 0, axis=0)
    lo = seen.argmax(1).astype(np.int64)
    hi = keys - seen[:, ::-1].argmax(1).astype(np.int64)
    empty = ~seen.any(1)
    lo[empty], hi[empty] = 0, 0
    return Intervals(lo, hi, keys)

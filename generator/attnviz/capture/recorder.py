"""The recorder: takes each attention call of a batch out of padding, as vectors or as attention."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace

import numpy as np
import torch

from attnviz.capture.batches import Batch
from attnviz.capture.calls import DENSE, INTERFACE, TRACER, AttentionCall, Line, Recorded
from attnviz.capture.collating import unpadded
from attnviz.capture.masks import NotARule, NotOfTokens
from attnviz.capture.operands import Operands, weights_of
from attnviz.capture.rules import BatchRules
from attnviz.capture.tracer import TakeValues, Traced
from attnviz.capture.windows import join
from attnviz.modalities.axes import AttentionPlace
from attnviz.modalities.family import Family
from attnviz.score import Array, Intervals


class BatchRecorder:
    """Keeps each call's queries and keys, without padding, on the CPU, in float32.

    `names` has the path of each module by its id. `recorded` has the result.
    """

    def __init__(self, names: Mapping[int, str], batch: Batch, family: Family) -> None:
        self.recorded = Recorded()
        self._names, self._batch, self._family = names, batch, family
        self._rules = BatchRules(self.recorded, batch, family)
        self._counts: Counter[str] = Counter()

    def record(self, module: torch.nn.Module, operands: Operands) -> None:
        """Record a call through the attention interface."""
        name = self._names[id(module)]
        try:
            self._keep(name, operands, INTERFACE, lambda: weights_of(operands))
        except NotARule as reason:
            self.recorded.problems.append(f"{name}: {reason}")

    def record_traced(self, name: str, traced: Traced) -> TakeValues | None:
        """Record a softmax that the tracer followed; returns what takes the values that it weighs,
        where the tracer comes to them later.

        What is no attention from tokens to tokens is left to the third line of capture.
        """
        before = len(self.recorded.calls)
        with contextlib.suppress(NotARule):
            if traced.operands is None:
                reason = "its scores are not a product of queries and keys"
                self.keep_attention(name, traced.attention(), TRACER, reason)
            else:
                self._keep(name, traced.operands, TRACER, traced.attention)
        if len(self.recorded.calls) == before or self.recorded.calls[before].values:
            return None
        return lambda values: self._add_values(before, values)

    def _add_values(self, index: int, values: torch.Tensor) -> None:
        """Keep the lengths of the values (batch, heads, K, size) of a call that is recorded."""
        call = self.recorded.calls[index]
        lengths = self._lengths_of_documents(values, call.kv_heads, call.place)
        if lengths is not None:
            self.recorded.arrays[f"v{index}"] = lengths
            self.recorded.calls[index] = replace(call, values=True)

    def _keep(
        self, name: str, operands: Operands, line: Line, weights: Callable[[], torch.Tensor]
    ) -> None:
        """Keep a call as vectors if it is a score rule, else as attention."""
        try:
            self._keep_vectors(name, operands, line)
        except NotOfTokens:
            raise
        except NotARule as reason:
            self.keep_attention(name, weights(), line, str(reason), operands.v)

    def keep_attention(
        self,
        name: str,
        a: torch.Tensor,
        line: Line,
        reason: str,
        values: torch.Tensor | None = None,
    ) -> None:
        """Keep the model's own attention (batch, heads, T, K) of a call that is no score rule, and
        how long its `values` (batch, kv heads, K, size) are, where they are known.

        Raises NotOfTokens if it is not from the document's tokens to its tokens.
        """
        place = self._family.place(name)
        self._require_weights(a, line, place)
        index = len(self.recorded.calls)
        allowed: list[Intervals] = []
        for row, (queries, keys) in enumerate(self._rules.lengths(place)):
            if bool((a[row, :, :queries, keys:] > 0).any()):
                raise NotOfTokens("it attends to padding")
            document = a[row, :, :queries, :keys].detach().float().cpu().numpy().copy()
            self.recorded.arrays[f"a{index}-{row}"] = document
            allowed.append(_attended(document))
        known = self._lengths_of_documents(values, a.shape[1], place)
        if known is not None:
            self.recorded.arrays[f"v{index}"] = known
        self.recorded.calls.append(
            AttentionCall(
                module=name,
                module_call=self._count(name),
                line=line,
                stack=place.stack,
                query_axis=place.query_axis,
                key_axis=place.key_axis,
                heads=a.shape[1],
                kv_heads=a.shape[1],
                head_size=0,
                scaling=1.0,
                softcap=None,
                sinks=None,
                mask=self._rules.keep_intervals(allowed),
                bias=None,
                bias_kind=None,
                vectors=False,
                reason=reason,
                values=known is not None,
            )
        )

    def _keep_vectors(self, name: str, operands: Operands, line: Line) -> None:
        """Keep queries, keys and score rule of a call; raises NotARule if it has no score rule."""
        if operands.unknown:
            raise NotOfTokens(
                f"its attention takes {', '.join(operands.unknown)}, which changes what attention"
                " is"
            )
        place = self._family.place(name)
        operands = self._of_documents(operands, place)
        q, k, sinks = operands.q, operands.k, operands.sinks
        self._require_shape(q.shape[0], q.shape[2], k.shape[2], place)
        mask, (bias, bias_kind) = self._rules.of(operands, place, measured=line != INTERFACE)
        # The call has a score rule: keep it.
        index, lengths = len(self.recorded.calls), self._batch.lengths
        vectors = unpadded(q, lengths[place.query_axis]), unpadded(k, lengths[place.key_axis])
        if self._repeats(name, vectors):
            self._count(name)
            return
        values = self._lengths_of_documents(operands.v, k.shape[1], place)
        if values is not None:
            self.recorded.arrays[f"v{index}"] = values
        self.recorded.arrays[f"q{index}"], self.recorded.arrays[f"k{index}"] = vectors
        self.recorded.calls.append(
            AttentionCall(
                module=name,
                module_call=self._count(name),
                line=line,
                stack=place.stack,
                query_axis=place.query_axis,
                key_axis=place.key_axis,
                heads=q.shape[1],
                kv_heads=k.shape[1],
                head_size=q.shape[3],
                scaling=operands.scaling,
                softcap=operands.softcap,
                sinks=None if sinks is None else tuple(float(sink) for sink in sinks.flatten()),
                mask=mask,
                bias=bias,
                bias_kind=bias_kind,
                values=values is not None,
            )
        )

    def _of_documents(self, operands: Operands, place: AttentionPlace) -> Operands:
        """Operands with the queries and keys of whole documents."""
        q, k = operands.q, operands.k
        if place.windows is not None:
            documents = len(self._batch.documents)
            q, k = (join(x, place.windows, documents) for x in (q, k))
        # No row of a causal call without a mask sees the keys beyond the last query.
        if operands.causal and operands.mask is None and k.shape[2] > q.shape[2]:
            k = k[:, :, : q.shape[2]]
        return replace(operands, q=q, k=k)

    def _lengths_of_documents(
        self, values: torch.Tensor | None, kv_heads: int, place: AttentionPlace
    ) -> Array | None:
        """‖v‖ of each key, (kv heads, tokens of the batch), from values (batch, kv heads or fewer,
        K, size); None if they are not known, or are not one per head and key."""
        if values is None or values.ndim != 4 or kv_heads % values.shape[1]:
            return None
        with torch.no_grad(), torch._C.DisableTorchFunction():
            norms = values.detach().float().norm(dim=-1, keepdim=True)
            norms = norms.repeat_interleave(kv_heads // values.shape[1], 1)
            if place.windows is not None:
                norms = join(norms, place.windows, len(self._batch.documents))
        padded = self._batch.padded[place.key_axis]
        if norms.shape[0] != len(self._batch.documents) or norms.shape[2] < padded:
            return None
        return unpadded(norms, self._batch.lengths[place.key_axis])[..., 0]

    def _repeats(self, name: str, vectors: tuple[Array, Array]) -> bool:
        """Whether the module has just made this call, with other values, as DiffLlama does for the
        halves of its values; the lengths of these are then not known."""
        arrays, index = self.recorded.arrays, len(self.recorded.calls) - 1
        last = self.recorded.calls[index] if index >= 0 else None
        if last is None or last.module != name or not last.vectors:
            return False
        if not all(
            np.array_equal(arrays[f"{side}{index}"], vector)
            for side, vector in zip("qk", vectors, strict=True)
        ):
            return False
        self.recorded.calls[index] = replace(last, values=False)
        arrays.pop(f"v{index}", None)
        return True

    def _count(self, name: str) -> int:
        """The number of this call among those of its module."""
        self._counts[name] += 1
        return self._counts[name] - 1

    def _require_weights(self, a: torch.Tensor, line: Line, place: AttentionPlace) -> None:
        """Raises NotOfTokens if `a` is not (batch, heads, T, K), head by head."""
        if a.ndim != 4:
            raise NotOfTokens(
                f"its attention has shape {tuple(a.shape)}, not (batch, heads, queries, keys)"
            )
        self._require_shape(a.shape[0], a.shape[2], a.shape[3], place)
        if line == DENSE and a.shape[1] > 1 and bool((a == a[:, :1]).all()):
            raise NotOfTokens(
                "the weights that it returns are the same for all heads: they are a mean over heads"
            )

    def _require_shape(self, batch: int, queries: int, keys: int, place: AttentionPlace) -> None:
        """Raises NotOfTokens if the numbers are not those of the batch, padding included."""
        padded = self._batch.padded
        expected = (
            len(self._batch.documents),
            padded[place.query_axis],
            padded[place.key_axis],
        )
        if (batch, queries, keys) != expected:
            raise NotOfTokens(
                f"its queries and keys are not the document's tokens: {batch} × {queries} × {keys}"
                f" where {expected[0]} × {expected[1]} × {expected[2]} were expected"
            )


def _attended(a: Array) -> Intervals:
    """The span of keys per row that any head of a (heads, T, K) attends to: what must be stored."""
    keys = a.shape[-1]
    attended: Array = np.any(np.nan_to_num(a) > 0, axis=0)  # (query, key)
    lo = attended.argmax(1).astype(np.int64)
    hi = keys - attended[:, ::-1].argmax(1).astype(np.int64)
    empty = ~attended.any(1)
    lo[empty], hi[empty] = 0, 0
    return Intervals(lo, hi, keys)

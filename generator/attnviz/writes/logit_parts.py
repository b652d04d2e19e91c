"""The parts that a model adds to the logit of each token that follows, of one pass over one text.

The residual stream before the last norm is a sum: the embedding, what each head writes, what each
feed-forward layer writes, the projections' biases. The last norm divides the sum by a scale that
depends on all of it; with that scale as it is, norm and unembedding are linear, so that the logit
is a sum of the same parts (Elhage et al. 2021; "direct", as what a part does by way of later layers
counts as theirs).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import numpy as np
import torch

from attnviz.capture.operands import Operands, weights_of
from attnviz.errors import InputError
from attnviz.score import Array
from attnviz.writes.anatomy import Anatomy, TracedBlock, TracedCall
from attnviz.writes.norms import LinearNorm, identity, linear_norm

ALIKE: Final = 1e-3
"""Norms, logits and attention count as known if no number is further off, as a share of the
largest."""
CAPPED: Final = (
    "logits are changed after the unembedding, such as by a soft cap: parts are of what they are"
    " before"
)
BETWEEN: Final = (
    "something is added to the residual stream between blocks that attend: it counts under between"
)


class NoSumOfPartsError(InputError):
    """Why logits of a model are no sum of parts; it begins with the name of the model's class."""


class HeadPairs(NamedTuple):
    """Of heads: what each key's value adds to the logit at each query if it is attended to,
    (heads, T − 1, T), and attention, the same shape."""

    added: Array
    attention: Array


class Projection(NamedTuple):
    """What a call's heads write through: W_O, (heads, d, hidden), and its bias, (hidden,); both
    float64."""

    matrices: torch.Tensor
    bias: torch.Tensor


Projections = dict[int, Projection]
"""Those that are known already, by the identity of their modules."""


@dataclass(frozen=True)
class HeadParts:
    """What a call's heads add, (heads, T − 1), and its projection's bias, (T − 1,)."""

    heads: Array
    bias: Array


class LogitParts:
    """What follows from one pass of `whole`, traced as `anatomy`, over tokens `ids` (T,), at each
    of the T − 1 tokens that one follows; float64, in logits.

    `left_out` says what parts are not of. Raises NoSumOfPartsError where logits are no sum.
    """

    def __init__(
        self, whole: Any, anatomy: Anatomy, ids: torch.Tensor, projections: Projections
    ) -> None:
        self._whole, self._anatomy, self._ids = whole, anatomy, ids
        self._projections = projections
        self.left_out: list[str] = []
        self.blocks = [block for block in anatomy.blocks if block.after is not None]
        if not any(block.calls for block in self.blocks):
            raise NoSumOfPartsError(
                f"{type(whole).__name__} has no blocks that attend in a way that can be followed"
            )
        self._norm, self._stream, self._inverse = self._last_norm()
        self._directions, self.last_bias, self.logits = self._unembedding()

    @property
    def embedding(self) -> Array:
        """(T − 1,): of what the first block reads."""
        return self.of(self.blocks[0].before)

    def of(self, x: torch.Tensor) -> Array:
        """(T − 1,): what a part (1, T, hidden) of the residual stream adds to logits."""
        logits: Array = (self._at_tokens(x).double().cpu() * self._directions).sum(-1).numpy()
        return logits

    def heads(self, call: TracedCall) -> HeadParts:
        """Of one attention call in a block that adds what it puts out."""
        projection = self._projection(call)
        onto = projection.matrices @ self._directions.T  # (head, d, T − 1)
        brought = self._at_tokens(call.brought).double().cpu()  # (T − 1, head, d)
        factor = _factor(call)
        heads: Array = factor * torch.einsum("thd,hdt->ht", brought, onto).numpy()
        bias: Array = factor * (self._directions @ projection.bias).numpy()
        return HeadParts(heads, bias)

    def pairs(self, call: TracedCall) -> HeadPairs | None:
        """Of the heads of a call; None where attention does not follow from operands."""
        operands: Operands = call.operands
        if operands.v is None:
            return None
        count = len(self._ids)
        attention = weights_of(operands)[0, :, :count, :count].double().cpu()  # (head, T, K)
        values = operands.v[0, :, :count].double().cpu()
        values = values.repeat_interleave(len(attention) // len(values), 0)  # (head, K, d)
        brought = call.brought[0, :count].double().cpu().transpose(0, 1)
        mixed = attention @ values
        if mixed.shape != brought.shape:
            return None
        if (mixed - brought).abs().max() > ALIKE * loose(call.brought) * brought.abs().max():
            return None
        onto = _factor(call) * self._projection(call).matrices @ self._directions.T
        added = (values @ onto).mT  # (head, T − 1, K)
        return HeadPairs(added.numpy(), attention[:, :-1].numpy())

    def between(self, attending: Sequence[TracedBlock]) -> Array:
        """(T − 1,): of what the stream before the last norm has beside what blocks read and add."""
        stream = self._stream - self._at_tokens(self.blocks[0].before).double().cpu()
        for block in attending:
            stream = stream - self._at_tokens(block.change).cpu()
        between: Array = (stream * self._directions).sum(-1).numpy()
        largest = float(np.abs(self.logits).max(initial=0.0))
        if np.abs(between).max(initial=0.0) <= 1e-4 * loose(self.blocks[0].before) * largest:
            return np.zeros_like(between)
        self.left_out.append(BETWEEN)
        return between

    def _at_tokens(self, x: torch.Tensor) -> torch.Tensor:
        """Of x (1, T or more, …) what is at the tokens that one follows."""
        return x[0, : len(self._ids) - 1]

    def _projection(self, call: TracedCall) -> Projection:
        key = id(call.projection)
        if key not in self._projections:
            self._projections[key] = Projection(call.matrices().double(), call.bias())
        return self._projections[key]

    def _last_norm(self) -> tuple[LinearNorm, torch.Tensor, torch.Tensor]:
        """The norm before logits, what it reads, (T − 1, hidden), and its inverse scale there."""
        states = self._anatomy.output.hidden_states[-1]
        traced = self._anatomy.last_norm(states)
        last = self.blocks[-1].after
        if traced is not None and traced.input is not None:
            norm = linear_norm(traced.module, traced.input)
            x, y = (self._at_tokens(part).cpu() for part in (traced.input, traced.output))
            if norm.error(x, y) <= ALIKE * loose(x):
                return norm, x.double(), norm.inverse_scale(x, y)
        elif last is not None and last.shape == states.shape and torch.equal(last, states):
            x = self._at_tokens(last).cpu().double()
            return identity(x.shape[-1]), x, torch.ones(len(x), dtype=torch.float64)
        raise NoSumOfPartsError(
            f"{type(self._whole).__name__} has no last norm that is linear up to its scale, so"
            " logits are no sum of parts"
        )

    def _unembedding(self) -> tuple[torch.Tensor, Array, Array]:
        """For each of T − 1 tokens the direction (hidden,) of the residual stream along which the
        logit of the one that follows rises, as the last norm scales it; the biases' part of that
        logit; and the logit."""
        head = self._whole.get_output_embeddings()
        weight = head.weight.detach()
        following = self._ids[1:]
        rows = weight[following].double().cpu()
        if rows.shape[1] != len(self._norm.gain):
            raise NoSumOfPartsError(
                f"{type(self._whole).__name__}: the unembedding is not of the last norm's size, so"
                " logits are no sum of parts"
            )
        bias = getattr(head, "bias", None)
        offsets = 0.0 if bias is None else bias.detach()[following].double().cpu()
        logits = self._at_tokens(self._anatomy.output.logits).double().cpu()
        at_tokens = logits.gather(1, following.cpu()[:, None])[:, 0]
        normed = self._norm.before_scale(self._stream) * self._inverse[:, None] + self._norm.bias
        linear = (normed * rows).sum(-1) + offsets
        factor = float((at_tokens * linear).sum() / linear.square().sum().clamp_min(1e-300))
        off = float((at_tokens - factor * linear).abs().max())
        if off > ALIKE * loose(self._stream) * float(at_tokens.abs().max().clamp_min(1e-30)):
            self.left_out.append(CAPPED)
            factor, at_tokens = 1.0, linear
        elif abs(factor - 1) < ALIKE:
            factor = 1.0
        scaled = factor * self._inverse[:, None] * rows * self._norm.gain
        if self._norm.centred:
            scaled = scaled - scaled.mean(-1, keepdim=True)
        last_bias = factor * ((self._norm.bias * rows).sum(-1) + offsets)
        return scaled, last_bias.numpy(), at_tokens.numpy()


def loose(x: torch.Tensor) -> float:
    """How much further off numbers may be of a model that runs in fewer bits than float32."""
    return 1.0 if x.dtype in (torch.float32, torch.float64) else 50.0


def _factor(call: TracedCall) -> float:
    return 1.0 if call.factor is None else call.factor

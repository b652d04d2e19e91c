"""Direct logit attribution: what each part of a model adds to the logit of the token that follows.

The residual stream before the last norm is a sum: the embedding, what each head writes, what each
feed-forward layer writes, the projections' biases. The last norm divides the sum by a scale that
depends on all of it; with that scale as it is, norm and unembedding are linear, so that the logit
is a sum of the same parts (Elhage et al. 2021; "direct", as what a part does by way of later layers
counts as theirs).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import torch

from attnviz.capture.interface import recording
from attnviz.capture.operands import Operands, weights_of
from attnviz.errors import InputError
from attnviz.models.foreign import foreign_work
from attnviz.models.loaded import LoadedModel
from attnviz.models.unembedding import predicts_next
from attnviz.score import Array
from attnviz.writes.anatomy import TracedBlock, TracedCall, trace
from attnviz.writes.norms import LinearNorm, identity, linear_norm

_ALIKE: Final = 1e-3
"""Norms, logits and attention count as known if no number is further off, as a share of the
largest."""


@dataclass(frozen=True)
class HeadPairs:
    """Of the heads of a block: what each key's value adds to the logit at each query if it is
    attended to, (heads, T − 1, T), and attention, the same shape."""

    added: Array
    attention: Array


@dataclass(frozen=True)
class LogitAttribution:
    """What each part of a model adds to the logit of the token that follows, at each of the T − 1
    tokens that one follows. Arrays are float64, in logits; layers are those of the model's blocks
    that attend, in their order."""

    tokens: tuple[str, ...]
    """The text's T tokens, as the tokenizer has them."""
    ids: Array
    """(T,) their ids."""
    logits: Array
    """(T − 1,): the model's own logit of the token that follows."""
    embedding: Array
    """(T − 1,): of what the first block reads: the token's embedding, and its position's."""
    heads: Array
    """(layers, heads, T − 1): of each head; NaN in layers of which `left_out` says so."""
    attention_bias: Array
    """(layers, T − 1): of the bias of the projection of what heads bring."""
    feed_forward: Array
    """(layers, T − 1): of each feed-forward layer, its bias included."""
    last_bias: Array
    """(T − 1,): of the biases of the last norm and of the unembedding."""
    rest: Array
    """(layers, T − 1): of what a block does that is none of these: 0 where it only adds them."""
    between: Array
    """(T − 1,): of what happens between blocks, and of blocks that do not attend."""
    left_out: tuple[str, ...]
    """What heads and feed-forward layers are not told apart in, and why; empty where all are."""
    _pairs: tuple[HeadPairs | None, ...] = field(repr=False, default=())

    @property
    def total(self) -> Array:
        """(T − 1,): the sum of all parts, which is `logits` but for rounding."""
        of_layers = np.nan_to_num(self.heads).sum((0, 1))
        of_layers = of_layers + (self.attention_bias + self.feed_forward + self.rest).sum(0)
        total: Array = self.embedding + of_layers + self.last_bias + self.between
        return total

    def pairs(self, layer: int, head: int) -> Array:
        """What one head adds to the logit of the token after each query by attending to each key.

        Parameters:
            layer: Layer among those of `heads`, counted from zero.
            head: Head of its layer, counted from zero.

        Returns:
            (T − 1, T), float64, in logits; rows sum to the head's part of `heads`.

        Raises:
            InputError: If there is no such head, or the layer's are not told apart.
        """
        if not (0 <= layer < len(self._pairs) and 0 <= head < self.heads.shape[1]):
            raise InputError(
                f"there is no head {head} in layer {layer}; expected layers 0 to"
                f" {len(self._pairs) - 1} and heads 0 to {self.heads.shape[1] - 1}"
            )
        of_layer = self._pairs[layer]
        if of_layer is None or head >= len(of_layer.added):
            why = "; ".join(self.left_out) or "its attention does not follow from its operands"
            raise InputError(f"layer {layer}: what pairs of tokens add is not known: {why}")
        pairs: Array = of_layer.added[head] * of_layer.attention[head]
        return pairs


def attribute_logits(loaded: LoadedModel, text: str) -> LogitAttribution:
    """Of a model that predicts the next token, as it runs."""
    failure = f"logit_attribution: {type(loaded.with_heads).__name__}"
    with foreign_work(failure, "expected a model that runs on the text"):
        ids = _ids(loaded, text)
        return _Attribution(loaded, ids).made()


def refuse_unattributable(model: Any, text: Any) -> None:
    """Raises InputError for a model that predicts no next tokens, and for what is no text."""
    if not predicts_next(model):
        raise InputError(
            f"logit_attribution: {type(model).__name__} predicts no next tokens; expected a model"
            " such as AutoModelForCausalLM gives"
        )
    if not isinstance(text, str):
        raise InputError(f"logit_attribution: expected a text; got {type(text).__name__}")


def _ids(loaded: LoadedModel, text: str) -> torch.Tensor:
    ids: torch.Tensor = loaded.tokenizer(text, return_tensors="pt")["input_ids"]
    if not 2 <= ids.shape[1] <= (loaded.limit or ids.shape[1]):
        most = "" if loaded.limit is None else f" to {loaded.limit}"
        raise InputError(
            f"logit_attribution: the text has {ids.shape[1]} tokens; expected 2{most or ' or more'}"
        )
    return ids.to(loaded.device)


class _Attribution:
    """One pass, and what follows from it."""

    def __init__(self, loaded: LoadedModel, ids: torch.Tensor) -> None:
        self._loaded, self._ids = loaded, ids
        self._left_out: list[str] = []
        model: Any = loaded.with_heads
        options = {"use_cache": False} if hasattr(model.config, "use_cache") else {}

        def run() -> Any:
            with torch.inference_mode():
                return model(ids, output_hidden_states=True, **options)

        self._anatomy = trace(loaded.model, _attending(loaded.model, run), run)
        self._blocks = [block for block in self._anatomy.blocks if block.after is not None]
        if not self._blocks or not any(block.calls for block in self._blocks):
            raise InputError(
                f"logit_attribution: {type(model).__name__} has no blocks that attend in a way that"
                " can be followed"
            )
        self._norm, self._stream, self._inverse = self._last_norm()
        self._directions, self._last_bias, self._logits = self._unembedding()

    def made(self) -> LogitAttribution:
        """All parts."""
        attending = [block for block in self._blocks if block.calls]
        most = max(sum(call.brought.shape[2] for call in block.calls) for block in attending)
        shape = len(attending), self._ids.shape[1] - 1
        heads = np.full((shape[0], most, shape[1]), np.nan)
        bias, feed_forward, rest = np.zeros(shape), np.zeros(shape), np.zeros(shape)
        pairs: list[HeadPairs | None] = []
        for place, block in enumerate(attending):
            if not block.adds:
                rest[place] = self._of(block.change)
                pairs.append(None)
                self._left_out.append(
                    f"{block.path} does not simply add what attention and a feed-forward layer put"
                    " out (it norms or scales them): it counts as one, under rest"
                )
                continue
            parts = [self._heads(call) for call in block.calls]
            of_heads = np.concatenate([part for part, _ in parts])
            heads[place, : len(of_heads)] = of_heads
            bias[place] = sum(of_bias for _, of_bias in parts)
            if block.feed_forward is not None:
                feed_forward[place] = self._of(block.factor * block.feed_forward.double())
            pairs.append(self._pairs_of(block))
        embedding = self._of(self._blocks[0].before)
        tokens = self._loaded.tokenizer.convert_ids_to_tokens(self._ids[0].tolist())
        return LogitAttribution(
            tokens=tuple(map(str, tokens)),
            ids=self._ids[0].cpu().numpy(),
            logits=self._logits,
            embedding=embedding,
            heads=heads,
            attention_bias=bias,
            feed_forward=feed_forward,
            last_bias=self._last_bias,
            rest=rest,
            between=self._between(attending),
            left_out=tuple(self._left_out),
            _pairs=tuple(pairs),
        )

    def _last_norm(self) -> tuple[LinearNorm, torch.Tensor, torch.Tensor]:
        """The norm before logits, what it reads, (T − 1, hidden), and its inverse scale there."""
        states = self._anatomy.output.hidden_states[-1]
        traced = self._anatomy.last_norm(states)
        last = self._blocks[-1].after
        if traced is not None and traced.input is not None:
            norm = linear_norm(traced.module, traced.input)
            x, y = traced.input[0, :-1].cpu(), traced.output[0, :-1].cpu()
            if norm.error(x, y) <= _ALIKE * _loose(x):
                return norm, x.double(), norm.inverse_scale(x, y)
        elif last is not None and last.shape == states.shape and torch.equal(last, states):
            x = last[0, :-1].cpu().double()
            return identity(x.shape[-1]), x, torch.ones(len(x), dtype=torch.float64)
        raise InputError(
            f"logit_attribution: {type(self._loaded.with_heads).__name__} has no last norm that is"
            " linear up to its scale, so logits are no sum of parts"
        )

    def _unembedding(self) -> tuple[torch.Tensor, Array, Array]:
        """For each of T − 1 tokens the direction (hidden,) of the residual stream along which the
        logit of the one that follows rises, as the last norm scales it; the biases' part of that
        logit; and the logit."""
        head = self._loaded.with_heads.get_output_embeddings()
        weight = head.weight.detach()
        following = self._ids[0, 1:]
        rows = weight[following].double().cpu()
        if rows.shape[1] != len(self._norm.gain):
            raise InputError(
                "logit_attribution: the unembedding is not of the last norm's size, so logits are"
                " no sum of parts"
            )
        bias = getattr(head, "bias", None)
        offsets = 0.0 if bias is None else bias.detach()[following].double().cpu()
        logits = self._anatomy.output.logits[0, :-1].double().cpu()
        at_tokens = logits.gather(1, following.cpu()[:, None])[:, 0]
        normed = self._norm.before_scale(self._stream) * self._inverse[:, None] + self._norm.bias
        linear = (normed * rows).sum(-1) + offsets
        factor = float((at_tokens * linear).sum() / linear.square().sum().clamp_min(1e-300))
        off = float((at_tokens - factor * linear).abs().max())
        if off > _ALIKE * _loose(self._stream) * float(at_tokens.abs().max().clamp_min(1e-30)):
            self._left_out.append(
                "logits are changed after the unembedding, such as by a soft cap: parts are of what"
                " they are before"
            )
            factor, at_tokens = 1.0, linear
        elif abs(factor - 1) < _ALIKE:
            factor = 1.0
        scaled = factor * self._inverse[:, None] * rows * self._norm.gain
        if self._norm.centred:
            scaled = scaled - scaled.mean(-1, keepdim=True)
        last_bias = factor * ((self._norm.bias * rows).sum(-1) + offsets)
        return scaled, last_bias.numpy(), at_tokens.numpy()

    def _of(self, x: torch.Tensor) -> Array:
        """(T − 1,): what a part (1, T, hidden) of the residual stream adds to logits."""
        logits: Array = (x[0, :-1].double().cpu() * self._directions).sum(-1).numpy()
        return logits

    def _heads(self, call: TracedCall) -> tuple[Array, Array]:
        """What a call's heads add, (heads, T − 1), and its projection's bias, (T − 1,)."""
        factor = 1.0 if call.factor is None else call.factor
        onto = factor * call.matrices().double() @ self._directions.T  # (head, d, T − 1)
        brought = call.brought[0, :-1].double().cpu()  # (T − 1, head, d)
        heads: Array = torch.einsum("thd,hdt->ht", brought, onto).numpy()
        bias: Array = (factor * self._directions @ call.bias()).numpy()
        return heads, bias

    def _pairs_of(self, block: TracedBlock) -> HeadPairs | None:
        """Of the calls of a block, together; None where attention does not follow from operands."""
        parts = [self._pairs_of_call(call) for call in block.calls]
        known = [part for part in parts if part is not None]
        if len(known) < len(parts):
            return None
        shapes = {part.added.shape[1:] for part in known}
        if len(shapes) > 1:
            return None
        return HeadPairs(
            np.concatenate([part.added for part in known]),
            np.concatenate([part.attention for part in known]),
        )

    def _pairs_of_call(self, call: TracedCall) -> HeadPairs | None:
        operands: Operands = call.operands
        if operands.v is None:
            return None
        attention = weights_of(operands)[0].double().cpu()  # (head, T, K)
        values = operands.v[0].double().cpu()
        values = values.repeat_interleave(len(attention) // len(values), 0)  # (head, K, d)
        brought = call.brought[0].double().cpu().transpose(0, 1)
        mixed = attention @ values
        if mixed.shape != brought.shape:
            return None
        if (mixed - brought).abs().max() > _ALIKE * _loose(call.brought) * brought.abs().max():
            return None
        factor = 1.0 if call.factor is None else call.factor
        onto = factor * call.matrices().double() @ self._directions.T  # (head, d, T − 1)
        added = (values @ onto).mT  # (head, T − 1, K)
        return HeadPairs(added.numpy(), attention[:, :-1].numpy())

    def _between(self, attending: Sequence[TracedBlock]) -> Array:
        """What the stream before the last norm has beside what attending blocks read and add."""
        stream = self._stream - self._blocks[0].before[0, :-1].double().cpu()
        for block in attending:
            stream = stream - block.change[0, :-1].cpu()
        between = (stream * self._directions).sum(-1).numpy()
        largest = float(np.abs(self._logits).max(initial=0.0))
        if np.abs(between).max(initial=0.0) <= 1e-4 * _loose(self._blocks[0].before) * largest:
            return np.zeros_like(between)
        self._left_out.append(
            "something is added to the residual stream between blocks that attend: it counts under"
            " between"
        )
        result: Array = between
        return result


def _loose(x: torch.Tensor) -> float:
    """How much further off numbers may be of a model that runs in fewer bits than float32."""
    return 1.0 if x.dtype in (torch.float32, torch.float64) else 50.0


def _attending(body: torch.nn.Module, run: Any) -> list[str]:
    """The paths of the modules that attend, in the order of the pass."""
    names = {id(module): path for path, module in body.named_modules()}
    paths: list[str] = []

    class _Paths:
        def record(self, module: torch.nn.Module, operands: Operands) -> None:
            paths.append(names.get(id(module), ""))

    with recording(body, _Paths()):
        run()
    return list(dict.fromkeys(path for path in paths if path))

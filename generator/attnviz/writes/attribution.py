"""Direct logit attribution of one text: what each part of a model adds to the logit of the token
that follows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import torch

from attnviz.capture.interface import recording
from attnviz.capture.operands import Operands
from attnviz.errors import InputError
from attnviz.models.foreign import foreign_work
from attnviz.models.loaded import LoadedModel
from attnviz.models.unembedding import predicts_next
from attnviz.score import Array
from attnviz.writes.anatomy import TracedBlock, trace
from attnviz.writes.logit_parts import HeadPairs, LogitParts, NoSumOfPartsError


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
        model: Any = loaded.with_heads
        options = {"use_cache": False} if hasattr(model.config, "use_cache") else {}

        def run() -> Any:
            with torch.inference_mode():
                return model(ids, output_hidden_states=True, **options)

        anatomy = trace(loaded.model, _attending(loaded.model, run), run)
        try:
            self._parts = LogitParts(model, anatomy, ids[0], {})
        except NoSumOfPartsError as error:
            raise InputError(f"logit_attribution: {error}") from None

    def made(self) -> LogitAttribution:
        """All parts."""
        parts = self._parts
        attending = [block for block in parts.blocks if block.calls]
        most = max(sum(call.brought.shape[2] for call in block.calls) for block in attending)
        shape = len(attending), self._ids.shape[1] - 1
        heads = np.full((shape[0], most, shape[1]), np.nan)
        bias, feed_forward, rest = np.zeros(shape), np.zeros(shape), np.zeros(shape)
        pairs: list[HeadPairs | None] = []
        for place, block in enumerate(attending):
            if not block.adds:
                rest[place] = parts.of(block.change)
                pairs.append(None)
                parts.left_out.append(
                    f"{block.path} does not simply add what attention and a feed-forward layer put"
                    " out (it norms or scales them): it counts as one, under rest"
                )
                continue
            of_calls = [parts.heads(call) for call in block.calls]
            of_heads = np.concatenate([of_call.heads for of_call in of_calls])
            heads[place, : len(of_heads)] = of_heads
            bias[place] = sum(of_call.bias for of_call in of_calls)
            if block.feed_forward is not None:
                feed_forward[place] = parts.of(block.factor * block.feed_forward.double())
            pairs.append(self._pairs_of(block))
        tokens = self._loaded.tokenizer.convert_ids_to_tokens(self._ids[0].tolist())
        return LogitAttribution(
            tokens=tuple(map(str, tokens)),
            ids=self._ids[0].cpu().numpy(),
            logits=parts.logits,
            embedding=parts.embedding,
            heads=heads,
            attention_bias=bias,
            feed_forward=feed_forward,
            last_bias=parts.last_bias,
            rest=rest,
            between=parts.between(attending),
            left_out=tuple(parts.left_out),
            _pairs=tuple(pairs),
        )

    def _pairs_of(self, block: TracedBlock) -> HeadPairs | None:
        """Of the calls of a block, together; None where attention does not follow from operands."""
        known = [pairs for call in block.calls if (pairs := self._parts.pairs(call)) is not None]
        shapes = {pairs.added.shape[1:] for pairs in known}
        if len(known) < len(block.calls) or len(shapes) > 1:
            return None
        return HeadPairs(
            np.concatenate([pairs.added for pairs in known]),
            np.concatenate([pairs.attention for pairs in known]),
        )


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

"""The second line of capture: follow scores from q·kᵀ to their softmax, in models that do not
dispatch.

A `TorchFunctionMode` sees every torch function that the model calls. A batched matrix product is
remembered with its two operands; scaling by a number, adding, masking and reshaping keep the
memory; a softmax over a remembered product inside an attention-like module is attention. What was
added on the way is the difference of the softmax's input and the scaled product, so nothing has to
be known of how a model writes its mask or bias. Nothing that the model computes is changed. Two
functions of torch hide their softmax; of them the operands are taken.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

import torch
import torch.nn.functional as F  # noqa: N812
from torch.overrides import TorchFunctionMode
from torch.utils.weak import WeakTensorKeyDictionary

from attnviz.capture.interface import Operands, weights_of
from attnviz.capture.masks import FORBIDDEN, split_mask
from attnviz.capture.multihead import bound, operands, weights_by_head

_SOFTMAX: Final = {torch.softmax, F.softmax, torch.Tensor.softmax, torch.special.softmax}
_PRODUCT: Final = {
    torch.matmul,
    torch.Tensor.matmul,
    torch.Tensor.__matmul__,
    torch.bmm,
    torch.Tensor.bmm,
}
_TIMES: Final = {
    torch.mul,
    torch.Tensor.mul,
    torch.Tensor.__mul__,
    torch.Tensor.__rmul__,
    torch.Tensor.mul_,
}
_OVER: Final = {
    torch.div,
    torch.Tensor.div,
    torch.Tensor.__truediv__,
    torch.Tensor.div_,
    torch.true_divide,
}
_KEEP: Final = {
    torch.add,
    torch.Tensor.add,
    torch.Tensor.__add__,
    torch.Tensor.__radd__,
    torch.Tensor.add_,
    torch.Tensor.__iadd__,
    torch.sub,
    torch.Tensor.sub,
    torch.Tensor.__sub__,
    torch.Tensor.masked_fill,
    torch.Tensor.masked_fill_,
    torch.masked_fill,
    torch.where,
    torch.Tensor.where,
    torch.Tensor.to,
    torch.Tensor.float,
    torch.Tensor.type,
    torch.Tensor.view,
    torch.Tensor.reshape,
    torch.reshape,
    torch.Tensor.contiguous,
    torch.max,
    torch.maximum,
    torch.clamp,
    torch.Tensor.clamp,
    F.dropout,
}


@dataclass(frozen=True)
class Traced:
    """One softmax: the model's own attention (batch, heads, T, K), and its parts if they are
    known."""

    attention: Callable[[], torch.Tensor]
    seen: Operands | None


@dataclass(frozen=True)
class _Product:
    """scores = factor · left @ right + whatever was added since."""

    left: torch.Tensor
    right: torch.Tensor
    factor: float = 1.0


@contextlib.contextmanager
def tracing(
    modules: Mapping[str, torch.nn.Module], batch: int, found: Callable[[str, Traced], None]
) -> Iterator[None]:
    """Within this context `found(path, traced)` is told of every attention softmax inside one of
    the modules.

    `batch` is the number of documents that run, by which (batch · heads, T, K) is told apart.
    """
    inside: list[str] = []

    def enter(path: str) -> Any:
        return lambda module, args: inside.append(path)

    def leave(module: Any, args: Any, output: Any) -> None:
        inside.pop()

    handles = []
    for path, module in modules.items():
        handles.append(module.register_forward_pre_hook(enter(path)))
        handles.append(module.register_forward_hook(leave, always_call=True))
    try:
        with _Tracer(inside, batch, found):
            yield
    finally:
        for handle in handles:
            handle.remove()


class _Tracer(TorchFunctionMode):
    def __init__(self, inside: list[str], batch: int, found: Callable[[str, Traced], None]) -> None:
        super().__init__()
        self._inside, self._batch, self._found = inside, batch, found
        self._products: Any = WeakTensorKeyDictionary()

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if not self._inside:
            return func(*args, **kwargs)
        if func is F.scaled_dot_product_attention:
            return self._sdpa(func, args, kwargs)
        if func is F.multi_head_attention_forward:
            given = bound(args, kwargs)
            self._found(self._inside[-1], Traced(weights_by_head(given), operands(given)))
            return func(*args, **kwargs)
        result = func(*args, **kwargs)
        if func in _SOFTMAX:
            self._softmax(args[0] if args else kwargs["input"], result)
        elif func in _PRODUCT and len(args) == 2 and result.ndim >= 3:
            self._products[result] = _Product(args[0], args[1])
        elif func in (torch.baddbmm, torch.Tensor.baddbmm):
            given = dict(zip(("input", "batch1", "batch2"), args, strict=False)) | kwargs
            self._products[result] = _Product(
                given["batch1"], given["batch2"], float(given.get("alpha", 1))
            )
        elif func is torch.einsum and isinstance(result, torch.Tensor) and result.ndim == 4:
            self._einsum(args, result)
        elif isinstance(result, torch.Tensor):
            self._follow(func, args, result)
        return result

    def _follow(self, func: Any, args: Any, result: torch.Tensor) -> None:
        known = [a for a in args if isinstance(a, torch.Tensor) and a in self._products]
        if len(known) != 1:
            return
        product = self._products[known[0]]
        if func in _KEEP:
            self._products[result] = product
        elif func in _TIMES or func in _OVER:
            other = args[1] if args[0] is known[0] else args[0]
            if isinstance(other, torch.Tensor):
                if other.numel() != 1 and other.ndim > 1 and other.shape[-2:] == (1, 1):
                    self._products[result] = replace(
                        product, left=_by_head(func, product.left, other)
                    )
                    return
                if other.numel() != 1 and not _zeros_and_ones(other):
                    return
                other = (
                    float(other) if other.numel() == 1 else 1.0
                )  # a mask: what it does is measured at the softmax
            factor = product.factor * other if func in _TIMES else product.factor / other
            self._products[result] = replace(product, factor=factor)

    def _einsum(self, args: Any, result: torch.Tensor) -> None:
        """Products written as einsum: any two operands summed over one channel, brought to (batch,
        heads, T, K)."""
        operands = args[1] if isinstance(args[1], (list, tuple)) else args[1:]
        spec = args[0].replace(" ", "")
        if len(operands) != 2 or "->" not in spec:
            return
        inputs, out = spec.split("->")
        left, right = inputs.split(",")
        channel = [c for c in left if c in right and c not in out]
        if len(out) != 4 or len(channel) != 1 or len(left) != 4 or len(right) != 4:
            return
        shared = [c for c in out if c in left and c in right]
        if len(shared) != 2 or out[:2] != "".join(shared):
            return
        q = torch.einsum(f"{left}->{''.join(shared)}{out[2]}{channel[0]}", operands[0])
        k = torch.einsum(f"{right}->{''.join(shared)}{channel[0]}{out[3]}", operands[1])
        self._products[result] = _Product(q, k)

    def _softmax(self, scores: torch.Tensor, result: torch.Tensor) -> None:
        if scores.ndim not in (3, 4):
            return
        product = self._products.get(scores)
        seen = None if product is None else _parts(self._split(scores), product, self._split)
        self._found(self._inside[-1], Traced(lambda: self._split(result), seen))

    def _split(self, x: torch.Tensor) -> torch.Tensor:
        """(batch, heads, …) of x (batch · heads, …); what has four dimensions stays."""
        return (
            x
            if x.ndim != 3 or x.shape[0] % self._batch
            else x.reshape(self._batch, -1, *x.shape[1:])
        )

    def _sdpa(self, func: Any, args: Any, kwargs: Any) -> Any:
        """A direct call of SDPA: its operands are a score rule's parts already."""
        names = (
            "query",
            "key",
            "value",
            "attn_mask",
            "dropout_p",
            "is_causal",
            "scale",
            "enable_gqa",
        )
        given = dict(zip(names, args, strict=False)) | kwargs
        q, k = given["query"], given["key"]
        scale = given.get("scale")
        factor = q.shape[-1] ** -0.5 if scale is None else float(scale)
        causal = bool(given.get("is_causal")) and q.shape[-2] > 1
        if q.ndim == 4:
            mask, bias = split_mask(given.get("attn_mask"), len(q))
            seen = Operands(q, k, mask, bias, causal, factor, None, None, v=given["value"])
            self._found(self._inside[-1], Traced(lambda: weights_of(seen), seen))
        return func(*args, **kwargs)


def _by_head(func: Any, left: torch.Tensor, other: torch.Tensor) -> torch.Tensor:
    """The queries with a factor that differs from head to head, as scores are multiplied by or
    divided by it."""
    with torch.no_grad(), torch._C.DisableTorchFunction():
        return left * other if func in _TIMES else left / other


def _zeros_and_ones(x: torch.Tensor) -> bool:
    with torch._C.DisableTorchFunction():
        return bool(((x == 0) | (x == 1)).all())


def _parts(
    scores: torch.Tensor, product: _Product, split: Callable[[torch.Tensor], torch.Tensor]
) -> Operands | None:
    """The softmax's input (batch, heads, T, K) as a score rule's parts: what is not the scaled
    product was added."""
    q, k = split(product.left), split(product.right).transpose(-1, -2)
    if (
        q.ndim != 4
        or k.ndim != 4
        or q.shape[:3] != scores.shape[:3]
        or k.shape[2] != scores.shape[3]
    ):
        return None
    with torch.no_grad(), torch._C.DisableTorchFunction():
        plain = product.factor * (q.float() @ k.float().transpose(-1, -2))
        forbidden = scores.float() <= FORBIDDEN
        added = (scores.float() - plain).masked_fill(forbidden, 0)
        noise = 2e-5 * float(plain.abs().max().clamp(min=1))
        bias = None if float(added.abs().max()) <= noise else added
        mask = None if not bool(forbidden.any()) else ~forbidden
    return Operands(q, k, mask, bias, False, product.factor, None, None)


@contextlib.contextmanager
def returned_weights(
    modules: Mapping[str, torch.nn.Module], tokens: int, found: Callable[[str, torch.Tensor], None]
) -> Iterator[None]:
    """Within this context `found(path, weights)` sees the attention weights that a module returns,
    if any.

    They are (batch, heads, T, K); a window's (batch, T, heads, 2w + 1), with T at least the batch's
    `tokens`, are spread out to that.
    """

    def hook(path: str) -> Any:
        def after(module: Any, args: Any, output: Any) -> None:
            weights = [
                x
                for x in (output if isinstance(output, tuple) else ())
                if isinstance(x, torch.Tensor) and x.ndim == 4
            ]
            if weights:
                given = weights[0]
                banded = (
                    given.shape[1] >= tokens
                    and given.shape[2] != tokens
                    and given.shape[3] % 2 == 1
                )
                found(path, unband(given)[:, :, :tokens, :tokens] if banded else given)

        return after

    handles = [module.register_forward_hook(hook(path)) for path, module in modules.items()]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def longest_input(inputs: Mapping[str, torch.Tensor]) -> int:
    """Tokens of the longest sequence among a model's inputs."""
    return max((x.shape[1] for x in inputs.values() if x.ndim == 2), default=0)


def unband(a: torch.Tensor) -> torch.Tensor:
    """(batch, heads, T, T) of Longformer's (batch, T, heads, 2w + 1): attention of token i to i − w
    … i + w."""
    batch, tokens, heads, width = a.shape
    reach = width // 2
    wide = a.new_zeros(batch, heads, tokens, tokens + 2 * reach)
    place = torch.arange(tokens)[:, None] + torch.arange(width)
    wide.scatter_(3, place.expand(batch, heads, -1, -1).to(a.device), a.transpose(1, 2))
    return wide[..., reach : reach + tokens]

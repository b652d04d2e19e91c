"""The second line of capture: follow scores from q·kᵀ to their softmax, in models that do not
dispatch to the attention interface.

A `TorchFunctionMode` sees every torch function that the model calls. A batched matrix product is
remembered with its two factors; scaling by a number, adding, masking and reshaping keep the memory;
a softmax over a remembered product inside an attention-like module is attention. What was added on
the way is the difference between the softmax's input and the scaled product, so that nothing needs
to be known of how a model writes its mask or bias. Two functions of torch hide their softmax; their
arguments are read instead. Nothing that the model computes is changed.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import torch
import torch.nn.functional as F  # noqa: N812
from torch.overrides import TorchFunctionMode
from torch.utils.weak import WeakTensorKeyDictionary

from attnviz.capture.masks import split_mask
from attnviz.capture.multihead import bound, operands, weights_by_head
from attnviz.capture.operands import Operands, weights_of
from attnviz.capture.product import Product

# What the tracer does with a function's result; other functions lose the product.
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
_SDPA_NAMES: Final = (
    "query",
    "key",
    "value",
    "attn_mask",
    "dropout_p",
    "is_causal",
    "scale",
    "enable_gqa",
)


TakeValues = Callable[[torch.Tensor], None]
"""Takes the values (batch, heads, K, size) that a softmax weighs."""


@dataclass(frozen=True)
class Traced:
    """One softmax: the model's own attention (batch, heads, T, K), and what it was computed from
    if that is known."""

    attention: Callable[[], torch.Tensor]
    operands: Operands | None


Visit = Callable[[str, Traced], TakeValues | None]
"""Shown the path of a module and a softmax within it."""


@contextlib.contextmanager
def tracing(modules: Mapping[str, torch.nn.Module], batch: int, visit: Visit) -> Iterator[None]:
    """Within this context `visit(path, traced)` is called for every attention softmax inside one of
    the modules; what it returns is called with the values that the softmax weighs, where the tracer
    sees them.

    `batch` is the number of documents that run, by which (batch · heads, T, K) is taken apart.
    """
    inside: list[str] = []  # the modules that run now, the innermost last

    def enter(path: str) -> Any:
        return lambda module, args: inside.append(path)

    def leave(module: Any, args: Any, output: Any) -> None:
        inside.pop()

    handles = []
    for path, module in modules.items():
        handles.append(module.register_forward_pre_hook(enter(path)))
        handles.append(module.register_forward_hook(leave, always_call=True))
    try:
        with _Tracer(inside, batch, visit):
            yield
    finally:
        for handle in handles:
            handle.remove()


class _Tracer(TorchFunctionMode):
    def __init__(self, inside: list[str], batch: int, visit: Visit) -> None:
        super().__init__()
        self._inside, self._batch, self._visit = inside, batch, visit
        self._products: Any = WeakTensorKeyDictionary()  # the Product that a tensor comes from
        self._weights: Any = WeakTensorKeyDictionary()  # what takes the values that a tensor weighs

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if not self._inside:
            return func(*args, **kwargs)
        if func is F.scaled_dot_product_attention:
            return self._sdpa(func, args, kwargs)
        if func is F.multi_head_attention_forward:
            arguments = bound(args, kwargs)
            self._visit(self._inside[-1], Traced(weights_by_head(arguments), operands(arguments)))
            return func(*args, **kwargs)
        result = func(*args, **kwargs)
        if func in _SOFTMAX:
            self._softmax(args[0] if args else kwargs["input"], result)
        elif self._takes_values(func, args):
            pass
        elif func in _PRODUCT and len(args) == 2 and result.ndim >= 3:
            self._products[result] = Product(args[0], args[1])
        elif func in (torch.baddbmm, torch.Tensor.baddbmm):
            arguments = dict(zip(("input", "batch1", "batch2"), args, strict=False)) | kwargs
            self._products[result] = Product(
                arguments["batch1"], arguments["batch2"], float(arguments.get("alpha", 1))
            )
        elif func is torch.einsum and isinstance(result, torch.Tensor) and result.ndim == 4:
            self._einsum(args, result)
        elif isinstance(result, torch.Tensor):
            self._follow(func, args, result)
        return result

    def _follow(self, func: Any, args: Any, result: torch.Tensor) -> None:
        """Remember the product that `result` comes from, if `func` keeps it known."""
        weights = [arg for arg in args if isinstance(arg, torch.Tensor) and arg in self._weights]
        if len(weights) == 1 and (func in _KEEP or func in _TIMES):
            self._weights[result] = self._weights[weights[0]]
        # Scores come from one product; a function of two of them is none of scores.
        known = [arg for arg in args if isinstance(arg, torch.Tensor) and arg in self._products]
        if len(known) != 1:
            return
        product = self._products[known[0]]
        if func in _KEEP:
            self._products[result] = product
        elif func in _TIMES or func in _OVER:
            factor = args[1] if args[0] is known[0] else args[0]
            scaled = product.scaled(factor, divide=func in _OVER)
            if scaled is not None:
                self._products[result] = scaled

    def _einsum(self, args: Any, result: torch.Tensor) -> None:
        """Remember a product written as einsum: two factors, summed over one channel, that give
        (batch, heads, T, K)."""
        factors = args[1] if isinstance(args[1], (list, tuple)) else args[1:]
        spec = args[0].replace(" ", "")
        if len(factors) != 2 or "->" not in spec:
            return
        inputs, out = spec.split("->")
        left, right = inputs.split(",")
        # The letter summed over is the channel; the two that all three share are batch and head.
        channel = [c for c in left if c in right and c not in out]
        if len(out) != 4 or len(channel) != 1 or len(left) != 4 or len(right) != 4:
            return
        shared = [c for c in out if c in left and c in right]
        if len(shared) != 2 or out[:2] != "".join(shared):
            return
        # Both factors as `matmul` takes them: (batch, head, T, d) and (batch, head, d, K).
        q = torch.einsum(f"{left}->{''.join(shared)}{out[2]}{channel[0]}", factors[0])
        k = torch.einsum(f"{right}->{''.join(shared)}{channel[0]}{out[3]}", factors[1])
        self._products[result] = Product(q, k)

    def _softmax(self, scores: torch.Tensor, result: torch.Tensor) -> None:
        if scores.ndim not in (3, 4):
            return
        product = self._products.get(scores)
        parts = None if product is None else product.operands(self._split(scores), self._split)
        take = self._visit(self._inside[-1], Traced(lambda: self._split(result), parts))
        if take is not None:
            self._weights[result] = take

    def _takes_values(self, func: Any, args: Any) -> bool:
        """Whether `func` multiplies a softmax's result with values; what takes them is called."""
        if func is torch.einsum:
            factors = args[1] if len(args) == 2 else args[1:]
            left, right = factors if len(factors) == 2 else (None, None)
        else:
            left, right = args if func in _PRODUCT and len(args) == 2 else (None, None)
        if not isinstance(left, torch.Tensor) or left not in self._weights:
            return False
        take = self._weights.pop(left)
        if isinstance(right, torch.Tensor):
            values = right if func is not torch.einsum else _weighed(args[0], right)
            if values is not None:
                take(self._split(values))
        return True

    def _split(self, x: torch.Tensor) -> torch.Tensor:
        """(batch, heads, …) of x (batch · heads, …); other arrays stay as they are."""
        if x.ndim != 3 or x.shape[0] % self._batch:
            return x
        return x.reshape(self._batch, -1, *x.shape[1:])

    def _sdpa(self, func: Any, args: Any, kwargs: Any) -> Any:
        """A direct call of SDPA, whose arguments are the operands already."""
        arguments = dict(zip(_SDPA_NAMES, args, strict=False)) | kwargs
        q, scale = arguments["query"], arguments.get("scale")
        if q.ndim == 4:
            mask, bias = split_mask(arguments.get("attn_mask"), len(q))
            call = Operands(
                q=q,
                k=arguments["key"],
                v=arguments["value"],
                mask=mask,
                position_bias=bias,
                causal=bool(arguments.get("is_causal")) and q.shape[-2] > 1,
                scaling=q.shape[-1] ** -0.5 if scale is None else float(scale),
            )
            self._visit(self._inside[-1], Traced(lambda: weights_of(call), call))
        return func(*args, **kwargs)


def _weighed(spec: str, values: torch.Tensor) -> torch.Tensor | None:
    """The second factor (batch, heads, K, size) of an einsum whose first is weights (batch, heads,
    T, K); None where it is not so written."""
    inputs = spec.replace(" ", "").split("->")[0].split(",")
    if [len(letters) for letters in inputs] != [4, 4]:
        return None
    batch, head, _, key = (*inputs[0],)
    of_values = inputs[1]
    size = [letter for letter in of_values if letter not in (batch, head, key)]
    if len(size) != 1 or not {batch, head, key} <= set(of_values):
        return None
    with torch._C.DisableTorchFunction():
        return torch.einsum(f"{of_values}->{batch}{head}{key}{size[0]}", values)

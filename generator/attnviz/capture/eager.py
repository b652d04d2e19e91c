"""The measure of everything: the model's own eager attention, layer by layer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from typing import Any

import torch

from attnviz.capture.attention import implementation


def visit_eager_attention(
    model: Any, inputs: Mapping[str, torch.Tensor], modules: Mapping[str, Any], visit: Callable[[str, int, Any], None]
) -> Any:
    """Run the model by its own eager attention; `visit(path, call, weights)` sees each layer's weights as they come.

    `modules` are the modules that compute attention, by path; `call` counts the calls of one module, from zero;
    weights are (batch, heads, T, K). They are freed after the visit, so only one layer's are alive at a time.
    Returns the model's output.
    """
    calls: Counter[str] = Counter()

    def hook(path: str) -> Any:
        def after(module: Any, args: Any, output: Any) -> Any:
            weights = output[1] if isinstance(output, tuple) and len(output) > 1 else None
            if weights is not None:
                visit(path, calls[path], weights)
                calls[path] += 1
                return (output[0], None, *output[2:])
            return output

        return after

    handles = [module.register_forward_hook(hook(path)) for path, module in modules.items()]
    try:
        with implementation(model, "eager"), torch.inference_mode():
            return model(**inputs, use_cache=False) if _takes_cache(model) else model(**inputs)
    finally:
        for handle in handles:
            handle.remove()


def _takes_cache(model: Any) -> bool:
    return hasattr(model.config, "use_cache")

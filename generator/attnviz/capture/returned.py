"""The third line of capture: attention weights that modules return if the model is asked to."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import torch

from attnviz.architectures.known import architecture_of


@contextlib.contextmanager
def returned_weights(
    config: Any,
    modules: Mapping[str, torch.nn.Module],
    tokens: int,
    visit: Callable[[str, torch.Tensor], None],
) -> Iterator[None]:
    """Within this context `visit(path, weights)` is called with the weights that a module returns.

    They are (batch, heads, T, K). `tokens` is the length of the batch's longest sequence:
    Longformer returns (batch, T, heads, 2w + 1), with T at least that, which is spread out to
    (batch, heads, T, T). A module that returns no array of four dimensions is passed over. What
    the model of this configuration is known to leave out of its weights is put in.
    """
    as_computed = architecture_of(config).as_computed

    def hook(path: str) -> Any:
        def after(module: Any, args: Any, output: Any) -> None:
            outputs = output if isinstance(output, tuple) else ()
            weights = next(
                (x for x in outputs if isinstance(x, torch.Tensor) and x.ndim == 4), None
            )
            if weights is None:
                return
            weights = _spread_out(weights, tokens)
            visit(path, weights if as_computed is None else as_computed(config, weights))

        return after

    handles = [module.register_forward_hook(hook(path)) for path, module in modules.items()]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()


def _spread_out(weights: torch.Tensor, tokens: int) -> torch.Tensor:
    """The weights as (batch, heads, T, K), also where they are banded."""
    banded = weights.shape[1] >= tokens and weights.shape[2] != tokens and weights.shape[3] % 2 == 1
    return unband(weights)[:, :, :tokens, :tokens] if banded else weights


def longest_input(inputs: Mapping[str, torch.Tensor]) -> int:
    """Tokens of the longest sequence among a model's inputs."""
    return max((x.shape[1] for x in inputs.values() if x.ndim == 2), default=0)


def unband(a: torch.Tensor) -> torch.Tensor:
    """(batch, heads, T, T) from Longformer's (batch, T, heads, 2w + 1).

    Entry n of row i is its attention to token i − w + n.
    """
    batch, tokens, heads, width = a.shape
    reach = width // 2
    wide = a.new_zeros(batch, heads, tokens, tokens + 2 * reach)
    # Columns are shifted by w, so that those of the first tokens are not negative.
    column = torch.arange(tokens)[:, None] + torch.arange(width)  # (T, 2w + 1)
    wide.scatter_(3, column.expand(batch, heads, -1, -1).to(a.device), a.transpose(1, 2))
    return wide[..., reach : reach + tokens]

"""What heads write: their values, the projection that takes them to the hidden state, and the norm
before logits."""

from __future__ import annotations

import contextlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import torch
from transformers.integrations.sdpa_attention import repeat_kv

from attnviz.capture.batches import Batch
from attnviz.capture.interface import Operands, recording, weights_of
from attnviz.capture.runner import forward, model_inputs
from attnviz.modalities import Family, ModelInput
from attnviz.models import LoadedModel

_NEAR: Final = 0.02
_NORMED: Final = ("post_feedforward", "post_mlp", "post_self_attn")
"""Norms by these names stand in blocks that norm what attention writes before it is added."""


@dataclass
class Write:
    """What one attention call writes by: `values` (batch, heads, T, d) and the module that takes
    them on."""

    values: torch.Tensor
    projection: torch.nn.Module

    def of_head(self, head: int) -> torch.Tensor:
        """(batch, T, hidden): what the head would add to the hidden state if it attended to a token
        alone."""
        batch, heads, length, size = self.values.shape
        alone = torch.zeros(
            batch, length, heads, size, dtype=self.values.dtype, device=self.values.device
        )
        alone[:, :, head] = self.values[:, head]
        with torch.inference_mode():
            nothing = torch.zeros_like(alone[:1, :1].flatten(2))
            added: torch.Tensor = self.projection(alone.flatten(2)) - self.projection(nothing)
        return added


@dataclass
class Written:
    """The writes of one pass, by module and its call, and the last norm before logits."""

    writes: Mapping[tuple[str, int], Write]
    norm: torch.nn.Module

    def normed(self, added: torch.Tensor) -> torch.Tensor:
        """As logits see it, up to a positive factor for each token."""
        with torch.inference_mode():
            found: torch.Tensor = self.norm(added) - self.norm(torch.zeros_like(added[:1, :1]))
        return found


@dataclass
class _Watch:
    """Follows attention, as it is mixed from values, to the first module that takes it in."""

    names: Mapping[int, str]
    writes: dict[tuple[str, int], Write] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    waiting: tuple[tuple[str, int], torch.Tensor, torch.Tensor] | None = None
    last: tuple[torch.nn.Module, Any] | None = None

    def record(self, module: torch.nn.Module, seen: Operands) -> None:
        """An attention call: what it hands on, (batch, T, heads · d)."""
        name = self.names[id(module)]
        place = name, self.counts[name]
        self.counts[name] += 1
        if seen.v is None:
            return
        values = repeat_kv(seen.v, seen.q.shape[1] // seen.v.shape[1])
        mixed = (weights_of(seen) @ values.float()).transpose(1, 2).flatten(2)
        self.waiting = place, values, mixed

    def before(self, module: torch.nn.Module, given: tuple[Any, ...]) -> None:
        """A module is about to run: is it the projection of what waits?"""
        if self.waiting is None or not given or not isinstance(given[0], torch.Tensor):
            return
        place, values, mixed = self.waiting
        if given[0].shape == mixed.shape and _close(given[0].float(), mixed):
            self.writes[place] = Write(values, module)
            self.waiting = None

    def after(self, module: torch.nn.Module, given: tuple[Any, ...], output: Any) -> None:
        """A norm has run."""
        self.last = module, output


def read_writes(
    loaded: LoadedModel, family: Family, batch: Batch, prepared: Sequence[ModelInput | None]
) -> Written | None:
    """What the heads write in one pass over texts of one length.

    None where it is not simply added to what the last norm takes in: blocks that norm it before it
    is added, or the sum after it, as OPT-350m does; or no last norm. Calls whose values are not
    seen, or reach no projection unchanged, are left out.
    """
    model = loaded.model
    names = {id(module): path for path, module in model.named_modules()}
    if any(path.split(".")[-1].startswith(_NORMED) for path in names.values()):
        return None
    watch = _Watch(names)
    with _watching(model, watch), recording(model, watch):
        output = forward(loaded, model_inputs(loaded, family, batch, prepared))
    if watch.last is None or not _same(watch.last[1], getattr(output, "last_hidden_state", None)):
        return None
    if any(
        part.isdecimal() for part in names[id(watch.last[0])].split(".")
    ):  # a block's own norm, not the model's
        return None
    return Written(watch.writes, watch.last[0])


@contextlib.contextmanager
def _watching(model: torch.nn.Module, watch: _Watch) -> Iterator[None]:
    hooks = []
    for module in model.modules():
        weight = getattr(module, "weight", None)
        if isinstance(weight, torch.Tensor) and weight.ndim == 2:
            hooks.append(module.register_forward_pre_hook(watch.before))
        elif isinstance(weight, torch.Tensor) and weight.ndim == 1:
            hooks.append(module.register_forward_hook(watch.after))
    try:
        yield
    finally:
        for hook in hooks:
            hook.remove()


def _same(a: Any, b: Any) -> bool:
    return (
        isinstance(a, torch.Tensor)
        and isinstance(b, torch.Tensor)
        and torch.equal(a, b.to(a.device))
    )


def _close(a: torch.Tensor, b: torch.Tensor) -> bool:
    return bool((a - b).abs().max() <= _NEAR * b.abs().max())

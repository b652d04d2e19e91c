"""What heads write: their values, the projection that adds them to the hidden state, and the norm
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
from attnviz.capture.interface import recording
from attnviz.capture.operands import Operands, weights_of
from attnviz.capture.runner import forward, model_inputs
from attnviz.modalities.family import Family
from attnviz.modalities.model_input import ModelInput
from attnviz.models.loaded import LoadedModel

_NEAR: Final = 0.02
_NORMED: Final = ("post_feedforward", "post_mlp", "post_self_attn")
"""A norm whose name starts so norms what attention writes before it is added; GPT-NeoX has dropouts
whose names do, too."""


@dataclass
class Write:
    """What one attention call writes: its values and the module that projects them."""

    values: torch.Tensor  # (batch, heads, T, d)
    projection: torch.nn.Module

    def of_head(self, head: int) -> torch.Tensor:
        """What the head adds to the hidden state if it attends to one token alone, for each token
        (batch, T, hidden)."""
        batch, heads, length, size = self.values.shape
        alone = torch.zeros(
            batch, length, heads, size, dtype=self.values.dtype, device=self.values.device
        )
        alone[:, :, head] = self.values[:, head]
        with torch.inference_mode():
            zero = torch.zeros_like(alone[:1, :1].flatten(2))
            added: torch.Tensor = self.projection(alone.flatten(2)) - self.projection(zero)
        return added


@dataclass
class Written:
    """The writes of one pass, by module path and number of its call, and the last norm before
    logits."""

    writes: Mapping[tuple[str, int], Write]
    norm: torch.nn.Module

    def normed(self, added: torch.Tensor) -> torch.Tensor:
        """What the norm makes of `added`, up to a positive factor for each token: as logits see
        it."""
        with torch.inference_mode():
            normed: torch.Tensor = self.norm(added) - self.norm(torch.zeros_like(added[:1, :1]))
        return normed


@dataclass
class _Watch:
    """Follows the output of attention, the mixed values, to the first module that takes it in.

    `waiting` has the call whose output no module has taken yet: its module and number, its values,
    and its output (batch, T, heads · d).
    """

    names: Mapping[int, str]
    writes: dict[tuple[str, int], Write] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    waiting: tuple[tuple[str, int], torch.Tensor, torch.Tensor] | None = None
    last: tuple[torch.nn.Module, Any] | None = None

    def record(self, module: torch.nn.Module, operands: Operands) -> None:
        """Called for each attention call: its output now waits for a projection."""
        name = self.names[id(module)]
        call = name, self.counts[name]
        self.counts[name] += 1
        if operands.v is None:
            return
        values = repeat_kv(operands.v, operands.q.shape[1] // operands.v.shape[1])
        mixed = (weights_of(operands) @ values.float()).transpose(1, 2).flatten(2)
        self.waiting = call, values, mixed

    def before(self, module: torch.nn.Module, args: tuple[Any, ...]) -> None:
        """Called before a module runs: if its input is the output that waits, it projects it."""
        if self.waiting is None or not args or not isinstance(args[0], torch.Tensor):
            return
        call, values, mixed = self.waiting
        if args[0].shape == mixed.shape and _close(args[0].float(), mixed):
            self.writes[call] = Write(values, module)
            self.waiting = None

    def after(self, module: torch.nn.Module, args: tuple[Any, ...], output: Any) -> None:
        """Called after a norm has run."""
        self.last = module, output


def read_writes(
    loaded: LoadedModel, family: Family, batch: Batch, prepared: Sequence[ModelInput | None]
) -> Written | None:
    """What the heads write in one pass over texts of one length.

    None if it is not simply added to what the last norm reads: where blocks norm it before it is
    added, or norm the sum (OPT-350m), or there is no last norm. Calls whose values are not known,
    or reach no projection unchanged, are left out.
    """
    model = loaded.model
    names = {id(module): path for path, module in model.named_modules()}
    if any(_norms_what_is_added(path) for path in names.values()):
        return None
    watch = _Watch(names)
    with _watching(model, watch), recording(model, watch):
        output = forward(loaded, model_inputs(loaded, family, batch, prepared))
    if watch.last is None or not _same(watch.last[1], getattr(output, "last_hidden_state", None)):
        return None
    # The norm of a block, and not that of the model.
    if any(part.isdecimal() for part in names[id(watch.last[0])].split(".")):
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


def _norms_what_is_added(path: str) -> bool:
    name = path.split(".")[-1]
    return name.startswith(_NORMED) and name.endswith("norm")


def _same(a: Any, b: Any) -> bool:
    return (
        isinstance(a, torch.Tensor)
        and isinstance(b, torch.Tensor)
        and torch.equal(a, b.to(a.device))
    )


def _close(a: torch.Tensor, b: torch.Tensor) -> bool:
    return bool((a - b).abs().max() <= _NEAR * b.abs().max())

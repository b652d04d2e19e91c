"""Pre-rotary queries and keys: as they are before rotary embedding turns them by position.

transformers' models call a function of their own module, such as `apply_rotary_pos_emb(q, k, cos,
sin)`. Here it is wrapped for one pass, and what it returns is remembered with what it was given: an
attention call that receives those very tensors is known before and after. Nothing is turned back,
so nothing can be turned back wrongly; where a model cuts or joins the turned tensors before it
attends, they are not known and nothing is kept.
"""

from __future__ import annotations

import contextlib
import re
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from torch.utils.weak import WeakTensorKeyDictionary

from attnviz.capture.calls import CapturedBatch
from attnviz.capture.interface import Operands, recording
from attnviz.capture.runner import forward, model_inputs
from attnviz.modalities import Family, ModelInput
from attnviz.models import LoadedModel
from attnviz.score import Array

_TURNS: Final = re.compile(r"apply_\w*rotary\w*")

Known = Callable[[torch.Tensor], "torch.Tensor | None"]
"""What a tensor was before it was turned, or None."""


@contextlib.contextmanager
def pre_rotary(model: torch.nn.Module) -> Iterator[Known]:
    """Within this context the model's rotary functions are watched; gives the way back from what
    they returned."""
    before: Any = WeakTensorKeyDictionary()
    modules = {sys.modules[type(own).__module__] for own in model.modules()}
    found = [
        (module, name, own)
        for module in modules
        for name, own in list(vars(module).items())
        if _TURNS.fullmatch(name)
    ]

    def watched(turn: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            result = turn(*args, **kwargs)
            turned = result if isinstance(result, tuple) else (result,)
            for given, own in zip([*args, *kwargs.values()], turned, strict=False):
                if (
                    isinstance(given, torch.Tensor)
                    and isinstance(own, torch.Tensor)
                    and given.shape == own.shape
                ):
                    before[own] = given
            return result

        return call

    try:
        for module, name, own in found:
            setattr(module, name, watched(own))
        yield before.get
    finally:
        for module, name, own in found:
            setattr(module, name, own)


class _Recorder:
    """Takes each call's queries and keys before they were turned out of padding, where both are
    known."""

    def __init__(self, model: torch.nn.Module, captured: CapturedBatch, known: Known) -> None:
        self.arrays: dict[str, Array] = {}
        self._names = {id(module): path for path, module in model.named_modules()}
        self._numbers = {
            (call.module, call.module_call): number for number, call in enumerate(captured.calls())
        }
        self._calls, self._batch, self._known = captured.calls(), captured.batch, known
        self._counts: Counter[str] = Counter()

    def record(self, module: torch.nn.Module, seen: Operands) -> None:
        name = self._names[id(module)]
        number = self._numbers.get((name, self._counts[name]))
        self._counts[name] += 1
        sides = self._known(seen.q), self._known(seen.k)
        if number is None or not self._calls[number].vectors:
            return
        axes = self._calls[number].query_axis, self._calls[number].key_axis
        for side, axis, given in zip("qk", axes, sides, strict=True):
            lengths = self._batch.lengths[axis]
            if given is None or (given.shape[0], given.shape[2]) != (len(lengths), max(lengths)):
                self.arrays.pop(f"q{number}", None)
                return
            rows = [given[row, :, :length] for row, length in enumerate(lengths)]
            self.arrays[f"{side}{number}"] = (
                torch.cat(rows, 1).detach().float().cpu().numpy().copy()
            )


def write_pre_rotary(
    loaded: LoadedModel,
    family: Family,
    captured: CapturedBatch,
    prepared: list[ModelInput | None],
    folder: Path,
) -> None:
    """Run a captured batch once more, and write `q<call>.npy` and `k<call>.npy` of the calls that
    turn theirs."""
    model = loaded.model
    with pre_rotary(model) as known:
        recorder = _Recorder(model, captured, known)
        with recording(model, recorder):
            forward(loaded, model_inputs(loaded, family, captured.batch, prepared))
    for name, array in recorder.arrays.items():
        np.save(folder / f"{name}.npy", array)

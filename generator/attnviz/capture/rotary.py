"""Pre-rotary queries and keys: as they are before rotary embedding turns them by position.

A model of transformers calls a function of its module, such as `apply_rotary_pos_emb(q, k, cos,
sin)`. Here it is wrapped for one pass, and its results are remembered with its arguments: where an
attention call receives one of the results, the pre-rotary tensor is known. No rotation is undone,
so none can be undone wrongly. Where a model cuts or joins the rotated tensors before it attends,
their origin is not known and nothing is kept.
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
from attnviz.capture.collating import unpadded
from attnviz.capture.interface import recording
from attnviz.capture.operands import Operands
from attnviz.capture.runner import forward, model_inputs
from attnviz.modalities.family import Family
from attnviz.modalities.model_input import ModelInput
from attnviz.models.loaded import LoadedModel
from attnviz.score import Array

_ROTARY: Final = re.compile(r"apply_\w*rotary\w*")

Known = Callable[[torch.Tensor], "torch.Tensor | None"]
"""The pre-rotary tensor of a rotated one, or None if it is not known."""


@contextlib.contextmanager
def pre_rotary(model: torch.nn.Module) -> Iterator[Known]:
    """Within this context the model's rotary functions are watched; yields the way back from what
    they return to their arguments."""
    before: Any = WeakTensorKeyDictionary()
    modules = {sys.modules[type(module).__module__] for module in model.modules()}
    functions = [
        (module, name, function)
        for module in modules
        for name, function in list(vars(module).items())
        if _ROTARY.fullmatch(name)
    ]

    def watched(rotate: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            result = rotate(*args, **kwargs)
            # The first arguments are rotated, in the order of the results.
            outputs = result if isinstance(result, tuple) else (result,)
            for argument, output in zip([*args, *kwargs.values()], outputs, strict=False):
                tensors = isinstance(argument, torch.Tensor) and isinstance(output, torch.Tensor)
                if tensors and argument.shape == output.shape:
                    before[output] = argument
            return result

        return call

    try:
        for module, name, function in functions:
            setattr(module, name, watched(function))
        yield before.get
    finally:
        for module, name, function in functions:
            setattr(module, name, function)


class _Recorder:
    """Takes each call's pre-rotary queries and keys out of padding, where both are known."""

    def __init__(self, model: torch.nn.Module, captured: CapturedBatch, known: Known) -> None:
        self.arrays: dict[str, Array] = {}
        self._names = {id(module): path for path, module in model.named_modules()}
        self._numbers = {
            (call.module, call.module_call): number for number, call in enumerate(captured.calls())
        }
        self._calls, self._batch, self._known = captured.calls(), captured.batch, known
        self._counts: Counter[str] = Counter()

    def record(self, module: torch.nn.Module, operands: Operands) -> None:
        """Called for each attention call."""
        name = self._names[id(module)]
        number = self._numbers.get((name, self._counts[name]))
        self._counts[name] += 1
        sides = self._known(operands.q), self._known(operands.k)
        if number is None or not self._calls[number].vectors:
            return
        axes = self._calls[number].query_axis, self._calls[number].key_axis
        for side, axis, x in zip("qk", axes, sides, strict=True):
            lengths = self._batch.lengths[axis]
            padded = self._batch.padded[axis]
            if x is None or (x.shape[0], x.shape[2]) != (len(lengths), padded):
                self.arrays.pop(f"q{number}", None)
                return
            self.arrays[f"{side}{number}"] = unpadded(x, lengths)


def write_pre_rotary(
    loaded: LoadedModel,
    family: Family,
    captured: CapturedBatch,
    prepared: list[ModelInput | None],
    *,
    folder: Path,
) -> None:
    """Run a captured batch once more, and write its pre-rotary queries and keys, where known.

    The files are `q<call>.npy` and `k<call>.npy`, as in the folder of a captured batch.
    """
    model = loaded.model
    with pre_rotary(model) as known:
        recorder = _Recorder(model, captured, known)
        with recording(model, recorder):
            forward(loaded, model_inputs(loaded, family, captured.batch, prepared))
    for name, array in recorder.arrays.items():
        np.save(folder / f"{name}.npy", array)

"""Run a model over batches and keep every attention call's queries and keys, one folder a batch.

A batch's folder holds `q<call>.npy` (heads, tokens, d) and `k<call>.npy` (kv heads, tokens, d), float32, the batch's
documents one after another without padding; `lo<mask>.npy` and `hi<mask>.npy` (tokens,), the allowed keys of each row
within its document, for each different mask; and `calls.json`, what each call was. Whole batches are the unit that a
build resumes by.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch

from attnviz.capture.attention import recording
from attnviz.capture.batches import Batch, collate
from attnviz.capture.masks import MaskNotIntervals, document_intervals
from attnviz.capture.modules import attention_like, watching, without_record
from attnviz.documents import Tokens
from attnviz.errors import InputError
from attnviz.models import LoadedModel
from attnviz.score import Array, Intervals

LINE = "attention interface"


@dataclass(frozen=True)
class Call:
    """One attention call of a forward pass: `call` counts the calls of one module, which ALBERT makes many of."""

    module: str
    call: int
    heads: int
    kv_heads: int
    head_size: int
    scaling: float
    softcap: float | None
    sinks: tuple[float, ...] | None
    mask: int


@dataclass
class _BatchRecorder:
    """Takes each call's queries and keys out of padding, onto the CPU, in float32."""

    names: Mapping[int, str]
    batch: Batch
    calls: list[Call] = field(default_factory=list)
    arrays: dict[str, Array] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    _counts: Counter[str] = field(default_factory=Counter)
    _masks: dict[tuple[int | None, bool], int] = field(default_factory=dict)
    _alive: list[torch.Tensor] = field(default_factory=list)

    def record(
        self,
        module: torch.nn.Module,
        q: torch.Tensor,
        k: torch.Tensor,
        mask: torch.Tensor | None,
        causal: bool,
        scaling: float,
        softcap: float | None,
        sinks: torch.Tensor | None,
        unknown: list[str],
    ) -> None:
        name = self.names[id(module)]
        count = self._counts[name]
        self._counts[name] += 1
        try:
            self._refuse_unknown(q, k, unknown)
            number = self._mask_number(mask, causal)
        except MaskNotIntervals as reason:
            self.problems.append(f"{name}: {reason}")
            return
        index = len(self.calls)
        self.arrays[f"q{index}"] = self._unpadded(q)
        self.arrays[f"k{index}"] = self._unpadded(k)
        own_sinks = None if sinks is None else tuple(float(s) for s in sinks.flatten())
        self.calls.append(Call(name, count, q.shape[1], k.shape[1], q.shape[3], scaling, softcap, own_sinks, number))

    def _refuse_unknown(self, q: torch.Tensor, k: torch.Tensor, unknown: list[str]) -> None:
        if unknown:
            raise MaskNotIntervals(f"its attention takes {', '.join(unknown)}, which changes what attention is")
        if q.shape[0] != len(self.batch.documents) or q.shape[2] != k.shape[2]:
            raise MaskNotIntervals("its queries and keys are not the document's tokens")

    def _unpadded(self, x: torch.Tensor) -> Array:
        """(heads, tokens of the batch, d) float32 of x (batch, heads, longest, d)."""
        rows = [x[row, :, :length] for row, length in enumerate(self.batch.lengths)]
        return torch.cat(rows, 1).detach().float().cpu().numpy().copy()

    def _mask_number(self, mask: torch.Tensor | None, causal: bool) -> int:
        key = (None if mask is None else id(mask), causal)
        if key not in self._masks:
            own = [document_intervals(mask, causal, row, n) for row, n in enumerate(self.batch.lengths)]
            number = len(self._masks)
            self.arrays[f"lo{number}"] = np.concatenate([i.lo for i in own])
            self.arrays[f"hi{number}"] = np.concatenate([i.hi for i in own])
            self._masks[key] = number
            if mask is not None:
                self._alive.append(mask)  # an id is its owner's only while the owner lives
        return self._masks[key]


def model_inputs(loaded: LoadedModel, batch: Batch, tokens: Sequence[Tokens]) -> dict[str, torch.Tensor]:
    """The batch as the model takes it."""
    padding = getattr(loaded.tokenizer, "pad_token_id", None)
    ids = [tokens[document].ids for document in batch.documents]
    return collate(ids, 0 if padding is None else int(padding), loaded.model.device)


def run_batch(loaded: LoadedModel, batch: Batch, tokens: Sequence[Tokens]) -> tuple[list[Call], dict[str, Array], Any]:
    """Forward one batch: its calls, its arrays by file name, and the model's output.

    Raises InputError that names every module whose attention cannot be captured.
    """
    model = loaded.model
    names = {id(module): path for path, module in model.named_modules()}
    recorder = _BatchRecorder(names, batch)
    inputs = model_inputs(loaded, batch, tokens)
    with watching(attention_like(model)) as ran, recording(model, recorder), torch.inference_mode():
        output = model(**inputs, **({"use_cache": False} if hasattr(model.config, "use_cache") else {}))
    recorded = {call.module for call in recorder.calls} | {p.split(":")[0] for p in recorder.problems}
    missing = [f"{path}: ran without a record" for path in without_record(ran, recorded)]
    if recorder.problems or missing or not recorder.calls:
        raise uncaptured(loaded, recorder.problems + missing)
    return recorder.calls, recorder.arrays, output


def uncaptured(loaded: LoadedModel, reasons: Sequence[str]) -> InputError:
    """The refusal of a model, with each module and its reason."""
    listed = list(dict.fromkeys(reasons)) or ["it has no attention that attnviz sees"]
    head = f"model {loaded.name}: {loaded.architecture} cannot be captured yet, so nothing of it is shown:"
    return InputError("\n".join([head, *(f"  {reason}" for reason in listed)]))


def write_batch(loaded: LoadedModel, batch: Batch, tokens: Sequence[Tokens], folder: Path) -> None:
    """Capture one batch into an empty folder."""
    calls, arrays, _ = run_batch(loaded, batch, tokens)
    for name, array in arrays.items():
        np.save(folder / f"{name}.npy", array)
    (folder / "calls.json").write_text(json.dumps([asdict(call) for call in calls]), "utf-8")


@dataclass(frozen=True)
class CapturedBatch:
    """One batch's folder, read back as it is needed."""

    batch: Batch
    folder: Path

    def calls(self) -> list[Call]:
        listed = json.loads((self.folder / "calls.json").read_text("utf-8"))
        return [Call(**c | {"sinks": None if c["sinks"] is None else tuple(c["sinks"])}) for c in listed]

    def vectors(self, call: int) -> tuple[Array, Array]:
        """Queries (heads, tokens, d) and keys (kv heads, tokens, d) of a call, float32, mapped from disk."""
        return self._array(f"q{call}"), self._array(f"k{call}")

    def intervals(self, mask: int) -> list[Intervals]:
        """Each document's allowed keys."""
        lo, hi = self._array(f"lo{mask}"), self._array(f"hi{mask}")
        return [Intervals(lo[own], hi[own], own.stop - own.start) for own in self.batch.slices()]

    def _array(self, name: str) -> Array:
        array: Array = np.load(self.folder / f"{name}.npy", mmap_mode="r")
        return array

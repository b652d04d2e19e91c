"""Attention calls as they are recorded, written, and read back: one folder per batch.

`calls.json` lists the calls. Numbers in names count calls, masks and biases of the batch; arrays
of tokens have the batch's documents one after another, without padding. The files are

- `q<call>.npy` (heads, tokens, d) and `k<call>.npy` (kv heads, tokens, d), float32, of calls that
  are a score rule;
- `v<call>.npy` (kv heads, tokens), the lengths of value vectors, where they are known;
- `a<call>-<row>.npy` (heads, T, K), the model's own attention on document `row` of the batch, of
  calls that are no score rule;
- `lo<mask>.npy` and `hi<mask>.npy` (tokens,), the keys that each row may see in its document;
- `bias<n>.npy` as in `score.Bias`, and `place<n>.npy` (T,), its index, for a table of places within
  a window.

Whole batches are the unit by which a build resumes.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np

from attnviz.capture.batches import Batch
from attnviz.capture.mapped_arrays import mapped
from attnviz.modalities.axes import AttentionPlace
from attnviz.models.changes import Changes
from attnviz.score import Array, Bias, BiasKind, Intervals

Line = Literal["attention interface", "tracer", "output_attentions", "given"]
INTERFACE: Final = "attention interface"
TRACER: Final = "tracer"
DENSE: Final = "output_attentions"
GIVEN: Final = "given"

CallKey = tuple[str, int]
"""A call's module, and its number among the calls of the module."""


@dataclass(frozen=True, kw_only=True)
class AttentionCall:
    """One attention call of a forward pass, as `calls.json` lists it."""

    # Where it was made: path of the module, and number of the call among those of the module, which
    # makes many of them in ALBERT; the line of capture that recorded it.
    module: str
    module_call: int
    line: Line
    # What attends to what.
    stack: str
    query_axis: str
    key_axis: str
    # Sizes; head_size is 0 where only attention was kept.
    heads: int
    kv_heads: int
    head_size: int
    # The score rule; mask and bias are numbers of the batch's masks and biases.
    scaling: float
    softcap: float | None
    sinks: tuple[float, ...] | None
    mask: int
    bias: int | None
    bias_kind: BiasKind | None
    # What was kept: q and k or (for a reason) the attention itself; lengths of value vectors.
    vectors: bool = True
    reason: str | None = None
    values: bool = False
    # The number of its layer in the model, and how many layers there are in its stack, those
    # without attention counted (`numbering`).
    layer: int = 0
    layers: int = 0

    @property
    def key(self) -> CallKey:
        """What tells the call from all others of a model."""
        return self.module, self.module_call

    @property
    def place(self) -> AttentionPlace:
        """The stack and the axes of the call."""
        return AttentionPlace(self.stack, self.query_axis, self.key_axis)


@dataclass
class Recorded:
    """What was recorded of one batch.

    `arrays` are by file name without its ending, `problems` say what could not be captured,
    `put_back` are paths of what the pass changed of the model, and `output` is that of the model.
    """

    calls: list[AttentionCall] = field(default_factory=list)
    arrays: dict[str, Array] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    put_back: list[str] = field(default_factory=list)
    output: Any = None

    def note_changes(self, changes: Changes) -> None:
        """Add what a pass changed: weights that it wrote to are a problem, as they stay so."""
        self.put_back = sorted({*self.put_back, *changes.put_back})
        self.problems += [
            f"{path}: the model writes to these weights as it runs, so that what it does with a"
            " document depends on what ran before"
            for path in changes.weights
        ]

    def number(self, module: str, call: int) -> int:
        """The number of a module's call among all calls."""
        numbers = {
            (each.module, each.module_call): number for number, each in enumerate(self.calls)
        }
        return numbers[module, call]

    def save(self, folder: Path) -> None:
        """Write calls and arrays into an empty folder."""
        for name, array in self.arrays.items():
            np.save(folder / f"{name}.npy", array)
        (folder / "calls.json").write_text(
            json.dumps([asdict(call) for call in self.calls]), "utf-8"
        )

    def intervals(self, mask: int, batch: Batch, place: AttentionPlace) -> list[Intervals]:
        """Each document's allowed keys under one of the batch's masks."""
        return split_intervals(self.arrays[f"lo{mask}"], self.arrays[f"hi{mask}"], batch, place)

    def bias(self, call: AttentionCall) -> Bias | None:
        """What a call adds to its scores; None if nothing."""
        if call.bias is None or call.bias_kind is None:
            return None
        return Bias(
            call.bias_kind, self.arrays[f"bias{call.bias}"], self.arrays.get(f"place{call.bias}")
        )


def split_intervals(lo: Array, hi: Array, batch: Batch, place: AttentionPlace) -> list[Intervals]:
    """The intervals of each document, from lo and hi (tokens,) of a batch."""
    keys = batch.lengths[place.key_axis]
    return [
        Intervals(lo[rows], hi[rows], count)
        for rows, count in zip(batch.slices(place.query_axis), keys, strict=True)
    ]


@dataclass(frozen=True)
class CapturedBatch:
    """One batch's folder, read back as it is needed."""

    batch: Batch
    folder: Path

    def apart(self) -> CapturedBatch:
        """The batch with its documents numbered in its order, whatever their numbers in the
        corpus."""
        numbers = tuple(range(len(self.batch.documents)))
        return replace(self, batch=replace(self.batch, documents=numbers))

    def calls(self) -> list[AttentionCall]:
        """The calls of the batch, in the order of the pass."""
        return list(self._calls)

    @cached_property
    def _calls(self) -> tuple[AttentionCall, ...]:
        """Read once, as every layer of every stage asks for them."""
        entries = json.loads((self.folder / "calls.json").read_text("utf-8"))
        for entry in entries:
            entry["sinks"] = None if entry["sinks"] is None else tuple(entry["sinks"])
        return tuple(AttentionCall(**entry) for entry in entries)

    def __getstate__(self) -> dict[str, Any]:
        """What travels to other processes, which read the calls themselves."""
        return {"batch": self.batch, "folder": self.folder}

    def vectors(self, call: int) -> tuple[Array, Array]:
        """Queries (heads, tokens, d) and keys (kv heads, tokens, d) of a call, float32, mapped from
        disk."""
        return self.array(f"q{call}"), self.array(f"k{call}")

    def intervals(self, call: AttentionCall) -> list[Intervals]:
        """Each document's allowed keys in a call."""
        lo, hi = self.array(f"lo{call.mask}"), self.array(f"hi{call.mask}")
        return split_intervals(lo, hi, self.batch, call.place)

    def bias(self, call: AttentionCall) -> Bias | None:
        """What a call adds to its scores; None if nothing."""
        if call.bias is None or call.bias_kind is None:
            return None
        place = f"place{call.bias}"
        index = self.array(place) if (self.folder / f"{place}.npy").exists() else None
        return Bias(call.bias_kind, np.asarray(self.array(f"bias{call.bias}")), index)

    def array(self, name: str) -> Array:
        """An array by its file name without its ending, mapped from disk."""
        return mapped(self.folder / f"{name}.npy")

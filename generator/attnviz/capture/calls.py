"""Attention calls as they are recorded, written, and read back: one folder a batch.

A batch's folder holds, for each call that is a score rule, `q<call>.npy` (heads, tokens, d) and
`k<call>.npy` (kv heads, tokens, d), float32, the batch's documents one after another without
padding; where values were seen, their lengths `v<call>.npy` (kv heads, tokens); `lo<mask>.npy` and
`hi<mask>.npy` (tokens,), the allowed keys of each row within its document; `bias<n>.npy`, and
`place<n>.npy` (T,) where it is a table of places in a window; for each call that is none, the
model's own attention `a<call>-<row>.npy` (heads, T, K); and `calls.json`, what each call was. Whole
batches are the unit that a build resumes by.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np

from attnviz.capture.batches import Batch
from attnviz.modalities import AttentionPlace
from attnviz.score import Array, Bias, Intervals

Line = Literal["attention interface", "tracer", "output_attentions"]
INTERFACE: Final = "attention interface"
TRACER: Final = "tracer"
DENSE: Final = "output_attentions"


@dataclass(frozen=True)
class Call:
    """One attention call of a forward pass.

    `module_call` counts the calls of one module, from 0: ALBERT makes many of each.

    `vectors` says whether q and k were kept, or the attention itself; `reason` then says why.
    `values` says whether the lengths of the value vectors were kept.
    """

    module: str
    module_call: int
    line: Line
    stack: str
    query_axis: str
    key_axis: str
    heads: int
    kv_heads: int
    head_size: int
    scaling: float
    softcap: float | None
    sinks: tuple[float, ...] | None
    mask: int
    bias: int | None
    bias_kind: Literal["relative", "table"] | None
    vectors: bool = True
    reason: str | None = None
    values: bool = False

    @property
    def place(self) -> AttentionPlace:
        return AttentionPlace(self.stack, self.query_axis, self.key_axis)


@dataclass
class Recorded:
    """What one batch left: its calls, its arrays by file name, and what could not be captured."""

    calls: list[Call] = field(default_factory=list)
    arrays: dict[str, Array] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    output: Any = None

    def number(self, module: str, call: int) -> int:
        """The index of a module's call among all calls."""
        return next(
            n for n, own in enumerate(self.calls) if (own.module, own.module_call) == (module, call)
        )

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

    def bias(self, call: Call) -> Bias | None:
        """The call's bias."""
        if call.bias is None or call.bias_kind is None:
            return None
        return Bias(
            call.bias_kind, self.arrays[f"bias{call.bias}"], self.arrays.get(f"place{call.bias}")
        )


def split_intervals(lo: Array, hi: Array, batch: Batch, place: AttentionPlace) -> list[Intervals]:
    """Intervals of a batch's documents from their rows one after another."""
    keys = batch.lengths[place.key_axis]
    return [
        Intervals(lo[own], hi[own], n)
        for own, n in zip(batch.slices(place.query_axis), keys, strict=True)
    ]


@dataclass(frozen=True)
class CapturedBatch:
    """One batch's folder, read back as it is needed."""

    batch: Batch
    folder: Path

    def calls(self) -> list[Call]:
        listed = json.loads((self.folder / "calls.json").read_text("utf-8"))
        return [
            Call(**c | {"sinks": None if c["sinks"] is None else tuple(c["sinks"])}) for c in listed
        ]

    def vectors(self, call: int) -> tuple[Array, Array]:
        """Queries (heads, tokens, d) and keys (kv heads, tokens, d) of a call, float32, mapped from
        disk."""
        return self.array(f"q{call}"), self.array(f"k{call}")

    def intervals(self, call: Call) -> list[Intervals]:
        """Each document's allowed keys in a call."""
        lo, hi = self.array(f"lo{call.mask}"), self.array(f"hi{call.mask}")
        return split_intervals(lo, hi, self.batch, call.place)

    def bias(self, call: Call) -> Bias | None:
        """What a call adds to its scores."""
        if call.bias is None or call.bias_kind is None:
            return None
        place = f"place{call.bias}"
        index = self.array(place) if (self.folder / f"{place}.npy").exists() else None
        return Bias(call.bias_kind, np.asarray(self.array(f"bias{call.bias}")), index)

    def array(self, name: str) -> Array:
        array: Array = np.load(self.folder / f"{name}.npy", mmap_mode="r")
        return array

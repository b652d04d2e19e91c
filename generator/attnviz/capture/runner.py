"""Run a model over batches and keep every attention call, one folder a batch.

A batch's folder holds, for each call that is a score rule, `q<call>.npy` (heads, tokens, d) and `k<call>.npy`
(kv heads, tokens, d), float32, the batch's documents one after another without padding; `lo<mask>.npy` and
`hi<mask>.npy` (tokens,), the allowed keys of each row within its document; `bias<n>.npy`; for each call that is none,
the model's own attention `a<call>-<row>.npy` (heads, T, K); and `calls.json`, what each call was. Whole batches are the
unit that a build resumes by.
"""

from __future__ import annotations

import contextlib
import json
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Final, Literal

import numpy as np
import torch

from attnviz.capture.attention import Seen, recording, weights_of
from attnviz.capture.batches import Batch, collate
from attnviz.capture.masks import NotARule, NotOfTokens, additive_bias, bias_of, document_intervals, measured_bias
from attnviz.capture.modules import attention_like, watching, without_record
from attnviz.capture.tracer import Traced, longest_input, returned_weights, tracing
from attnviz.errors import InputError
from attnviz.inputs import Family, Place, Prepared
from attnviz.models import LoadedModel
from attnviz.score import Array, Bias, Intervals

Line = Literal["attention interface", "tracer", "output_attentions"]
INTERFACE: Final = "attention interface"
TRACER: Final = "tracer"
DENSE: Final = "output_attentions"


@dataclass(frozen=True)
class Call:
    """One attention call of a forward pass: `call` counts the calls of one module, which ALBERT makes many of.

    `vectors` says whether q and k were kept, or the attention itself; `reason` then says why.
    """

    module: str
    call: int
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

    @property
    def place(self) -> Place:
        return Place(self.stack, self.query_axis, self.key_axis)


@dataclass
class Recorded:
    """What one batch left: its calls, its arrays by file name, and what could not be captured."""

    calls: list[Call] = field(default_factory=list)
    arrays: dict[str, Array] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    output: Any = None

    def save(self, folder: Path) -> None:
        """Write calls and arrays into an empty folder."""
        for name, array in self.arrays.items():
            np.save(folder / f"{name}.npy", array)
        (folder / "calls.json").write_text(json.dumps([asdict(call) for call in self.calls]), "utf-8")

    def intervals(self, mask: int, batch: Batch, place: Place) -> list[Intervals]:
        """Each document's allowed keys under one of the batch's masks."""
        return split_intervals(self.arrays[f"lo{mask}"], self.arrays[f"hi{mask}"], batch, place)

    def bias(self, call: Call) -> Bias | None:
        """The call's bias."""
        if call.bias is None or call.bias_kind is None:
            return None
        return Bias(call.bias_kind, self.arrays[f"bias{call.bias}"])


def split_intervals(lo: Array, hi: Array, batch: Batch, place: Place) -> list[Intervals]:
    """Intervals of a batch's documents from their rows one after another."""
    keys = batch.lengths[place.key_axis]
    return [Intervals(lo[own], hi[own], n) for own, n in zip(batch.slices(place.query_axis), keys, strict=True)]


class BatchRecorder:
    """Takes each call's queries and keys out of padding, onto the CPU, in float32."""

    def __init__(self, names: Mapping[int, str], batch: Batch, family: Family) -> None:
        self.recorded = Recorded()
        self._names, self._batch, self._family = names, batch, family
        self._counts: Counter[str] = Counter()
        self._masks: dict[tuple[Any, ...], int] = {}
        self._biases: dict[tuple[int, int], tuple[int, str]] = {}
        self._alive: list[Any] = []  # an id is its owner's only while the owner lives

    def record(self, module: torch.nn.Module, seen: Seen) -> None:
        """A call through the attention interface."""
        name = self._names[id(module)]
        try:
            self._keep(name, seen, INTERFACE, lambda: weights_of(seen))
        except NotARule as reason:
            self.recorded.problems.append(f"{name}: {reason}")

    def record_traced(self, name: str, traced: Traced) -> None:
        """A softmax that the tracer followed: as vectors if it is a score rule, else as attention."""
        with contextlib.suppress(NotARule):  # what is no attention over tokens is left to the third line
            if traced.seen is None:
                reason = "its scores are not a product of queries and keys"
                self.keep_attention(name, traced.attention(), TRACER, reason)
            else:
                self._keep(name, traced.seen, TRACER, traced.attention)

    def _keep(self, name: str, seen: Seen, line: Line, weights: Callable[[], torch.Tensor]) -> None:
        """A call as vectors if it is a score rule, else as attention."""
        try:
            self._keep_vectors(name, seen, line)
        except NotOfTokens:
            raise
        except NotARule as reason:
            self.keep_attention(name, weights(), line, str(reason))

    def keep_attention(self, name: str, a: torch.Tensor, line: Line, reason: str) -> None:
        """Keep the model's own attention (batch, heads, T, K) of a call that is no score rule."""
        place = self._family.place(name)
        if a.ndim != 4:
            raise NotOfTokens(f"its attention has shape {tuple(a.shape)}, not (batch, heads, queries, keys)")
        self._fit(a.shape[0], a.shape[2], a.shape[3], place)
        lengths = self._batch.lengths
        index = len(self.recorded.calls)
        allowed: list[Intervals] = []
        for row, (queries, keys) in enumerate(zip(lengths[place.query_axis], lengths[place.key_axis], strict=True)):
            if bool(a[row, :, :queries, keys:].any()):
                raise NotOfTokens("it attends to padding")
            own = a[row, :, :queries, :keys].detach().float().cpu().numpy().copy()
            self.recorded.arrays[f"a{index}-{row}"] = own
            allowed.append(_reach(own, keys))
        mask = self._keep_intervals(allowed)
        self.recorded.calls.append(
            Call(
                name,
                self._count(name),
                line,
                place.stack,
                place.query_axis,
                place.key_axis,
                a.shape[1],
                a.shape[1],
                0,
                1.0,
                None,
                None,
                mask,
                None,
                None,
                vectors=False,
                reason=reason,
            )
        )

    def _keep_vectors(self, name: str, seen: Seen, line: Line) -> None:
        if seen.unknown:
            raise NotOfTokens(f"its attention takes {', '.join(seen.unknown)}, which changes what attention is")
        place = self._family.place(name)
        q, k = seen.q, seen.k
        if seen.causal and seen.mask is None and k.shape[2] > q.shape[2]:
            k = k[:, :, : q.shape[2]]
        self._fit(q.shape[0], q.shape[2], k.shape[2], place)
        mask = self._mask_number(seen, place, k.shape[2])
        bias = self._given_bias(seen, place) if line == INTERFACE else self._measured_bias(seen, place)
        index = len(self.recorded.calls)
        self.recorded.arrays[f"q{index}"] = self._unpadded(q, place.query_axis)
        self.recorded.arrays[f"k{index}"] = self._unpadded(k, place.key_axis)
        sinks = None if seen.sinks is None else tuple(float(s) for s in seen.sinks.flatten())
        self.recorded.calls.append(
            Call(
                name,
                self._count(name),
                line,
                place.stack,
                place.query_axis,
                place.key_axis,
                q.shape[1],
                k.shape[1],
                q.shape[3],
                seen.scaling,
                seen.softcap,
                sinks,
                mask,
                *bias,
            )
        )

    def _count(self, name: str) -> int:
        self._counts[name] += 1
        return self._counts[name] - 1

    def _fit(self, batch: int, queries: int, keys: int, place: Place) -> None:
        lengths = self._batch.lengths
        expected = len(self._batch.documents), max(lengths[place.query_axis]), max(lengths[place.key_axis])
        if (batch, queries, keys) != expected:
            raise NotOfTokens(
                f"its queries and keys are not the document's tokens: {batch} × {queries} × {keys} where "
                f"{expected[0]} × {expected[1]} × {expected[2]} were expected"
            )

    def _unpadded(self, x: torch.Tensor, axis: str) -> Array:
        """(heads, tokens of the batch, d) float32 of x (batch, heads, longest, d)."""
        rows = [x[row, :, :length] for row, length in enumerate(self._batch.lengths[axis])]
        return torch.cat(rows, 1).detach().float().cpu().numpy().copy()

    def _mask_number(self, seen: Seen, place: Place, padded: int) -> int:
        key = (None if seen.mask is None else id(seen.mask), seen.causal, place.query_axis, place.key_axis)
        if key not in self._masks:
            lengths = self._batch.lengths
            pairs = zip(lengths[place.query_axis], lengths[place.key_axis], strict=True)
            own = [document_intervals(seen.mask, seen.causal, row, q, k, padded) for row, (q, k) in enumerate(pairs)]
            self._masks[key] = self._keep_intervals(own)
            self._alive.append(seen.mask)
        return self._masks[key]

    def _keep_intervals(self, own: Sequence[Intervals]) -> int:
        number = sum(name.startswith("lo") for name in self.recorded.arrays)
        self.recorded.arrays[f"lo{number}"] = np.concatenate([i.lo for i in own])
        self.recorded.arrays[f"hi{number}"] = np.concatenate([i.hi for i in own])
        return number

    def _given_bias(self, seen: Seen, place: Place) -> tuple[int | None, Any]:
        """The number and kind of a bias that the call was given."""
        key = (id(seen.mask), id(seen.position_bias))
        if seen.position_bias is None and (seen.mask is None or seen.mask.dtype == torch.bool):
            return None, None
        if key not in self._biases:
            self._alive += [seen.mask, seen.position_bias]
            added = additive_bias(seen.mask, seen.position_bias)
            if added is None:
                return None, None
            self._biases[key] = self._keep_bias(bias_of(added, self._fixed(place)))
        return self._biases[key]

    def _measured_bias(self, seen: Seen, place: Place) -> tuple[int | None, Any]:
        """The number and kind of a bias that was measured, (batch, heads, T, K)."""
        if seen.position_bias is None:
            return None, None
        documents = []
        lengths = self._batch.lengths
        for row, (queries, keys) in enumerate(zip(lengths[place.query_axis], lengths[place.key_axis], strict=True)):
            own = seen.position_bias[row, :, :queries, :keys].detach().float().cpu().numpy()
            allowed = np.ones(own.shape[1:], bool)
            if seen.mask is not None:
                allowed = seen.mask[row, 0, :queries, :keys].cpu().numpy()
            documents.append((own, allowed))
        return self._keep_bias(measured_bias(documents, self._fixed(place)))

    def _fixed(self, place: Place) -> bool:
        return self._family.axes[place.query_axis] == "image"

    def _keep_bias(self, bias: Bias) -> tuple[int, str]:
        number = sum(name.startswith("bias") for name in self.recorded.arrays)
        self.recorded.arrays[f"bias{number}"] = bias.values
        return number, bias.kind


def _reach(a: Array, keys: int) -> Intervals:
    """The span of keys that any head attends to, a row: what has to be stored of dense attention."""
    seen: Array = np.any(np.nan_to_num(a) > 0, axis=0)
    lo = seen.argmax(1).astype(np.int64)
    hi = keys - seen[:, ::-1].argmax(1).astype(np.int64)
    empty = ~seen.any(1)
    lo[empty], hi[empty] = 0, 0
    return Intervals(lo, hi, keys)


def model_inputs(
    loaded: LoadedModel, family: Family, batch: Batch, prepared: Sequence[Prepared | None]
) -> dict[str, torch.Tensor]:
    """The batch as the model takes it."""
    members = [own for own in (prepared[document] for document in batch.documents) if own is not None]
    return collate(members, family.padding, loaded.model.device, loaded.model.dtype)


def forward(loaded: LoadedModel, inputs: Mapping[str, torch.Tensor], **options: Any) -> Any:
    """One forward pass without gradients and without a cache."""
    if hasattr(loaded.model.config, "use_cache"):
        options["use_cache"] = False
    with torch.inference_mode():
        return loaded.model(**inputs, **options)


def run_batch(loaded: LoadedModel, family: Family, batch: Batch, prepared: Sequence[Prepared | None]) -> Recorded:
    """Forward one batch and record every attention call. InputError names what could not be captured."""
    recorded = record_batch(loaded, family, batch, prepared)
    if recorded.problems or not recorded.calls:
        raise uncaptured(loaded, recorded.problems)
    return recorded


def record_batch(loaded: LoadedModel, family: Family, batch: Batch, prepared: Sequence[Prepared | None]) -> Recorded:
    """Forward one batch and record every attention call that can be; the others stand in `problems`.

    Calls through the attention interface and softmaxes that the tracer follows are recorded in one pass; modules that
    still left no record are asked for their weights in a second one.
    """
    model = loaded.model
    names = {id(module): path for path, module in model.named_modules()}
    recorder = BatchRecorder(names, batch, family)
    inputs = model_inputs(loaded, family, batch, prepared)
    like = attention_like(model)
    with watching(like) as ran, recording(model, recorder), tracing(like, len(batch.documents), recorder.record_traced):
        recorder.recorded.output = forward(loaded, inputs)
    missing = without_record(ran, _recorded_paths(recorder.recorded))
    if missing:
        _ask_for_weights(loaded, inputs, {path: like[path] for path in missing}, recorder)
        missing = without_record(ran, _recorded_paths(recorder.recorded))
    recorder.recorded.problems += [f"{path}: ran without a record" for path in missing]
    return recorder.recorded


def _recorded_paths(recorded: Recorded) -> set[str]:
    return {call.module for call in recorded.calls} | {problem.split(":")[0] for problem in recorded.problems}


def _ask_for_weights(
    loaded: LoadedModel, inputs: Mapping[str, torch.Tensor], modules: Mapping[str, Any], recorder: BatchRecorder
) -> None:
    """The third line: attention weights that modules return when asked, (batch, heads, T, K)."""

    def keep(path: str, weights: torch.Tensor) -> None:
        try:
            recorder.keep_attention(path, weights, DENSE, "it gives attention weights only")
        except NotARule as reason:
            recorder.recorded.problems.append(f"{path}: {reason}")

    innermost = {p: m for p, m in modules.items() if not any(other.startswith(p + ".") for other in modules)}
    with returned_weights(innermost, longest_input(inputs), keep):
        forward(loaded, inputs, output_attentions=True)


def uncaptured(loaded: LoadedModel, reasons: Sequence[str]) -> InputError:
    """The refusal of a model, with each module and its reason."""
    listed = list(dict.fromkeys(reasons)) or ["it has no attention that attnviz sees"]
    head = f"model {loaded.name}: {loaded.architecture} cannot be captured, so nothing of it is shown:"
    return InputError("\n".join([head, *(f"  {reason}" for reason in listed)]))


def write_batch(
    loaded: LoadedModel, family: Family, batch: Batch, prepared: Sequence[Prepared | None], folder: Path
) -> None:
    """Capture one batch into an empty folder."""
    run_batch(loaded, family, batch, prepared).save(folder)


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
        return self.array(f"q{call}"), self.array(f"k{call}")

    def intervals(self, call: Call) -> list[Intervals]:
        """Each document's allowed keys in a call."""
        lo, hi = self.array(f"lo{call.mask}"), self.array(f"hi{call.mask}")
        return split_intervals(lo, hi, self.batch, call.place)

    def array(self, name: str) -> Array:
        array: Array = np.load(self.folder / f"{name}.npy", mmap_mode="r")
        return array

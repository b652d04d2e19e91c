"""The self-check: on a short padded batch, recomputed attention against the model's own eager attention."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from attnviz.capture.batches import Batch
from attnviz.capture.eager import visit_eager_attention
from attnviz.capture.runner import Call, model_inputs, run_batch
from attnviz.documents import Tokens
from attnviz.errors import InputError
from attnviz.models import LoadedModel
from attnviz.score import Array, Intervals, Mask, ScoreRule, attention

# float32 on 129 architectures: at most 2.5e-5 (MobileBERT), most below 1e-6; a wrong rule is off by 1e-3 or more.
TOLERANCE: Final = 1e-4
_LENGTH: Final = 48


@dataclass(frozen=True)
class SelfCheck:
    """Largest absolute difference of recomputed from eager attention, and the rows compared."""

    max_error: float
    rows: int


def self_check(loaded: LoadedModel, tokens: Sequence[Tokens]) -> SelfCheck:
    """Compare every row of every layer on two short documents of different lengths, so that one is padded.

    Raises InputError that names the modules whose attention is not what the rule says.
    """
    batch, short = _short_batch(tokens)
    calls, arrays, output = run_batch(loaded, batch, short)
    index = {(call.module, call.call): number for number, call in enumerate(calls)}
    errors: dict[str, float] = {}
    rows = 0

    def visit(path: str, count: int, weights: Any) -> None:
        nonlocal rows
        number = index.pop((path, count))
        eager = weights.detach().float().cpu().numpy()
        for row, place in enumerate(batch.slices()):
            error, compared = _compare(calls[number], number, arrays, place, eager[row])
            errors[path] = max(errors.get(path, 0.0), error)
            rows += compared

    modules = dict(loaded.model.named_modules())
    watched = {call.module: modules[call.module] for call in calls}
    plain = visit_eager_attention(loaded.model, model_inputs(loaded, batch, short), watched, visit)
    _refuse(loaded, errors, [path for path, _ in index], _output_error(output, plain, batch))
    return SelfCheck(max(errors.values()), rows)


def _short_batch(tokens: Sequence[Tokens]) -> tuple[Batch, list[Tokens]]:
    """The beginning of the document nearest to 48 tokens, and two thirds of it."""
    nearest = min((t for t in tokens if len(t)), key=lambda t: abs(len(t) - _LENGTH))
    lengths = (min(len(nearest), _LENGTH), max(1, min(len(nearest), _LENGTH) * 2 // 3))
    return Batch((0, 1), lengths), [_prefix(nearest, length) for length in lengths]


def _prefix(tokens: Tokens, length: int) -> Tokens:
    own = slice(length)
    return Tokens(tokens.ids[own], tokens.texts[own], tokens.start[own], tokens.end[own], tokens.special[own])


def _compare(call: Call, number: int, arrays: dict[str, Array], place: slice, eager: Array) -> tuple[float, int]:
    """Largest error and rows of one document in one call; eager is (heads, longest, longest)."""
    lo, hi = arrays[f"lo{call.mask}"][place], arrays[f"hi{call.mask}"][place]
    intervals = Intervals(lo, hi, len(lo))
    sinks = None if call.sinks is None else np.asarray(call.sinks, np.float32)
    rule = ScoreRule(call.scaling, Mask("intervals"), call.softcap)
    ours = attention(arrays[f"q{number}"][:, place], arrays[f"k{number}"][:, place], rule, intervals, sinks)
    theirs = eager[:, : len(lo), : len(lo)]
    difference = np.abs(ours - theirs)[:, intervals.defined]
    worst = float(difference.max()) if np.isfinite(difference).all() else float("inf")
    return worst, difference.shape[0] * difference.shape[1]


def _output_error(ours: Any, plain: Any, batch: Batch) -> float:
    """Largest difference of the model's output under capture, relative to the output's own size."""
    a, b = ours[0], plain[0]
    own = [(a[row, :length], b[row, :length]) for row, length in enumerate(batch.lengths)]
    return max(float((x - y).abs().max() / y.abs().max().clamp(min=1)) for x, y in own)


def _refuse(loaded: LoadedModel, errors: dict[str, float], silent: list[str], output: float) -> None:
    reasons = [f"{path}: its eager attention returns no weights to compare with" for path in silent]
    reasons += [
        f"{p}: recomputed attention differs from eager by {e:.2g}" for p, e in errors.items() if not e <= TOLERANCE
    ]
    if not output <= 1e-3:
        reasons.append(f"the model's output changes by {output:.2g} under capture")
    if reasons:
        head = f"model {loaded.name}: the self-check failed, so nothing of {loaded.architecture} is shown:"
        raise InputError("\n".join([head, *(f"  {reason}" for reason in dict.fromkeys(reasons))]))

"""What can be captured of a model, and how: stacks and layers, the line of capture, the score rule,
the measured error.

Unlike a build, which refuses a model with a gap, a probe shows what there is and names what is not.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, Final

import numpy as np

from attnviz.capture.absences import absences, weighing_notices
from attnviz.capture.assembly import assemble
from attnviz.capture.batches import by_axes
from attnviz.capture.calls import CallKey, CapturedBatch
from attnviz.capture.corpus import state_notices
from attnviz.capture.result import Capture, Layer
from attnviz.capture.selfcheck import Examination, examine
from attnviz.config import ModelSpec
from attnviz.documents import Notice
from attnviz.engine.surroundings import undisturbed
from attnviz.modalities.preparing import prepare
from attnviz.modalities.registry import FAMILIES, family_of
from attnviz.models.loaded import LoadedModel
from attnviz.models.loading import load_model
from attnviz.score import ScoreRule


@dataclass(frozen=True)
class ProbedLayer:
    """One layer: where it is, how it was captured, its score rule in words, and the self-check's
    largest error.

    `vectors` says whether queries and keys are kept, or, for `reason`, the attention itself;
    `error` is None where the model gives no weights of its own to compare with.
    """

    stack: str
    layer: int
    heads: int
    kv_heads: int
    head_size: int | None
    line: str
    vectors: bool
    reason: str | None
    rule: str
    error: float | None
    module: str


@dataclass(frozen=True)
class Probe:
    """A probe's answer: layers by stack and number, and all that stands in the way of a report.

    `limit` is the most tokens of a text, None where the architecture has no limit or takes no
    texts; `absent` is what has no attention to show; `notices` are what a build says of the model.
    """

    model: str
    architecture: str
    family: str
    parameters: int
    dtype: str
    limit: int | None
    layers: list[ProbedLayer]
    absent: list[str]
    uncaptured: list[str]
    problems: list[str]
    notices: list[str]

    @property
    def complete(self) -> bool:
        """Whether a report can be built."""
        return bool(self.layers) and not self.uncaptured and not self.problems

    def to_dict(self) -> dict[str, Any]:
        """The answer as plain values, for JSON."""
        return asdict(self) | {"complete": self.complete}


def probe(spec: ModelSpec, note: Callable[[str], None] = lambda message: None) -> Probe:
    """Load a model and look at what can be captured of it, on a short sample of attnviz's own.

    `note` takes what is to be said while the hub is awaited. Raises InputError if it cannot be
    loaded, or does not run on what its family reads.
    """
    with undisturbed():
        return probe_loaded(load_model(spec, note))[0]


def probe_loaded(loaded: LoadedModel) -> tuple[Probe, Capture | None]:
    """The same of a model that is loaded, within `undisturbed`, with what was captured of the
    sample: its layers and rules are those that a build finds. None where nothing was."""
    family = family_of(loaded)
    with tempfile.TemporaryDirectory() as folder:
        inputs, notices = prepare(loaded, family, family.sample(Path(folder)), refuse=False)
        examined = [examine(loaded, family, documents) for documents in by_axes(inputs)]
        captured, errors = _captured(examined, Path(folder))
        layers = _layers(captured, errors)
    put_back = {path for checked in examined for path in checked.recorded.put_back}
    notices += state_notices(loaded.name, sorted(put_back))
    notices += weighing_notices(loaded.name, loaded.model.config)
    uncaptured = [reason for checked in examined for reason in checked.uncaptured]
    modules = {reason.split(":")[0] for reason in uncaptured}
    if not layers and not uncaptured:
        uncaptured = ["it has no attention that attnviz sees"]
    answer = Probe(
        model=loaded.name,
        architecture=loaded.architecture,
        family=family.name,
        parameters=loaded.parameters,
        dtype=loaded.dtype,
        limit=loaded.limit,
        layers=layers,
        absent=absences(
            loaded.model, [call for checked in examined for call in checked.recorded.calls], modules
        ),
        uncaptured=list(dict.fromkeys(uncaptured)),
        problems=list(dict.fromkeys(p for checked in examined for p in checked.problems)),
        notices=_to_be_known(loaded, notices),
    )
    return answer, captured


def _to_be_known(loaded: LoadedModel, notices: Sequence[Notice]) -> list[str]:
    """What a build says of the model and not of a document."""
    messages = [notice.message for notice in notices if notice.document is None]
    return [*messages, *loaded.remarks]


def _captured(
    examined: Sequence[Examination], folder: Path
) -> tuple[Capture | None, dict[CallKey, float]]:
    """What was captured, put together as a build does, and the largest error of each call."""
    batches: list[CapturedBatch] = []
    errors: dict[CallKey, float] = {}
    for number, checked in enumerate(examined):
        if checked.recorded.calls:
            batches.append(CapturedBatch(checked.batch, folder / f"batch{number}"))
            batches[-1].folder.mkdir()
            checked.recorded.save(batches[-1].folder)
        for call, error in zip(checked.recorded.calls, checked.errors, strict=True):
            errors[call.key] = max(error, errors.get(call.key, error))
    return assemble(batches) if batches else None, errors


def _layers(captured: Capture | None, errors: Mapping[CallKey, float]) -> list[ProbedLayer]:
    """The captured layers, by stack and number."""
    if captured is None:
        return []
    stacks = list(dict.fromkeys(layer.stack for layer in captured.layers))
    ordered = sorted(captured.layers, key=lambda layer: (stacks.index(layer.stack), layer.layer))
    return [_layer(captured, layer, errors[layer.module, layer.module_call]) for layer in ordered]


def _layer(captured: Capture, layer: Layer, error: float) -> ProbedLayer:
    rule = "none: kept as it is"
    if layer.vectors:
        rule = rule_in_words(captured.rules[layer.rule], layer.sinks is not None)
    return ProbedLayer(
        stack=layer.stack,
        layer=layer.layer,
        heads=layer.heads,
        kv_heads=layer.kv_heads,
        head_size=layer.head_size or None,
        line=layer.line,
        vectors=layer.vectors,
        reason=layer.reason,
        rule=rule,
        error=None if np.isnan(error) else error,
        module=layer.module + (f" (call {layer.module_call + 1})" if layer.module_call else ""),
    )


def rule_in_words(rule: ScoreRule, sinks: bool) -> str:
    """A score rule, briefly.

    >>> from attnviz.score import Mask
    >>> rule_in_words(ScoreRule(0.125, Mask("band", before=5), softcap=50.0), sinks=True)
    'keys −5 … +0, scaling 0.125, soft cap 50, sinks'
    """
    masks = {
        "full": "all keys", "causal": "causal", "intervals": "one interval of keys a row",
        "band": f"keys −{rule.mask.before} … +{rule.mask.after}",
    }  # fmt: skip
    parts = [masks[rule.mask.kind], f"scaling {rule.scaling:.4g}"]
    parts += [] if rule.softcap is None else [f"soft cap {rule.softcap:g}"]
    parts += [] if rule.bias is None else [f"{rule.bias} bias"]
    return ", ".join([*parts, "sinks"] if sinks else parts)


# ---- as text


def table(answer: Probe) -> list[str]:
    """The answer as the lines of a table; layers that are alike share a line."""
    limit = "" if answer.limit is None else f" of at most {answer.limit:,} tokens"
    about = (
        f"{answer.architecture}, {answer.parameters:,} parameters, {answer.dtype}; takes"
        f" {FAMILIES[answer.family].takes}{limit}"
    )
    lines = [f"{answer.model}: {about}", ""]
    if answer.layers:
        lines += [*_aligned([_HEAD, *_lines(answer.layers)]), ""]
    dense = [f"{layer.stack}: {layer.reason}" for layer in answer.layers if layer.reason]
    parts = {
        "kept as attention, without queries and keys": list(dict.fromkeys(dense)),
        "without attention to show": answer.absent,
        "not captured": answer.uncaptured,
        "not as the model computes it": answer.problems,
        "to be known": answer.notices,
    }
    for title, reasons in parts.items():
        if reasons:
            lines += [f"{title}:", *(f"  {reason}" for reason in reasons), ""]
    return [*lines, _verdict(answer)]


def _verdict(answer: Probe) -> str:
    if not answer.complete:
        return "attnviz build refuses this model"
    what = "all softmax attention" if answer.absent else "everything"
    return f"{what} is captured: attnviz build shows it"


_HEAD: Final = (
    "stack",
    "layers",
    "heads",
    "kv heads",
    "head size",
    "captured by",
    "score rule",
    "largest error",
)


def _lines(layers: list[ProbedLayer]) -> Iterator[tuple[str, ...]]:
    """The table's cells, a line for each run of layers that are alike."""

    def alike(layer: ProbedLayer) -> tuple[str, ...]:
        size = "–" if layer.head_size is None else str(layer.head_size)
        heads, kv_heads = str(layer.heads), str(layer.kv_heads)
        return layer.stack, heads, kv_heads, size, layer.line, layer.rule

    for (stack, *middle), group in groupby(layers, alike):
        run = list(group)
        first, last = run[0].layer, run[-1].layer
        errors = [layer.error for layer in run if layer.error is not None]
        yield (
            stack,
            str(first) if len(run) == 1 else f"{first}–{last}",
            *middle,
            f"{max(errors):.1e}" if len(errors) == len(run) else "not measured",
        )


def _aligned(rows: list[tuple[str, ...]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    padded = (zip(row, widths, strict=True) for row in rows)
    return ["  ".join(cell.ljust(width) for cell, width in row).rstrip() for row in padded]

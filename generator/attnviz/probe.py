"""What can be captured of a model, and how: stacks and layers, the line of capture, the score rule,
the measured error.

Unlike a build, which refuses a model with a gap, a probe shows what there is and names what is not.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import groupby
from pathlib import Path
from typing import Any, Final

import numpy as np
from PIL import Image
from scipy.io import wavfile

from attnviz.capture import Capture, CapturedBatch, Examination, Layer, assemble, examine
from attnviz.config import ModelSpec
from attnviz.documents import Document, Film
from attnviz.engine.surroundings import undisturbed
from attnviz.modalities import Family, FamilyName, family_of, prepare, shown_film
from attnviz.models import LoadedModel, load_model
from attnviz.score import ScoreRule

SAMPLE: Final = (
    "The old keeper of the lighthouse counted the ships that passed at night, and wrote their names"
    " in a book. When the fog came in, he rang the bell until his arms ached; nobody ever answered,"
    " but every ship found its way. One morning a letter arrived. “We heard you,” it said, “all"
    " these years, and we counted the bells.”"
)


@dataclass(frozen=True)
class Row:
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
    """A probe's answer: rows by stack and layer, and everything that stands in the way of a report.

    `limit` is the most tokens of a text, None where the architecture has no limit or takes no
    texts.
    """

    model: str
    architecture: str
    family: FamilyName
    parameters: int
    dtype: str
    limit: int | None
    layers: list[Row]
    uncaptured: list[str]
    problems: list[str]

    @property
    def complete(self) -> bool:
        """Whether a report can be built."""
        return bool(self.layers) and not self.uncaptured and not self.problems

    def to_dict(self) -> dict[str, Any]:
        """The answer as plain values, for JSON."""
        return asdict(self) | {"complete": self.complete}


def probe(spec: ModelSpec) -> Probe:
    """Load a model and look at what can be captured of it, on a short sample of our own.

    InputError where it cannot be loaded, or does not run on text or images alone.
    """
    with undisturbed():
        return _probe(spec)


def _probe(spec: ModelSpec) -> Probe:
    loaded = load_model(spec)
    family = family_of(loaded)
    with tempfile.TemporaryDirectory() as folder:
        prepared, _ = prepare(loaded, family, _sample(loaded, family, Path(folder)), refuse=False)
        checked = examine(loaded, family, prepared)
        layers = _rows(checked, Path(folder))
    uncaptured = checked.uncaptured or ([] if layers else ["it has no attention that attnviz sees"])
    return Probe(
        loaded.name,
        loaded.architecture,
        family.name,
        loaded.parameters,
        loaded.dtype,
        loaded.limit,
        layers,
        list(dict.fromkeys(uncaptured)),
        list(dict.fromkeys(checked.problems)),
    )


def _sample(loaded: LoadedModel, family: Family, folder: Path) -> list[Document]:
    """Documents that a model of this family takes: two, since layers are told apart by how they
    treat padding."""
    half = SAMPLE.index(" When")
    texts = (SAMPLE, SAMPLE[:half])
    if family.name == "text":
        return [Document(0, "sample", text) for text in texts]
    if family.name == "encoder-decoder":
        pairs = zip(texts, reversed(texts), strict=True)
        return [
            Document(0, "sample", f"{a}\n{b}", "translation", second=len(a) + 1) for a, b in pairs
        ]
    if family.name == "video":
        return [
            Document(0, "sample", "", "video", film=_film(loaded, folder, seed))
            for seed in range(2)
        ]
    if family.name == "audio":
        return [Document(0, "sample", "", "audio", sound=_sound(folder, seed)) for seed in range(2)]
    words = "What is in the picture?" if family.name == "vision-language" else ""
    return [
        Document(0, "sample", words, "image", image=_picture(folder, seed)) for seed in range(2)
    ]


def _picture(folder: Path, seed: int) -> Path:
    """A seeded picture of coloured squares."""
    squares = np.random.default_rng(seed).integers(0, 256, (7, 7, 3), np.uint8)
    path = folder / f"sample-{seed}.png"
    Image.fromarray(squares).resize((224, 224), Image.Resampling.NEAREST).save(path)
    return path


def _film(loaded: LoadedModel, folder: Path, seed: int) -> Film:
    """Seeded pictures one after the other."""
    own = folder / f"film-{seed}"
    own.mkdir()
    for number in range(4):
        _picture(own, 4 * seed + number)
    return shown_film(Film(own, tuple(range(4))), loaded.processor, loaded.model.config)


def _sound(folder: Path, seed: int) -> Path:
    """A second of seeded noise under a tone."""
    time = np.arange(16000) / 16000
    samples = np.sin(2 * np.pi * 220 * (seed + 1) * time) + np.random.default_rng(seed).normal(
        0, 0.3, len(time)
    )
    path = folder / f"sample-{seed}.wav"
    wavfile.write(path, 16000, (samples * 8000).astype(np.int16))
    return path


def _rows(checked: Examination, folder: Path) -> list[Row]:
    """The captured layers, put together as a build does."""
    if not checked.recorded.calls:
        return []
    checked.recorded.save(folder)
    captured = assemble([CapturedBatch(checked.batch, folder)])
    stacks = list(dict.fromkeys(layer.stack for layer in captured.layers))
    ordered = sorted(captured.layers, key=lambda layer: (stacks.index(layer.stack), layer.layer))
    return [_row(captured, layer, checked.errors[layer.call]) for layer in ordered]


def _row(captured: Capture, layer: Layer, error: float) -> Row:
    return Row(
        layer.stack,
        layer.layer,
        layer.heads,
        layer.kv_heads,
        layer.head_size or None,
        layer.line,
        layer.vectors,
        layer.reason,
        (
            rule_in_words(captured.rules[layer.rule], layer.sinks is not None)
            if layer.vectors
            else "none: kept as it is"
        ),
        None if np.isnan(error) else error,
        layer.module + (f" (call {layer.module_call + 1})" if layer.module_call else ""),
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


def table(found: Probe) -> str:
    """The answer as a table; layers that are alike share a line."""
    limit = "" if found.limit is None else f" of at most {found.limit:,} tokens"
    about = (
        f"{found.architecture}, {found.parameters:,} parameters, {found.dtype}; takes"
        f" {_TAKES[found.family]}{limit}"
    )
    lines = [f"{found.model}: {about}", ""]
    if found.layers:
        lines += [*_aligned([_HEAD, *_lines(found.layers)]), ""]
    dense = list(dict.fromkeys(f"{row.stack}: {row.reason}" for row in found.layers if row.reason))
    parts = {
        "kept as attention, without queries and keys": dense,
        "not captured": found.uncaptured,
        "not as the model computes it": found.problems,
    }
    for title, listed in parts.items():
        if listed:
            lines += [f"{title}:", *(f"  {one}" for one in listed), ""]
    whole = (
        "everything is captured: attnviz build shows it"
        if found.complete
        else "attnviz build refuses this model"
    )
    return "\n".join([*lines, whole])


_TAKES: Final = {
    "text": "texts",
    "encoder-decoder": "translations",
    "vision": "images",
    "video": "videos",
    "audio": "audio",
    "vision-language": "images and texts",
}
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


def _lines(rows: list[Row]) -> Iterator[tuple[str, ...]]:
    def alike(row: Row) -> tuple[str, ...]:
        size = "–" if row.head_size is None else str(row.head_size)
        return row.stack, str(row.heads), str(row.kv_heads), size, row.line, row.rule

    for (stack, *middle), group in groupby(rows, alike):
        own = list(group)
        errors = [row.error for row in own if row.error is not None]
        layers = str(own[0].layer) if len(own) == 1 else f"{own[0].layer}–{own[-1].layer}"
        yield (
            stack,
            layers,
            *middle,
            f"{max(errors):.1e}" if len(errors) == len(own) else "not measured",
        )


def _aligned(rows: list[tuple[str, ...]]) -> list[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    padded = (zip(row, widths, strict=True) for row in rows)
    return ["  ".join(cell.ljust(width) for cell, width in row).rstrip() for row in padded]

"""What all heads of a model write over a corpus, and how they are composed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from attnviz.capture.captured_layer import captured_layers
from attnviz.capture.model_corpus import ModelCorpus
from attnviz.capture.result import Capture
from attnviz.config import Config
from attnviz.documents.document import Notice
from attnviz.effects.documents import grouped, input_of, inputs_of, longest
from attnviz.engine.engine import Engine
from attnviz.heads.copied_tokens import SavedModel
from attnviz.heads.pairs import Types, frequent_types
from attnviz.writes.attended_tokens import attention_by_token
from attnviz.writes.composition import chance
from attnviz.writes.next_tokens import WrittenLayer, WrittenToken, find_next_tokens
from attnviz.writes.outputs import ModelOutput, find_outputs
from attnviz.writes.values_by_token import NormScale, mean_values
from attnviz.writes.words import missing_notice, missing_parts, not_here_notice

_ENOUGH: Final = 4
"""Tokens of a text that show how a model is made."""


@dataclass(frozen=True)
class ModelWrites:
    """What the report says: the last norm's mean inverse scale, None where next tokens are not
    known; the composition of matrices at random, None where none is known; the tables of tokens by
    layer; the folder with compositions, of which layers these are, and of which layers matrices are
    known; and what is missing."""

    inverse_scale: float | None
    chance: float | None
    tokens: Sequence[Sequence[WrittenToken]]
    composed: tuple[int, ...]
    readable: tuple[int, ...]
    folder: Path | None
    missing: tuple[str, ...]
    notices: Sequence[Notice]


def measure_writes(
    corpus: ModelCorpus, captured: Capture, config: Config, engine: Engine
) -> ModelWrites | None:
    """What the corpus asks for; None where it does not. With a notice alone where the model is not
    here."""
    if config.writes is None:
        return None
    if corpus.running is None:
        notice = not_here_notice(corpus.name)
        engine.note(notice.message)
        return ModelWrites(None, None, (), (), (), None, (notice.message,), (notice,))
    numbers = [n for n, document in enumerate(corpus.inputs) if document is not None]
    model = SavedModel(corpus.loaded, corpus.spec)
    found = engine.run(
        find_outputs.of(
            corpus.loaded,
            corpus.family,
            input_of(corpus, _shortest(corpus, numbers)),
            captured.layers,
            config.seed,
        )
    )
    output = found.value
    types = {name: frequent_types(axis.documents) for name, axis in corpus.axes.items()}
    means = engine.run(
        mean_values.of(
            corpus.loaded,
            corpus.family,
            [inputs_of(corpus, group) for group in grouped(corpus, numbers)],
            captured.layers,
            types,
            found.folder,
            output.norm,
        )
    )
    layers = _attended(corpus, captured, types, engine)
    step = find_next_tokens.of(model, layers, output, means.value, found.folder, means.folder)
    tokens = engine.run(step).value
    return _together(corpus, captured, output, means.value, tokens, found.folder, engine)


def _shortest(corpus: ModelCorpus, numbers: Sequence[int]) -> int:
    """The shortest document that shows how the model is made, on as many axes as any."""

    def order(number: int) -> tuple[int, bool, int, int]:
        length = longest(corpus, number)
        return -len(input_of(corpus, number).axes), length < _ENOUGH, length, number

    return min(numbers, key=order)


def _attended(
    corpus: ModelCorpus, captured: Capture, types: dict[str, Types], engine: Engine
) -> list[WrittenLayer]:
    layers = captured_layers(captured)
    steps = [
        attention_by_token.of(
            each, corpus.axes[each.layer.key_axis].documents, types[each.layer.key_axis]
        )
        for each in layers
    ]
    pieces = engine.each(f"attention by token {corpus.name}", steps, [1.0] * len(steps))
    return [
        WrittenLayer(each.layer, types[each.layer.key_axis], piece.folder)
        for each, piece in zip(layers, pieces, strict=True)
    ]


def _together(
    corpus: ModelCorpus,
    captured: Capture,
    output: ModelOutput,
    scale: NormScale,
    tokens: Sequence[Sequence[WrittenToken]],
    folder: Path,
    engine: Engine,
) -> ModelWrites:
    next_tokens = any(row.copying is not None for rows in tokens for row in rows)
    composed = tuple(n for n in range(len(captured.layers)) if (folder / f"c{n}.npy").is_file())
    parts = missing_parts(captured.layers, output, next_tokens, any(tokens))
    notices = missing_notice(corpus.name, parts)
    for notice in notices:
        engine.note(notice.message)
    return ModelWrites(
        scale.inverse if next_tokens else None,
        chance(output.hidden) if composed else None,
        tokens,
        composed,
        tuple(n for n, known in enumerate(output.layers) if known.reads),
        folder,
        tuple(parts),
        notices,
    )

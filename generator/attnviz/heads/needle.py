"""Copying from a needle in long texts, measured of a model whose corpus asks for it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from attnviz.capture.model_corpus import ModelCorpus, NeedleFigures
from attnviz.capture.out_of_memory import out_of_memory_in
from attnviz.capture.result import Capture
from attnviz.config import Config
from attnviz.config.section import NeedleOptions
from attnviz.engine.engine import Engine
from attnviz.heads.needle_figures import ByDepth, figures_by_depth, needle_statistics
from attnviz.heads.needle_probe import score_needle
from attnviz.heads.needle_texts import KEY, VALUE, NeedleTexts, needle_texts
from attnviz.heads.resting_stacks import resting_kinds

KIND: Final = "needle"
"""Of notices."""


def measure_needle(
    corpus: ModelCorpus, captured: Capture, config: Config, engine: Engine
) -> NeedleFigures | None:
    """By layer and head what is copied from a needle; None where the corpus does not ask. Without
    figures, and with the reason, where the model cannot be tried."""
    if config.probe is None:
        return None
    options = config.probe.needle
    if not corpus.family.reads_one_text:
        return _left_out(corpus.name, "it reads something else than one text", engine)
    needles = needle_texts(corpus.loaded, corpus.inputs, options, config.seed)
    if isinstance(needles, str):
        return _left_out(corpus.name, needles, engine)
    notices = _notices(corpus, captured, needles, options)
    for notice in notices:
        engine.note(notice)
    work = f"its passes over long texts of {needles[0].length:,} tokens"
    mend = "set a lower length of probe: needle, or dtype: bfloat16"
    with out_of_memory_in(corpus.name, work, mend):
        by_depth = _scores(corpus, captured, needles, config, engine)
    depths = figures_by_depth(options.depths, by_depth)
    return NeedleFigures(needle_statistics(by_depth), depths, notices)


def _scores(
    corpus: ModelCorpus,
    captured: Capture,
    needles: Sequence[NeedleTexts],
    config: Config,
    engine: Engine,
) -> ByDepth:
    # Attention that is kept whole is as large as a text is long, twice: one text at a time.
    vectors = all(layer.vectors for layer in captured.layers)
    together = max(1, config.batch_tokens // needles[0].length) if vectors else 1
    calls = [
        score_needle.of(
            corpus.loaded,
            corpus.family,
            needle,
            together,
            layers=corpus.spec.layers,
            heads=corpus.spec.heads,
            resting=resting_kinds(captured, corpus.about.separator),
            separator=corpus.about.separator,
        )
        for needle in needles
    ]
    pieces = engine.each(f"needle {corpus.name}", calls, [1.0] * len(calls))
    return [piece.value for piece in pieces]


def _left_out(model: str, reason: str, engine: Engine) -> NeedleFigures:
    notice = (
        f"{model}: its heads were not tried on copying from long texts (probe: needle): {reason}"
    )
    engine.note(notice)
    return NeedleFigures([], [], [notice])


def _notices(
    corpus: ModelCorpus,
    captured: Capture,
    needles: Sequence[NeedleTexts],
    options: NeedleOptions,
) -> list[str]:
    """What was tried, and what it does not say of this model."""
    length = needles[0].length
    texts = 2 * options.texts * len(needles)
    notices = [
        f"{corpus.name}: heads are tried on copying {VALUE} tokens after {KEY} from"
        f" {texts} texts of {length:,} tokens, half of them controls"
    ]
    if length < options.length:
        notices[0] += f"; the model takes no more, {options.length:,} were asked for"
    if any("first" not in kinds for kinds in resting_kinds(captured, None).values()):
        notices.append(
            f"{corpus.name}: rows see what comes after them, so the tokens to copy are in sight at"
            " the end already: retrieval is here how far a head looks from a token to what"
            " followed the same words elsewhere, and says nothing of writing"
        )
    return notices

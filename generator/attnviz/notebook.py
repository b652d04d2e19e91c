"""Attention in a notebook's cell: a small report, built aside and forgotten, as one page in a
frame."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from attnviz.building import build, build_given
from attnviz.config import Config, parse_config
from attnviz.config.values import fitting, name_from
from attnviz.documents.score_scale import USUAL_MAP
from attnviz.engine.engine import Engine
from attnviz.errors import InputError
from attnviz.exporters.token_scores import given_scores, render_scores
from attnviz.importers.arrays import rule_of, stacks_of
from attnviz.importers.assembling import Gift, give
from attnviz.importers.options import config_of
from attnviz.modalities.family import TEXT_AXIS
from attnviz.models.running import running_model, unwrapped
from attnviz.reader.frame import MOST, Cell, fitting_height
from attnviz.reader.report import Report
from attnviz.writes.attribution import LogitAttribution, attribute_logits, refuse_unattributable

_OF_SCORES: Final = {"scores", "tokens", "cmap", "alpha"}
MANY: Final = 64
"""Tokens up to which lines are drawn from token to token, unless another view is asked for."""


def show(
    subject: Any,
    tokenizer: Any,
    texts: Sequence[str],
    *,
    data: Mapping[str, Any],
    maps: Sequence[str],
    vectors: bool,
    probes: bool,
    **look: Any,
) -> Cell:
    """What `attnviz.show` does; `data` are attention and what stands beside it, those that are
    there, and `look` the arguments of `cell_of`."""
    options: dict[str, object] = {"maps": {"methods": list(maps)}}
    alone = tokenizer is None and not texts
    if isinstance(subject, Report) and alone and not data:
        return cell_of(subject, **look)
    if subject is None and alone and "scores" in data and data.keys() <= _OF_SCORES:
        return show_scores(**data, height=look.get("height"))
    if subject is None and alone and data and "scores" not in data:
        return show_given(data, options=options, look=look)
    if subject is None or isinstance(subject, Report) or data:
        raise InputError(
            "show: what? expected one of show(model, tokenizer, text), show(report),"
            " show(attention=…, tokens=…), show(scores=…, tokens=…)"
        )
    options["probes"] = probes
    options["vectors"] = vectors or look.get("view") == "neuron"
    return show_model(subject, tokenizer, texts, options=options, look=look)


def show_model(
    model: Any,
    tokenizer: Any,
    texts: Sequence[str],
    *,
    options: Mapping[str, object],
    look: Mapping[str, Any],
) -> Cell:
    """What a running model attends to in a text, or in a text and its second one. Nothing of it
    stays on disk, and the model is as it was. `look` are the arguments of `cell_of`."""
    inner = unwrapped(model)
    config = _config(inner, texts, options)
    with (
        tempfile.TemporaryDirectory(prefix="attnviz-") as folder,
        running_model(inner, tokenizer, config.models[0]) as loaded,
    ):
        engine = Engine(Path(folder) / "cache")
        report = build(config, Path(folder) / "report", engine, loaded).report
        return cell_of(report, **look)


def attribute(model: Any, tokenizer: Any, text: str) -> LogitAttribution:
    """What `attnviz.logit_attribution` does."""
    inner = unwrapped(model)
    refuse_unattributable(inner, text)
    spec = _config(inner, [text], {}).models[0]
    with running_model(inner, tokenizer, spec) as loaded:
        return attribute_logits(loaded, text)


def show_scores(
    scores: Any,
    tokens: Any = None,
    cmap: str = USUAL_MAP,
    alpha: float = 1.0,
    height: int | None = None,
) -> Cell:
    """Tokens shaded by a score each, or by several rows of scores."""
    read = given_scores(tokens, scores)
    title = "One score for each token" if len(read.scores) == 1 else "Scores of each token"
    page = render_scores(read, title, cmap, alpha)
    letters = sum(len(token) + 2 for token in read.tokens)
    tall = 180 + len(read.scores) * (110 + 34 * (letters // 72))
    return Cell(page, title, min(MOST, tall) if height is None else height)


def show_given(
    data: Mapping[str, Any], *, options: Mapping[str, object], look: Mapping[str, Any]
) -> Cell:
    """Attention that was computed elsewhere, with its tokens, in the forms that `attnviz.build`
    takes."""
    gift = Gift(
        by="attnviz.show(attention=…)",
        tokens=data.get("tokens"),
        attention=stacks_of(data.get("attention")),
        queries=data.get("queries"),
        keys=data.get("keys"),
        rule=rule_of(data.get("rule")),
    )
    model, config = give(gift, "given", "given"), config_of(options, "given")
    with tempfile.TemporaryDirectory(prefix="attnviz-") as folder:
        engine = Engine(Path(folder) / "cache")
        report = build_given(model, config, Path(folder) / "report", engine).report
        return cell_of(report, **look)


def _config(model: Any, texts: Sequence[str], options: Mapping[str, object]) -> Config:
    """A corpus of one document."""
    if not 1 <= len(texts) <= 2 or not all(isinstance(text, str) for text in texts):
        kinds = ", ".join(type(text).__name__ for text in texts) or "nothing"
        raise InputError(f"show: expected a text, or a text and a second one; got {kinds}")
    name = name_from(model.config.name_or_path or "") if model.config.name_or_path else "model"
    if name == "model":
        name = fitting(str(model.config.model_type))
    document: dict[str, object] = {"text": [{"text": texts[0]}]}
    if len(texts) == 2:
        document = {"text": [{"text": texts[0], "pair": texts[1]}]}
    if getattr(model.config, "is_encoder_decoder", False):
        if len(texts) == 1:
            raise InputError(
                f"show: {type(model).__name__} reads a text and writes another; expected both:"
                " show(model, tokenizer, source, target)"
            )
        document = {"translate": [{"source": texts[0], "target": texts[1]}]}
    corpus = {
        "title": name,
        "models": [{"name": name, "source": "running/model"}],
        "documents": [document],
        **options,
    }
    return parse_config(corpus, Path(tempfile.gettempdir()), "show")


def cell_of(
    report: Report,
    *,
    view: str | None = None,
    head: str | None = None,
    model: str | None = None,
    height: int | None = None,
) -> Cell:
    """A report in a cell."""
    entry = report.manifest.models[0]
    lengths = [len(axis) for axis in report.documents[0].axes.values()]
    if view is None and report.manifest.documents.count == 1:
        texts = all(axis.kind == TEXT_AXIS.kind for axis in entry.axes)
        view = "lines" if texts and max(lengths, default=0) <= MANY else "document"
    page = report.to_html(view=view, head=head, model=model)
    layers = len({(each.stack, each.layer) for each in entry.heads})
    tall = fitting_height(view, max(lengths, default=0), layers)
    return Cell(str(page), report.manifest.title, tall if height is None else height)

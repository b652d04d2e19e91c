"""attnviz: explorable static reports of how a transformer attends.

>>> import attnviz
>>> report = attnviz.open_report("build/quickstart")        # doctest: +SKIP
>>> report.attention(layer=2, head=3, document=7).shape     # doctest: +SKIP
(34, 34)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from attnviz._version import __version__
from attnviz.config import Config, load_config, parse_config
from attnviz.errors import InputError, ReportError
from attnviz.reader.report import Report, open_report

__all__ = ["Config", "InputError", "Report", "ReportError", "__version__", "build", "open_report"]


def build(
    corpus: Config | str | Path | Mapping[str, object] | None = None,
    out: str | Path | None = None,
    cache: str | Path = "build/.cache",
    *,
    attention: Any = None,
    tokens: Any = None,
    queries: Any = None,
    keys: Any = None,
    rule: Mapping[str, object] | None = None,
    texts: Sequence[str] | None = None,
    titles: Sequence[str] | None = None,
    labels: Sequence[Mapping[str, str]] | None = None,
    layers: Sequence[int] | None = None,
    missing: bool = False,
    by: str | None = None,
    name: str = "given",
    options: Mapping[str, object] | None = None,
) -> Report:
    """Build a report and open it: what `attnviz build` does, on a corpus, or on attention that was
    computed elsewhere.

    Parameters:
        corpus: The path of a corpus.yaml, a mapping of the same shape, whose paths count from the
            working folder, or a Config; or the path of a file of attention (.json, .npz, .arrow).
        out: The report's folder; by default build/ and the corpus's name.
        cache: Where stages are remembered, so that a build goes on where it was stopped.
        attention: Instead of a corpus, attention after the softmax: an array (layers, heads,
            queries, keys), or a tuple of layers as `output_attentions=True` gives it; of several
            documents a list of these, or a batch; of an encoder–decoder a mapping of `encoder`,
            `decoder` and `cross`.
        tokens: The tokens of what was given: a list of texts, or one for each document; of an
            encoder–decoder a mapping of `source` and `target`.
        queries: Queries (layers, heads, tokens, channels), as they are multiplied, with `keys`:
            then there are maps of them.
        keys: Keys, as the queries; heads may share them in equal groups.
        rule: How they become attention: `mask` (`causal` or `full`), `scaling` (by default 1/√d),
            `softcap`, `window`. It may be left out beside attention, which it is held against.
        texts: The documents' texts, where pieces of tokens do not tell them.
        titles: The documents' titles; by default their first words.
        labels: What is said of each document, by name.
        layers: The layers' numbers; by default all from zero.
        missing: Whether rows may sum to less than 1, as where only the strongest weights were kept;
            what is missing of them is shown as missing.
        by: Who gave the attention, as the report is to say it.
        name: The model's name in links.
        options: Of corpus.yaml, but for models and documents: `title`, `maps`, `seed` …

    Returns:
        The report, as `open_report` gives it. Of attention that was given it says that no model
        ran, and that its certificates are of what was given.

    Raises:
        InputError: For whatever has to be mended in the corpus, or in what was given: a wrong
            shape, rows that do not sum to 1, NaN, tokens that do not match.
    """
    from attnviz.engine.engine import Engine
    from attnviz.importers import (
        Gift,
        config_of,
        give,
        is_attention_file,
        name_of,
        read_gift,
        rule_of,
        stacks_of,
    )
    from attnviz.pipeline import build as run
    from attnviz.pipeline import build_given

    engine = Engine(Path(cache))
    if attention is None and queries is None:
        if corpus is None:
            raise InputError("what to build? expected a corpus, or attention with its tokens")
        if isinstance(corpus, str | Path) and is_attention_file(Path(corpus)):
            name = name_of(Path(corpus))
            config = config_of(options or {}, name)
            model = give(read_gift(Path(corpus)), name, name)
            return build_given(model, config, _folder(out, config), engine).report
        config = _config(corpus)
        return run(config, _folder(out, config), engine).report
    if corpus is not None:
        raise InputError("give either a corpus or attention, not both")
    gift = Gift(
        by=by or "attnviz.build(attention=…)",
        tokens=tokens,
        attention=stacks_of(attention),
        queries=queries,
        keys=keys,
        rule=rule_of(rule),
        texts=texts,
        titles=titles,
        labels=labels,
        layers=layers,
        missing=missing,
    )
    config = config_of(options or {}, name)
    return build_given(give(gift, name, name), config, _folder(out, config), engine).report


def _folder(out: str | Path | None, config: Config) -> Path:
    return Path(out) if out is not None else Path("build") / config.name


def _config(corpus: Any) -> Config:
    if isinstance(corpus, Config):
        return corpus
    if isinstance(corpus, Mapping):
        return parse_config(corpus, Path.cwd(), "report")
    return load_config(Path(corpus))

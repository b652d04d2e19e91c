"""attnviz: explorable static reports of how a transformer attends.

>>> import attnviz
>>> report = attnviz.open_report("build/quickstart")        # doctest: +SKIP
>>> report.attention(layer=2, head=3, document=7).shape     # doctest: +SKIP
(34, 34)
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from attnviz._version import __version__
from attnviz.engine.addresses import is_address
from attnviz.errors import InputError, ReportError

if TYPE_CHECKING:
    from attnviz.config import Config
    from attnviz.engine.engine import Engine
    from attnviz.reader.frame import Cell
    from attnviz.reader.report import Report, open_report
    from attnviz.writes.attribution import LogitAttribution

__all__ = [
    "Cell",
    "Config",
    "InputError",
    "LogitAttribution",
    "Report",
    "ReportError",
    "__version__",
    "build",
    "logit_attribution",
    "open_report",
    "show",
]

_ON_USE: Final = {
    "Cell": "attnviz.reader.frame",
    "Config": "attnviz.config",
    "LogitAttribution": "attnviz.writes.attribution",
    "Report": "attnviz.reader.report",
    "open_report": "attnviz.reader.report",
}
"""The modules of names that are imported when they are first asked for: every command imports this
package, and only some need NumPy, pyarrow and pydantic."""


def __getattr__(name: str) -> Any:
    if name not in _ON_USE:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value = getattr(import_module(_ON_USE[name]), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def build(
    corpus: Config | str | Path | Mapping[str, object] | None = None,
    out: str | Path | None = None,
    cache: str | Path = "build/.cache",
    cluster: Any = None,
    *,
    from_scratch: bool = False,
    model: Any = None,
    inputs: Any = None,
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
        out: The report's folder, or an address such as s3://bucket/report; by default build/ and
            the corpus's name.
        cache: Where stages are remembered, so that a build goes on where it was stopped: a folder,
            or an address such as s3://bucket/cache.
        cluster: Who works: `local:N` for N processes, or the address of a Dask scheduler or of a
            Ray cluster; or a `Client` of Dask's, such as dask-jobqueue's clusters give. By default
            this process.
        from_scratch: Whether no map may start from the positions of an earlier build of the corpus,
            so that its bytes follow from the corpus alone.
        model: Instead of a corpus, a torch.nn.Module that is no model of transformers, such as one
            of timm or with `nn.MultiheadAttention`: it runs once on `inputs`, as it is.
        inputs: A tensor, a tuple of arguments, or a mapping of named ones.
        attention: Instead of a corpus, attention after the softmax: an array (layers, heads,
            queries, keys), or a tuple of layers as `output_attentions=True` gives it; of several
            documents a list of these, or a batch; of an encoder–decoder a mapping of `encoder`,
            `decoder` and `cross`; or activations by name, as TransformerLens's cache has them
            (`blocks.0.attn.hook_pattern`, `hook_q`, `hook_k`) and nnterp.
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
    from attnviz.engine.workers import workers_at

    if attention is None and queries is None and model is None:
        with workers_at(cluster) as workers:
            engine = Engine(cache, workers=workers, from_scratch=from_scratch)
            return _build(corpus, out, engine, options or {})
    if corpus is not None:
        raise InputError("give either a corpus, or attention or a model; not both")
    engine = Engine(cache)
    from attnviz.building import build_given
    from attnviz.importers.assembling import give
    from attnviz.importers.dictionaries import gift_of_arrays
    from attnviz.importers.modules import gift_of_module
    from attnviz.importers.options import config_of

    if model is not None:
        gift = gift_of_module(model, inputs, tokens, name)
    else:
        gift = gift_of_arrays(
            by=by or "attnviz.build(attention=…)",
            tokens=tokens,
            attention=attention,
            queries=queries,
            keys=keys,
            rule=rule,
            layers=layers,
            missing=missing,
        )
    gift = replace(gift, texts=texts, titles=titles, labels=labels)
    config = config_of(options or {}, name)
    return build_given(give(gift, name, name), config, _folder(out, config), engine).report


def _build(
    corpus: Any, out: str | Path | None, engine: Engine, options: Mapping[str, object]
) -> Report:
    """The report of a corpus, or of a file of attention."""
    from attnviz.building import build as run
    from attnviz.building import build_given
    from attnviz.importers.recognising import is_attention_file

    if corpus is None:
        raise InputError("what to build? expected a corpus, or attention with its tokens")
    if not isinstance(corpus, str | Path) or not is_attention_file(Path(corpus)):
        config = _config(corpus)
        return run(config, _folder(out, config), engine).report
    from attnviz.importers.assembling import give
    from attnviz.importers.files import read_gift
    from attnviz.importers.options import config_of, name_of

    name = name_of(Path(corpus))
    config = config_of(options, name)
    gift = give(read_gift(Path(corpus)), name, name)
    return build_given(gift, config, _folder(out, config), engine).report


def _folder(out: str | Path | None, config: Config) -> Path | str:
    if out is None:
        return Path("build") / config.name
    return str(out) if is_address(out) else Path(out)


def show(
    subject: Any = None,
    tokenizer: Any = None,
    *texts: str,
    attention: Any = None,
    tokens: Any = None,
    queries: Any = None,
    keys: Any = None,
    rule: Mapping[str, object] | None = None,
    scores: Any = None,
    cmap: str | None = None,
    alpha: float | None = None,
    view: str | None = None,
    head: str | None = None,
    height: int | None = None,
    maps: Sequence[str] = (),
    vectors: bool = False,
    probes: bool = False,
) -> Cell:
    """Attention in a notebook's cell: `show(model, tokenizer, "text")`, with a second text for a
    pair or for a translation; `show(attention=…, tokens=…)`; `show(scores=…, tokens=…)`; or
    `show(report)`.

    A model is used as it runs, is never loaded from disk, and is left as it was: its mode, its
    attention implementation, hooks, configuration and the next random numbers. No file stays. A
    report shows itself too, as a cell's last value.

    Parameters:
        subject: A model of transformers, or a report.
        tokenizer: The model's tokenizer.
        texts: One text, or two: a pair, or a source and its target.
        attention: Instead of a model, attention as `build` takes it, such as `outputs.attentions`.
        tokens: Its tokens, as `build` takes them.
        queries: Queries, as `build` takes them, with `keys`.
        keys: Keys, as `build` takes them.
        rule: How they become attention, as `build` takes it.
        scores: Instead of attention, one score for each token, such as saliency, or several rows
            of them: the tokens are shaded.
        cmap: The colour map of matplotlib that shades them; by default `BuGn`.
        alpha: Room below and above the scores on the scale, in means; by default 1.
        view: The view that is shown first, such as `lines`, `matrix`, `patterns` or `document`.
        head: The head that is shown first, such as `L5H3`; without one, lines are those of all
            heads of a layer.
        height: Pixels of the cell's height; by default what the view needs, up to a screen.
        maps: Which maps to make: `attention`, `pca`, `umap`, `tsne`; by default none, as they take
            longest.
        vectors: Keep a model's queries and keys, which the view `neuron` shows; for that view they
            are kept in any case.
        probes: Try a model's heads on random texts said twice too, for the labels Induction and
            Duplicate token: about twice the time.

    Returns:
        The cell: drawn where it is a cell's last value; `save(path)` writes it as a page.

    Raises:
        InputError: If the model cannot be captured, or the texts or tokens do not fit.
    """
    from attnviz.notebook import show as run

    arguments = {"attention": attention, "tokens": tokens, "queries": queries, "keys": keys}
    arguments |= {"rule": rule, "scores": scores, "cmap": cmap, "alpha": alpha}
    data = {name: value for name, value in arguments.items() if value is not None}
    look: dict[str, Any] = {"view": view, "head": head, "height": height}
    options: dict[str, Any] = {"maps": maps, "vectors": vectors, "probes": probes}
    return run(subject, tokenizer, texts, data=data, **options, **look)


def logit_attribution(model: Any, tokenizer: Any, text: str) -> LogitAttribution:
    """What each part of a model adds to the logit of the token that follows (direct logit
    attribution, Elhage et al. 2021): the embedding, every head, every feed-forward layer, biases.

    The last norm's scale at each token is taken as it is; the parts then sum to the logits. Where a
    block does not simply add its parts, it counts as one, and `left_out` says so. The model is used
    as it runs and left as it was, as in `show`.

    Parameters:
        model: A model of transformers with its head for next tokens, such as GPT2LMHeadModel.
        tokenizer: The model's tokenizer.
        text: Of at least two tokens.

    Returns:
        The parts, and by `pairs(layer, head)` those of each pair of tokens.

    Raises:
        InputError: If the model predicts no next tokens, its logits are no sum of parts, or the
            text has too few or too many tokens.
    """
    from attnviz.notebook import attribute

    return attribute(model, tokenizer, text)


def _config(corpus: Any) -> Config:
    from attnviz.config import Config, load_config, parse_config

    if isinstance(corpus, Config):
        return corpus
    if isinstance(corpus, Mapping):
        return parse_config(corpus, Path.cwd(), "report")
    return load_config(Path(corpus))

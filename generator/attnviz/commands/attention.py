"""`attnviz extract`, `plot` and `prepare`: attention as files that other programs read."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from attnviz.errors import InputError
from attnviz.terminal import progress_for, say, say_object

if TYPE_CHECKING:
    from attnviz.exporters.plot import HeadMatrix
    from attnviz.importers.records import AttentionRecord

Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but errors.")]
Json = Annotated[
    bool, typer.Option("--json", help="Print one JSON object on standard output, for machines.")
]
Out = Annotated[Path, typer.Option("--out", "-o", metavar="FILE", help="The file to write.")]

EXTRACT = (
    "Examples:  attnviz extract path/to/model --text 'The cat sat on the mat.' -o attention.json"
    "   ·   attnviz extract bert-base-uncased --text 'A cat.' --layer 0 --layer 11 -o attention.npz"
    "   ·   attnviz extract corpus.yaml -o capture"
)
PLOT = (
    "Examples:  attnviz plot attention.json --layer 0 --head 0 -o head.png   ·   attnviz plot"
    " build/quickstart --layer 4 --head 11 --document 2 -o head.pdf"
)
PREPARE = "Example:  attnviz prepare attention.json -o backend.json"


def extract(
    model: Annotated[
        str,
        typer.Argument(
            metavar="MODEL|CORPUS.yaml", help="package:NAME, a folder, a hub id; or a corpus."
        ),
    ],
    out: Out,
    text: Annotated[
        list[str] | None, typer.Option(metavar="TEXT", help="A document; may be given many times.")
    ] = None,
    layer: Annotated[
        list[int] | None,
        typer.Option(metavar="N", help="A layer, from zero; many times.  [default: all]"),
    ] = None,
    stack: Annotated[
        str | None,
        typer.Option(metavar="NAME", help="encoder, decoder …, of models that have several."),
    ] = None,
    device: Annotated[
        str | None, typer.Option(help="auto, cpu, cuda or mps.  [default: auto]")
    ] = None,
    dtype: Annotated[
        str | None, typer.Option(help="float32, bfloat16, float16 or auto.  [default: float32]")
    ] = None,
    cache: Annotated[
        Path,
        typer.Option("--cache", metavar="DIR", help="Where finished work of a corpus is kept."),
    ] = Path("build/.cache"),
    quiet: Quiet = False,
    as_json: Json = False,
) -> None:
    """Write the attention of every layer and head on some texts to a file: .json, .npz or .arrow.

    Any model that can be captured (see probe); of a classifier its prediction too. JSON is
    {"tokens", "text", "attention_matrices": [layer][head][query][key]}, a list of these for several
    texts. `attnviz build FILE` makes a report of it.

    Of a corpus (CORPUS.yaml -o DIR) all is written that its report needs: `attnviz build DIR` makes
    it on another machine, without the models.
    """
    if Path(model).suffix.lower() in (".yaml", ".yml"):
        _extract_corpus(
            Path(model), out, cache, quiet, as_json, [text, layer, stack, device, dtype]
        )
        return
    from attnviz.config import parse_config
    from attnviz.exporters.attention_files import refuse_no_folder, write_records

    if not text:
        raise InputError("--text: is lacking; expected a text to read, such as --text 'A cat.'")
    refuse_no_folder(out)
    entry = {"source": model, "device": device, "dtype": dtype}
    entry = {key: value for key, value in entry.items() if value is not None}
    config = parse_config(
        {"models": [entry], "documents": [{"text": list(text)}], "long": "truncate"},
        Path.cwd(),
        "extract",
    )
    records = _captured(config, layer or (), stack, quiet)
    write_records(records, out)
    facts: dict[str, Any] = {
        "file": str(out), "bytes": out.stat().st_size, "documents": len(records),
        "layers": list(records[0].layers), "heads": len(records[0].attention[0]),
        "tokens": [len(record.tokens) for record in records],
        "predictions": [dict(record.prediction) for record in records if record.prediction],
    }  # fmt: skip
    if as_json:
        say_object(facts)
    elif not quiet:
        say(
            f"{out}: {len(facts['layers'])} layers of {facts['heads']} heads, {len(records)}"
            f" documents, {facts['bytes'] / 1e6:.2f} MB",
            *(_in_words(record) for record in records if record.prediction),
        )


def _extract_corpus(
    corpus: Path, out: Path, cache: Path, quiet: bool, as_json: bool, others: Sequence[Any]
) -> None:
    """Write the capture of a corpus."""
    from attnviz.config import load_config
    from attnviz.engine.engine import Engine
    from attnviz.pipeline import extract_capture

    if any(others):
        raise InputError(
            f"{corpus}: --text, --layer, --stack, --device and --dtype are of a model; a corpus"
            " says its own"
        )
    if out.suffix:
        raise InputError(f"-o {out}: expected a folder, as all of a corpus is captured")
    config = load_config(corpus, {}, lambda message: say(message, err=True))
    with progress_for(quiet) as progress:
        size = extract_capture(config, out, Engine(cache, progress))
    if as_json:
        say_object({"folder": str(out), "bytes": size})
    elif not quiet:
        say(f"{out}: {size / 1e6:.1f} MB; attnviz build {out} makes the report, without the models")


def _captured(
    config: Any, layers: Sequence[int], stack: str | None, quiet: bool
) -> list[AttentionRecord]:
    """The attention of the one model of a corpus on its documents; nothing is left on disk."""
    from attnviz.engine.engine import Engine
    from attnviz.engine.surroundings import undisturbed
    from attnviz.exporters.extraction import records_of
    from attnviz.pipeline import read_with_models

    with progress_for(quiet) as progress, tempfile.TemporaryDirectory() as folder:
        engine = Engine(Path(folder), progress)
        with engine.at_work(), undisturbed(config.seed):
            read = read_with_models(config, engine)
            captured = next(iter(read.models))
            return records_of(captured, read.corpus.documents, layers, stack)


def _in_words(record: AttentionRecord) -> str:
    share = record.prediction.get("probability")
    probability = "" if share is None else f" ({100 * share:.1f} %)"
    return f"“{record.text[:60]}”: {record.prediction['label']}{probability}"


def plot(
    source: Annotated[
        Path, typer.Argument(metavar="FILE|REPORT", help="A file of attention, or a report.")
    ],
    out: Out,
    layer: Annotated[int, typer.Option(metavar="N", help="The layer, from zero.")] = 0,
    head: Annotated[int, typer.Option(metavar="N", help="The head, from zero.")] = 0,
    document: Annotated[int, typer.Option(metavar="N", help="The document, from zero.")] = 0,
    stack: Annotated[
        str | None, typer.Option(metavar="NAME", help="Of reports with several stacks.")
    ] = None,
    model: Annotated[
        str | None, typer.Option(metavar="NAME", help="Of reports with several models.")
    ] = None,
    quiet: Quiet = False,
) -> None:
    """Draw one head's attention on one document: .png, .svg or .pdf, by matplotlib (the extra
    plot)."""
    from attnviz.exporters.plot import plot_head

    if source.is_dir() or source.name == "index.html":
        matrix = _of_report(source, layer, head, document, stack, model)
    else:
        matrix = _of_file(source, layer, head, document)
    plot_head(matrix, out)
    if not quiet:
        say(f"{out}: {matrix.title}, {len(matrix.queries)} × {len(matrix.keys)} tokens")


def _of_file(path: Path, layer: int, head: int, document: int) -> HeadMatrix:
    """A head of a file. Raises InputError for what the file does not have."""
    from attnviz.exporters.plot import HeadMatrix
    from attnviz.importers.files import read_records

    records = read_records(path)
    _within(path, "document", document, range(len(records)))
    record = records[document]
    _within(path, "layer", layer, record.layers)
    a = record.attention[record.layers.index(layer)]
    _within(path, "head", head, range(len(a)))
    return HeadMatrix(f"Layer {layer}, head {head}", a[head], record.tokens, record.tokens)


def _within(path: Path, name: str, number: int, present: Sequence[int]) -> None:
    if number not in present:
        raise InputError(
            f"--{name} {number}: {path} has {name}s {present[0]} to {present[-1]}, counted from"
            " zero"
        )


def _of_report(
    path: Path, layer: int, head: int, document: int, stack: str | None, model: str | None
) -> HeadMatrix:
    """A head of a report. Raises InputError for what the report does not have."""
    import numpy as np

    from attnviz.exporters.plot import HeadMatrix
    from attnviz.reader.report import open_report
    from attnviz.reader.selecting import find_head, find_model, stack_of

    report = open_report(path)
    entry = find_model(report.manifest, model)
    entry_of_head = find_head(entry, layer, head, stack)
    _within(path, "document", document, range(report.manifest.documents.count))
    a = report.attention(layer, head, document, stack=stack, model=entry.name)
    about = report.documents_of(entry.name)[document]
    axes = stack_of(entry, entry_of_head)
    return HeadMatrix(
        f"{entry.title}, layer {layer}, head {head}",
        np.nan_to_num(a),
        _names(about, axes.query_axis),
        _names(about, axes.key_axis),
    )


def _names(document: Any, axis: str) -> Sequence[str]:
    """What the tokens of a document's axis are called."""
    return tuple(document.axes[axis].texts)


def prepare(
    file: Annotated[Path, typer.Argument(help="A file of attention: .json, .npz or .arrow.")],
    out: Out,
    quiet: Quiet = False,
) -> None:
    """Write attention as front ends read it, padding removed.

    {"tokens", "text", "layers": [{"layer_idx", "heads": [{"head_idx", "attention"}]}]}, a list of
    these for several documents.
    """
    from attnviz.exporters.attention_files import write_prepared
    from attnviz.importers.files import read_records

    if out.suffix.lower() != ".json":
        raise InputError(f"-o {out}: expected a file that ends in .json")
    records = read_records(file)
    write_prepared(records, out)
    if not quiet:
        tokens = ", ".join(str(len(record.tokens)) for record in records)
        say(f"{out}: {len(records)} documents of {tokens} tokens")

"""A capture: a folder with all that models gave on a corpus, of which a report is built where they
are not.

`capture.json` has the corpus's options and documents, and for each model what a report says of it,
its tokens, notices, self-check and probes. `story.md` is the corpus's story, where it has one.
`model-<n>/batch-<n>/` is a batch as it was captured (`capture.calls`). Documents are texts of all
kinds; what they show or play is not kept. Every file is proved by its SHA-256 in `capture.json`,
and that by its own `seal`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, Final

import numpy as np
from pydantic import TypeAdapter

from attnviz.capture.assembly import assemble
from attnviz.capture.batches import Batch
from attnviz.capture.calls import CapturedBatch
from attnviz.capture.corpus import CapturedModel
from attnviz.capture.model_corpus import ModelCorpus, NeedleFigures, Probes
from attnviz.capture.selfcheck import SelfCheckResult
from attnviz.config import Config
from attnviz.config.regular_files import read_json
from attnviz.documents.document import Corpus, Document, DocumentKind, Notice, Source
from attnviz.documents.scored_text import ScoreRow
from attnviz.documents.tokens import Tokens
from attnviz.engine.digests import file_digest
from attnviz.engine.engine import Engine
from attnviz.errors import InputError
from attnviz.format.seal import sha256
from attnviz.importers.adopting import adopt_batch
from attnviz.importers.family import GivenFamily
from attnviz.importers.recognising import CAPTURE as FILE
from attnviz.modalities.axes import Axis
from attnviz.modalities.model_input import ModelInput
from attnviz.models.about import ModelAbout

STORY: Final = "story.md"
FORMAT: Final = "attnviz-capture"
VERSION: Final = 1
OPTIONS: Final = ("title", "maps", "fidelity", "vectors", "strict", "seed", "site")
"""What of a corpus's options a report still needs when its models have run."""

_ABOUT: Final[TypeAdapter[ModelAbout]] = TypeAdapter(ModelAbout)
_NEEDLE: Final[TypeAdapter[NeedleFigures]] = TypeAdapter(NeedleFigures)
_SCORES: Final[TypeAdapter[ScoreRow]] = TypeAdapter(ScoreRow)
MOST: Final = 10**9
"""Bytes of `capture.json`."""
_EXPECTED: Final = (
    "expected the whole folder that attnviz extract CORPUS.yaml -o wrote: copy it again"
)
_ARRAYS: Final = {"special": bool, "segment": np.uint8, "row": np.int16, "column": np.int16}
_TEXTS: Final = ("texts", "characters", "names")


def read_capture(path: Path) -> dict[str, Any]:
    """What a capture says of itself. Raises InputError if it cannot be read, is not as it was
    written, or is of another version."""
    content, fault = read_json(path / FILE, MOST)
    if fault is None and not isinstance(content, dict):
        fault = "is no capture"
    if fault is not None:
        raise InputError(f"{path / FILE}: {fault}; {_EXPECTED}")
    if (content.get("format"), content.get("version")) != (FORMAT, VERSION):
        raise InputError(
            f"{path / FILE}: is of {content.get('format')} {content.get('version')}; this attnviz"
            f" reads {FORMAT} {VERSION}: use the attnviz that wrote it"
        )
    if content.pop("seal", None) != seal_of(content):
        raise InputError(f"{path / FILE}: is not as it was written; {_EXPECTED}")
    return dict(content)


def prove_files(path: Path, content: Mapping[str, Any]) -> None:
    """Raises InputError if a file of a capture is missing, or is not as it was written."""
    with as_written(path):
        for name, digest in content["files"].items():
            _prove(path, name, digest)


def seal_of(content: Mapping[str, Any]) -> str:
    """SHA-256 of what `capture.json` has beside its seal, in hexadecimal digits."""
    return sha256(json.dumps(content, ensure_ascii=False, sort_keys=True).encode("utf-8"))


@contextmanager
def as_written(path: Path) -> Iterator[None]:
    """Raises InputError for what is not of the form that attnviz writes."""
    try:
        yield
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, OSError) as error:
        raise InputError(
            f"{path / FILE}: holds what attnviz does not write ({type(error).__name__}:"
            f" {str(error)[:120]}); {_EXPECTED}"
        ) from error


def _prove(folder: Path, name: str, digest: str) -> None:
    try:
        inside = (folder / name).resolve().is_relative_to(folder.resolve())
        proved = inside and file_digest(folder / name).hex() == digest
    except FileNotFoundError:
        raise InputError(f"{folder / name}: is missing; {_EXPECTED}") from None
    if not proved:
        raise InputError(f"{folder / name}: is not as it was written; {_EXPECTED}")


def corpus_of_capture(path: Path, content: Mapping[str, Any]) -> Corpus:
    """The documents of a capture, with their sources."""
    with as_written(path):
        documents = tuple(_document(entry) for entry in content["documents"])
        return Corpus(documents, tuple(Source(**source) for source in content["sources"]))


def notices_of_capture(path: Path, content: Mapping[str, Any]) -> list[Notice]:
    """What was said of the corpus where it was read."""
    with as_written(path):
        return [Notice(**notice) for notice in content["notices"]]


def models_of_capture(
    path: Path, content: Mapping[str, Any], config: Config, engine: Engine
) -> Iterator[CapturedModel]:
    """Each model with what was captured of it. Raises InputError for what attnviz does not
    write."""
    for number, entry in enumerate(content["models"]):
        with as_written(path):
            corpus = _model_corpus(entry, config)
            count = len(entry["batches"])
        folders = [path / f"model-{number}" / f"batch-{batch}" for batch in range(count)]
        name = corpus.about.name
        calls = [adopt_batch.of(folder) for folder in folders]
        pieces = list(engine.each(f"take {name}", calls, [1.0] * len(calls)))
        with as_written(path):
            batches = [
                CapturedBatch(_batch(each), piece.folder)
                for each, piece in zip(entry["batches"], pieces, strict=True)
            ]
            captured = assemble(batches, entry["layers"], entry["heads"], name)
            checked = SelfCheckResult(entry["max_error"], entry["rows"], [])
        yield CapturedModel(corpus, captured, checked)


def _model_corpus(entry: Mapping[str, Any], config: Config) -> ModelCorpus:
    probes = entry["probes"]
    return ModelCorpus(
        about=_ABOUT.validate_python(entry["about"]),
        running=None,
        family=GivenFamily({name: Axis(**each) for name, each in entry["kinds"].items()}),
        inputs=_inputs(entry["axes"]),
        spec=config.models[0],
        notices=[Notice(**notice) for notice in entry["notices"]],
        probes=None if probes is None else _probes(*probes),
    )


def _probes(repetition: Any, copying: Any, needle: Any = None) -> Probes:
    """What probes found, as `capture.json` has it."""
    figures = None if needle is None else _NEEDLE.validate_python(needle)
    return Probes(repetition, copying, figures)


def _batch(entry: Mapping[str, Any]) -> Batch:
    lengths = {name: tuple(of_axis) for name, of_axis in entry["lengths"].items()}
    return Batch(tuple(entry["documents"]), lengths, dict(entry["padded"]))


def _document(entry: Mapping[str, Any]) -> Document:
    kind = DocumentKind(entry["kind"], gap=entry["gap"])
    models = None if entry["models"] is None else tuple(entry["models"])
    return Document(
        entry["entry"],
        entry["title"],
        entry["text"],
        kind,
        second=entry["second"],
        models=models,
        labels=entry["labels"],
        scores=tuple(_SCORES.validate_python(row) for row in entry.get("scores", ())),
    )


def needle_entry(figures: NeedleFigures) -> dict[str, Any]:
    """What heads copy from long texts as `capture.json` has it."""
    entry: dict[str, Any] = _NEEDLE.dump_python(figures, mode="json")
    return entry


def document_entry(document: Document) -> dict[str, Any]:
    """A document as `capture.json` has it."""
    return {
        "entry": document.entry, "title": document.title, "text": document.text,
        "kind": document.kind.name, "gap": document.kind.gap, "second": document.second,
        "models": document.models, "labels": dict(document.labels),
        "scores": [_SCORES.dump_python(row, mode="json") for row in document.scores],
    }  # fmt: skip


def tokens_entry(tokens: Tokens) -> dict[str, Any]:
    """A document's tokens as `capture.json` has them."""
    entry: dict[str, Any] = {"ids": tokens.ids.tolist(), "spans": tokens.spans.tolist()}
    entry |= {name: getattr(tokens, name).tolist() for name in _ARRAYS}
    entry |= {name: list(getattr(tokens, name)) for name in _TEXTS}
    return entry | {"labels": {name: list(values) for name, values in tokens.labels.items()}}


def _tokens(entry: Mapping[str, Any]) -> Tokens:
    spans = np.array(entry["spans"], np.int32).reshape(-1, 2)
    columns: dict[str, Any] = {name: np.array(entry[name], kind) for name, kind in _ARRAYS.items()}
    columns |= {name: tuple(entry[name]) for name in _TEXTS}
    return Tokens(
        ids=np.array(entry["ids"], np.int32),
        start=spans[:, 0],
        end=spans[:, 1],
        labels={name: tuple(values) for name, values in entry["labels"].items()},
        **columns,
    )


def _inputs(axes: Mapping[str, list[Any]]) -> list[ModelInput | None]:
    """The tokens of each document by axis; None of what the model did not read."""
    count = len(next(iter(axes.values())))
    inputs: list[ModelInput | None] = []
    for number in range(count):
        tokens = {
            name: _tokens(entries[number]) for name, entries in axes.items() if entries[number]
        }
        inputs.append(ModelInput(tokens, {}) if tokens else None)
    return inputs


def about_entry(about: ModelAbout) -> Any:
    """What a report says of a model, as `capture.json` has it."""
    return _ABOUT.dump_python(about, mode="json")


def axis_entry(axis: Axis) -> dict[str, Any]:
    """What is true of an axis, as `capture.json` has it."""
    return {field.name: getattr(axis, field.name) for field in fields(axis)}


def notice_entry(notice: Notice) -> dict[str, Any]:
    """A notice as `capture.json` has it."""
    return asdict(notice) | {"figures": dict(notice.figures)}

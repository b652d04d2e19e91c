"""Captures written: all that models gave on a corpus, for a report that is built elsewhere."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from attnviz.capture.corpus import CapturedModel
from attnviz.capture.model_corpus import Probes
from attnviz.config import Config
from attnviz.documents.document import Corpus, Notice
from attnviz.engine.digests import file_digest
from attnviz.errors import InputError
from attnviz.importers import captures as form
from attnviz.importers.recognising import CAPTURE, is_capture

_OWN = ("value.json", "proof.json")
"""Files of the cache beside those of a batch."""


def refuse_unkept(corpus: Corpus, config: Config) -> None:
    """Raises InputError for what a capture does not keep: media, and what maps of queries and keys
    from before rotary embedding need."""
    for document in corpus.documents:
        if document.media is not None:
            raise InputError(
                f"{config.label}: “{document.title}” is no text: a capture keeps texts alone; build"
                " the report where the models are"
            )
    if config.maps.rotary == "before":
        raise InputError(
            f"{config.label}: maps.rotary: before needs the model: build the report where it is,"
            " or leave rotary out"
        )


def prepare_folder(out: Path) -> None:
    """Make the folder of a capture; one that stands there is replaced. Raises InputError if it
    holds anything else."""
    if out.exists() and not is_capture(out) and (not out.is_dir() or any(out.iterdir())):
        raise InputError(f"-o {out}: is there already and is no capture; name another folder")
    if out.exists():
        shutil.rmtree(out)
    out.mkdir(parents=True)


def write_capture(
    out: Path,
    corpus: Corpus,
    notices: Sequence[Notice],
    models: Iterable[tuple[CapturedModel, Probes | None]],
    config: Config,
) -> int:
    """Write a capture into an empty folder; returns its bytes."""
    entries = [_model(out / f"model-{n}", *each) for n, each in enumerate(models)]
    options = config.model_dump(mode="json", include=set(form.OPTIONS))
    if config.story is not None:
        shutil.copyfile(config.story, out / form.STORY)
    files = {
        file.relative_to(out).as_posix(): file_digest(file).hex()
        for file in sorted(out.rglob("*"))
        if file.is_file()
    }
    content = {
        "format": form.FORMAT,
        "version": form.VERSION,
        "name": config.name,
        "file": config.path.name if config.path else config.name,
        "sha256": config.sha256,
        "options": options,
        "documents": [form.document_entry(document) for document in corpus.documents],
        "sources": [vars(source) for source in corpus.sources],
        "notices": [form.notice_entry(notice) for notice in notices],
        "models": entries,
        "files": files,
    }
    content = json.loads(json.dumps(content))  # as it is read
    content["seal"] = form.seal_of(content)
    # Last, so that a capture that was cut short is none.
    (out / CAPTURE).write_text(json.dumps(content, ensure_ascii=False), "utf-8")
    return sum(file.stat().st_size for file in out.rglob("*") if file.is_file())


def _model(folder: Path, captured: CapturedModel, probes: Probes | None) -> dict[str, Any]:
    """Copy the batches of a model; returns its entry."""
    model, capture, checked, _ = captured
    for number, batch in enumerate(capture.batches):
        into = folder / f"batch-{number}"
        into.mkdir(parents=True)
        for file in batch.folder.iterdir():
            if file.name not in _OWN:
                shutil.copyfile(file, into / file.name)
    axes = {name: axis.documents for name, axis in model.axes.items()}
    return {
        "about": form.about_entry(model.about),
        "kinds": {name: form.axis_entry(model.family.axes[name]) for name in axes},
        "axes": {
            name: [None if tokens is None else form.tokens_entry(tokens) for tokens in documents]
            for name, documents in axes.items()
        },
        "notices": [form.notice_entry(notice) for notice in model.notices],
        "max_error": checked.max_error,
        "rows": checked.rows,
        "probes": None if probes is None else _probes(probes),
        "layers": list(model.spec.layers),
        "heads": list(model.spec.heads),
        "batches": [
            {
                "documents": batch.batch.documents,
                "lengths": dict(batch.batch.lengths),
                "padded": dict(batch.batch.padded),
            }
            for batch in capture.batches
        ],
    }


def _probes(probes: Probes) -> list[Any]:
    """What probes found; what nobody asked for is left out."""
    needle = [] if probes.needle is None else [form.needle_entry(probes.needle)]
    return [probes.repetition, probes.copying, *needle]

"""`attnviz check`: is a report whole and what it says it is? Hashes, schemas, links, rows,
certificates."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa

from attnviz.errors import InputError, ReportError
from attnviz.format.columns import LABEL, schema_of, table_of
from attnviz.format.inside import read_inside
from attnviz.format.manifest import Head, Manifest, Model, Shard
from attnviz.format.shards import read_shard, shard_bytes
from attnviz.format.tables import describe_columns
from attnviz.format.twins import is_twin, twin_path
from attnviz.reader.check_files import Stranger, strangers
from attnviz.reader.check_pages import check_pages
from attnviz.reader.opening import LARGEST_MANIFEST
from attnviz.reader.report import Report
from attnviz.reader.scores import read_scores
from attnviz.reader.selecting import stack_of
from attnviz.reader.store import ShardStore
from attnviz.reader.stored_values import lengths_entry, value_lengths


@dataclass(frozen=True)
class Findings:
    """What is wrong with a report, each naming its file, and what is not wrong but worth a word."""

    faults: list[str]
    notes: list[str]


def check(folder: Path) -> list[str]:
    """Every fault found, each naming its file; empty where the report is whole."""
    return inspect(folder).faults


def inspect(folder: Path) -> Findings:
    """The faults, and beside them what this report cannot prove, and files that are not its."""
    try:
        report = Report(folder)
    except ReportError as error:
        return Findings(error.problems, [])
    manifest = report.manifest
    others = list(strangers(folder, manifest))
    faults = [*_shards(folder, manifest), *check_pages(folder, manifest), *_certificates(manifest)]
    faults += [
        f"{other.path}: is not named in the manifest; remove it, or build the report again"
        for other in others
        if other.is_fault
    ]
    faults = faults or list(_references(manifest))
    faults = faults or [*_scores(report), *_rows(report), *_examples(report)]
    return Findings(faults, list(_notes(manifest, others)))


def _notes(manifest: Manifest, others: list[Stranger]) -> Iterator[str]:
    if not manifest.files:
        yield (
            "manifest.json: has no hashes of pages, scripts and stylesheets, and index.html none of"
            " the manifest, as the report is of an earlier attnviz: what is not proved is that they"
            " are as they were built; build the report again"
        )
    for other in others:
        if other.is_left:
            yield f"{other.path}: was left by a build that was ended; the next build removes it"
        elif not other.is_fault:
            yield f"{other.path}: is not part of the report"


def _shards(folder: Path, manifest: Manifest) -> Iterator[str]:
    twins = _has_twins(folder, manifest)
    for shard in manifest.data.values():
        try:
            table = read_shard(folder, shard, not manifest.site.with_shards)
        except ReportError as error:
            yield from error.problems
            continue
        yield from _columns(manifest, shard, table)
        if shard.content is not None:
            yield from _carried(folder, manifest, shard)
        if twins and manifest.site.with_shards:  # else the shard was read out of it
            yield from _twin(folder, shard.path)
    if twins:
        yield from _twin(folder, "manifest.json")


def _columns(manifest: Manifest, shard: Shard, table: pa.Table) -> Iterator[str]:
    """Whether a shard has just the columns that the manifest says; tables of heads were proved as
    they were read."""
    if table_of(shard.kind, shard.encoding).part:
        return
    present = [name for name in table.column_names if not name.startswith(LABEL)]
    expected = schema_of(shard.kind, shard.encoding, [*present, *_labels(manifest, shard)])
    if not table.schema.remove_metadata().equals(expected):
        yield (
            f"{shard.path}: its columns are {describe_columns(table.schema)}; expected"
            f" {describe_columns(expected)}"
        )


def _has_twins(folder: Path, manifest: Manifest) -> bool:
    """Whether a report is to have twins. One that opens anywhere may have been put on a web host by
    an attnviz that left them out without a word."""
    if manifest.site.open != "anywhere":
        return manifest.site.with_twins
    return (folder / "manifest.js").exists() or any(folder.glob("data/*.arrow.js"))


def _carried(folder: Path, manifest: Manifest, shard: Shard) -> Iterator[str]:
    raw = shard_bytes(folder, shard, not manifest.site.with_shards)
    content = base64.b64encode(raw).decode()
    if shard.content != content:
        yield (
            f"manifest.json: carries other bytes than those of {shard.path}; build the report again"
        )


def _labels(manifest: Manifest, shard: Shard) -> list[str]:
    """The columns of labels that the manifest says a shard has."""
    axes = [axis for model in manifest.models if model.name == shard.model for axis in model.axes]
    labels = manifest.documents.labels if shard.kind == "documents" else []
    if shard.kind == "tokens":
        labels = next((axis.labels for axis in axes if axis.name == shard.axis), [])
    return [LABEL + name for name in labels]


def _twin(folder: Path, path: str) -> Iterator[str]:
    beside = twin_path(path)
    try:
        content = read_inside(folder, path, LARGEST_MANIFEST)
        if not os.path.lexists(folder / beside):
            raise ReportError(
                f"{beside}: is missing, so the report does not open by double-click; build it again"
            )
        same = is_twin(read_inside(folder, beside, LARGEST_MANIFEST * 4 // 3), path, content)
    except ReportError as error:
        yield from error.problems
        return
    if not same:
        yield f"{beside}: does not hold the bytes of {path}; build the report again"


def _certificates(manifest: Manifest) -> Iterator[str]:
    bounds = manifest.fidelity
    for model in manifest.models:
        for head in model.heads:
            where = f"manifest.json: {model.name} {model.head_id(head)}"
            variation = head.certificate.total_variation
            error = head.certificate.max_error
            if not (variation <= bounds.total_variation and error <= bounds.max_error):
                yield (
                    f"{where}: its certificate (total variation {variation:.2g}, largest error"
                    f" {error:.2g}) is over the report's bound ({bounds.total_variation:g},"
                    f" {bounds.max_error:g})"
                )
            if head.certificate.rows == 0:
                yield f"{where}: its certificate measured no row"


def _references(manifest: Manifest) -> Iterator[str]:
    names: list[str] = [*manifest.documents.shards, *manifest.documents.scores]
    for model in manifest.models:
        names.append(model.overview.shard)
        for axis in model.axes:
            names += [
                axis.lengths,
                axis.sample.shard,
                *axis.shards,
                *(name for name in (axis.crops, axis.places) if name),
            ]
        for rule in model.rules:
            names += rule.mask.shards or []
        names += [] if model.kept is None else [model.kept.shard]
        names += [] if model.examples is None else model.examples.shards
        for module in model.captures:
            names += [] if module.values is None else module.values.shards
        for head in model.heads:
            yield from _head(manifest, model, head)
    for name in dict.fromkeys(names):
        if name not in manifest.shards:
            yield f"manifest.json: names a shard {name} that it does not list"


def _head(manifest: Manifest, model: Model, head: Head) -> Iterator[str]:
    where = f"manifest.json: {model.name} {model.head_id(head)}"
    if len(head.encodings) != len(manifest.documents.groups):
        yield (
            f"{where}: has {len(head.encodings)} encodings for {len(manifest.documents.groups)}"
            " document groups"
        )
    if missing := {statistic.name for statistic in model.statistics} ^ set(head.statistics):
        yield f"{where}: its statistics are not the model's: {', '.join(sorted(missing))}"


def _scores(report: Report) -> Iterator[str]:
    """Scores are of parts of their documents' texts, in order."""
    store = ShardStore(report.folder, report.manifest)
    scored = report.manifest.documents.count if report.manifest.documents.scores else 0
    for number in range(scored):
        try:
            rows, text = read_scores(store, number), report.documents[number].text
        except ReportError as error:
            yield from error.problems
            break
        for name, (_, ends, _) in rows.items():
            if len(ends) and ends[-1] > len(text):
                yield (
                    f"manifest.json: the scores “{name}” of document {number} go on after the end"
                    " of its text"
                )


def _examples(report: Report) -> Iterator[str]:
    """Examples are of documents and tokens that there are, each in its band."""
    for model in report.manifest.models:
        for head in model.heads if model.examples is not None else ():
            try:
                report.examples(head.layer, head.head, stack=head.stack, model=model.name)
            except ReportError as error:
                yield from error.problems
            except InputError as error:
                yield f"manifest.json: {error}"


def _rows(report: Report) -> Iterator[str]:
    """Every head has attention for every document, and rows that sum to one unless a sink takes
    some."""
    store = ShardStore(report.folder, report.manifest)
    for model in report.manifest.models:
        try:
            lengths = {axis.name: store.lengths(axis) for axis in model.axes}
        except ReportError as error:
            yield from error.problems
            continue
        documents = report.kept_documents(model.name)
        for head in model.heads:
            for document in documents:
                if lengths[stack_of(model, head).query_axis][document] == 0:
                    continue
                try:
                    a = report.attention(
                        head.layer, head.head, document, stack=head.stack, model=model.name
                    )
                    if lengths_entry(model, head) is not None:
                        value_lengths(store, model, head, document)
                except ReportError as error:
                    yield from (
                        f"{model.name} {model.head_id(head)}: {problem}"
                        for problem in error.problems
                    )
                    break
                total = a.sum(-1)
                off = abs(total - 1) > 1e-3 if head.sink is None else total > 1 + 1e-3
                if off.any():
                    yield (
                        f"{model.name} {model.head_id(head)}, document {document}: rows do not sum"
                        " to one"
                    )
                    break

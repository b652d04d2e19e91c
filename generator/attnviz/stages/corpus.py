"""Shards of the corpus: documents and images, and each model's axes, masks and biases."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, replace
from typing import Any, Final

from attnviz.capture import Capture
from attnviz.documents import Corpus, Document
from attnviz.engine.cache import Cache, key_of
from attnviz.format import columns
from attnviz.format import manifest as schema
from attnviz.format import shards as report_shards
from attnviz.format.shards import ShardFolder
from attnviz.score import Array
from attnviz.stages.work import AxisTokens, Shards, Work, keep_shards
from attnviz.writer import corpus as tables


def corpus_shards(
    corpus: Corpus, member: Array, cache: Cache
) -> tuple[Shards, dict[str, list[str]]]:
    """The documents' and images' shards, their ids, and the names of the documents' labels."""
    described = [_described(document) for document in corpus.documents]
    key = key_of(described, member.tolist(), tables, schema, columns, report_shards)

    def write(into: ShardFolder) -> dict[str, list[str]]:
        return {
            "shards": tables.write_documents(corpus.documents, member, into),
            "images": tables.write_images(corpus.documents, into),
            "labels": tables.document_labels(corpus.documents),
        }

    return keep_shards(cache, "documents", key, write)


def _described(document: Document) -> dict[str, Any]:
    picture = document.picture()
    seen = (
        None if picture is None else [picture.size, hashlib.sha256(picture.tobytes()).hexdigest()]
    )
    return asdict(replace(document, media=None)) | {"picture": seen}


def model_shards(
    work: Work, captured: Capture, key: str
) -> tuple[list[schema.Axis], dict[int, list[str]], list[schema.BiasTable], Shards]:
    """Axes, mask shards by rule, bias tables, and the shards that hold them."""
    described = {name: _axis_key(axis) for name, axis in work.axes.items()}
    biases = [
        None if layer.bias is None else layer.bias.values.tobytes().hex()
        for layer in captured.layers
    ]
    selected = [layer.selected for layer in captured.layers]
    own_key = key_of(
        key, work.name, described, biases, selected, tables, schema, columns, report_shards
    )

    def write(into: ShardFolder) -> Any:
        axes = [
            tables.write_axis(
                work.name,
                axis.name,
                axis.kind,
                axis.documents,
                axis.sample,
                axis.crops,
                axis.places,
                into,
            ).model_dump(mode="json")
            for axis in work.axes.values()
        ]
        irregular = [
            number for number, rule in enumerate(captured.rules) if rule.mask.kind == "intervals"
        ]
        masks = {
            str(number): tables.write_masks(
                work.name, number, len(work.prepared), captured.intervals(number), into
            )
            for number in irregular
        }
        tabled = tables.write_biases(
            work.name, [(layer.bias, layer.numbers) for layer in captured.layers], into
        )
        return {
            "axes": axes,
            "masks": masks,
            "biases": [bias.model_dump(mode="json") for bias in tabled],
        }

    kept, value = keep_shards(work.cache, "tokens", own_key, write)
    axes = [schema.Axis.model_validate(axis) for axis in value["axes"]]
    masks = {int(number): names for number, names in value["masks"].items()}
    return axes, masks, [schema.BiasTable.model_validate(bias) for bias in value["biases"]], kept


def _axis_key(axis: AxisTokens) -> list[Any]:
    documents = [
        None
        if t is None
        else (t.texts, dict(t.labels), *(getattr(t, name).tolist() for name in ("ids", *_PLACES)))
        for t in axis.documents
    ]
    return [
        axis.kind,
        axis.sample.tolist(),
        axis.crops,
        None if axis.places is None else axis.places.tolist(),
        documents,
    ]


_PLACES: Final = ("start", "end", "special", "segment", "row", "column")

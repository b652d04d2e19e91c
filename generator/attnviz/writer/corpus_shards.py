"""Shards of the documents and images, and of a model's axes, masks and biases: steps of the
build."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from attnviz.capture.axes import CorpusAxis
from attnviz.capture.result import Capture
from attnviz.documents.document import Document, Notice
from attnviz.engine.step import folder_step
from attnviz.format import manifest as schema
from attnviz.format.shards import ShardFolder
from attnviz.score import Array
from attnviz.writer import text_tables as tables
from attnviz.writer.images import write_images
from attnviz.writer.rule_tables import write_biases, write_masks
from attnviz.writer.sounds import write_sounds
from attnviz.writer.token_scores import write_scores


@dataclass(frozen=True)
class DocumentShards:
    """The ids of the documents', the images', the sounds' and the scores' shards, the names of the
    documents' labels, what is to be said of them, and the shards by id."""

    documents: list[str]
    images: list[str]
    sounds: list[str]
    scores: list[str]
    labels: list[str]
    notices: list[Notice]
    shards: dict[str, schema.Shard]


@folder_step("documents")
def write_documents(
    into: Path, documents: Sequence[Document], groups: Array, sounds: bool
) -> DocumentShards:
    """The documents with their images, and their sounds where they are asked for. `groups`
    (documents,) are the documents' groups."""
    shards = ShardFolder(into)
    played, notices = write_sounds(documents, shards) if sounds else ([], [])
    return DocumentShards(
        documents=tables.write_documents(documents, groups, shards),
        images=write_images(documents, shards),
        sounds=played,
        scores=write_scores(documents, shards),
        labels=tables.document_labels(documents),
        notices=notices,
        shards=shards.shards,
    )


@dataclass(frozen=True)
class ModelShards:
    """A model's axes, its mask shards by rule, its bias tables, and the shards by id."""

    axes: list[schema.AxisEntry]
    masks: dict[int, list[str]]
    biases: list[schema.BiasTable]
    shards: dict[str, schema.Shard]


@folder_step("tokens")
def write_tokens(
    into: Path,
    model: str,
    captured: Capture,
    axes: Sequence[CorpusAxis],
    samples: Mapping[str, Array],
) -> ModelShards:
    """A model's tokens with the sample that maps show, masks of no simpler form, and biases."""
    shards = ShardFolder(into)
    documents = len(axes[0].documents)
    return ModelShards(
        axes=[_axis(model, axis, samples[axis.name], shards) for axis in axes],
        masks={
            number: write_masks(model, number, documents, captured.intervals(number), shards)
            for number, rule in enumerate(captured.rules)
            if rule.mask.kind == "intervals"
        },
        biases=write_biases(
            model, [(layer.bias, layer.numbers) for layer in captured.layers], shards
        ),
        shards=shards.shards,
    )


def _axis(model: str, axis: CorpusAxis, sample: Array, shards: ShardFolder) -> schema.AxisEntry:
    return tables.write_axis(
        model,
        axis.name,
        axis.kind,
        axis.documents,
        sample=sample,
        crops=axis.crops,
        places=axis.places,
        into=shards,
    )

"""One model as the report has it, put together from the results of all steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from attnviz.capture.corpus import state_notices
from attnviz.capture.model_corpus import ModelCorpus
from attnviz.capture.result import Capture
from attnviz.capture.selfcheck import SelfCheckResult
from attnviz.components.model_components import ModelComponents
from attnviz.documents.document import Notice
from attnviz.effects.effects import ModelEffects
from attnviz.engine.engine import Engine, Piece
from attnviz.format.manifest import Certificate, Model, Shard
from attnviz.heads.model_heads import ModelHeads
from attnviz.series.figures import StepFigures
from attnviz.writer.corpus_shards import DocumentShards, ModelShards
from attnviz.writer.kept_documents import KeptDocuments
from attnviz.writer.kept_shard import KIND as KEPT
from attnviz.writer.kept_shard import KeptShard
from attnviz.writer.layer_components import StoredComponents
from attnviz.writer.layer_effects import effects_entry
from attnviz.writer.layer_examples import examples_entry
from attnviz.writer.layer_values import StoredValues
from attnviz.writer.map_starts import KIND as START
from attnviz.writer.map_starts import start_notice
from attnviz.writer.model_attention import StoredAttention
from attnviz.writer.model_attribution import attribution_entry
from attnviz.writer.model_components import components_entry
from attnviz.writer.model_entry import model_entry
from attnviz.writer.model_maps import ModelMaps
from attnviz.writer.model_step import series_entry
from attnviz.writer.model_writes import writes_entry
from attnviz.writer.results import LayerResult, ModelResult, StoredShards
from attnviz.writer.rule_tables import number_biases
from attnviz.writer.sampled_notices import KIND, sampled_notices
from attnviz.writes.model_attribution import ModelAttribution
from attnviz.writes.model_writes import ModelWrites


@dataclass(frozen=True)
class ModelReport:
    """One model as the report has it: its entry in the manifest, its shards, what is to be said of
    it, and the kind of device that it ran on. Nothing of it holds the model itself."""

    entry: Model
    shards: Sequence[StoredShards]
    notices: Sequence[Notice]
    device: str

    def keeping(self, piece: Piece[KeptShard], kept: KeptDocuments) -> ModelReport:
        """The same, of a model of which not all attention is stored."""
        return replace(
            self,
            entry=self.entry.model_copy(update={"kept": piece.value.entry}),
            shards=[*self.shards, StoredShards(piece.folder, piece.value.shards)],
            notices=[*self.notices, kept.notice(self.entry.name)],
        )

    def with_examples(self, pieces: Sequence[Piece[dict[str, Shard]]]) -> ModelReport:
        """The same with each head's pairs by bands of attention."""
        names = [name for piece in pieces for name in piece.value]
        return replace(
            self,
            entry=self.entry.model_copy(update={"examples": examples_entry(names)}),
            shards=[*self.shards, *(StoredShards(p.folder, p.value) for p in pieces)],
        )

    def with_effects(
        self, effects: ModelEffects, pieces: Sequence[Piece[dict[str, Shard]]]
    ) -> ModelReport:
        """The same, of a model whose heads were replaced."""
        names = [name for piece in pieces for name in piece.value]
        entry = effects_entry(effects, names) if names else None
        return replace(
            self,
            entry=self.entry.model_copy(update={"effects": entry}),
            shards=[*self.shards, *(StoredShards(p.folder, p.value) for p in pieces)],
            notices=[*self.notices, *effects.notices],
        )

    def with_step(self, step: StepFigures) -> ModelReport:
        """The same, of a model of a series."""
        entry = self.entry.model_copy(update={"series": series_entry(step)})
        return replace(self, entry=entry)

    def with_writes(
        self, writes: ModelWrites, pieces: Sequence[Piece[dict[str, Shard]]]
    ) -> ModelReport:
        """The same, of a model of which it was asked what its heads write."""
        return replace(
            self,
            entry=self.entry.model_copy(update={"writes": writes_entry(writes, pieces)}),
            shards=[*self.shards, *(StoredShards(p.folder, p.value) for p in pieces)],
            notices=[*self.notices, *writes.notices],
        )

    def with_attribution(
        self, attribution: ModelAttribution, pieces: Sequence[Piece[dict[str, Shard]]]
    ) -> ModelReport:
        """The same, of a model whose heads' writes are there already."""
        if self.entry.writes is None:
            raise RuntimeError("attribution is a part of writes")
        entry = attribution_entry(attribution, pieces)
        writes = self.entry.writes.model_copy(update={"attribution": entry})
        return replace(
            self,
            entry=self.entry.model_copy(update={"writes": writes}),
            shards=[*self.shards, *(StoredShards(p.folder, p.value) for p in pieces)],
        )

    def with_components(
        self, components: ModelComponents, pieces: Sequence[Piece[StoredComponents]]
    ) -> ModelReport:
        """The same, of a model of which it was asked what scores are made of."""
        entry = components_entry(components, pieces)
        return replace(
            self,
            entry=self.entry.model_copy(update={"components": entry}),
            shards=[*self.shards, *(StoredShards(p.folder, p.value.shards) for p in pieces)],
            notices=[*self.notices, *components.notices],
        )


def model_report(
    model: ModelCorpus,
    captured: Capture,
    checked: SelfCheckResult,
    maps: ModelMaps,
    heads: ModelHeads,
    attention: StoredAttention,
    certificates: Sequence[Sequence[Certificate]],
    values: Sequence[Piece[StoredValues]],
    tokens: Piece[ModelShards],
) -> ModelReport:
    """All that was made of a model, together."""
    biases = number_biases([(layer.bias, layer.numbers) for layer in captured.layers])
    parts = zip(
        captured.layers,
        biases,
        heads.layers,
        attention.layers,
        certificates,
        maps.layers,
        values,
        strict=True,
    )
    layers = [
        LayerResult(
            layer=layer,
            bias=bias,
            facts=facts,
            encodings=encoded.encodings,
            certificates=certified,
            maps=figures,
            values=lengths.value.entry,
        )
        for layer, bias, facts, encoded, certified, figures, lengths in parts
    ]
    result = ModelResult(
        captured=captured,
        checked=checked,
        axes=tokens.value.axes,
        masks=tokens.value.masks,
        biases=tokens.value.biases,
        variants=maps.variants,
        layers=layers,
        layouts=heads.layouts,
        declared=heads.declared,
        map_start=maps.start,
    )
    shards = [
        StoredShards(tokens.folder, tokens.value.shards),
        *maps.shards,
        *(StoredShards(layer.folder, layer.shards) for layer in attention.layers),
        *(StoredShards(piece.folder, piece.value.shards) for piece in values),
    ]
    entry = model_entry(model.about, result)
    changes = state_notices(model.name, captured.put_back)
    starts = [] if maps.start is None else [start_notice(model.name, maps.start)]
    notices = [*model.notices, *heads.notices, *changes, *starts, *sampled_notices(entry)]
    return ModelReport(entry, shards, notices, model.about.device)


def say_samples(report: ModelReport, engine: Engine) -> None:
    """What the model's maps started from, which of its figures are of a sample, and which documents
    are stored, in the build's output."""
    for notice in report.notices:
        if notice.kind in (START, KIND, KEPT):
            engine.note(notice.message)


def report_shards(
    documents: Piece[DocumentShards], models: Sequence[ModelReport]
) -> list[StoredShards]:
    """All shards of a report: the documents', then each model's."""
    common = StoredShards(documents.folder, documents.value.shards)
    return [common, *(stored for model in models for stored in model.shards)]

"""The manifest, put together from what the stages made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Final

from attnviz.capture import Capture, Layer, SelfCheckResult
from attnviz.format.manifest import (
    Axis,
    BiasTable,
    CapturedModule,
    Certificate,
    Head,
    Label,
    Layout,
    Likeness,
    MapFigures,
    Mask,
    Model,
    Overview,
    Rule,
    SpaceFigures,
    Stack,
    Statistic,
    TokenPair,
)
from attnviz.format.manifest import LabelKind as LabelEntry
from attnviz.format.manifest import MapKind as MapEntry
from attnviz.format.manifest import SelfCheck as SelfCheckEntry
from attnviz.heads import AGREEMENT, LABELS, STATISTICS, TEXT, LayerFacts, agreement_column
from attnviz.maps import MapVariant
from attnviz.models import LoadedModel
from attnviz.score import ScoreRule
from attnviz.writer.maps import OVERVIEW_POINTS, LayerFigures

DIGITS: Final = 6
"""Of shares and distances that are only looked at: a manifest is read whole before anything is
shown."""


def model_entry(
    loaded: LoadedModel,
    captured: Capture,
    checked: SelfCheckResult,
    axes: list[Axis],
    masks: Mapping[int, list[str]],
    biases: list[BiasTable],
    kinds: Sequence[MapVariant],
    heads: list[Head],
    layouts: list[Layout],
) -> Model:
    """A model's entry in the manifest. `masks` are the mask shards by rule, for masks of no simpler
    form."""
    sampled = max(axis.sample.count for axis in axes)
    stacks = _stacks(captured.layers)
    order = [stack.name for stack in stacks]
    columns = _columns(heads)
    return Model(
        name=loaded.name,
        title=loaded.title,
        source=loaded.source,
        revision=loaded.revision,
        weights_sha256=loaded.weights_sha256,
        architecture=loaded.architecture,
        dtype=loaded.dtype,
        parameters=loaded.parameters,
        axes=axes,
        rules=[_rule(rule, masks.get(number)) for number, rule in enumerate(captured.rules)],
        biases=biases,
        stacks=stacks,
        captures=[_module(layer) for layer in captured.layers],
        self_check=SelfCheckEntry(**asdict(checked)),
        statistics=columns,
        labels=[
            LabelEntry(name=own.name, title=own.title, description=own.description)
            for own in LABELS
        ],
        layouts=layouts,
        maps=[
            MapEntry(id=k.id, method=k.method, dimensions=k.dimensions, title=k.title)
            for k in kinds
        ],
        overview=Overview(
            shard=f"overview-{loaded.name}", map=kinds[0].id, count=min(sampled, OVERVIEW_POINTS)
        ),
        heads=sorted(
            _with_columns(heads, columns),
            key=lambda own: (order.index(own.stack), own.layer, own.head),
        ),
    )


def _columns(heads: Sequence[Head]) -> list[Statistic]:
    """The statistics of a model: those of any text, and others that some head has."""
    some = {name for head in heads for name, value in head.statistics.items() if value is not None}
    known = [own for own in STATISTICS if own in TEXT or own.name in some]
    known += [agreement_column(name) for name in sorted(some) if name.startswith(AGREEMENT)]
    return [Statistic(**asdict(own)) for own in known]


def _with_columns(heads: Sequence[Head], columns: Sequence[Statistic]) -> list[Head]:
    """The heads with just these statistics, null where they have none."""
    names = [column.name for column in columns]
    return [
        h.model_copy(update={"statistics": {name: h.statistics.get(name) for name in names}})
        for h in heads
    ]


def _module(layer: Layer) -> CapturedModule:
    return CapturedModule(
        stack=layer.stack, layer=layer.layer, module=layer.module, line=layer.line, rule=layer.rule,
        vectors=layer.vectors, reason=layer.reason,
    )  # fmt: skip


def layer_heads(
    layer: Layer,
    bias: int | None,
    facts: LayerFacts,
    encodings: Sequence[Sequence[str]],
    certificates: Sequence[Certificate],
    maps: LayerFigures,
) -> list[Head]:
    """The manifest's entries of one layer's heads. `encodings` are by document group, then by kv
    head."""
    return [
        Head(
            stack=layer.stack,
            layer=layer.layer,
            head=number,
            kv_head=layer.kv_numbers[head // layer.group],
            rule=layer.rule,
            bias=bias,
            sink=None if layer.sinks is None else float(layer.sinks[head]),
            statistics=dict(facts.statistics[head]),
            labels=[Label(name=name, score=score) for name, score in facts.labels[head]],
            offsets=list(facts.offsets[head]) if facts.offsets else None,
            typical=list(facts.typical[head]),
            focus=[None if own is None else round(own, DIGITS) for own in facts.focus[head]],
            entropy_deciles=list(facts.deciles[head]),
            pairs=[_pair(*own) for own in facts.pairs[head]],
            position=(
                round(facts.positions[head][0], DIGITS),
                round(facts.positions[head][1], DIGITS),
            ),
            alike=[
                Likeness(head=other, distance=round(apart, DIGITS))
                for other, apart in facts.alike[head]
            ],
            encodings=[group[head // layer.group] for group in encodings],
            certificate=certificates[head],
            maps={kind: MapFigures(**figures[head]) for kind, figures in maps.maps.items()},
            spaces={name: SpaceFigures(**own) for name, own in maps.spaces[head].items()}
            if maps.spaces
            else {},
            limits=list(maps.limits),
        )
        for head, number in enumerate(layer.numbers)
    ]


def _pair(query: str, key: str, share: float, lift: float) -> TokenPair:
    return TokenPair(query=query, key=key, share=round(share, DIGITS), lift=round(lift, 2))


def _rule(rule: ScoreRule, shards: list[str] | None) -> Rule:
    band = rule.mask.kind == "band"
    mask = Mask(
        kind=rule.mask.kind,
        before=rule.mask.before if band else None,
        after=rule.mask.after if band else None,
        shards=shards,
    )
    return Rule(scaling=rule.scaling, mask=mask, softcap=rule.softcap)


def _stacks(layers: Sequence[Layer]) -> list[Stack]:
    found = []
    for name in dict.fromkeys(layer.stack for layer in layers):
        own = [layer for layer in layers if layer.stack == name]
        found.append(
            Stack(
                name=name,
                kind="cross" if own[0].cross else "self",
                layers=max(layer.layer for layer in own) + 1,
                heads=max(layer.numbers[-1] for layer in own) + 1,
                kv_heads=max(layer.kv_numbers[-1] for layer in own) + 1,
                head_size=max(layer.head_size for layer in own),
                query_axis=own[0].query_axis,
                key_axis=own[0].key_axis,
            )
        )
    return found

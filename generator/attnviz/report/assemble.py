"""The manifest, put together from what the stages made."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from attnviz.capture import Capture, Layer, SelfCheck
from attnviz.capture.runner import LINE
from attnviz.heads import STATISTICS
from attnviz.maps import MapKind
from attnviz.models import LoadedModel
from attnviz.report.corpus_shards import AXIS
from attnviz.report.map_shards import OVERVIEW_POINTS
from attnviz.report.schema import (
    Axis,
    CapturedModule,
    Certificate,
    Head,
    HeadMap,
    Mask,
    Model,
    Overview,
    Rule,
    Stack,
    Statistic,
)
from attnviz.report.schema import MapKind as MapEntry
from attnviz.report.schema import SelfCheck as SelfCheckEntry
from attnviz.score import ScoreRule


def model_entry(
    loaded: LoadedModel,
    captured: Capture,
    checked: SelfCheck,
    axis: Axis,
    masks: Mapping[int, list[str]],
    kinds: Sequence[MapKind],
    heads: list[Head],
) -> Model:
    """A model's entry in the manifest. `masks` are the mask shards by rule, for masks of no simpler form."""
    return Model(
        name=loaded.name,
        title=loaded.title,
        source=loaded.source,
        revision=loaded.revision,
        weights_sha256=loaded.weights_sha256,
        architecture=loaded.architecture,
        dtype=loaded.dtype,
        parameters=loaded.parameters,
        axes=[axis],
        rules=[_rule(rule, masks.get(number)) for number, rule in enumerate(captured.rules)],
        stacks=_stacks(captured.layers),
        captures=[
            CapturedModule(stack=layer.stack, layer=layer.layer, module=layer.module, line=LINE, rule=layer.rule)
            for layer in captured.layers
        ],
        self_check=SelfCheckEntry(**asdict(checked)),
        statistics=[Statistic(**asdict(statistic)) for statistic in STATISTICS],
        maps=[MapEntry(id=k.id, method=k.method, dimensions=k.dimensions, title=k.title) for k in kinds],
        overview=Overview(
            shard=f"overview-{loaded.name}", map=kinds[0].id, count=min(axis.sample.count, OVERVIEW_POINTS)
        ),
        heads=heads,
    )


def layer_heads(
    layer: Layer,
    statistics: Sequence[dict[str, float | None]],
    encodings: Sequence[Sequence[str]],
    certificates: Sequence[Certificate],
    maps: Mapping[str, Sequence[dict[str, Any]]],
) -> list[Head]:
    """The manifest's entries of one layer's heads. `encodings` are by document group, then by kv head."""
    return [
        Head(
            stack=layer.stack,
            layer=layer.layer,
            head=head,
            kv_head=head // layer.group,
            rule=layer.rule,
            sink=None if layer.sinks is None else float(layer.sinks[head]),
            statistics=statistics[head],
            encodings=[group[head // layer.group] for group in encodings],
            certificate=certificates[head],
            maps={kind: HeadMap(**figures[head]) for kind, figures in maps.items()},
        )
        for head in range(layer.heads)
    ]


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
                kind="self",
                layers=max(layer.layer for layer in own) + 1,
                heads=max(layer.heads for layer in own),
                kv_heads=max(layer.kv_heads for layer in own),
                head_size=max(layer.head_size for layer in own),
                query_axis=AXIS,
                key_axis=AXIS,
            )
        )
    return found

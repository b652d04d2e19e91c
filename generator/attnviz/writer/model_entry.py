"""A model's entry in the manifest, put together from all that was made of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any, Final, TypeVar

from attnviz.capture.result import Layer
from attnviz.format.manifest import (
    CapturedModule,
    Head,
    Label,
    LabelFigures,
    Likeness,
    MapFigures,
    MaskEntry,
    Model,
    NeedleDepth,
    Overview,
    Rule,
    SpaceFigures,
    Stack,
    Statistic,
    TokenPair,
    WakingToken,
)
from attnviz.format.manifest import LabelKind as LabelEntry
from attnviz.format.manifest import MapKind as MapEntry
from attnviz.format.manifest import SelfCheck as SelfCheckEntry
from attnviz.format.model import RestingKind
from attnviz.heads import (
    AGREEMENT,
    AWAKE_AGREEMENT,
    BY_LABEL,
    LABELS,
    STATISTICS,
    TEXT,
    agreement_column,
    awake_agreement_column,
    awake_evidence,
    effect_column,
)
from attnviz.heads.awake import REST_GIVEN
from attnviz.heads.declared_labels import DeclaredLabel
from attnviz.heads.label_tests import FITS, fits_column
from attnviz.heads.resting_stacks import resting_kinds
from attnviz.heads.spread import MISSING
from attnviz.maps.variants import first_map
from attnviz.models.about import ModelAbout
from attnviz.sampling import ERROR_OF
from attnviz.score import ScoreRule
from attnviz.writer.maps import overview_points
from attnviz.writer.results import LayerResult, ModelResult

DIGITS: Final = 6
"""Of shares and distances that are only looked at: a manifest is read whole before anything is
shown."""
_Figures = TypeVar("_Figures", MapFigures, SpaceFigures)

FIGURE_DIGITS: Final = 7
"""Of figures: ten times finer than what an audit tells apart."""


def model_entry(about: ModelAbout, result: ModelResult) -> Model:
    """A model's entry in the manifest."""
    captured, axes = result.captured, list(result.axes)
    heads = [head for layer in result.layers for head in _layer_heads(layer)]
    sampled = max(axis.sample.count for axis in axes)
    stacks = _stacks(captured.layers, resting_kinds(captured, about.separator))
    order = [stack.name for stack in stacks]
    columns = _columns(heads, about.attention_by is not None)
    return Model(
        name=about.name,
        title=about.title,
        source=about.source,
        revision=about.revision,
        weights_sha256=about.weights_sha256,
        architecture=about.architecture,
        dtype=about.dtype,
        parameters=about.parameters,
        adapter=about.adapter,
        quantization=about.quantization,
        unneeded=list(about.unneeded),
        attention_by=about.attention_by,
        axes=axes,
        rules=[_rule(rule, result.masks.get(number)) for number, rule in enumerate(captured.rules)],
        biases=list(result.biases),
        stacks=stacks,
        captures=[_module(layer) for layer in result.layers],
        self_check=SelfCheckEntry(max_error=result.checked.max_error, rows=result.checked.rows),
        separator=about.separator,
        statistics=columns,
        labels=_label_kinds(result.declared, columns),
        layouts=list(result.layouts),
        maps=[
            MapEntry(
                id=variant.id,
                method=variant.method,
                dimensions=variant.dimensions,
                title=variant.title,
                space=variant.made_from,
                start=result.map_start if variant.method == "attention" else None,
            )
            for variant in result.variants
        ],
        overview=Overview(
            shard=f"overview-{about.name}",
            map=first_map(result.variants),
            count=min(sampled, overview_points(len(heads))),
        ),
        heads=sorted(
            _with_columns(heads, columns),
            key=lambda head: (order.index(head.stack), head.layer, head.head),
        ),
    )


def _label_kinds(
    declared: Sequence[DeclaredLabel], columns: Sequence[Statistic]
) -> list[LabelEntry]:
    """The labels that a head may have: attnviz's own, as far as what they go by was measured, and
    those that the corpus declares."""
    measured = {column.name for column in columns}
    ours = [
        LabelEntry(name=rule.name, title=rule.title, description=rule.description, test=rule.test)
        for rule in LABELS
        if not rule.asked or rule.evidence in measured
    ]
    return ours + [
        LabelEntry(
            name=label.name,
            title=label.title,
            description=label.description,
            test=label.test,
            declared=True,
        )
        for label in declared
    ]


_OF_GIVEN: Final = {column.name: column for column in (MISSING, REST_GIVEN)}
"""The columns that say something else of attention that was given."""


def _columns(heads: Sequence[Head], given: bool) -> list[Statistic]:
    """The statistics of a model: those of any text, and others that some head has. `given` says
    whether its attention was, whose rows have no sink where they lack a part."""
    known = {
        name
        for head in heads
        for name, value in head.statistics.items()
        if value is not None and not name.endswith(ERROR_OF)
    }
    columns = [column for column in STATISTICS if column in TEXT or column.name in known]
    columns += [effect_column(name) for name in sorted(known) if name.startswith(BY_LABEL)]
    columns += [agreement_column(name) for name in sorted(known) if name.startswith(AGREEMENT)]
    columns += [fits_column(name) for name in sorted(known) if name.startswith(FITS)]
    columns += [
        awake_agreement_column(name) for name in sorted(known) if name.startswith(AWAKE_AGREEMENT)
    ]
    if given:
        columns = [_OF_GIVEN.get(column.name, column) for column in columns]
    return [Statistic(**asdict(column)) for column in columns]


def _with_columns(heads: Sequence[Head], columns: Sequence[Statistic]) -> list[Head]:
    """The heads with just these statistics, null where they have none."""
    names = [column.name for column in columns]
    return [
        h.model_copy(update={"statistics": {name: h.statistics.get(name) for name in names}})
        for h in heads
    ]


def _module(result: LayerResult) -> CapturedModule:
    layer = result.layer
    return CapturedModule(
        stack=layer.stack, layer=layer.layer, module=layer.module, line=layer.line, rule=layer.rule,
        vectors=layer.vectors, reason=layer.reason, values=result.values,
    )  # fmt: skip


def _layer_heads(result: LayerResult) -> list[Head]:
    """The manifest's entries of one layer's heads."""
    layer, facts, maps = result.layer, result.facts, result.maps
    return [
        Head(
            stack=layer.stack,
            layer=layer.layer,
            head=number,
            kv_head=layer.kv_numbers[head // layer.group],
            rule=layer.rule,
            bias=result.bias,
            sink=None if layer.sinks is None else float(layer.sinks[head]),
            statistics=_in_digits(dict(facts.statistics[head])),
            standard_errors=_in_digits(_errors(facts.statistics[head])),
            labels=[
                _label(name, score, _errors(facts.statistics[head]))
                for name, score in facts.labels[head]
            ],
            awake_labels=[
                _label(name, score, _awake_errors(facts.statistics[head]))
                for name, score in facts.awake_labels[head]
            ],
            offsets=_in_digits(list(facts.offsets[head])) if facts.offsets else None,
            typical=list(facts.typical[head]),
            focus=[None if f is None else round(f, DIGITS) for f in facts.focus[head]],
            entropy_deciles=list(facts.deciles[head]),
            pairs=[_pair(*pair) for pair in facts.pairs[head]],
            waking=[
                WakingToken(token=token, rate=round(rate, DIGITS), rows=rows)
                for token, rate, rows in facts.waking[head]
            ],
            label_figures=[_figures_of_label(of) for of in facts.label_figures[head]],
            counter_examples=list(facts.counter_examples[head]),
            needle=[_at_depth(figures) for figures in facts.needle[head]],
            position=(
                round(facts.positions[head][0], DIGITS),
                round(facts.positions[head][1], DIGITS),
            ),
            alike=[
                Likeness(
                    head=other,
                    distance=round(apart, DIGITS),
                    standard_error=None if error is None else round(error, DIGITS),
                )
                for other, apart, error in facts.alike[head]
            ],
            encodings=[group[head // layer.group] for group in result.encodings],
            certificate=result.certificates[head],
            maps={name: _figures(of_map[head]) for name, of_map in maps.maps.items()},
            spaces={name: _figures(space) for name, space in maps.spaces[head].items()}
            if maps.spaces
            else {},
            limits=list(maps.limits),
        )
        for head, number in enumerate(layer.numbers)
    ]


def _errors(statistics: Mapping[str, float | None]) -> dict[str, float]:
    """The standard errors that stand among statistics, by the statistics' names."""
    return {
        name.removesuffix(ERROR_OF): value
        for name, value in statistics.items()
        if name.endswith(ERROR_OF) and value is not None
    }


def _awake_errors(statistics: Mapping[str, float | None]) -> dict[str, float]:
    """The standard errors of what leaves out sinks, by the names of all statistics."""
    errors = awake_evidence(_errors(statistics))
    return {name: error for name, error in errors.items() if error is not None}


def _label(name: str, score: float, errors: Mapping[str, float]) -> Label:
    rule = next((rule for rule in LABELS if rule.name == name), None)
    error = None if rule is None else rule.standard_error(errors)
    return Label(name=name, score=_in_digits(score), standard_error=_in_digits(error))


def _figures_of_label(figures: LabelFigures) -> LabelFigures:
    shares = {key: value for key, value in vars(figures).items() if isinstance(value, float)}
    return figures.model_copy(update=_in_digits(shares))


def _at_depth(figures: NeedleDepth) -> NeedleDepth:
    return figures.model_copy(update=_in_digits(vars(figures)))


def _figures(figures: _Figures) -> _Figures:
    return figures.model_copy(update=_in_digits(vars(figures)))


def _in_digits(value: Any) -> Any:
    """A value with each of its floats rounded to `FIGURE_DIGITS` decimals."""
    if isinstance(value, float):
        return round(value, FIGURE_DIGITS)
    if isinstance(value, dict):
        return {key: _in_digits(item) for key, item in value.items()}
    return [_in_digits(item) for item in value] if isinstance(value, list) else value


def _pair(query: str, key: str, share: float, lift: float) -> TokenPair:
    return TokenPair(query=query, key=key, share=round(share, DIGITS), lift=round(lift, 2))


def _rule(rule: ScoreRule, shards: list[str] | None) -> Rule:
    band = rule.mask.kind == "band"
    mask = MaskEntry(
        kind=rule.mask.kind,
        before=rule.mask.before if band else None,
        after=rule.mask.after if band else None,
        shards=shards,
    )
    return Rule(scaling=rule.scaling, mask=mask, softcap=rule.softcap)


def _stacks(layers: Sequence[Layer], resting: Mapping[str, Sequence[RestingKind]]) -> list[Stack]:
    stacks = []
    for name in dict.fromkeys(layer.stack for layer in layers):
        of_stack = [layer for layer in layers if layer.stack == name]
        stacks.append(
            Stack(
                name=name,
                kind="cross" if of_stack[0].cross else "self",
                layers=max(layer.depth for layer in of_stack),
                heads=max(layer.numbers[-1] for layer in of_stack) + 1,
                kv_heads=max(layer.kv_numbers[-1] for layer in of_stack) + 1,
                head_size=max(layer.head_size for layer in of_stack),
                query_axis=of_stack[0].query_axis,
                key_axis=of_stack[0].key_axis,
                resting=list(resting[name]),
            )
        )
    return stacks

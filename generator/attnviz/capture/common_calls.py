"""Which calls of a model's batches are the same call, so that one layer is made of them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from attnviz.capture.batches import Axes
from attnviz.capture.calls import AttentionCall, CapturedBatch
from attnviz.errors import InputError


@dataclass(frozen=True)
class CommonCall:
    """A call that batches make, without the numbers of mask and bias, which are those of batches;
    its number among those of a pass, by the axes of the documents that make it."""

    call: AttentionCall
    numbers: Mapping[Axes, int]

    def each(
        self, batches: Sequence[CapturedBatch]
    ) -> Iterator[tuple[CapturedBatch, AttentionCall]]:
        """The batches that make the call, with the call as each of them has it."""
        for captured in batches:
            number = self.numbers.get(captured.batch.axes)
            if number is not None:
                yield captured, captured.calls()[number]


def common_calls(batches: Sequence[CapturedBatch]) -> list[CommonCall]:
    """Every call that some batch makes, in the order in which they come first, with the kind of
    bias that any batch shows.

    Documents on the same axes must make the same calls; those on others may make others, as texts
    beside images do. Raises InputError if the calls differ otherwise.
    """
    by_axes: dict[Axes, list[CapturedBatch]] = {}
    for captured in batches:
        by_axes.setdefault(captured.batch.axes, []).append(captured)
    common: dict[tuple[str, int], CommonCall] = {}
    for axes, members in by_axes.items():
        for number, call in enumerate(_calls_on_same_axes(members)):
            known = common.get((call.module, call.module_call))
            merged = call if known is None else _as(known.call, call)
            if known is not None and _plain(merged) != _plain(_as(call, known.call)):
                raise _differing(members[0])
            kinds = [each.bias_kind for each in (call, known and known.call) if each]
            kind = next((kind for kind in kinds if kind is not None), None)
            numbers = {} if known is None else known.numbers
            common[call.module, call.module_call] = CommonCall(
                replace(merged, bias_kind=kind if merged.vectors else None),
                {**numbers, axes: number},
            )
    return list(common.values())


def _plain(call: AttentionCall) -> AttentionCall:
    """A call without what may differ from batch to batch: a batch of short documents may show no
    bias."""
    return replace(call, mask=0, bias=None, bias_kind=None)


def _calls_on_same_axes(batches: Sequence[CapturedBatch]) -> list[AttentionCall]:
    """The calls that every one of these batches has, with the kind of bias that any batch shows.

    A call that is a score rule in some batches and attention alone in others, as where short texts
    have full attention and long ones blocks, is attention alone. Raises InputError if the calls
    differ otherwise.
    """
    first = _without_rule(batches)
    for captured in batches:
        calls = captured.calls()
        alike = [
            _plain(_as(call, other)) == _plain(other)
            for call, other in zip(calls, first, strict=False)
        ]
        if len(calls) != len(first) or not all(alike):
            raise _differing(captured)
    kinds = [
        {captured.calls()[index].bias_kind for captured in batches if call.vectors} - {None}
        for index, call in enumerate(first)
    ]
    return [
        replace(call, mask=0, bias=None, bias_kind=next(iter(kind), None))
        for call, kind in zip(first, kinds, strict=True)
    ]


def _differing(captured: CapturedBatch) -> InputError:
    return InputError(
        "the model's attention calls differ from batch to batch, so its layers cannot be told;"
        " first seen in the batch of documents"
        f" {', '.join(map(str, captured.batch.documents[:3]))} …"
    )


def _without_rule(batches: Sequence[CapturedBatch]) -> list[AttentionCall]:
    """The calls of the first batch, those without a rule in another batch as they are there."""
    calls = batches[0].calls()
    for captured in batches[1:]:
        others = captured.calls()
        if len(others) == len(calls):
            calls = [
                other if call.vectors and not other.vectors else call
                for call, other in zip(calls, others, strict=True)
            ]
    return calls


def _as(call: AttentionCall, other: AttentionCall) -> AttentionCall:
    """A call as attention alone, if the other is so, of the same place and heads, and of the same
    module or one within it: a model may replace what is inside as it runs."""
    same = (call.module_call, call.place, call.heads) == (
        other.module_call,
        other.place,
        other.heads,
    )
    within = f"{other.module}.".startswith(f"{call.module}.")
    return other if call.vectors and not other.vectors and same and within else call

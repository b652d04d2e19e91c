"""What is said of effects: the work that they take, and what is left out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from attnviz.capture.calls import INTERFACE
from attnviz.capture.result import Capture
from attnviz.documents.document import Notice
from attnviz.effects.passes import BLOCKS
from attnviz.effects.plan import EffectsPlan

KINDS: Final = ("loss", "kl", "hidden")
"""What may be measured, the first of a model first."""


@dataclass(frozen=True)
class EstimateError:
    """How far estimates are from what was measured: mean and largest absolute difference in nats,
    and Spearman's correlation over heads, None where one does not vary."""

    mean: float
    largest: float
    rank: float | None


FORWARD_AND_BACK: Final = 3.0
"""Forward passes that one pass and its gradients take, about."""

Plans = Mapping[tuple[str, ...], EffectsPlan]


def kind(name: str) -> int:
    """The place of a measure among `KINDS`."""
    return KINDS.index(name)


def passes_of(captured: Capture, reuse: int) -> float:
    """Forward passes that all heads and their controls take together: a head of layer L runs the
    layers from L on, where the model can be cut."""
    total = 0.0
    for layer in captured.layers:
        rest = (layer.depth - layer.layer) / layer.depth if reuse >= BLOCKS else 1.0
        total += 2 * layer.heads * rest
    return total


def work_in_words(
    model: str, documents: int, captured: Capture, plans: Plans, estimated: bool
) -> str:
    """What is said before the work."""
    if estimated:
        return (
            f"{model}: effects are estimated on {documents:,} documents, in one pass over each and"
            " back"
        )
    plan = next(iter(plans.values()))
    passes = passes_of(captured, plan.reuse)
    same = f"outputs are the same to {max(plan.error, 1e-7):.0e}"
    how = (
        f"layers before a head are not run again; {same}"
        if plan.reuse >= BLOCKS
        else "the model cannot be cut between its layers, so it runs whole for each head"
    )
    heads = sum(layer.heads for layer in captured.layers)
    return (
        f"{model}: effects of {heads:,} heads on {documents:,} documents take as much as about"
        f" {passes:,.0f} forward passes over these ({how})"
    )


def unmeasured_notice(model: str) -> Notice:
    """Of a model that is not here."""
    message = (
        f"{model}: effects of heads are not measured, as only what was captured of the model is"
        " here; build where the model is"
    )
    return Notice("effects", message, None, model)


def estimate_notice(model: str, documents: int, error: EstimateError) -> Notice:
    """How good estimates are."""
    order = "" if error.rank is None else f"; heads are in the same order by {error.rank:.2f}"
    message = (
        f"{model}: effects are estimates from one backward pass of each document; on {documents:,}"
        f" documents they are off by {error.mean:.2g} nats on average and {error.largest:.2g} at"
        f" most from effects of heads that are replaced one by one{order}"
    )
    figures = {"documents": documents, "error": error.mean, "largest_error": error.largest}
    return Notice("effects", message, None, model, figures)


def not_estimated_notice(model: str) -> Notice:
    """Of a model without a loss."""
    message = (
        f"{model}: effects are not estimated but measured head by head, as a model without a head"
        " for tokens or classes has no loss: estimate: false says the same"
    )
    return Notice("effects", message, None, model)


def unpaired_notice(model: str, method: str, alone: int) -> Notice | None:
    """Of documents that have no other to take outputs from."""
    if method != "resample" or not alone:
        return None
    message = (
        f"{model}: effects are not measured on {alone:,} documents: resample takes what heads bring"
        " in another document, and there is none on the same axes"
    )
    return Notice("effects", message, None, model, {"documents": alone})


def left_out_notice(model: str, captured: Capture, plans: Plans) -> Notice | None:
    """Of layers whose heads cannot be replaced."""
    left_out = {call for plan in plans.values() for call in plan.left_out}
    layers = [
        f"{layer.stack} layer {layer.layer}"
        for layer in captured.layers
        if layer.line != INTERFACE or (layer.module, layer.module_call) in left_out
    ]
    if not layers:
        return None
    message = (
        f"{model}: the effects of heads are not measured in {', '.join(layers)}: what each head"
        " brings is not seen by itself there"
    )
    return Notice("effects", message, None, model, {"layers": len(layers)})

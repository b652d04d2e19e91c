"""How far all heads of a model moved from the steps before it, and by its number type alone."""

from __future__ import annotations

from collections.abc import Sequence

from attnviz.capture.captured_layer import captured_layers
from attnviz.capture.corpus import OtherPass
from attnviz.capture.result import Capture
from attnviz.engine.engine import Engine
from attnviz.series.checkpoint import Checkpoint
from attnviz.series.divergence import diverge_layer
from attnviz.series.figures import Divergences, NoiseFloor, StepFigures


def measure_step(
    step: float,
    here: Checkpoint,
    earlier: Sequence[Checkpoint],
    other_pass: OtherPass | None,
    engine: Engine,
) -> StepFigures:
    """What is known of a model by those of its series before it, in order."""
    name = here.name
    former = first = None
    if earlier:
        former, first = (
            (other.name, _diverge(here.captured, other.captured, None, f"{name} − {other.name}",
                                  engine))
            for other in (earlier[-1], earlier[0])
        )  # fmt: skip
    floor = None
    if other_pass is not None:
        title = f"{name} in {other_pass.dtype}"
        layers = _diverge(here.captured, other_pass.captured, other_pass.documents, title, engine)
        floor = NoiseFloor(other_pass.dtype, layers)
    return StepFigures(step, former, first, floor)


def _diverge(
    here: Capture,
    other: Capture,
    among: frozenset[int] | None,
    title: str,
    engine: Engine,
) -> Divergences:
    pairs = zip(captured_layers(here), captured_layers(other), strict=True)
    calls = [diverge_layer.of(layer, counterpart, among) for layer, counterpart in pairs]
    sizes = [float(layer.heads) for layer in here.layers]
    return [piece.value for piece in engine.each(f"divergence {title}", calls, sizes)]

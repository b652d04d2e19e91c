"""One layer with all that was captured of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from attnviz.capture.result import Capture, Layer, LayerDocument
from attnviz.score import ScoreRule


@dataclass(frozen=True)
class CapturedLayer:
    """A layer, its score rule, and its documents in a stream; `capture` has this layer alone, so
    that other layers do not count for what is computed of it."""

    layer: Layer
    capture: Capture

    @property
    def rule(self) -> ScoreRule:
        """How the layer's scores become attention."""
        return self.capture.rules[self.layer.rule]

    def documents(self, among: frozenset[int] | None = None) -> Iterator[LayerDocument]:
        """The layer's documents, or those `among` these, batch by batch: shortest first, not in
        corpus order."""
        return self.capture.documents(self.layer, among)


def captured_layers(capture: Capture) -> list[CapturedLayer]:
    """The layers of a capture, each by itself."""
    return [CapturedLayer(layer, only(capture, [layer])) for layer in capture.layers]


def only(capture: Capture, layers: Sequence[Layer]) -> Capture:
    """A capture of some of its layers."""
    return replace(capture, layers=tuple(layers))

"""Axes of tokens or patches, and which of them attention has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from attnviz.architectures.attention_windows import AttentionWindows
from attnviz.format.manifest import AxisKind


@dataclass(frozen=True)
class Axis:
    """What is true of all tokens of an axis.

    `grid_is_of_input` says whether a patch's row and column are its place in the input itself, and
    not on the picture that the report makes of it. `places_are_fixed` says whether tokens of the
    same number have the same place in every document.
    """

    kind: AxisKind
    grid_is_of_input: bool = True
    places_are_fixed: bool = False


class AttentionPlace(NamedTuple):
    """Which stack an attention call belongs to, and its two axes; within which windows, if any."""

    stack: str
    query_axis: str
    key_axis: str
    windows: AttentionWindows | None = None

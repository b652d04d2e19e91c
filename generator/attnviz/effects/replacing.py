"""What a head's output is replaced by, and the matched control: a change of the same length in a
random direction."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, Protocol

import numpy as np
import torch

from attnviz.capture.calls import CallKey
from attnviz.documents.tokens import Tokens
from attnviz.effects.passes import Trace
from attnviz.score import Array

Method = Literal["zero", "mean", "resample"]


class Replacing(Protocol):
    """One way of replacing what heads bring."""

    def of(self, call: CallKey, brought: torch.Tensor) -> torch.Tensor:
        """What takes the place of all that a call brings, (documents, T, heads, d)."""


class Zeros:
    """Nothing."""

    def of(self, call: CallKey, brought: torch.Tensor) -> torch.Tensor:
        """As `Replacing`."""
        return torch.zeros_like(brought)


@dataclass(frozen=True)
class Places:
    """Classes of tokens by their place: each special token by its id, the first token, and all
    others by the octave of their place: 1, 2–3, 4–7, 8–15, …; one more class for all tokens."""

    special: tuple[int, ...]

    COUNT = 34
    """Of octaves, the first token and all tokens among them."""

    @property
    def count(self) -> int:
        """How many classes there are."""
        return self.COUNT + len(self.special)

    def of(self, tokens: Tokens) -> Array:
        """The class of each token, (T,) int64."""
        places = np.arange(len(tokens))
        octaves = np.floor(np.log2(np.maximum(places, 1))).astype(np.int64) + 2
        classes: Array = np.where(places == 0, 1, octaves)
        for number, id_of in enumerate(self.special):
            classes[tokens.special & (tokens.ids == id_of)] = self.COUNT + number
        return classes


ALL: Final = 0
"""The class of all tokens: for calls whose rows are not those of an axis, but of windows."""


class Means:
    """The mean over the corpus of what a head brings to tokens of the same class of places.

    `folder` has the means of each call, by its number, (classes, heads, d); `classes` (documents,
    T) are those of the tokens of each call's axis, by call.
    """

    def __init__(self, folder: Path, calls: Sequence[CallKey], classes: Sequence[Array]) -> None:
        self._folder = folder
        self._numbers = {call: number for number, call in enumerate(calls)}
        self._classes = classes

    def of(self, call: CallKey, brought: torch.Tensor) -> torch.Tensor:
        """As `Replacing`."""
        number = self._numbers[call]
        means = torch.from_numpy(np.load(self._folder / f"{number}.npy")).to(brought)
        classes = self._classes[number]
        if classes.shape != brought.shape[:2]:
            return means[ALL].expand_as(brought).clone()
        return means[torch.from_numpy(classes).to(brought.device)]


class Others:
    """What the head brings in another document, place by place; from its beginning again where
    that is shorter. `traces` are the first passes over these, one for each document."""

    def __init__(self, traces: Sequence[Trace]) -> None:
        self._traces = traces

    def of(self, call: CallKey, brought: torch.Tensor) -> torch.Tensor:
        """As `Replacing`."""
        rows, length = len(brought) // len(self._traces), brought.shape[1]
        parts = []
        for trace in self._traces:
            other = trace.brought[call]  # (rows, T, heads, d): one row, or one per window
            of_row = torch.arange(rows, device=other.device) % len(other)
            of_token = torch.arange(length, device=other.device) % other.shape[1]
            parts.append(other[of_row][:, of_token])
        return torch.cat(parts)


def control(brought: torch.Tensor, replaced: torch.Tensor, seeds: tuple[int, ...]) -> torch.Tensor:
    """For each token x + ‖x' − x‖ u, where x (documents, T, d) is what the head brought and x' what
    it was replaced by; u is a unit vector drawn for each place, the same in every document."""
    length, size = brought.shape[1:]
    drawn = np.random.default_rng(seeds).standard_normal((length, size))
    direction = torch.from_numpy(drawn / np.linalg.norm(drawn, axis=-1, keepdims=True))
    change = (replaced - brought).norm(dim=-1, keepdim=True)
    changed: torch.Tensor = brought + change * direction.to(brought)
    return changed

"""What a model takes of one document: axes of tokens or patches, and the arrays of a forward
pass."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping
from copy import copy
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Final, NamedTuple

import numpy as np

from attnviz.documents import Tokens
from attnviz.models.pixels import PIXELS
from attnviz.score import Array

SAMPLES: Final = "input_values"
"""What every model of audio calls its samples."""

Crop = tuple[float, float, float, float]
"""A part of an image: left, top, right and bottom, as shares of its width and height."""


@dataclass(frozen=True)
class ModelInput:
    """One document as one model takes it: its axes by name, and its input arrays without the batch
    dimension.

    `crop` is the part of the document's picture that its patches show; None where they show all of
    it.
    """

    axes: Mapping[str, Tokens]
    arrays: Mapping[str, Array]
    crop: Crop | None = None

    @cached_property
    def digest(self) -> bytes:
        """SHA-256 of all that the model reads of the document."""
        digest = hashlib.sha256()
        for name, of_array in sorted(self.digests.items()):
            digest.update(name.encode() + b"\0" + of_array)
        return digest.digest()

    @property
    def shapes(self) -> Mapping[str, tuple[int, ...]]:
        """The shapes of the arrays; no pixels are made to learn them."""
        if isinstance(self.arrays, LazyPixels):
            return self.arrays.shapes
        return {name: array.shape for name, array in self.arrays.items()}

    @property
    def digests(self) -> Mapping[str, bytes]:
        """SHA-256 of each array, its type and its shape; no pixels are made to learn them."""
        lazy = self.arrays.digests if isinstance(self.arrays, LazyPixels) else {}
        return {
            name: lazy[name] if name in lazy else digest_of_array(self.arrays[name])
            for name in self.arrays
        }


def digest_of_array(array: Array) -> bytes:
    """SHA-256 of an array's values, its type and its shape."""
    digest = hashlib.sha256(f"{array.dtype.str} {array.shape}".encode())
    digest.update(np.ascontiguousarray(array).data)
    return digest.digest()


class LazyPixels(Mapping[str, Array]):
    """Input arrays whose pixels are made anew whenever they are asked for: those of a whole corpus
    would fill the memory.

    `arrays` are all the others; `draw` makes the pixels, of which `pixels` are those of this time:
    their shape and their digest stay.
    """

    def __init__(
        self, arrays: Mapping[str, Array], draw: Callable[[], Array], pixels: Array
    ) -> None:
        self._arrays, self._draw = arrays, draw
        self.shapes = {name: array.shape for name, array in arrays.items()} | {PIXELS: pixels.shape}
        self.digests = {PIXELS: digest_of_array(pixels)}

    def __getitem__(self, name: str) -> Array:
        return self._draw() if name == PIXELS else self._arrays[name]

    def beside(self, arrays: Mapping[str, Array]) -> LazyPixels:
        """The same pixels beside other arrays."""
        other = copy(self)
        other._arrays = arrays
        shapes = {name: array.shape for name, array in arrays.items()}
        other.shapes = shapes | {PIXELS: self.shapes[PIXELS]}
        return other

    def __iter__(self) -> Iterator[str]:
        return iter(self.shapes)

    def __len__(self) -> int:
        return len(self.shapes)


class Remark(NamedTuple):
    """What a notice is to say of a document, by kind of notice; `figures` are the numbers in it, by
    name, in its order."""

    kind: str
    message: str
    figures: Mapping[str, float] = MappingProxyType({})


class Begin(NamedTuple):
    """How a decoder of its own begins a text: its first token, None for the model's own; the token
    that it is made to choose after it, if any; or the tokens that it is given after it, where there
    are `choices` after the likeliest of these."""

    start: int | None = None
    forced: int | None = None
    after: tuple[int, ...] = ()
    choices: tuple[int, ...] = ()

    @property
    def tokens(self) -> int:
        """How many tokens there are before what the model writes."""
        return 1 + len(self.after) + bool(self.choices)


class Start(NamedTuple):
    """What a model writes a text after: its input arrays, and how its decoder begins."""

    arrays: Mapping[str, Array]
    begin: Begin = Begin()


Prepared = tuple[ModelInput | None, list[Remark]]
"""A document's input for a model, None where the model cannot take it, and what is to be said of
it."""

"""Films as models take them: pixels of some frames, and axes whose patches have their place on the
sheet of frames."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np

from attnviz.architectures.attention_windows import AttentionWindows
from attnviz.architectures.video_layout import Layout, film_axis, layout_of
from attnviz.documents import Document, Film, Tokens
from attnviz.errors import InputError
from attnviz.modalities.family import PIXELS, LazyPixels, ModelInput
from attnviz.modalities.image import ARRAYS, crop_of, seen_part
from attnviz.modalities.tokenizing import Said
from attnviz.score import Array


def shown_film(film: Film, processor: Any, config: Any) -> Film:
    """What a model sees of a film: as many frames as it takes, evenly spread, and of each what is
    not cropped off."""
    layout = layout_of(config)
    last = len(film.frames) - 1
    chosen = np.linspace(0, last, layout.frames).round().astype(int)
    part = crop_of(
        seen_part(partial(_single, processor), film.open(film.frames[0]).size), np.ones(2)
    )
    frames = tuple(film.frames[number] for number in chosen)
    return replace(film, frames=frames, shown=layout.tube, part=part or (0.0, 0.0, 1.0, 1.0))


def _single(processor: Any, images: Any, **options: Any) -> dict[str, Array]:
    """A film's processor as one of pictures."""
    if getattr(processor, "offset", None) is not None:  # ViViT's scales by it
        options["offset"] = False
    return {PIXELS: np.asarray(processor([[images]], **options)[PIXELS])[0]}


class Films:
    """Prepares films for one model."""

    def __init__(
        self, name: str, config: Any, processor: Any, windows: Mapping[str, AttentionWindows]
    ) -> None:
        self._name, self._processor = name, processor
        self._layout: Layout = layout_of(config)
        divided = {axis: own.tokens() for axis, own in windows.items()}
        self._axes: dict[str, Tokens] = divided or {"video": film_axis(config)}

    def prepare(self, document: Document) -> tuple[ModelInput | None, Said]:
        """A film as the model takes it. InputError where its processor makes frames of another
        size."""
        assert document.film is not None
        shape = self._draw(document.film).shape
        height, width = self._layout.pixels
        if shape[2:] != (height, width):
            raise InputError(
                f"model {self._name}: its processor makes frames of {shape[3]} × {shape[2]} pixels,"
                f" its configuration says {width} × {height}; expected them to be the same"
            )
        said: Said = []
        there, taken = len(set(document.film.frames)), len(document.film.frames)
        if there < taken:
            message = (
                f"“{document.title}” has {there} frames; {self._name} takes {taken}: some stand"
                " twice"
            )
            said.append(("repeated", message))
        return ModelInput(
            self._axes, LazyPixels({}, partial(self._draw, document.film), shape)
        ), said

    def _draw(self, film: Film) -> Array:
        """(frames, channels, height, width) float32."""
        frames = [film.open(number) for number in film.frames]
        pixels: Array = np.asarray(self._processor([frames], **ARRAYS)[PIXELS])[0].astype(
            np.float32
        )
        return pixels

"""Pictures as vision transformers take them: pixels, and an axis of special tokens and a grid of
patches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from PIL import Image

from attnviz.architectures.attention_windows import AttentionWindows
from attnviz.documents import Document, Tokens, open_picture
from attnviz.errors import InputError
from attnviz.modalities.family import PIXELS, Crop, LazyPixels, ModelInput
from attnviz.modalities.tokenizing import Said
from attnviz.models import device_of
from attnviz.score import Array


@dataclass(frozen=True)
class Tower:
    """What sees in a model, which may be all of it: its name in messages, the module and its
    configuration."""

    name: str
    module: Any
    config: Any


class Pictures:
    """Prepares pictures for one tower; what it learns of a size is kept for the next picture of
    that size."""

    def __init__(
        self, tower: Tower, processor: Any, windows: Mapping[str, AttentionWindows] = {}
    ) -> None:
        self.tower, self._processor = tower, processor
        self._cut = {name: own.tokens() for name, own in windows.items()}
        self._grids: dict[tuple[int, ...], Tokens] = {}
        self._seen: dict[tuple[int, int], Array] = {}

    def prepare(self, document: Document) -> tuple[ModelInput | None, Said]:
        """A picture as the model takes it; InputError where it takes none of its shape."""
        assert document.image is not None
        pixels = self._draw(document.image)
        axes = self._axes(pixels)
        crop = self.crop(open_picture(document.image).size, pixels, next(iter(axes.values())))
        return (
            ModelInput(
                axes, LazyPixels({}, partial(self._draw, document.image), pixels.shape), crop
            ),
            [],
        )

    def _draw(self, image: Path) -> Array:
        return pixels_of(self.tower, self._processor(images=open_picture(image), **ARRAYS))

    def _axes(self, pixels: Array) -> Mapping[str, Tokens]:
        if not self._cut:
            return {"image": self.axis(pixels)}
        size = self.tower.config.image_size
        if pixels.shape[1:] != (tuple(size) if isinstance(size, (tuple, list)) else (size, size)):
            raise InputError(
                f"model {self.tower.name}: its processor makes {pixels.shape[2]} ×"
                f" {pixels.shape[1]} pixels, its configuration says image_size {size}; expected"
                " them to be the same, for its windows to be known"
            )
        return self._cut

    def axis(self, pixels: Array) -> Tokens:
        """The axis of pixels (channels, height, width)."""
        if pixels.shape not in self._grids:
            self._grids[pixels.shape] = image_axis(self.tower, pixels)
        return self._grids[pixels.shape]

    def crop(self, size: tuple[int, int], pixels: Array, tokens: Tokens) -> Crop | None:
        """The part of a picture of this width and height that its patches show, None for all of
        it."""
        if size not in self._seen:
            self._seen[size] = seen_part(self._processor, size)
        patches = np.array([tokens.row.max() + 1, tokens.column.max() + 1])
        return crop_of(self._seen[size], patches * patch_size(self.tower) / pixels.shape[1:])


ARRAYS: Final = {"return_tensors": "np", "input_data_format": "channels_last"}


def pixels_of(tower: Tower, given: Any) -> Array:
    """(channels, height, width) float32 of what a processor made, resized and normalised as the
    model expects it."""
    pixels = np.asarray(given[PIXELS])
    if pixels.ndim != 4 or len(pixels) != 1:
        raise InputError(
            f"model {tower.name}: its processor makes arrays of shape {pixels.shape} of one"
            " picture; expected one array of channels × height × width: models that cut pictures"
            " into tiles are not known here"
        )
    own: Array = pixels[0].astype(np.float32)
    return own


def image_axis(tower: Tower, pixels: Array) -> Tokens:
    """The axis of a picture: its grid from the size of the patches, its special tokens from what
    the tower makes."""
    (height, width), patch = pixels.shape[1:], patch_size(tower)
    rows, columns = height // patch[0], width // patch[1]
    count = _output_length(tower, pixels)
    special = count - rows * columns
    after = int(getattr(tower.config, "num_detection_tokens", 0) or 0)
    if special < after:
        raise InputError(
            f"model {tower.name}: makes {count} tokens of a picture of {width} × {height} pixels;"
            f" expected a grid of {columns} × {rows} patches"
        )
    names = special_names(tower.config, special - after)
    return Tokens.of_grid(
        names, rows, columns, [f"[DET{number}]" for number in range(1, after + 1)]
    )


def patch_size(tower: Tower) -> tuple[int, int]:
    """Height and width of a patch in pixels."""
    size = getattr(tower.config, "patch_size", None)
    if isinstance(size, int):
        return size, size
    if isinstance(size, (tuple, list)) and len(size) == 2:
        return int(size[0]), int(size[1])
    raise InputError(
        f"model {tower.name}: says no size of its patches, so which part a token sees is not known"
    )


def _output_length(tower: Tower, pixels: Array) -> int:
    given = torch.from_numpy(pixels)[None].to(device_of(tower.module), tower.module.dtype)
    try:
        with torch.inference_mode():
            made = tower.module(pixel_values=given)[0]
    except (ValueError, RuntimeError) as error:
        reason = str(error).strip().splitlines()[0]
        size = f"{pixels.shape[2]} × {pixels.shape[1]}"
        raise InputError(
            f"model {tower.name}: does not take pictures of {size} pixels: {reason}"
        ) from error
    return int(made.shape[1]) if made.ndim == 3 else -1


def special_names(config: Any, count: int) -> list[str]:
    """The names of the special tokens that stand before the patches.

    >>> from types import SimpleNamespace
    >>> special_names(SimpleNamespace(model_type="dinov2_with_registers", num_register_tokens=2), 3)
    ['[CLS]', '[REG1]', '[REG2]']
    """
    registers = int(getattr(config, "num_register_tokens", 0) or 0)
    first = ["[CLS]", "[DIST]"] if config.model_type == "deit" else ["[CLS]"]
    names = [*first, *(f"[REG{number}]" for number in range(1, registers + 1))]
    return names if len(names) == count else [f"[TOKEN{number}]" for number in range(1, count + 1)]


# ---- which part of a picture the model sees


def seen_part(processor: Any, size: tuple[int, int]) -> Array:
    """Left, top, right and bottom of what a processor leaves of a picture of this size, as shares
    of the picture.

    It is measured on a picture whose colours say the place, so that it holds for any resizing,
    cropping and padding.
    """
    width, height = size
    place = np.zeros((height, width, 3), np.uint8)
    place[..., 0] = np.linspace(0, 255, width).round()
    place[..., 1] = np.linspace(0, 255, height).round()[:, None]
    place[..., 2] = 255
    plain = {"do_normalize": False, "do_rescale": False}
    left = processor(images=Image.fromarray(place), **ARRAYS, **plain)
    red, green, blue = np.asarray(left[PIXELS], np.float64)[0]
    inside = blue > _WHOLE
    across = _ends(red.mean(0, where=inside), inside.any(0), width)
    down = _ends(green.mean(1, where=inside), inside.any(1), height)
    return np.array([across[0], down[0], across[1], down[1]])


_WHOLE: Final = 250
"""Below this a pixel is partly of what was put around the picture."""


def _ends(colours: Array, inside: Array, size: int) -> tuple[float, float]:
    """Where the first and the last pixel's outer edges lie in the picture: the line through the
    colours' places."""
    between = inside & (colours > 2) & (colours < _WHOLE + 3)
    if between.sum() < 2:
        return 0.0, 1.0
    pixel = np.flatnonzero(between)
    slope, start = np.polyfit(pixel, (colours[pixel] / 255 * (size - 1) + 0.5) / size, 1)
    return float(start - slope / 2), float(start + slope * (len(colours) - 0.5))


def crop_of(part: Array, shown: Array) -> Crop | None:
    """The part of the picture that the patches show; `shown` is their share of the pixels' height
    and width."""
    left, top, right, bottom = part
    right, bottom = left + (right - left) * shown[1], top + (bottom - top) * shown[0]
    near = np.abs(np.array([left, top, right - 1, bottom - 1])).max() < _NEAR
    return None if near else (float(left), float(top), float(right), float(bottom))


_NEAR: Final = 0.01
"""A crop that is off by less is the whole picture: so much is rounding."""

"""How a vision tower divides an image: its pixels, its grid of patches, and which part of the image
they show."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import torch
from PIL import Image

from attnviz.architectures.sizes import height_and_width
from attnviz.architectures.special_tokens import names_after_patches, names_before_patches
from attnviz.documents import Tokens
from attnviz.errors import InputError
from attnviz.modalities.model_input import Crop
from attnviz.models.loaded import device_of
from attnviz.models.pixels import PIXELS, for_pixels
from attnviz.score import Array

PROCESSOR_OPTIONS: Final = {"return_tensors": "np", "input_data_format": "channels_last"}


@dataclass(frozen=True)
class Tower:
    """What sees in a model, which may be all of it: the model's name in messages, the module and
    its configuration."""

    name: str
    module: Any
    config: Any


class ImageGrids:
    """Grids and crops of a tower's images; what it learns of a size is kept for the next image of
    that size."""

    def __init__(self, tower: Tower, processor: Any) -> None:
        self.tower, self._processor = tower, processor
        self._axes: dict[tuple[int, ...], Tokens] = {}
        self._parts: dict[tuple[int, int], Array] = {}

    def axis(self, pixels: Array) -> Tokens:
        """The axis of pixels (channels, height, width)."""
        if pixels.shape not in self._axes:
            self._axes[pixels.shape] = image_axis(self.tower, pixels)
        return self._axes[pixels.shape]

    def crop(self, size: tuple[int, int], pixels: Array, tokens: Tokens) -> Crop | None:
        """The part of an image of this width and height that its patches show, None for all of
        it."""
        if size not in self._parts:
            self._parts[size] = visible_part(self._processor, size)
        patches = np.array([tokens.row.max() + 1, tokens.column.max() + 1])
        return crop_of(self._parts[size], patches * patch_size(self.tower) / pixels.shape[1:])


def pixels_of(tower: Tower, processed: Any) -> Array:
    """(channels, height, width) float32 of what a processor made, resized and normalised as the
    model expects it. Raises InputError if it made several arrays of one image."""
    pixels = np.asarray(processed[PIXELS])
    if pixels.ndim != 4 or len(pixels) != 1:
        raise InputError(
            f"model {tower.name}: its processor makes arrays of shape {pixels.shape} of one"
            " image; expected one array of channels × height × width: models that cut images"
            " into tiles are not known here"
        )
    image: Array = pixels[0].astype(np.float32)
    return image


def image_axis(tower: Tower, pixels: Array) -> Tokens:
    """The axis of an image: its grid from the size of the patches, its special tokens from what the
    tower makes."""
    (height, width), patch = pixels.shape[1:], patch_size(tower)
    rows, columns = height // patch[0], width // patch[1]
    count = _output_length(tower, pixels)
    after = names_after_patches(tower.config)
    before = count - rows * columns - len(after)
    if before < 0:
        raise InputError(
            f"model {tower.name}: makes {count} tokens of an image of {width} × {height} pixels;"
            f" expected a grid of {columns} × {rows} patches"
        )
    return Tokens.of_grid(names_before_patches(tower.config, before), rows, columns, after)


def check_pixels_of_windows(tower: Tower, pixels: Array) -> None:
    """Raises InputError if a processor makes images of another size than the windows are of."""
    size = tower.config.image_size
    if pixels.shape[1:] != height_and_width(size):
        raise InputError(
            f"model {tower.name}: its processor makes {pixels.shape[2]} ×"
            f" {pixels.shape[1]} pixels, its configuration says image_size {size}; expected"
            " them to be the same, for its windows to be known"
        )


def patch_size(tower: Tower) -> tuple[int, int]:
    """Height and width of a patch in pixels. Raises InputError if the configuration says none."""
    size = getattr(tower.config, "patch_size", None)
    if isinstance(size, int) or (isinstance(size, (tuple, list)) and len(size) == 2):
        return height_and_width(size)
    raise InputError(
        f"model {tower.name}: says no size of its patches, so which part a token sees is not known"
    )


def _output_length(tower: Tower, pixels: Array) -> int:
    """Tokens that the tower makes of pixels; −1 where it does not give one state per token."""
    image = torch.from_numpy(pixels)[None].to(device_of(tower.module), tower.module.dtype)
    try:
        with torch.inference_mode():
            options = for_pixels(tower.module, {PIXELS: image})
            states = tower.module(pixel_values=image, **options)[0]
    except (ValueError, RuntimeError) as error:
        reason = str(error).strip().splitlines()[0]
        size = f"{pixels.shape[2]} × {pixels.shape[1]}"
        raise InputError(
            f"model {tower.name}: does not take images of {size} pixels: {reason}"
        ) from error
    return int(states.shape[1]) if states.ndim == 3 else -1


# ---- which part of an image the model sees


def visible_part(processor: Any, size: tuple[int, int]) -> Array:
    """Left, top, right and bottom of what a processor leaves of an image of this width and height,
    as shares of the image, (4,) float64.

    It is measured on an image whose colours say the place, so that it holds for any resizing,
    cropping and padding.
    """
    # Red says how far to the right, green how far down, blue that it is of the image at all.
    width, height = size
    place = np.zeros((height, width, 3), np.uint8)
    place[..., 0] = np.linspace(0, 255, width).round()
    place[..., 1] = np.linspace(0, 255, height).round()[:, None]
    place[..., 2] = 255
    plain = {"do_normalize": False, "do_rescale": False}
    processed = processor(images=Image.fromarray(place), **PROCESSOR_OPTIONS, **plain)
    red, green, blue = np.asarray(processed[PIXELS], np.float64)[0]
    inside = blue > _ALL_OF_IMAGE
    across = _ends(red.mean(0, where=inside), inside.any(0), width)
    down = _ends(green.mean(1, where=inside), inside.any(1), height)
    return np.array([across[0], down[0], across[1], down[1]])


_ALL_OF_IMAGE: Final = 250
"""Below this a pixel is partly of what was put around the image."""


def _ends(colours: Array, inside: Array, size: int) -> tuple[float, float]:
    """Where the first and the last pixel's outer edges lie in the image: the line through the
    colours' places."""
    between = inside & (colours > 2) & (colours < _ALL_OF_IMAGE + 3)
    if between.sum() < 2:
        return 0.0, 1.0
    pixel = np.flatnonzero(between)
    slope, start = np.polyfit(pixel, (colours[pixel] / 255 * (size - 1) + 0.5) / size, 1)
    return float(start - slope / 2), float(start + slope * (len(colours) - 0.5))


def crop_of(part: Array, share: Array) -> Crop | None:
    """The part of the image that the patches show, None where it is all of it.

    `part` is what the processor leaves of the image (`visible_part`); `share` (2,) is how much of
    the pixels' height and width the patches cover.
    """
    left, top, right, bottom = part
    right, bottom = left + (right - left) * share[1], top + (bottom - top) * share[0]
    largest = np.abs(np.array([left, top, right - 1, bottom - 1])).max()
    return None if largest < _NEAR else (float(left), float(top), float(right), float(bottom))


_NEAR: Final = 0.01
"""A crop that is off by less is the whole image: so much is rounding."""

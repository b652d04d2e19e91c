"""The pixels that models of images and videos read."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from typing import Any, Final

from attnviz.architectures.sizes import height_and_width

PIXELS: Final = "pixel_values"
"""What every model of images or videos calls its pixels."""


def for_pixels(module: Any, inputs: Mapping[str, Any]) -> dict[str, bool]:
    """What a vision transformer has to be told to take pixels of another size than its own: that it
    is to interpolate its positions, where it can."""
    size = getattr(module.config, "image_size", None)
    parameters = inspect.signature(module.forward).parameters
    if PIXELS not in inputs or size is None or "interpolate_pos_encoding" not in parameters:
        return {}
    if inputs[PIXELS].ndim != 4 or tuple(inputs[PIXELS].shape[2:]) == height_and_width(size):
        return {}
    return {"interpolate_pos_encoding": True}

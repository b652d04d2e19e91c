"""Kinds of models: which axes they have, and which attention belongs to which.

`text` (encoders and decoders), `encoder-decoder`, `vision`, `video`, `audio`, and `vision-language`
(patches stand in a text's place). An axis is a named sequence; self-attention has one axis twice,
cross-attention two.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final, Literal

from attnviz.architectures.attention_windows import AttentionWindows, stages_of
from attnviz.architectures.video_layout import FILMS, windows_of
from attnviz.documents import Tokens
from attnviz.format.manifest import AxisKind
from attnviz.models import LoadedModel, hears
from attnviz.score import Array

FamilyName = Literal["text", "encoder-decoder", "vision", "video", "audio", "vision-language"]

_CROSS = re.compile(r"(cross_?att|encoder_attn|encdecatt|encoderdecoderatt)", re.IGNORECASE)
_VISION = re.compile(r"(^|\.)(vision|visual|image|vit)\w*(\.|$)", re.IGNORECASE)
_STAGE = re.compile(r"layers\.(\d+)\.blocks\.(\d+)\.")
_TEMPORAL = re.compile(r"temporal_attention(\.|$)")
_ENCODER = re.compile(r"(^|\.)encoder(\.|$)", re.IGNORECASE)


Crop = tuple[float, float, float, float]


@dataclass(frozen=True)
class AttentionPlace:
    """Which stack an attention call belongs to, and its two axes; within which windows, if any."""

    stack: str
    query_axis: str
    key_axis: str
    windows: AttentionWindows | None = None


@dataclass(frozen=True)
class Family:
    """A kind of model: its axes by name, and the value that pads each sequence of its input.

    `windows` says of axes whose tokens attend within windows how they are cut.
    """

    name: FamilyName
    axes: Mapping[str, AxisKind]
    padding: Mapping[str, int] = field(default_factory=dict)
    windows: Mapping[str, AttentionWindows] = field(default_factory=dict)

    def place(self, path: str) -> AttentionPlace:
        """Where a module's attention belongs, by its path. A text model's stack is named later, by
        its mask."""
        if self.name == "text":
            return AttentionPlace("", "text", "text")
        if self.name == "video":
            return self._film(path)
        if self.windows:
            return self._stage(path)
        if self.name == "audio":
            return AttentionPlace("encoder", "audio", "audio")
        if self.name == "vision":
            return AttentionPlace("vision", "image", "image")
        if self.name == "vision-language":
            vision = _VISION.search(path) and "language_model" not in path
            return (
                AttentionPlace("vision", "image", "image")
                if vision
                else AttentionPlace("decoder", "text", "text")
            )
        if _CROSS.search(path):
            return AttentionPlace("cross", "target", "source")
        if _ENCODER.search(path):
            return AttentionPlace("encoder", "source", "source")
        return AttentionPlace("decoder", "target", "target")

    def _film(self, path: str) -> AttentionPlace:
        """Attention of all patches to all, or through time and within a frame."""
        if not self.windows:
            return AttentionPlace("vision", "video", "video")
        name = "time" if _TEMPORAL.search(path) else "space"
        return AttentionPlace(name, name, name, self.windows[name])

    def _stage(self, path: str) -> AttentionPlace:
        """Every other layer of a stage has a shifted grid, where the stage has one."""
        found = _STAGE.search(path)
        stage, block = (0, 0) if found is None else (int(part) for part in found.groups())
        name = f"stage{stage + 1}"
        name = f"{name}-shifted" if block % 2 and f"{name}-shifted" in self.axes else name
        return AttentionPlace(name, name, name, self.windows[name])


@dataclass(frozen=True)
class ModelInput:
    """One document for one model: its axes, and its input arrays without the batch dimension.

    `crop` is what the patches of an image show of the picture: left, top, right and bottom, as
    shares of its width and height; None where they show all of it.
    """

    axes: Mapping[str, Tokens]
    arrays: Mapping[str, Array]
    crop: Crop | None = None

    @property
    def shapes(self) -> Mapping[str, tuple[int, ...]]:
        """The shapes of the arrays; pixels need not be made for them."""
        if isinstance(self.arrays, LazyPixels):
            return self.arrays.shapes
        return {name: array.shape for name, array in self.arrays.items()}


class LazyPixels(Mapping[str, Array]):
    """Arrays with pixels that are made anew whenever they are asked for: a corpus of them would
    fill the memory."""

    def __init__(
        self, held: Mapping[str, Array], draw: Callable[[], Array], shape: tuple[int, ...]
    ) -> None:
        self._held, self._draw = held, draw
        self.shapes = {name: array.shape for name, array in held.items()} | {PIXELS: shape}

    def __getitem__(self, name: str) -> Array:
        return self._draw() if name == PIXELS else self._held[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.shapes)

    def __len__(self) -> int:
        return len(self.shapes)


PIXELS: Final = "pixel_values"
SAMPLES: Final = "input_values"
"""What every model calls them."""


def family_of(loaded: LoadedModel) -> Family:
    """The family of a model, from its configuration."""
    config = loaded.model.config
    pad = getattr(loaded.tokenizer, "pad_token_id", None)
    ids = {"input_ids": 0 if pad is None else int(pad), "attention_mask": 0, "token_type_ids": 0}
    if getattr(config, "is_encoder_decoder", False):
        decoder = {"decoder_input_ids": ids["input_ids"], "decoder_attention_mask": 0}
        return Family("encoder-decoder", {"source": "text", "target": "text"}, ids | decoder)
    sees = loaded.processor is not None
    if hears(config):
        return Family("audio", {"audio": "audio"})
    if sees and config.model_type in FILMS:
        divided = dict(windows_of(config))
        return Family("video", dict.fromkeys(divided or ("video",), "video"), windows=divided)
    if sees and (loaded.tokenizer is None or getattr(config, "text_config", None) is None):
        windows = dict(stages_of(config)) if config.model_type in ("swin", "swinv2") else {}
        axes: dict[str, AxisKind] = dict.fromkeys(windows or ("image",), "image")
        return Family("vision", axes, windows=windows)
    if sees:
        return Family(
            "vision-language", {"text": "text", "image": "image"}, ids | {"mm_token_type_ids": 0}
        )
    return Family("text", {"text": "text"}, ids)

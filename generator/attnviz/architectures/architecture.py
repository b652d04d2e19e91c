"""What there is to know of an architecture."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from attnviz.architectures.attention_windows import AttentionWindows
from attnviz.architectures.frames import Frames
from attnviz.architectures.video_layout import VideoLayout


@dataclass(frozen=True)
class WindowedAttention:
    """How models of one type attend within windows.

    windows: from a configuration to the axes whose tokens attend within windows, by name.
    axis_of: from the path of an attention module and these axes to the name of its axis.
    """

    windows: Callable[[Any], Mapping[str, AttentionWindows]]
    axis_of: Callable[[str, Mapping[str, AttentionWindows]], str]


@dataclass(frozen=True)
class Towers:
    """The two parts of a model that read images and texts, each by itself, by their names in it.

    pads_texts: whether texts are read with padding up to the model's limit, which is attended to,
    as they were in training.
    """

    vision: str = "vision_model"
    text: str = "text_model"
    pads_texts: bool = False


@dataclass(frozen=True)
class Architecture:
    """What is known of all models of one type; by default nothing that has to be known.

    refusal: why such models are refused before their weights are loaded, as what follows the type's
    name in a message; None where they are not.
    towers: the parts that read images and texts apart; None where there are no two of them.
    vision_tower: the class of transformers that loads the tower for images, of checkpoints of that
    tower alone.
    loaded_as: the class of transformers that loads such models whole, where AutoModel knows none.
    windowed: how such models attend within windows; None where tokens see all others.
    video_layout: from a configuration to the layout of a video's patches; None for models that read
    no videos.
    frames: from a configuration and a feature extractor to how recordings are cut; None for models
    that read none, and where the configuration itself lists the convolutions.
    special_tokens: the names of the tokens before an image's patches, registers left out.
    after_image: what a prompt has between the image and the text that follows it.
    mixes_neighbours: whether tokens take something from their neighbours whatever masks say, as by
    a convolution, so that padding counts.
    as_computed: from a configuration and the weights (batch, heads, T, K) that a module returns to
    those that it computes with; None where they are the same.
    after_softmax: from a configuration to what is done to attention between its softmax and the
    values, in words; None for nothing.
    """

    refusal: str | None = None
    towers: Towers | None = None
    vision_tower: str | None = None
    loaded_as: str | None = None
    windowed: WindowedAttention | None = None
    video_layout: Callable[[Any], VideoLayout] | None = None
    frames: Callable[[Any, Any], Frames] | None = None
    special_tokens: tuple[str, ...] = ("[CLS]",)
    after_image: str = "\n"
    mixes_neighbours: bool = False
    as_computed: Callable[[Any, Tensor], Tensor] | None = None
    after_softmax: Callable[[Any], str | None] | None = None

    def windows(self, config: Any) -> Mapping[str, AttentionWindows]:
        """The axes of such a model whose tokens attend within windows, by name."""
        return {} if self.windowed is None else self.windowed.windows(config)

    def windowed_axis(self, path: str, windows: Mapping[str, AttentionWindows]) -> str:
        """Which of these axes the attention of the module at `path` has."""
        assert self.windowed is not None
        return self.windowed.axis_of(path, windows)

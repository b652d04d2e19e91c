"""Attention of videos that is divided (TimeSformer, Bertasius et al. 2021): through time at one
place of the frames, then among the patches of one frame and its copy of [CLS]."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

import numpy as np

from attnviz.architectures.attention_windows import AttentionWindows
from attnviz.architectures.video_layout import VideoLayout, layout_of_patches


def divided_windows(config: Any) -> dict[str, AttentionWindows]:
    """The axes of a TimeSformer whose attention is divided; none where all patches see each
    other."""
    layout = layout_of_patches(has_cls=True, time_first=True)(config)
    match getattr(config, "attention_type", "joint_space_time"):
        case "joint_space_time":
            return {}
        case "space_only":
            return {"space": _within_frames(layout)}
    return {"time": _through_time(layout), "space": _within_frames(layout)}


def divided_axis(path: str, axes: Mapping[str, AttentionWindows]) -> str:
    """The axis of a block's attention: through time, or within a frame."""
    return "time" if _TEMPORAL.search(path) else "space"


_TEMPORAL: Final = re.compile(r"temporal_attention(\.|$)")


def _through_time(layout: VideoLayout) -> AttentionWindows:
    """Window after window the frames of one place."""
    patch = layout.patches().transpose(1, 2, 0)  # (row, column, frame)
    return layout.windows(layout.frames, patch.ravel())


def _within_frames(layout: VideoLayout) -> AttentionWindows:
    """Window after window a frame: its copy of [CLS], and its patches."""
    patches = layout.patches().reshape(layout.frames, -1)
    patch = np.concatenate([np.full((layout.frames, 1), -1), patches], 1)  # (frame, 1 + patch)
    names = layout.places(patch.ravel())[2]
    for frame in range(layout.frames):
        names[frame * patch.shape[1]] = f"[CLS] of frame {frame + 1}"
    return layout.windows(patch.shape[1], patch.ravel(), names)

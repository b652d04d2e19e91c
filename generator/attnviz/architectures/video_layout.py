"""How models of films lay out their tokens: which patch of which frame each is, and which ones see
each other.

TimeSformer (Bertasius et al. 2021) divides its attention: through time at one place of the picture,
then among the patches of one frame and [CLS], of which each frame has a copy. VideoMAE (Tong et al.
2022) and ViViT (Arnab et al. 2021) let all patches of all frames see each other; a patch is of
several frames. A film's picture is a sheet of its frames (`documents.sheet_grid`), so a patch's row
and column are those of the sheet.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from attnviz.architectures.attention_windows import AttentionWindows
from attnviz.documents import Tokens, sheet_grid
from attnviz.score import Array

FILMS: Final = ("timesformer", "videomae", "vivit")
"""Model types whose layout is known."""


@dataclass(frozen=True)
class Layout:
    """What a model takes of a film: so many frames, of which `tube` together make a patch, and a
    grid of patches.

    `patch` is a patch's height and width in pixels.
    """

    frames: int
    tube: int
    rows: int
    columns: int
    patch: tuple[int, int]

    @property
    def pixels(self) -> tuple[int, int]:
        """Height and width of a frame."""
        return self.rows * self.patch[0], self.columns * self.patch[1]

    def patches(self) -> Array:
        """(frames / tube, rows, columns): numbers of the patches, frame by frame, row by row."""
        shape = self.frames // self.tube, self.rows, self.columns
        return np.arange(np.prod(shape)).reshape(shape)

    def places(self, patch: Array) -> tuple[Array, Array, list[str]]:
        """Row and column on the sheet of these patches, and their names; −1 stands for what is no
        patch."""
        inside = patch >= 0
        frame, row, column = np.unravel_index(np.where(inside, patch, 0), self.patches().shape)
        across = sheet_grid(self.frames // self.tube)[1]
        down = frame // across * self.rows + row
        aside = frame % across * self.columns + column
        places = zip(inside, frame, row, column, strict=True)
        names = [
            f"{self._frame(f)} r{r + 1} c{c + 1}" if own else "[CLS]" for own, f, r, c in places
        ]
        return np.where(inside, down, -1), np.where(inside, aside, -1), names

    def _frame(self, number: int) -> str:
        first = number * self.tube + 1
        return f"frame {first}" if self.tube == 1 else f"frames {first}–{first + self.tube - 1}"


def layout_of(config: Any) -> Layout:
    """A model's layout, from its configuration."""
    size = _pair(config.image_size)
    if config.model_type == "vivit":
        tube, *patch = config.tubelet_size
    else:
        tube, patch = getattr(config, "tubelet_size", 1), list(_pair(config.patch_size))
    rows, columns = (side // own for side, own in zip(size, patch, strict=True))
    return Layout(int(config.num_frames), int(tube), rows, columns, (int(patch[0]), int(patch[1])))


def _pair(size: int | Sequence[int]) -> tuple[int, int]:
    return (size, size) if isinstance(size, int) else (int(size[0]), int(size[1]))


def windows_of(config: Any) -> Mapping[str, AttentionWindows]:
    """The axes of a model whose attention is divided: through time, and within each frame; none for
    another."""
    kind = getattr(config, "attention_type", "joint_space_time")
    if kind == "joint_space_time":
        return {}
    layout = layout_of(config)
    space = _space(layout)
    return {"space": space} if kind == "space_only" else {"time": _time(layout), "space": space}


def _time(layout: Layout) -> AttentionWindows:
    """Window after window the frames of one place."""
    patch = layout.patches().transpose(1, 2, 0)
    row, column, names = layout.places(patch.ravel())
    return _windows(layout.frames, row, column, names)


def _space(layout: Layout) -> AttentionWindows:
    """Window after window a frame: its copy of [CLS], and its patches."""
    own = layout.patches().reshape(layout.frames, -1)
    patch = np.concatenate([np.full((layout.frames, 1), -1), own], 1)
    row, column, names = layout.places(patch.ravel())
    for frame in range(layout.frames):
        names[frame * patch.shape[1]] = f"[CLS] of frame {frame + 1}"
    return _windows(patch.shape[1], row, column, names)


def _windows(size: int, row: Array, column: Array, names: list[str]) -> AttentionWindows:
    return AttentionWindows(
        size, np.arange(len(row)), np.zeros(len(row), np.int64), row, column, tuple(names)
    )


def film_axis(config: Any) -> Tokens:
    """The tokens of a model whose patches all see each other, in its own order."""
    layout = layout_of(config)
    patches = layout.patches()
    if config.model_type == "timesformer":  # it goes through time at each place
        patches = patches.transpose(1, 2, 0)
    special = [] if config.model_type == "videomae" else [-1]
    row, column, names = layout.places(np.concatenate([special, patches.ravel()]).astype(np.int64))
    return _windows(len(row), row, column, names).tokens()

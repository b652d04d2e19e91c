"""How models of videos lay out their tokens: which patch of which frames each one is.

The report shows a video as a sheet of its frames (`sheet_grid`), so a patch's row and column are
those of the sheet. In VideoMAE (Tong et al. 2022) and ViViT (Arnab et al. 2021) a patch is of
several frames, a tube; in TimeSformer (Bertasius et al. 2021) of one.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from attnviz.architectures.attention_windows import AttentionWindows
from attnviz.architectures.sizes import height_and_width
from attnviz.documents import Tokens
from attnviz.score import Array


def sheet_grid(count: int) -> tuple[int, int]:
    """Rows and columns of a sheet of so many frames, about as many of each.

    >>> sheet_grid(8)
    (3, 3)
    """
    columns = math.ceil(math.sqrt(count))
    return math.ceil(count / columns), columns


@dataclass(frozen=True)
class VideoLayout:
    """What a model takes of a video: so many frames, of which `tube` together make a patch, and a
    grid of `rows` × `columns` patches.

    `patch` is a patch's height and width in pixels. Where all patches see each other, `has_cls`
    says whether a [CLS] stands before them, `time_first` whether they stand place by place, through
    time at each, or frame by frame.
    """

    frames: int
    tube: int
    rows: int
    columns: int
    patch: tuple[int, int]
    has_cls: bool
    time_first: bool

    @property
    def pixels(self) -> tuple[int, int]:
        """Height and width of a frame."""
        return self.rows * self.patch[0], self.columns * self.patch[1]

    def patches(self) -> Array:
        """(frames / tube, rows, columns): numbers of the patches, frame by frame, row by row."""
        shape = self.frames // self.tube, self.rows, self.columns
        return np.arange(np.prod(shape)).reshape(shape)

    def places(self, patch: Array) -> tuple[Array, Array, list[str]]:
        """Row and column on the sheet of these patches (T,), and their names; −1 stands for what is
        no patch."""
        inside = patch >= 0
        frame, row, column = np.unravel_index(np.where(inside, patch, 0), self.patches().shape)
        across = sheet_grid(self.frames // self.tube)[1]
        down = frame // across * self.rows + row
        aside = frame % across * self.columns + column
        names = [
            f"{self._frame(f)} r{r + 1} c{c + 1}" if is_patch else "[CLS]"
            for is_patch, f, r, c in zip(inside, frame, row, column, strict=True)
        ]
        return np.where(inside, down, -1), np.where(inside, aside, -1), names

    def windows(self, size: int, patch: Array, names: Sequence[str] = ()) -> AttentionWindows:
        """Patches (T,) that attend within windows of `size`, in this order."""
        row, column, by_place = self.places(patch)
        return AttentionWindows(
            size=size,
            order=np.arange(len(patch)),
            region=np.zeros(len(patch), np.int64),
            row=row,
            column=column,
            names=tuple(names or by_place),
        )

    def tokens(self) -> Tokens:
        """The tokens of a model whose patches all see each other, in its own order."""
        patches = self.patches()
        if self.time_first:
            patches = patches.transpose(1, 2, 0)  # (row, column, frame)
        first = [-1] if self.has_cls else []
        patch = np.concatenate([first, patches.ravel()]).astype(np.int64)
        return self.windows(len(patch), patch).tokens()

    def _frame(self, number: int) -> str:
        first = number * self.tube + 1
        return f"frame {first}" if self.tube == 1 else f"frames {first}–{first + self.tube - 1}"


def layout_of_patches(has_cls: bool, time_first: bool) -> Callable[[Any], VideoLayout]:
    """From configurations that give the size of a patch, and of a tube where there are any."""

    def layout(config: Any) -> VideoLayout:
        tube, patch = getattr(config, "tubelet_size", 1), height_and_width(config.patch_size)
        return _layout(config, tube, patch, has_cls=has_cls, time_first=time_first)

    return layout


def layout_of_tubelets(config: Any) -> VideoLayout:
    """ViViT's configuration gives a tube's frames, height and width in one."""
    tube, height, width = config.tubelet_size
    return _layout(config, tube, (height, width), has_cls=True, time_first=False)


def _layout(
    config: Any, tube: int, patch: tuple[int, int], has_cls: bool, time_first: bool
) -> VideoLayout:
    sides = zip(height_and_width(config.image_size), patch, strict=True)
    rows, columns = (side // length for side, length in sides)
    return VideoLayout(
        frames=int(config.num_frames),
        tube=int(tube),
        rows=rows,
        columns=columns,
        patch=(int(patch[0]), int(patch[1])),
        has_cls=has_cls,
        time_first=time_first,
    )

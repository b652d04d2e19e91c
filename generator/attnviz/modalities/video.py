"""Videos, and models of them: pixels of some frames, and axes whose patches have their place on the
sheet of frames."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import cached_property, partial
from pathlib import Path
from typing import Any, Final

import numpy as np

from attnviz.architectures.known import architecture_of
from attnviz.architectures.video_layout import VideoLayout
from attnviz.config import DocumentSpec
from attnviz.documents import Document, DocumentKind, Media, Tokens
from attnviz.documents.files import digest_of, look_at_each
from attnviz.errors import InputError
from attnviz.modalities.axes import AttentionPlace
from attnviz.modalities.family import VIDEO_AXIS, Excerpt, Family
from attnviz.modalities.image import sample_image
from attnviz.modalities.image_patches import PROCESSOR_OPTIONS, crop_of, visible_part
from attnviz.modalities.modality import EntryDocuments, Modality
from attnviz.modalities.model_input import LazyPixels, ModelInput, Prepared, Remark
from attnviz.modalities.video_frames import Video, open_video
from attnviz.models.loaded import LoadedModel
from attnviz.models.pixels import PIXELS
from attnviz.score import Array

VIDEO: Final = DocumentKind("video")


class VideoFamily(Family):
    """TimeSformer, VideoMAE and ViViT: attention of all patches to all, or divided."""

    name = "video"
    kinds = (VIDEO,)
    reads_in_words = takes = "videos"

    def __init__(self, loaded: LoadedModel) -> None:
        super().__init__(loaded)
        config = loaded.model.config
        self._architecture = architecture_of(config)
        self.windows = self._architecture.windows(config)
        self.axes = dict.fromkeys(self.windows or ("video",), VIDEO_AXIS)

    @classmethod
    def has(cls, loaded: LoadedModel) -> bool:
        layout = architecture_of(loaded.model.config).video_layout
        return loaded.processor is not None and layout is not None

    def place(self, path: str) -> AttentionPlace:
        if not self.windows:
            return AttentionPlace("vision", "video", "video")
        axis = self._architecture.windowed_axis(path, self.windows)
        return AttentionPlace(axis, axis, axis, self.windows[axis])

    def excerpt(self, media: Media) -> Excerpt:
        """As many frames as the model takes, evenly spread, and of each what is not cropped off."""
        assert isinstance(media, Video)
        layout, last = self._layout, len(media.frames) - 1
        numbers = np.linspace(0, last, layout.frames).round().astype(int)
        size = media.open(media.frames[0]).size
        crop = crop_of(visible_part(self._process_one, size), np.ones(2))
        video = replace(
            media,
            frames=tuple(media.frames[number] for number in numbers),
            step=layout.tube,
            crop=crop or media.crop,
        )
        return Excerpt(video, f"{len(video.frames)} frames")

    def prepare(self, document: Document) -> Prepared:
        """A video as the model takes it. Raises InputError if the model's processor makes frames of
        another size."""
        assert isinstance(document.media, Video)
        name, video = self.loaded.name, document.media
        pixels = self._draw(video)
        shape = pixels.shape
        height, width = self._layout.pixels
        if shape[2:] != (height, width):
            raise InputError(
                f"model {name}: its processor makes frames of {shape[3]} × {shape[2]} pixels,"
                f" its configuration says {width} × {height}; expected them to be the same"
            )
        remarks = []
        different, count = len(set(video.frames)), len(video.frames)
        if different < count:
            message = (
                f"“{document.title}” has {different} frames; {name} takes {count}: some stand twice"
            )
            remarks.append(Remark("repeated", message, {"different": different, "frames": count}))
        arrays = LazyPixels({}, partial(self._draw, video), pixels)
        return ModelInput(self._tokens, arrays), remarks

    def sample(self, folder: Path) -> list[Document]:
        return [
            Document(0, "sample", "", VIDEO, media=self.excerpt(_sample_video(folder, seed)).media)
            for seed in range(2)
        ]

    @cached_property
    def _layout(self) -> VideoLayout:
        assert self._architecture.video_layout is not None
        return self._architecture.video_layout(self.loaded.model.config)

    @cached_property
    def _tokens(self) -> Mapping[str, Tokens]:
        windowed = {axis: windows.tokens() for axis, windows in self.windows.items()}
        return windowed or {"video": self._layout.tokens()}

    def _draw(self, video: Video) -> Array:
        """(frames, channels, height, width) float32."""
        frames = [video.open(number) for number in video.frames]
        processed = self.loaded.processor([frames], **PROCESSOR_OPTIONS)
        pixels: Array = np.asarray(processed[PIXELS])[0].astype(np.float32)
        return pixels

    def _process_one(self, images: Any, **options: Any) -> dict[str, Array]:
        """The processor as one of single images."""
        processor = self.loaded.processor
        if getattr(processor, "offset", None) is not None:  # ViViT's scales by it
            options["offset"] = False
        return {PIXELS: np.asarray(processor([[images]], **options)[PIXELS])[0]}


def _sample_video(folder: Path, seed: int) -> Video:
    """Four seeded images one after the other."""
    frames = folder / f"video-{seed}"
    frames.mkdir()
    for number in range(4):
        sample_image(frames, 4 * seed + number)
    return Video(frames, tuple(range(4)))


def _read(entry: int, spec: DocumentSpec, where: str) -> EntryDocuments | None:
    if not spec.videos:
        return None
    name, videos = look_at_each(spec.videos, partial(open_video, most=spec.max_pixels), "videos")
    documents = [Document(entry, video.title, "", VIDEO, media=video) for video in videos]
    files = [file for video in videos for file in video.files]
    return EntryDocuments(name, digest_of(files), documents)


MODALITY: Final = Modality(VIDEO, _read, VideoFamily)

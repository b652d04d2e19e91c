"""Images, and vision transformers: an axis of special tokens and a grid of patches."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

from attnviz.architectures.known import architecture_of
from attnviz.architectures.sizes import height_and_width
from attnviz.config import DocumentSpec
from attnviz.documents import Completion, Document, DocumentKind, Tokens, open_image
from attnviz.documents.files import digest_of, look_at_each
from attnviz.errors import InputError
from attnviz.modalities.axes import AttentionPlace
from attnviz.modalities.family import IMAGE_AXIS, Family
from attnviz.modalities.image_patches import (
    PROCESSOR_OPTIONS,
    ImageGrids,
    Tower,
    check_pixels_of_windows,
    pixels_of,
)
from attnviz.modalities.modality import EntryDocuments, Modality
from attnviz.modalities.model_input import LazyPixels, ModelInput, Prepared, Remark
from attnviz.models.loaded import LoadedModel
from attnviz.models.pixels import PIXELS, for_pixels
from attnviz.score import Array

IMAGE_TEXT: Final = DocumentKind("image-text")
"""An image with a text: models of images alone look at the image (`image_text.py` has the
others)."""
IMAGE: Final = DocumentKind(
    "image",
    completion=Completion(
        "images", "a model that writes what it sees", becomes=IMAGE_TEXT, optional=True
    ),
)


@dataclass(frozen=True)
class ImageFile:
    """An image in a file."""

    path: Path

    def picture(self) -> Image.Image:
        """The image itself. Raises InputError if it cannot be read."""
        return open_image(self.path)


class ImageFamily(Family):
    """Vision transformers: one axis of patches, or several where they attend within windows."""

    name = "vision"
    kinds = (IMAGE, IMAGE_TEXT)
    reads_in_words = takes = "images"

    def __init__(self, loaded: LoadedModel) -> None:
        super().__init__(loaded)
        config = loaded.model.config
        self.windows = architecture_of(config).windows(config)
        self.axes = dict.fromkeys(self.windows or ("image",), IMAGE_AXIS)
        self._sizes: set[tuple[int, ...]] = set()

    @classmethod
    def has(cls, loaded: LoadedModel) -> bool:
        has_text_part = getattr(loaded.model.config, "text_config", None) is not None
        reads_texts = loaded.tokenizer is not None and has_text_part
        return loaded.processor is not None and not reads_texts

    def place(self, path: str) -> AttentionPlace:
        if not self.windows:
            return AttentionPlace("vision", "image", "image")
        axis = architecture_of(self.loaded.model.config).windowed_axis(path, self.windows)
        return AttentionPlace(axis, axis, axis, self.windows[axis])

    def prepare(self, document: Document) -> Prepared:
        """An image as the model takes it. Raises InputError if it takes none of its shape."""
        assert isinstance(document.media, ImageFile)
        path = document.media.path
        pixels = self._draw(path)
        axes = self._tokens(pixels)
        crop = self._grids.crop(open_image(path).size, pixels, next(iter(axes.values())))
        arrays = LazyPixels({}, partial(self._draw, path), pixels)
        return ModelInput(axes, arrays, crop), self._interpolated(pixels)

    def _interpolated(self, pixels: Array) -> list[Remark]:
        """That the model interpolates its positions, said once for each size of images. Raises
        InputError if they are not those of a square."""
        tower, size = self._tower, pixels.shape[1:]
        if size in self._sizes or not for_pixels(tower.module, {PIXELS: pixels[None]}):
            return []
        self._sizes.add(size)
        height, width = height_and_width(tower.config.image_size)
        if height != width:
            # transformers lays them out as a square, so that each patch gets another one's.
            raise InputError(
                f"model {self.loaded.name}: its processor gives images of {size[1]} × {size[0]}"
                f" pixels, its positions are for {width} × {height}, and transformers interpolates"
                f" those of squares alone; expected images of {width} × {height}: mend size in"
                " preprocessor_config.json"
            )
        message = (
            f"{self.loaded.name} interpolates its positions: its processor gives images of"
            f" {size[1]} × {size[0]} pixels, and it has positions for {width} × {height}"
        )
        places = {"width_of_positions": width, "height_of_positions": height}
        figures = {"width": size[1], "height": size[0]} | places
        return [Remark("interpolated", message, figures)]

    def sample(self, folder: Path) -> list[Document]:
        return [
            Document(0, "sample", "", IMAGE, media=ImageFile(sample_image(folder, seed)))
            for seed in range(2)
        ]

    @cached_property
    def _grids(self) -> ImageGrids:
        return ImageGrids(self._tower, self.loaded.processor)

    @property
    def _tower(self) -> Tower:
        """What sees: all of the model."""
        return Tower(self.loaded.name, self.loaded.model, self.loaded.model.config)

    @cached_property
    def _windowed_tokens(self) -> Mapping[str, Tokens]:
        return {axis: windows.tokens() for axis, windows in self.windows.items()}

    def _draw(self, path: Path) -> Array:
        """(channels, height, width) float32."""
        processed = self.loaded.processor(images=open_image(path), **PROCESSOR_OPTIONS)
        return pixels_of(self._grids.tower, processed)

    def _tokens(self, pixels: Array) -> Mapping[str, Tokens]:
        if not self.windows:
            return {"image": self._grids.axis(pixels)}
        check_pixels_of_windows(self._grids.tower, pixels)
        return self._windowed_tokens


def sample_image(folder: Path, seed: int) -> Path:
    """A seeded image of 7 × 7 coloured squares, 224 × 224 pixels."""
    squares = np.random.default_rng(seed).integers(0, 256, (7, 7, 3), np.uint8)
    path = folder / f"sample-{seed}.png"
    Image.fromarray(squares).resize((224, 224), Image.Resampling.NEAREST).save(path)
    return path


def read_images(
    entry: int, spec: DocumentSpec, documents: list[Document], texts: bytes = b""
) -> EntryDocuments:
    """The `documents` of an entry's images; `texts` are what stands beside them. Raises InputError
    with all images that cannot be read."""
    name, _ = look_at_each(spec.images, partial(open_image, most=spec.max_pixels), "images")
    return EntryDocuments(name, digest_of(spec.images, texts), documents)


def _read(entry: int, spec: DocumentSpec, where: str) -> EntryDocuments | None:
    if not spec.images or spec.text:
        return None
    documents = [
        Document(entry, path.stem, "", IMAGE, media=ImageFile(path)) for path in spec.images
    ]
    return read_images(entry, spec, documents)


MODALITY: Final = Modality(IMAGE, _read, ImageFamily)

"""Images with what is written in them, and models that read the one and write the other (TrOCR): an
axis of patches, one of the decoder's tokens, and cross-attention between them."""

from __future__ import annotations

from functools import cached_property, partial
from pathlib import Path

from attnviz.documents import Document, open_image
from attnviz.modalities.axes import AttentionPlace
from attnviz.modalities.family import IMAGE_AXIS, TEXT_AXIS, Family, text_padding
from attnviz.modalities.image import IMAGE, IMAGE_TEXT, ImageFile, sample_image
from attnviz.modalities.image_patches import PROCESSOR_OPTIONS, ImageGrids, Tower, pixels_of
from attnviz.modalities.model_input import LazyPixels, ModelInput, Prepared, Start
from attnviz.modalities.translation import decoder_arrays, decoder_input, place_of
from attnviz.models.loaded import LoadedModel
from attnviz.models.pixels import PIXELS
from attnviz.score import Array


class ImageTargetFamily(Family):
    """Two models in one: the encoder sees an image, and the decoder writes the text beside it."""

    name = "image-to-text"
    has_target = True
    head = "VisionEncoderDecoderModel"
    completes = IMAGE
    kinds = (IMAGE_TEXT,)
    reads_in_words = "images"
    takes = "images, and writes what it sees in them"

    def __init__(self, loaded: LoadedModel) -> None:
        super().__init__(loaded)
        self.axes = {"image": IMAGE_AXIS, "target": TEXT_AXIS}
        pad = text_padding(loaded)["input_ids"]
        self.padding = {"decoder_input_ids": pad, "decoder_attention_mask": 0}

    @classmethod
    def has(cls, loaded: LoadedModel) -> bool:
        writes = bool(getattr(loaded.model.config, "is_encoder_decoder", False))
        return writes and loaded.processor is not None and loaded.tokenizer is not None

    def place(self, path: str) -> AttentionPlace:
        return place_of(path, "image", encoder="vision")

    def prepare(self, document: Document) -> Prepared:
        """An image, and the decoder's input of its text."""
        assert isinstance(document.media, ImageFile)
        path = document.media.path
        target, remarks = decoder_input(
            self.loaded, document, document.text, limit=self.loaded.limit
        )
        if target is None:
            return None, remarks
        pixels = self._draw(path)
        image = self._grids.axis(pixels)
        crop = self._grids.crop(open_image(path).size, pixels, image)
        lazy = LazyPixels(decoder_arrays(target), partial(self._draw, path), pixels)
        return ModelInput({"image": image, "target": target}, lazy, crop), remarks

    def start(self, document: Document) -> Start | None:
        assert isinstance(document.media, ImageFile)
        return Start({PIXELS: self._draw(document.media.path)})

    def sample(self, folder: Path) -> list[Document]:
        return [
            Document(
                0, "sample", "What is written here?", IMAGE_TEXT,
                media=ImageFile(sample_image(folder, seed)),
            )
            for seed in range(2)
        ]  # fmt: skip

    @cached_property
    def _grids(self) -> ImageGrids:
        loaded = self.loaded
        tower = Tower(loaded.name, loaded.model.encoder, loaded.model.config.encoder)
        return ImageGrids(tower, loaded.processor)

    def _draw(self, path: Path) -> Array:
        """(channels, height, width) float32."""
        processed = self.loaded.processor(images=open_image(path), **PROCESSOR_OPTIONS)
        return pixels_of(self._grids.tower, processed)

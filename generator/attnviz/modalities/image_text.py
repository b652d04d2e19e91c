"""Images with texts, and models that see and read: one axis of patches and words, one of the vision
tower. Texts without an image stand on the words' axis alone."""

from __future__ import annotations

import inspect
import re
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np

from attnviz.architectures.known import architecture_of
from attnviz.config import DocumentSpec
from attnviz.documents import Document, DocumentKind, open_image
from attnviz.documents.document import opening
from attnviz.errors import InputError
from attnviz.modalities.axes import AttentionPlace
from attnviz.modalities.family import IMAGE_AXIS, TEXT_AXIS, Family, text_padding
from attnviz.modalities.image import IMAGE, IMAGE_TEXT, ImageFile, read_images, sample_image
from attnviz.modalities.image_patches import PROCESSOR_OPTIONS, ImageGrids, Tower, pixels_of
from attnviz.modalities.image_words import image_text_axis, remembering_text
from attnviz.modalities.modality import EntryDocuments, Modality
from attnviz.modalities.model_input import LazyPixels, ModelInput, Prepared, Remark
from attnviz.modalities.tokenizing import prepare_text
from attnviz.models.loaded import LoadedModel
from attnviz.models.pixels import PIXELS

_TOWERS: Final = ("vision_tower", "vision_model")
_VISION: Final = re.compile(r"(^|\.)(vision|visual|image|vit)\w*(\.|$)", re.IGNORECASE)


class ImageTextFamily(Family):
    """Models that see and read: LLaVA, PaliGemma and the like."""

    name = "vision-language"
    kinds = (IMAGE, IMAGE_TEXT)
    reads_in_words = "images and texts"
    takes = "images and texts"

    def __init__(self, loaded: LoadedModel) -> None:
        super().__init__(loaded)
        self.axes = {"text": TEXT_AXIS, "image": IMAGE_AXIS}
        self.padding = text_padding(loaded) | {"mm_token_type_ids": 0}

    @classmethod
    def has(cls, loaded: LoadedModel) -> bool:
        return loaded.processor is not None

    @classmethod
    def reads(cls, kind: DocumentKind) -> bool:
        """Images, with a text or without, and texts without an image."""
        return kind in cls.kinds or kind.is_text

    def place(self, path: str) -> AttentionPlace:
        if _VISION.search(path) and "language_model" not in path:
            return AttentionPlace("vision", "image", "image")
        return AttentionPlace("decoder", "text", "text")

    def prepare(self, document: Document) -> Prepared:
        """An image with its text, or a text alone, as the model takes them. Raises InputError if
        the model's way with images is not known."""
        if not isinstance(document.media, ImageFile):
            return prepare_text(self.loaded, document)
        loaded, path = self.loaded, document.media.path
        grids = self._grids
        with remembering_text(loaded.processor) as texts:
            processed = self._process(path, document.text)
        ids = np.asarray(processed["input_ids"])[0].astype(np.int64)
        if loaded.limit is not None and len(ids) > loaded.limit:
            message = (
                f"“{document.title}” was left out: it has {len(ids)} tokens, {loaded.name} takes"
                f" {loaded.limit}"
            )
            figures = {"tokens": len(ids), "limit": loaded.limit}
            return None, [Remark("left-out", message, figures)]
        pixels = pixels_of(grids.tower, processed)
        image = grids.axis(pixels)
        text = image_text_axis(loaded, document, ids=ids, prompt=texts[0], image=image)
        names = [name for name in processed if name in self._arguments and name != PIXELS]
        arrays = {name: np.asarray(processed[name])[0] for name in names}
        crop = grids.crop(open_image(path).size, pixels, image)
        lazy = LazyPixels(
            arrays,
            lambda: pixels_of(grids.tower, self._process(path, document.text)),
            pixels,
        )
        return ModelInput({"text": text, "image": image}, lazy, crop), []

    def sample(self, folder: Path) -> list[Document]:
        return [
            Document(
                0,
                "sample",
                "What is in the picture?",
                IMAGE_TEXT,
                media=ImageFile(sample_image(folder, seed)),
            )
            for seed in range(2)
        ]

    @cached_property
    def _grids(self) -> ImageGrids:
        return ImageGrids(_tower(self.loaded), self.loaded.processor.image_processor)

    @cached_property
    def _arguments(self) -> frozenset[str]:
        """The arguments that the model's forward pass names."""
        return frozenset(inspect.signature(self.loaded.model.forward).parameters)

    def _process(self, path: Path, text: str) -> Any:
        """What the model's processor makes of an image and its text."""
        prompt = self._prompt(text)
        return self.loaded.processor(images=open_image(path), text=prompt, **PROCESSOR_OPTIONS)

    def _prompt(self, text: str) -> str:
        """The text with the image's place in it, before it unless it says where."""
        place = str(self.loaded.processor.image_token)
        if place in text:
            return text
        between = architecture_of(self.loaded.model.config).after_image if text else ""
        return f"{place}{between}{text}"


def _tower(loaded: LoadedModel) -> Tower:
    config = getattr(loaded.model.config, "vision_config", None)
    for name in _TOWERS:
        if config is not None and hasattr(loaded.model, name):
            return Tower(loaded.name, getattr(loaded.model, name), config)
    raise InputError(
        f"model {loaded.name}: how {loaded.architecture} sees is not known; expected a model with a"
        " vision tower, such as LLaVA or PaliGemma, or documents without images"
    )


def _read(entry: int, spec: DocumentSpec, where: str) -> EntryDocuments | None:
    if not spec.images or not spec.text:
        return None
    documents = [
        Document(
            entry,
            item.title or f"{path.stem}: {opening(item.text)}",
            item.text,
            IMAGE_TEXT,
            media=ImageFile(path),
        )
        for path in spec.images
        for item in spec.text
    ]
    texts = "\0".join(item.text for item in spec.text).encode()
    return read_images(entry, spec, documents, texts)


MODALITY: Final = Modality(IMAGE_TEXT, _read, ImageTextFamily)

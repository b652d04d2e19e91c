"""Models of two towers, one for images and one for texts: CLIP (Radford et al. 2021) and its kin.

Each tower reads by itself, so that images, texts, and images with texts stand in one report: a
stack on patches, and a stack on words.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np

from attnviz.architectures.architecture import Towers
from attnviz.architectures.known import architecture_of
from attnviz.documents import Document, DocumentKind, Tokens
from attnviz.modalities.axes import AttentionPlace
from attnviz.modalities.family import IMAGE_AXIS, TEXT_AXIS, text_padding
from attnviz.modalities.image import IMAGE_TEXT, ImageFamily
from attnviz.modalities.image_patches import Tower
from attnviz.modalities.modality import Modality
from attnviz.modalities.model_input import LazyPixels, ModelInput, Prepared
from attnviz.modalities.text import SAMPLES_OF_TEXT, TEXT
from attnviz.modalities.tokenizing import pieces, prepare_text
from attnviz.models.loaded import LoadedModel


class TowersFamily(ImageFamily):
    """Models of two towers; without a tokenizer they read images alone, without an image processor
    texts alone."""

    name = "two-towers"
    reads_in_words = takes = "images and texts, each by a tower of its own"

    def __init__(self, loaded: LoadedModel) -> None:
        super().__init__(loaded)
        self.axes = {"image": IMAGE_AXIS, "text": TEXT_AXIS}
        self.padding = text_padding(loaded)

    @classmethod
    def has(cls, loaded: LoadedModel) -> bool:
        return architecture_of(loaded.model.config).towers is not None

    @classmethod
    def reads(cls, kind: DocumentKind) -> bool:
        return kind in cls.kinds or kind.is_text

    def reads_of(self, documents: Sequence[Document]) -> tuple[Callable[[DocumentKind], bool], str]:
        """What there is a tokenizer or an image processor for."""
        if self.loaded.tokenizer is None:
            return ImageFamily.reads, "images, as it has no tokenizer"
        if self.loaded.processor is None:
            return lambda kind: kind.is_text, "texts, as it has no preprocessor_config.json"
        return self.reads, self.reads_in_words

    def place(self, path: str) -> AttentionPlace:
        if path.startswith(f"{self._towers.vision}."):
            return AttentionPlace("vision", "image", "image")
        return AttentionPlace("text", "text", "text")

    def prepare(self, document: Document) -> Prepared:
        """An image, a text, or both, for the towers that read them."""
        if document.kind.is_text:
            return self._text(document)
        image, remarks = super().prepare(document)
        if not document.text or self.loaded.tokenizer is None or image is None:
            return image, remarks
        text, more = self._text(document)
        if text is None:
            return image, remarks + more
        assert isinstance(image.arrays, LazyPixels)
        axes = {**image.axes, **text.axes}
        both = replace(image, axes=axes, arrays=image.arrays.beside(text.arrays))
        return both, remarks + more

    def sample(self, folder: Path) -> list[Document]:
        images = [] if self.loaded.processor is None else super().sample(folder)
        texts = () if self.loaded.tokenizer is None else SAMPLES_OF_TEXT
        return images + [Document(0, "sample", text, TEXT) for text in texts]

    def _text(self, document: Document) -> Prepared:
        """A text, with the padding that its tower attends to."""
        text, remarks = prepare_text(self.loaded, document)
        if text is None or not self._towers.pads_texts or self.loaded.limit is None:
            return text, remarks
        tokens = text.axes["text"]
        padding = _padding(self.loaded, self.loaded.limit - len(tokens), self.padding["input_ids"])
        padded = tokens + padding
        return ModelInput({"text": padded}, {"input_ids": padded.ids.astype(np.int64)}), remarks

    @property
    def _towers(self) -> Towers:
        towers = architecture_of(self.loaded.model.config).towers
        assert towers is not None
        return towers

    @property
    def _tower(self) -> Tower:
        model = self.loaded.model
        vision = getattr(model, self._towers.vision)
        return Tower(self.loaded.name, vision, model.config.vision_config)


def _padding(loaded: LoadedModel, count: int, token: int) -> Tokens:
    """So many tokens of padding."""
    ids = np.full(count, token)
    nowhere, all_of_them = np.full((count, 2), -1), np.ones(count)
    names = pieces(loaded.tokenizer, ids)
    return Tokens.of_text(ids, names, spans=nowhere, special=all_of_them, segment=np.zeros(count))


MODALITY: Final = Modality(IMAGE_TEXT, family=TowersFamily)

"""Pictures with texts as models take them that see and read: one axis of patches and words, one of
the vision tower."""

from __future__ import annotations

import contextlib
import inspect
from collections.abc import Iterator
from dataclasses import replace
from typing import Any, Final

import numpy as np

from attnviz.documents import Document, Tokens, open_picture
from attnviz.errors import InputError
from attnviz.modalities.family import PIXELS, LazyPixels, ModelInput
from attnviz.modalities.image import ARRAYS, Pictures, Tower, pixels_of
from attnviz.modalities.tokenizing import Said, pieces, prepare_text
from attnviz.models import LoadedModel
from attnviz.score import Array

_TOWERS: Final = ("vision_tower", "vision_model")


class Conversations:
    """Prepares pictures with texts for one model; texts alone where there is no picture."""

    def __init__(self, loaded: LoadedModel) -> None:
        self._loaded = loaded
        self._pictures: Pictures | None = None

    def prepare(self, document: Document) -> tuple[ModelInput | None, Said]:
        """A picture with its text as the model takes them; InputError where its way with pictures
        is not known."""
        if document.image is None:
            return prepare_text(self._loaded, document)
        loaded = self._loaded
        self._pictures = self._pictures or Pictures(
            _tower(loaded), loaded.processor.image_processor
        )
        with _hearing(loaded.processor) as heard:
            given = _read(loaded, document)
        ids = np.asarray(given["input_ids"])[0].astype(np.int64)
        if loaded.limit is not None and len(ids) > loaded.limit:
            message = (
                f"“{document.title}” was left out: it has {len(ids)} tokens, {loaded.name} takes"
                f" {loaded.limit}"
            )
            return None, [("left-out", message)]
        tower = self._pictures.tower
        pixels = pixels_of(tower, given)
        image = self._pictures.axis(pixels)
        text = _text_axis(loaded, document, ids, heard[0], image)
        held = {
            name: np.asarray(given[name])[0]
            for name in given
            if name in _taken(loaded) and name != PIXELS
        }
        crop = self._pictures.crop(open_picture(document.image).size, pixels, image)
        drawn = LazyPixels(held, lambda: pixels_of(tower, _read(loaded, document)), pixels.shape)
        return ModelInput({"text": text, "image": image}, drawn, crop), []


def _read(loaded: LoadedModel, document: Document) -> Any:
    """What the model's processor makes of a picture and its text."""
    assert document.image is not None
    picture = open_picture(document.image)
    return loaded.processor(images=picture, text=_prompt(loaded, document.text), **ARRAYS)


def _tower(loaded: LoadedModel) -> Tower:
    config = getattr(loaded.model.config, "vision_config", None)
    for name in _TOWERS:
        if config is not None and hasattr(loaded.model, name):
            return Tower(loaded.name, getattr(loaded.model, name), config)
    raise InputError(
        f"model {loaded.name}: how {loaded.architecture} sees is not known; expected a model with a"
        " vision tower, such as LLaVA or PaliGemma, or documents without pictures"
    )


def _taken(loaded: LoadedModel) -> frozenset[str]:
    """The arguments that the model's forward pass names."""
    return frozenset(inspect.signature(loaded.model.forward).parameters)


def _prompt(loaded: LoadedModel, text: str) -> str:
    """The text with the picture's place in it, before it unless it says where."""
    place = str(loaded.processor.image_token)
    if place in text:
        return text
    between = "" if loaded.model.config.model_type == "paligemma" or not text else "\n"
    return f"{place}{between}{text}"


class _Listener:
    """A tokenizer that remembers what it is asked to read: the text after the processor has put
    patches into it."""

    def __init__(self, tokenizer: Any, heard: list[str]) -> None:
        self._tokenizer, self._heard = tokenizer, heard

    def __call__(self, text: Any, *args: Any, **options: Any) -> Any:
        self._heard.append(text if isinstance(text, str) else text[0])
        return self._tokenizer(text, *args, **options)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._tokenizer, name)


@contextlib.contextmanager
def _hearing(processor: Any) -> Iterator[list[str]]:
    tokenizer, heard = processor.tokenizer, []  # type: ignore[var-annotated]
    processor.tokenizer = _Listener(tokenizer, heard)
    try:
        yield heard
    finally:
        processor.tokenizer = tokenizer


def _text_axis(
    loaded: LoadedModel, document: Document, ids: Array, heard: str, image: Tokens
) -> Tokens:
    """Patches and words: patches have their place in the grid, words their offsets in the
    document's text."""
    place = str(loaded.processor.image_token)
    spans = _spans(loaded.tokenizer, heard, ids)
    told = np.full(len(heard) + 1, -1)  # where each character stands in the document's text
    for part, at, start in _parts(document.text, heard, place):
        told[at : at + len(part)] = np.arange(start, start + len(part))
    inside = (spans[:, 0] >= 0) & (told[spans[:, 0]] >= 0)
    own = np.where(inside[:, None], np.stack([told[spans[:, 0]], told[spans[:, 1] - 1] + 1], 1), -1)
    tokens = Tokens.of_text(ids, pieces(loaded.tokenizer, ids), own, ~inside, np.zeros(len(ids)))
    return _with_patches(tokens, np.flatnonzero(ids == loaded.processor.image_token_id), image)


def _spans(tokenizer: Any, heard: str, ids: Array) -> Array:
    """(T, 2) offsets in what the tokenizer read; −1 where it does not tell."""
    nowhere = np.full((len(ids), 2), -1)
    if not getattr(tokenizer, "is_fast", False):
        return nowhere
    for around in (True, False):
        again = tokenizer(
            heard, add_special_tokens=around, return_offsets_mapping=True, verbose=False
        )
        if again["input_ids"] == ids.tolist():
            spans = np.asarray(again["offset_mapping"]).reshape(-1, 2)
            return np.where((spans[:, :1] == spans[:, 1:]), -1, spans)
    return nowhere


def _parts(text: str, heard: str, place: str) -> Iterator[tuple[str, int, int]]:
    """The document's text around the picture: each part, where it stands in what was read, and in
    the text."""
    before, found, after = text.partition(place)
    if not found:
        before, after = "", text
    if before:
        yield before, heard.find(before), 0
    if after:
        yield after, heard.rfind(after), len(text) - len(after)


def _with_patches(tokens: Tokens, at: Array, image: Tokens) -> Tokens:
    """The tokens with the places of the patches that stand at some of them."""
    patches = _patches(len(at), image)
    texts = np.array(tokens.texts, object)
    texts[at] = patches.texts
    places = {name: getattr(tokens, name).copy() for name in ("row", "column", "special")}
    for name, values in places.items():
        values[at] = getattr(patches, name)
    return replace(tokens, texts=tuple(texts.tolist()), **places)


def _patches(count: int, image: Tokens) -> Tokens:
    """What the tower hands on, of the tokens that it makes of a picture: all, the patches, or
    squares of them."""
    if count == len(image):
        return image
    rows, columns = int(image.row.max()) + 1, int(image.column.max()) + 1
    side = round((rows * columns / count) ** 0.5) if count else 1
    if count and rows // side * (columns // side) == count:
        return Tokens.of_grid([], rows // side, columns // side)
    return Tokens.of_grid([f"[IMAGE{number}]" for number in range(1, count + 1)], 0, 0)

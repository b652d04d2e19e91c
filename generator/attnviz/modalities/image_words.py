"""The tokens of an image with a text, where patches stand among words: where each stands in the
grid, or in the document's text."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import numpy as np

from attnviz.documents import Document, Tokens
from attnviz.modalities.tokenizing import pieces
from attnviz.models.loaded import LoadedModel
from attnviz.score import Array


class _RememberingTokenizer:
    """A tokenizer that remembers what it is asked to read: the text after the processor has put
    patches into it."""

    def __init__(self, tokenizer: Any, texts: list[str]) -> None:
        self._tokenizer, self._texts = tokenizer, texts

    def __call__(self, text: Any, *args: Any, **options: Any) -> Any:
        self._texts.append(text if isinstance(text, str) else text[0])
        return self._tokenizer(text, *args, **options)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._tokenizer, name)


@contextlib.contextmanager
def remembering_text(processor: Any) -> Iterator[list[str]]:
    """The texts that a processor has its tokenizer read meanwhile."""
    texts: list[str] = []
    tokenizer = processor.tokenizer
    processor.tokenizer = _RememberingTokenizer(tokenizer, texts)
    try:
        yield texts
    finally:
        processor.tokenizer = tokenizer


def image_text_axis(
    loaded: LoadedModel, document: Document, ids: Array, prompt: str, image: Tokens
) -> Tokens:
    """The axis of patches and words: patches have their place in the grid, words their offsets in
    the document's text.

    `ids` (T,) are its tokens, `prompt` is what the tokenizer read, `image` the tower's axis.
    """
    spans = _spans(loaded.tokenizer, prompt, ids)
    # Where each character of the prompt stands in the document's text.
    place = np.full(len(prompt) + 1, -1)
    image_token = str(loaded.processor.image_token)
    for part, at, start in _parts(document.text, prompt, image_token):
        place[at : at + len(part)] = np.arange(start, start + len(part))
    is_word = (spans[:, 0] >= 0) & (place[spans[:, 0]] >= 0)
    in_text = np.stack([place[spans[:, 0]], place[spans[:, 1] - 1] + 1], 1)  # (T, 2)
    tokens = Tokens.of_text(
        ids,
        pieces(loaded.tokenizer, ids),
        spans=np.where(is_word[:, None], in_text, -1),
        special=~is_word,
        segment=np.zeros(len(ids)),
        document=document.text,
    )
    return _with_patches(tokens, np.flatnonzero(ids == loaded.processor.image_token_id), image)


def _spans(tokenizer: Any, prompt: str, ids: Array) -> Array:
    """(T, 2) offsets in what the tokenizer read; −1 where it does not tell."""
    nowhere = np.full((len(ids), 2), -1)
    if not getattr(tokenizer, "is_fast", False):
        return nowhere
    for around in (True, False):
        encoded = tokenizer(
            prompt, add_special_tokens=around, return_offsets_mapping=True, verbose=False
        )
        if encoded["input_ids"] == ids.tolist():
            spans = np.asarray(encoded["offset_mapping"]).reshape(-1, 2)
            return np.where((spans[:, :1] == spans[:, 1:]), -1, spans)
    return nowhere


def _parts(text: str, prompt: str, image_token: str) -> Iterator[tuple[str, int, int]]:
    """The document's text around the image: each part, where it stands in the prompt, and in the
    text."""
    before, token, after = text.partition(image_token)
    if not token:
        before, after = "", text
    if before:
        yield before, prompt.find(before), 0
    if after:
        yield after, prompt.rfind(after), len(text) - len(after)


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
    """What the tower hands on, of the tokens that it makes of an image: all, the patches, or
    squares of them."""
    if count == len(image):
        return image
    rows, columns = int(image.row.max()) + 1, int(image.column.max()) + 1
    side = round((rows * columns / count) ** 0.5) if count else 1
    if count and rows // side * (columns // side) == count:
        return Tokens.of_grid([], rows // side, columns // side)
    return Tokens.of_grid([f"[IMAGE{number}]" for number in range(1, count + 1)], 0, 0)

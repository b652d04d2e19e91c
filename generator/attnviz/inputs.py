"""From documents to what a model takes: axes of tokens or patches, and the arrays of a forward pass.

A family says which axes a kind of model has and which attention belongs to which: `text` (encoders and decoders),
`encoder-decoder`, `vision`, and `vision-language` (patches stand in a text's place). An axis is a named sequence;
self-attention has one axis twice, cross-attention two.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from attnviz.documents import Document, Notice, Tokens
from attnviz.errors import InputError
from attnviz.models import LoadedModel
from attnviz.score import Array

FamilyName = Literal["text", "encoder-decoder", "vision", "vision-language"]
AxisKind = Literal["text", "image"]

_CROSS = re.compile(r"(cross_?att|encoder_attn|encdecatt|encoderdecoderatt)", re.IGNORECASE)
_VISION = re.compile(r"(^|\.)(vision|visual|image|vit)\w*(\.|$)", re.IGNORECASE)
_ENCODER = re.compile(r"(^|\.)encoder(\.|$)", re.IGNORECASE)


@dataclass(frozen=True)
class Place:
    """Which stack an attention call belongs to, and its two axes."""

    stack: str
    query_axis: str
    key_axis: str


@dataclass(frozen=True)
class Family:
    """A kind of model: its axes by name, and the value that pads each sequence of its input."""

    name: FamilyName
    axes: Mapping[str, AxisKind]
    padding: Mapping[str, int] = field(default_factory=dict)

    def place(self, path: str) -> Place:
        """Where a module's attention belongs, by its path. A text model's stack is named later, by its mask."""
        if self.name == "text":
            return Place("", "text", "text")
        if self.name == "vision":
            return Place("vision", "image", "image")
        if self.name == "vision-language":
            vision = _VISION.search(path) and "language_model" not in path
            return Place("vision", "image", "image") if vision else Place("decoder", "text", "text")
        if _CROSS.search(path):
            return Place("cross", "target", "source")
        if _ENCODER.search(path):
            return Place("encoder", "source", "source")
        return Place("decoder", "target", "target")


@dataclass(frozen=True)
class Prepared:
    """One document for one model: its axes, and its input arrays without the batch dimension."""

    axes: Mapping[str, Tokens]
    arrays: Mapping[str, Array]


def family_of(loaded: LoadedModel) -> Family:
    """The family of a model, from its configuration."""
    config = loaded.model.config
    pad = getattr(loaded.tokenizer, "pad_token_id", None)
    ids = {"input_ids": 0 if pad is None else int(pad), "attention_mask": 0, "token_type_ids": 0}
    if getattr(config, "is_encoder_decoder", False):
        decoder = {"decoder_input_ids": ids["input_ids"], "decoder_attention_mask": 0}
        return Family("encoder-decoder", {"source": "text", "target": "text"}, ids | decoder)
    if loaded.processor is not None and loaded.tokenizer is None:
        return Family("vision", {"image": "image"})
    if loaded.processor is not None:
        return Family("vision-language", {"text": "text", "image": "image"}, ids | {"mm_token_type_ids": 0})
    return Family("text", {"text": "text"}, ids)


def prepare(
    loaded: LoadedModel, family: Family, documents: Sequence[Document], refuse: bool
) -> tuple[list[Prepared | None], list[Notice]]:
    """Each document as the model takes it, or None, with a notice, where it cannot.

    A text longer than the model's limit is cut, with a notice. Where `refuse` is set, all that would be a notice is
    reported as one InputError. A tokenizer's own fixed padding and truncation are not used: what counts is what the
    architecture takes.
    """
    prepared: list[Prepared | None] = []
    notices: list[Notice] = []
    for number, document in enumerate(documents):
        one, said = _prepare_one(loaded, family, document)
        prepared.append(one)
        notices += [Notice(kind, message, number, loaded.name) for kind, message in said]
    if refuse and notices:
        advice = "set long: truncate (without --strict) to accept this, or shorten the texts"
        raise InputError([*(notice.message for notice in notices), advice])
    if not any(prepared):
        raise InputError(f"model {loaded.name}: takes none of the corpus's documents: {notices[0].message}")
    return prepared, notices


def _prepare_one(
    loaded: LoadedModel, family: Family, document: Document
) -> tuple[Prepared | None, list[tuple[str, str]]]:
    if family.name == "text" and document.kind in ("text", "pair", "prompt"):
        return _prepare_text(loaded, document)
    if family.name == "encoder-decoder" and document.kind == "translation":
        return _prepare_translation(loaded, document)
    takes = {
        "text": "texts", "encoder-decoder": "translations (source and target)",
        "vision": "images", "vision-language": "images with a text",
    }[family.name]  # fmt: skip
    return None, [("left-out", f"“{document.title}” was left out: {loaded.name} takes {takes}")]


def _prepare_text(loaded: LoadedModel, document: Document) -> tuple[Prepared | None, list[tuple[str, str]]]:
    encoded, said = encode_text(loaded, document, *document.parts, loaded.limit)
    if encoded is None:
        return None, said
    tokens, arrays = encoded
    return Prepared({"text": tokens}, arrays), said


def _prepare_translation(loaded: LoadedModel, document: Document) -> tuple[Prepared | None, list[tuple[str, str]]]:
    source, target = document.parts
    encoded, said = encode_text(loaded, document, source, "", loaded.limit)
    answered, also = encode_text(loaded, document, target, "", loaded.limit, offset=document.second or 0)
    if encoded is None or answered is None:
        return None, said + also
    start = loaded.model.config.decoder_start_token_id
    tokens, arrays = answered
    tokens, ids = _shifted(loaded, tokens, arrays["input_ids"], start)
    decoder = {"decoder_input_ids": ids, "decoder_attention_mask": np.ones(len(ids), np.int64)}
    return Prepared({"source": encoded[0], "target": tokens}, encoded[1] | decoder), said + also


def _shifted(loaded: LoadedModel, tokens: Tokens, ids: Array, start: int | None) -> tuple[Tokens, Array]:
    """The decoder's input: the start token, then the target without its last token, as in training."""
    first = int(ids[0] if start is None else start)
    shifted = np.concatenate([[first], ids[:-1]])
    piece = pieces(loaded.tokenizer, np.array([first]))
    spans = np.stack([np.concatenate([[-1], side[:-1]]) for side in (tokens.start, tokens.end)], 1)
    special = np.concatenate([[True], tokens.special[:-1]])
    moved = Tokens.of_text(shifted, [*piece, *tokens.texts[:-1]], spans, special, np.zeros(len(shifted)))
    return moved, shifted.astype(np.int64)


def encode_text(
    loaded: LoadedModel, document: Document, text: str, second: str, limit: int | None, offset: int = 0
) -> tuple[tuple[Tokens, dict[str, Array]] | None, list[tuple[str, str]]]:
    """Tokens and input arrays of one text or pair; `offset` is where it begins in the document's text."""
    whole = _tokenise(loaded.tokenizer, document, text, second, None, offset)
    said: list[tuple[str, str]] = []
    if limit is not None and len(whole[0]) > limit:
        left = len(whole[0]) - limit
        message = (
            f"“{document.title}” has {len(whole[0])} tokens; {loaded.name} takes {limit}: the last {left} were left out"
        )
        said.append(("truncated", message))
        whole = _tokenise(loaded.tokenizer, document, text, second, limit, offset)
    if len(whole[0]) == 0:
        return None, [("empty", f"“{document.title}” has no tokens for {loaded.name}")]
    return whole, said


def _tokenise(
    tokenizer: Any, document: Document, text: str, second: str, limit: int | None, offset: int
) -> tuple[Tokens, dict[str, Array]]:
    fast = bool(getattr(tokenizer, "is_fast", False))
    pair = bool(second) and document.kind == "pair"
    joined = text + second if document.kind == "prompt" else text
    encoded = tokenizer(
        joined,
        second if pair else None,
        truncation=limit is not None,
        max_length=limit,
        padding=False,
        return_offsets_mapping=fast,
        return_special_tokens_mask=True,
        verbose=False,
    )
    ids = np.asarray(encoded["input_ids"], np.int64)
    special = np.asarray(encoded["special_tokens_mask"], bool)
    spans = np.asarray(encoded["offset_mapping"] if fast else np.full((len(ids), 2), -1)).reshape(-1, 2)
    spans = spans + offset
    segment = np.zeros(len(ids), np.uint8)
    if pair and fast:
        segment[[part == 1 for part in encoded.sequence_ids()]] = 1
        spans[segment == 1] += document.second or 0
    elif document.kind == "prompt" and document.second is not None:
        segment[spans[:, 0] >= document.second] = 1
    spans[special | (spans[:, 0] == spans[:, 1])] = -1
    names = [n for n in ("input_ids", "attention_mask", "token_type_ids") if n in encoded]
    arrays = {name: np.asarray(encoded[name], np.int64) for name in names}
    return Tokens.of_text(ids, pieces(tokenizer, ids), spans, special, segment), arrays


def pieces(tokenizer: Any, ids: Array) -> list[str]:
    """The vocabulary's own pieces; a tokenizer that has none for an id gives its number."""
    found = tokenizer.convert_ids_to_tokens(ids.tolist())
    return [str(number) if piece is None else str(piece) for piece, number in zip(found, ids, strict=True)]

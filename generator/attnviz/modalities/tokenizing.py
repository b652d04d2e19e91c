"""Texts as a model takes them: tokens with their offsets, and input arrays."""

from __future__ import annotations

from typing import Any

import numpy as np

from attnviz.documents import Document, Tokens
from attnviz.modalities.family import ModelInput
from attnviz.modalities.token_spans import decode_pieces, find_spans, spans_of
from attnviz.models import LoadedModel
from attnviz.score import Array

Said = list[tuple[str, str]]
"""Notices to be: their kinds and messages."""
Encoded = tuple[Tokens, dict[str, Array]]


def prepare_text(loaded: LoadedModel, document: Document) -> tuple[ModelInput | None, Said]:
    """A text, a pair, or a prompt with its completion."""
    if document.ids is not None:
        tokens, arrays = _completed(loaded, document)
        return ModelInput({"text": tokens}, arrays), []
    encoded, said = encode_text(loaded, document, *document.parts, loaded.limit)
    if encoded is None:
        return None, said
    tokens, arrays = encoded
    return ModelInput({"text": tokens}, arrays), said


def encode_text(
    loaded: LoadedModel,
    document: Document,
    text: str,
    second: str,
    limit: int | None,
    offset: int = 0,
) -> tuple[Encoded | None, Said]:
    """Tokens and input arrays of one text or pair; `offset` is where it begins in the document's
    text."""
    target = document.kind == "translation" and offset > 0
    whole = _tokenise(loaded.tokenizer, document, text, second, None, offset, target)
    said: Said = []
    if limit is not None and len(whole[0]) > limit:
        left = len(whole[0]) - limit
        lost = f"{left} at the ends of its texts" if second else f"the last {left}"
        message = (
            f"“{document.title}” has {len(whole[0])} tokens; {loaded.name} takes {limit}: {lost}"
            " were left out"
        )
        said.append(("truncated", message))
        whole = _tokenise(loaded.tokenizer, document, text, second, limit, offset, target)
        if len(whole[0]) > limit:  # its special tokens alone
            return None, [
                (
                    "left-out",
                    f"“{document.title}” was left out: {loaded.name} takes {limit} tokens, too few",
                )
            ]
    if len(whole[0]) == 0:
        return None, [("empty", f"“{document.title}” has no tokens for {loaded.name}")]
    return whole, said


def count_tokens(loaded: LoadedModel, text: str) -> int:
    """How many tokens a text has, special ones included."""
    return len(loaded.tokenizer(text, truncation=False, padding=False, verbose=False)["input_ids"])


def _tokenise(
    tokenizer: Any,
    document: Document,
    text: str,
    second: str,
    limit: int | None,
    offset: int,
    target: bool,
) -> Encoded:
    fast = bool(getattr(tokenizer, "is_fast", False))
    texts = {"text_target": text} if target else {"text": text, "text_pair": second or None}
    encoded = tokenizer(
        **texts,
        truncation=limit is not None,
        max_length=limit,
        padding=False,
        return_offsets_mapping=fast,
        return_special_tokens_mask=True,
        verbose=False,
    )
    ids = np.asarray(encoded["input_ids"], np.int64)
    special = np.asarray(encoded["special_tokens_mask"], bool)
    segment = np.zeros(len(ids), np.uint8)
    if fast:
        spans = np.asarray(encoded["offset_mapping"], np.int64).reshape(-1, 2) + offset
        if second:
            segment[[part == 1 for part in encoded.sequence_ids()]] = 1
            spans[segment == 1] += document.second or 0
    else:
        spans = find_spans(decode_pieces(tokenizer, ids.tolist()), document.text, offset)
    spans[special | (spans[:, 0] == spans[:, 1])] = -1
    if second and not fast and document.second is not None:
        segment[spans[:, 0] >= document.second] = 1
    names = [n for n in ("input_ids", "attention_mask", "token_type_ids") if n in encoded]
    arrays = {name: np.asarray(encoded[name], np.int64) for name in names}
    return Tokens.of_text(ids, pieces(tokenizer, ids), spans, special, segment), arrays


def _completed(loaded: LoadedModel, document: Document) -> Encoded:
    """A prompt and the tokens that the model went on with, as it chose them."""
    tokenizer, text = loaded.tokenizer, document.parts[0]
    prompt, arrays = _tokenise(tokenizer, document, text, "", None, 0, False)
    ids = np.array(document.ids, np.int64)
    chosen = ids[len(prompt) :]
    spans = spans_of(decode_pieces(tokenizer, chosen.tolist(), prompt.ids.tolist()), len(text))
    completion = Tokens.of_text(
        chosen,
        pieces(tokenizer, chosen),
        spans,
        np.isin(chosen, tokenizer.all_special_ids),
        np.ones(len(chosen)),
    )
    filled = {
        name: np.concatenate([own, np.full(len(chosen), own[-1])]) for name, own in arrays.items()
    }
    return prompt + completion, filled | {"input_ids": ids}


def pieces(tokenizer: Any, ids: Array) -> list[str]:
    """The vocabulary's own pieces; a tokenizer that has none for an id gives its number."""
    found = tokenizer.convert_ids_to_tokens(ids.tolist())
    return [
        str(number) if piece is None else str(piece)
        for piece, number in zip(found, ids, strict=True)
    ]

"""Texts as a model takes them: tokens with their offsets, and input arrays."""

from __future__ import annotations

from functools import partial
from typing import Any, Final

import numpy as np

from attnviz.documents import Document, Tokens
from attnviz.errors import InputError
from attnviz.modalities.languages import beginning, speak
from attnviz.modalities.model_input import ModelInput, Prepared, Remark, Start
from attnviz.modalities.token_spans import decode_pieces, find_spans, spans_of
from attnviz.models.foreign import foreign_work
from attnviz.models.loaded import LoadedModel
from attnviz.score import Array

DOUBLED: Final = "doubled"
"""The kind of notice of a special token that a text has and the tokenizer adds."""

Encoded = tuple[Tokens, dict[str, Array]]
"""Tokens, and input arrays by name, each (T,) int64."""


def prepare_text(loaded: LoadedModel, document: Document) -> Prepared:
    """A text, a pair, or a prompt with its completion."""
    if document.ids is not None:
        tokens, arrays = _with_completion(loaded, document)
        return ModelInput({"text": tokens}, arrays), []
    encoded, remarks = encode_text(loaded, document, *document.parts, limit=loaded.limit)
    if encoded is None:
        return None, remarks
    tokens, arrays = encoded
    return ModelInput({"text": tokens}, arrays), remarks


def encode_text(
    loaded: LoadedModel,
    document: Document,
    text: str,
    second: str = "",
    *,
    limit: int | None,
    offset: int = 0,
    as_target: bool = False,
) -> tuple[Encoded | None, list[Remark]]:
    """Tokens and input arrays of one text or two, None where there would be none.

    `limit` is the most tokens, None for no limit; `offset` is where the text begins in the
    document's; `as_target` asks the tokenizer for a decoder's tokens. Raises InputError if the
    model embeds no such token.
    """
    speak(loaded, document)
    tokenise = partial(
        _tokenise, loaded.tokenizer, document, text, second, offset=offset, as_target=as_target
    )
    encoded, remarks = tokenise(), list[Remark]()
    count = len(encoded[0])
    if limit is not None and count > limit:
        left = count - limit
        lost = f"{left} at the ends of its texts" if second else f"the last {left}"
        message = (
            f"“{document.title}” has {count} tokens; {loaded.name} takes {limit}: {lost} were left"
            " out"
        )
        figures = {"tokens": count, "limit": limit, "left_out": left}
        remarks.append(Remark("truncated", message, figures))
        encoded = tokenise(limit=limit)
        if len(encoded[0]) > limit:  # its special tokens alone
            message = f"“{document.title}” was left out: {loaded.name} takes {limit} tokens"
            return None, [Remark("left-out", f"{message}, too few", {"limit": limit})]
    if len(encoded[0]) == 0:
        return None, [Remark("empty", f"“{document.title}” has no tokens for {loaded.name}")]
    _refuse_foreign_ids(loaded, document, encoded[0], as_target)
    return encoded, remarks + _repeated(loaded, document, encoded[0])


def text_to_go_on(loaded: LoadedModel, document: Document, limit: int | None) -> Start | None:
    """A document's text for the model to write after; None where it has no tokens."""
    encoded, _ = encode_text(loaded, document, document.text, limit=limit)
    if encoded is None:
        return None
    return Start(encoded[1], beginning(loaded.tokenizer, speak(loaded, document)))


def _repeated(loaded: LoadedModel, document: Document, tokens: Tokens) -> list[Remark]:
    """What is to be said where a text begins or ends with the special token that the tokenizer
    puts there too, as after a chat template was pasted."""
    alike = (tokens.ids[1:] == tokens.ids[:-1]) & tokens.special[1:] & tokens.special[:-1]
    added = tokens.start < 0
    twice = np.flatnonzero(alike & (added[1:] != added[:-1]))
    if not len(twice):
        return []
    message = (
        f"“{document.title}” has {tokens.texts[twice[0]]} twice for {loaded.name}: its text has it,"
        " and the tokenizer adds it; to leave that out set add_special_tokens: false"
    )
    return [Remark(DOUBLED, message)]


def _refuse_foreign_ids(
    loaded: LoadedModel, document: Document, tokens: Tokens, as_target: bool
) -> None:
    """Raises InputError if a token has no row in the model's embedding, as after tokens were added
    to the tokenizer alone."""
    rows = loaded.embedded_tokens(as_target)
    if rows is None:
        return
    foreign = np.flatnonzero(tokens.ids >= rows)
    if len(foreign):
        token = foreign[0]
        raise InputError(
            f"model {loaded.name}: its tokenizer has {len(loaded.tokenizer):,} tokens, its"
            f" embedding {rows:,} rows: “{document.title}” has the token “{tokens.texts[token]}”,"
            f" number {int(tokens.ids[token])} from 0; expected the model's own tokenizer, or a"
            " model that was trained after model.resize_token_embeddings"
        )


def count_tokens(loaded: LoadedModel, text: str, add_special_tokens: bool = True) -> int:
    """How many tokens a text has, with the special ones that the tokenizer adds, or without."""
    advice = "look whether its tokenizer works by itself, or copy the model again"
    with foreign_work(f"model {loaded.name}: its tokenizer fails", advice):
        encoded = loaded.tokenizer(
            text,
            add_special_tokens=add_special_tokens,
            truncation=False,
            padding=False,
            verbose=False,
        )
        return len(encoded["input_ids"])


def _tokenise(
    tokenizer: Any,
    document: Document,
    text: str,
    second: str,
    *,
    limit: int | None = None,
    offset: int = 0,
    as_target: bool = False,
) -> Encoded:
    texts = {"text_target": text} if as_target else {"text": text, "text_pair": second or None}
    fast = bool(getattr(tokenizer, "is_fast", False))
    encoded = tokenizer(
        **texts,
        add_special_tokens=document.add_special_tokens,
        truncation=limit is not None,
        max_length=limit,
        padding=False,
        return_offsets_mapping=fast,
        return_special_tokens_mask=True,
        verbose=False,
    )
    ids = np.asarray(encoded["input_ids"], np.int64)
    added = np.asarray(encoded["special_tokens_mask"], bool)
    written = ~added & np.isin(ids, written_special(tokenizer))
    if fast:
        spans, segment = _offsets_told(encoded, document, second, offset)
    else:
        spans = find_spans(_texts(tokenizer, ids, written), document.text, offset)
        begins = document.second if second else None
        segment = np.zeros(len(ids), np.uint8)
        if begins is not None:
            segment[~added & (spans[:, 0] >= begins)] = 1
    spans[added | (spans[:, 0] == spans[:, 1])] = -1
    names = [n for n in ("input_ids", "attention_mask", "token_type_ids") if n in encoded]
    arrays = {name: np.asarray(encoded[name], np.int64) for name in names}
    tokens = Tokens.of_text(
        ids,
        pieces(tokenizer, ids),
        spans=spans,
        special=added | written,
        segment=segment,
        document=document.text,
    )
    return tokens, arrays


def _offsets_told(
    encoded: Any, document: Document, second: str, offset: int
) -> tuple[Array, Array]:
    """Offsets (T, 2) and segments (T,) as a fast tokenizer tells them."""
    spans = np.asarray(encoded["offset_mapping"], np.int64).reshape(-1, 2) + offset
    segment = np.zeros(len(spans), np.uint8)
    if second:
        segment[[part == 1 for part in encoded.sequence_ids()]] = 1
        spans[segment == 1] += document.second or 0
    return spans, segment


def _texts(tokenizer: Any, ids: Array, written: Array) -> list[str]:
    """What each token adds to the text; of special tokens `written` in it, (T,), their pieces,
    which decoding leaves out."""
    texts = np.array(decode_pieces(tokenizer, ids.tolist()), object)
    texts[written] = pieces(tokenizer, ids[written])
    return [str(text) for text in texts]


def _with_completion(loaded: LoadedModel, document: Document) -> Encoded:
    """A prompt and the tokens that the model went on with, as it chose them."""
    tokenizer, text = loaded.tokenizer, document.parts[0]
    prompt, arrays = _tokenise(tokenizer, document, text, "")
    ids = np.array(document.ids, np.int64)
    added = ids[len(prompt) :]
    special = np.isin(added, [*tokenizer.all_special_ids, *written_special(tokenizer)])
    pieces_added = decode_pieces(tokenizer, added.tolist(), prompt.ids.tolist())
    spans = spans_of(pieces_added, len(text), special)
    completion = Tokens.of_text(
        added,
        pieces(tokenizer, added),
        spans=spans,
        special=special,
        segment=np.ones(len(added)),
        document=document.text,
    )
    # The other arrays go on with their last value.
    longer = {
        name: np.concatenate([values, np.full(len(added), values[-1])])
        for name, values in arrays.items()
    }
    return prompt + completion, longer | {"input_ids": ids}


def written_special(tokenizer: Any) -> list[int]:
    """The ids of special tokens that are so also where they are written in a text, such as
    `<|im_start|>`: all but those that stand for words, the mask and the unknown token."""
    added = getattr(tokenizer, "added_tokens_decoder", {})
    special = {*tokenizer.all_special_ids, *(n for n, token in added.items() if token.special)}
    words = {getattr(tokenizer, f"{name}_token_id", None) for name in ("mask", "unk")}
    return sorted(special - words)


def pieces(tokenizer: Any, ids: Array) -> list[str]:
    """The vocabulary's own pieces; a tokenizer that has none for an id gives its number."""
    tokens = tokenizer.convert_ids_to_tokens(ids.tolist())
    return [
        str(number) if piece is None else str(piece)
        for piece, number in zip(tokens, ids, strict=True)
    ]

"""Texts of chosen token ids, as a model takes them."""

from __future__ import annotations

from typing import Any

import numpy as np

from attnviz.documents import Tokens
from attnviz.modalities.model_input import ModelInput
from attnviz.models.loaded import LoadedModel
from attnviz.score import Array


def frame_of(tokenizer: Any) -> tuple[Array, Array]:
    """The ids of the special tokens before and after a text."""
    encoded = tokenizer("a", return_special_tokens_mask=True, verbose=False)
    ids = np.asarray(encoded["input_ids"], np.int64)
    text = np.flatnonzero(~np.asarray(encoded["special_tokens_mask"], bool))
    if not len(text):
        return ids, ids[:0]
    return ids[: text[0]], ids[text[-1] + 1 :]


def plain_tokens(loaded: LoadedModel) -> Array:
    """Token ids that both the tokenizer and the model's embedding have, special ones left out."""
    try:
        embedded = int(loaded.model.get_input_embeddings().num_embeddings)
    except (NotImplementedError, AttributeError):
        # A model with code of its own need not say where its embedding is.
        embedded = int(getattr(loaded.model.config, "vocab_size", 0) or 0)
    size = min(len(loaded.tokenizer), embedded)
    return np.setdiff1d(np.arange(size), np.asarray(loaded.tokenizer.all_special_ids, np.int64))


def token_text(tokenizer: Any, before: Array, text: Array, after: Array) -> ModelInput:
    """A text of these ids, between special tokens, as the model takes it."""
    ids = np.concatenate([before, text, after])
    special = np.ones(len(ids), bool)
    special[len(before) : len(before) + len(text)] = False
    texts = [str(piece) for piece in tokenizer.convert_ids_to_tokens(ids.tolist())]
    nowhere = np.full((len(ids), 2), -1)
    arrays = {"input_ids": ids, "attention_mask": np.ones_like(ids)}
    if "token_type_ids" in getattr(tokenizer, "model_input_names", ()):
        arrays["token_type_ids"] = np.zeros_like(ids)
    return ModelInput(
        {"text": Tokens.of_text(ids, texts, nowhere, special, np.zeros(len(ids), np.uint8))}, arrays
    )

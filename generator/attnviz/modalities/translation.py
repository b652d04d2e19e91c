"""Sources and targets as an encoder–decoder takes them."""

from __future__ import annotations

import numpy as np

from attnviz.documents import Document, Tokens
from attnviz.modalities.family import ModelInput
from attnviz.modalities.token_spans import decode_pieces, spans_of
from attnviz.modalities.tokenizing import Encoded, Said, encode_text, pieces
from attnviz.models import LoadedModel


def prepare_translation(loaded: LoadedModel, document: Document) -> tuple[ModelInput | None, Said]:
    """Source tokens for the encoder, and the decoder's input."""
    source, target = document.parts
    encoded, said = encode_text(loaded, document, source, "", loaded.limit)
    if document.ids is not None:
        answered = _chosen(loaded, document)
    else:
        given, also = encode_text(
            loaded, document, target, "", loaded.limit, offset=document.second or 0
        )
        said += also
        if given is None:
            return None, said
        answered = _shifted(loaded, given)
    if encoded is None:
        return None, said
    ids = answered.ids.astype(np.int64)
    decoder = {"decoder_input_ids": ids, "decoder_attention_mask": np.ones(len(ids), np.int64)}
    return ModelInput({"source": encoded[0], "target": answered}, encoded[1] | decoder), said


def _shifted(loaded: LoadedModel, given: Encoded) -> Tokens:
    """The decoder's input: the start token, then the target without its last token, as in
    training."""
    tokens, arrays = given
    start = loaded.model.config.decoder_start_token_id
    first = np.array([arrays["input_ids"][0] if start is None else start])
    piece = pieces(loaded.tokenizer, first)
    return Tokens.of_text(first, piece, np.full((1, 2), -1), np.ones(1), np.zeros(1)) + tokens[:-1]


def _chosen(loaded: LoadedModel, document: Document) -> Tokens:
    """The decoder's input as the model itself chose it, the start token first."""
    ids = np.array(document.ids, np.int64)
    tokenizer = loaded.tokenizer
    spans = spans_of(decode_pieces(tokenizer, ids.tolist()), document.second or 0)
    special = np.isin(ids, tokenizer.all_special_ids)
    special[0] = True
    return Tokens.of_text(ids, pieces(tokenizer, ids), spans, special, np.zeros(len(ids)))

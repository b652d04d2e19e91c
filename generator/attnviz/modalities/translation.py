"""Sources with their targets, and encoder–decoders, which read the one and write the other."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Final

import numpy as np

from attnviz.config import DocumentSpec
from attnviz.documents import Completion, Document, DocumentKind, Tokens
from attnviz.documents.document import opening
from attnviz.modalities.axes import AttentionPlace
from attnviz.modalities.family import TEXT_AXIS, Family, text_padding
from attnviz.modalities.languages import beginning, speak
from attnviz.modalities.modality import EntryDocuments, Modality, written_here
from attnviz.modalities.model_input import ModelInput, Prepared, Remark, Start
from attnviz.modalities.pair import joined
from attnviz.modalities.text import SAMPLES_OF_TEXT
from attnviz.modalities.token_spans import decode_pieces, spans_of
from attnviz.modalities.tokenizing import (
    Encoded,
    encode_text,
    pieces,
    text_to_go_on,
    written_special,
)
from attnviz.models.loaded import LoadedModel
from attnviz.score import Array

TRANSLATION: Final = DocumentKind(
    "translation", gap=1, completion=Completion("translate", "an encoder–decoder")
)

_CROSS: Final = re.compile(r"(cross_?att|encoder_attn|encdecatt|encoderdecoderatt)", re.IGNORECASE)
_PART: Final = re.compile(r"(^|\.)(encoder|decoder)(\.|$)")
"""The first such part of a path says which of the two it is: a BERT that decodes has an `encoder`
in it."""


class EncoderDecoderFamily(Family):
    """Encoder–decoders: the encoder's axis and the decoder's, and cross-attention between them."""

    name = "encoder-decoder"
    kinds = (TRANSLATION,)
    reads_in_words = "translations (source and target)"
    takes = "translations"
    has_target = True
    head = "AutoModelForSeq2SeqLM"
    completes = TRANSLATION

    def __init__(self, loaded: LoadedModel) -> None:
        super().__init__(loaded)
        self.axes = {"source": TEXT_AXIS, "target": TEXT_AXIS}
        padding = text_padding(loaded)
        decoder = {"decoder_input_ids": padding["input_ids"], "decoder_attention_mask": 0}
        self.padding = padding | decoder

    @classmethod
    def has(cls, loaded: LoadedModel) -> bool:
        writes = bool(getattr(loaded.model.config, "is_encoder_decoder", False))
        return writes and loaded.processor is None

    def place(self, path: str) -> AttentionPlace:
        return place_of(path, "source")

    def start(self, document: Document) -> Start | None:
        return text_to_go_on(self.loaded, document, self.loaded.limit)

    def prepare(self, document: Document) -> Prepared:
        """Source tokens for the encoder, and the decoder's input."""
        loaded, (source, target) = self.loaded, document.parts
        encoded, remarks = encode_text(loaded, document, source, limit=loaded.limit)
        answer, more = decoder_input(
            loaded, document, target, limit=loaded.target_limit, offset=document.second or 0
        )
        remarks += more
        if encoded is None or answer is None:
            return None, remarks
        axes = {"source": encoded[0], "target": answer}
        return ModelInput(axes, encoded[1] | decoder_arrays(answer)), remarks

    def sample(self, folder: Path) -> list[Document]:
        pairs = zip(SAMPLES_OF_TEXT, reversed(SAMPLES_OF_TEXT), strict=True)
        code = getattr(self.loaded.tokenizer, "src_lang", None)
        return [
            replace(_document(0, "sample", source, target), languages=(code, code))
            for source, target in pairs
        ]


def place_of(path: str, source: str, encoder: str = "encoder") -> AttentionPlace:
    """Where the attention of the module at `path` of an encoder–decoder belongs: to the encoder,
    which stands on the axis `source` and is the stack `encoder`, the decoder, or between them."""
    if _CROSS.search(path):
        return AttentionPlace("cross", "target", source)
    part = _PART.search(path)
    if part is not None and part[2] == "encoder":
        return AttentionPlace(encoder, source, source)
    return AttentionPlace("decoder", "target", "target")


def decoder_input(
    loaded: LoadedModel,
    document: Document,
    text: str,
    *,
    limit: int | None,
    offset: int = 0,
    may_start: bool = False,
) -> tuple[Tokens | None, list[Remark]]:
    """What a decoder reads of a document: what the model wrote itself, or else `text`, which stands
    at `offset` in the document's, after the start token; None if that cannot be.

    `may_start` says that a tokenizer may put the start token first by itself.
    """
    if document.ids is not None:
        return _written_by_model(loaded, document), []
    encoded, remarks = encode_text(
        loaded, document, text, limit=limit, offset=offset, as_target=True
    )
    if encoded is None:
        return None, remarks
    tokens = encoded[0]
    starts = may_start and int(tokens.ids[0]) == loaded.model.config.decoder_start_token_id
    return tokens[:-1] if starts else _shifted(loaded, document, encoded), remarks


def decoder_arrays(tokens: Tokens) -> dict[str, Array]:
    """A decoder's input as the model takes it: ids and mask (T,) int64."""
    ids = tokens.ids.astype(np.int64)
    return {"decoder_input_ids": ids, "decoder_attention_mask": np.ones(len(ids), np.int64)}


def _shifted(loaded: LoadedModel, document: Document, encoded: Encoded) -> Tokens:
    """The decoder's input: the start token, then the target without its last token, as in
    training."""
    tokens, arrays = encoded
    start = beginning(loaded.tokenizer, speak(loaded, document)).start
    if start is None:
        start = loaded.model.config.decoder_start_token_id
    first = np.array([arrays["input_ids"][0] if start is None else start])
    begin = Tokens.of_text(
        first,
        pieces(loaded.tokenizer, first),
        spans=np.full((1, 2), -1),
        special=np.ones(1),
        segment=np.zeros(1),
    )
    return begin + tokens[:-1]


def _written_by_model(loaded: LoadedModel, document: Document) -> Tokens:
    """The decoder's input as the model itself chose it, the start token first."""
    ids = np.array(document.ids, np.int64)
    tokenizer = loaded.tokenizer
    special = np.isin(ids, [*tokenizer.all_special_ids, *written_special(tokenizer)])
    special[0] = True
    spans = spans_of(decode_pieces(tokenizer, ids.tolist()), document.second or 0, special)
    return Tokens.of_text(
        ids,
        pieces(tokenizer, ids),
        spans=spans,
        special=special,
        segment=np.zeros(len(ids)),
        document=document.text,
    )


def _read(entry: int, spec: DocumentSpec, where: str) -> EntryDocuments | None:
    return written_here(
        [
            replace(
                _document(entry, item.title or opening(item.source), item.source, item.target),
                languages=(item.source_lang, item.target_lang),
            )
            for item in spec.translate
        ]
    )


def _document(entry: int, title: str, source: str, target: str | None) -> Document:
    """A source with its target, if there is one yet."""
    if target is None:
        return Document(entry, title, source, TRANSLATION)
    text, start = joined(source, target)
    return Document(entry, title, text, TRANSLATION, second=start)


MODALITY: Final = Modality(TRANSLATION, _read, EncoderDecoderFamily)

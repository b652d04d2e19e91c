"""Kinds of input, one module each: what is read, how it is prepared for a model, which axes it has,
what the report shows of it."""

from attnviz.modalities.family import (
    AttentionPlace,
    Axis,
    Family,
)
from attnviz.modalities.model_input import SAMPLES, Begin, Crop, ModelInput, Start
from attnviz.modalities.preparing import prepare
from attnviz.modalities.reading import read_corpus
from attnviz.modalities.registry import FAMILIES, MODALITIES, family_of
from attnviz.modalities.token_spans import decode_pieces
from attnviz.modalities.tokenizing import count_tokens, encode_text

__all__ = [
    "FAMILIES",
    "MODALITIES",
    "SAMPLES",
    "AttentionPlace",
    "Axis",
    "Begin",
    "Crop",
    "Family",
    "ModelInput",
    "Start",
    "count_tokens",
    "decode_pieces",
    "encode_text",
    "family_of",
    "prepare",
    "read_corpus",
]

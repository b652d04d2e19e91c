"""From documents to what a model takes: axes of tokens or patches, and the arrays of a forward
pass."""

from attnviz.modalities.family import (
    SAMPLES,
    AttentionPlace,
    Crop,
    Family,
    FamilyName,
    ModelInput,
    family_of,
)
from attnviz.modalities.preparing import prepare
from attnviz.modalities.token_spans import decode_pieces
from attnviz.modalities.tokenizing import count_tokens, encode_text, pieces
from attnviz.modalities.video import shown_film

__all__ = [
    "SAMPLES",
    "AttentionPlace",
    "Crop",
    "Family",
    "FamilyName",
    "ModelInput",
    "count_tokens",
    "decode_pieces",
    "encode_text",
    "family_of",
    "pieces",
    "prepare",
    "shown_film",
]

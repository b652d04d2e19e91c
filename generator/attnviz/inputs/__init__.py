"""From documents to what a model takes: axes of tokens or patches, and the arrays of a forward
pass."""

from attnviz.inputs.families import (
    SAMPLES,
    AxisKind,
    Family,
    FamilyName,
    Frame,
    Place,
    Prepared,
    family_of,
)
from attnviz.inputs.films import shown_film
from attnviz.inputs.offsets import decode_pieces
from attnviz.inputs.preparing import prepare
from attnviz.inputs.text import count_tokens, encode_text, pieces
from attnviz.inputs.windows import Windows

__all__ = [
    "SAMPLES",
    "AxisKind",
    "Family",
    "FamilyName",
    "Frame",
    "Place",
    "Prepared",
    "Windows",
    "count_tokens",
    "decode_pieces",
    "encode_text",
    "family_of",
    "pieces",
    "prepare",
    "shown_film",
]

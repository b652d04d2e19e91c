"""Architectures that change attention between its softmax and the values that it weighs: what a
softmax gives is shown, and this is said of it.

A search of transformers' models for what they do between the two found these, and sinks, which
scores have (`score.py`); dropout and gates of the output change no weights.
"""

from __future__ import annotations

from typing import Any


def differential(config: Any) -> str:
    """Differential attention (Ye et al. 2024), by transformers' pairs of heads."""
    half = int(config.num_attention_heads) // 2
    return (
        f"head h of a layer is weighed together with head h + {half}: from the attention of the one"
        " that of the other is subtracted, times a trained λ; each head's is shown before that"
    )


def talking_heads(config: Any) -> str | None:
    """Talking heads (Shazeer et al. 2020), where a DeBERTa is trained with them."""
    if not getattr(config, "talking_head", False):
        return None
    return (
        "a trained matrix mixes the attention of a layer's heads before it weighs values; each"
        " head's is shown before that"
    )

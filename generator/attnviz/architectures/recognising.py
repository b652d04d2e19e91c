"""What a configuration tells of any model: whether it reads recordings, whether it goes on with
texts."""

from __future__ import annotations

from typing import Any, Final

from transformers.models.auto import feature_extraction_auto as extractors
from transformers.models.auto import modeling_auto

from attnviz.architectures.frames import Frames, frames_of_convolutions
from attnviz.architectures.known import architecture_of

_OF_AUDIO: Final = extractors.FEATURE_EXTRACTOR_MAPPING_NAMES  # type: ignore[attr-defined]
_HEARD: Final = (
    "wav2vec 2.0, HuBERT, WavLM, UniSpeech, data2vec-audio, Whisper, Moonshine, Speech2Text"
)


def reads_recordings(config: Any) -> bool:
    """Whether a model reads recordings, as wav2vec 2.0, HuBERT and Whisper do."""
    convolves = getattr(config, "conv_kernel", None) and getattr(config, "conv_stride", None)
    return architecture_of(config).frames is not None or bool(convolves)


def writes_what_it_hears(config: Any) -> bool:
    """Whether a model reads recordings and writes texts of them, by a decoder of its own."""
    known = architecture_of(config).frames is not None
    return known and bool(getattr(config, "is_encoder_decoder", False))


def frames_of(config: Any, extractor: Any) -> Frames:
    """How a model that reads recordings cuts them into frames, by its configuration and its feature
    extractor."""
    return (architecture_of(config).frames or frames_of_convolutions)(config, extractor)


def continues_texts(config: Any) -> bool:
    """Whether a model of one text predicts what comes next, as decoders do and encoders do not."""
    decoders = modeling_auto.MODEL_FOR_CAUSAL_LM_MAPPING_NAMES
    # Encoders such as BERT are in this list too: they can be told to look back only.
    masked = config.model_type in modeling_auto.MODEL_FOR_MASKED_LM_MAPPING_NAMES
    brings_code = "AutoModelForCausalLM" in (getattr(config, "auto_map", None) or {})
    looks_back = not masked or getattr(config, "is_decoder", False)
    return (config.model_type in decoders and looks_back) or brings_code


def refusal(config: Any) -> str | None:
    """Why a model is refused, as what follows its type in a message: its way from input to tokens
    is unlike any that is understood here. None where it is not."""
    reason = architecture_of(config).refusal
    parts = ("text_config", "vision_config")
    has_parts = any(getattr(config, part, None) is not None for part in parts)
    if reason is None and config.model_type in _OF_AUDIO:
        if reads_recordings(config) or has_parts:
            return None
        return f"reads audio in a way of its own; of audio models, these are known: {_HEARD}"
    return reason

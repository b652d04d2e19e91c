"""What a configuration tells of any model: whether it reads samples of audio, whether it goes on
with texts."""

from __future__ import annotations

from typing import Any, Final

from transformers.models.auto import feature_extraction_auto as extractors
from transformers.models.auto import modeling_auto

from attnviz.architectures.known import architecture_of

_OF_AUDIO: Final = extractors.FEATURE_EXTRACTOR_MAPPING_NAMES  # type: ignore[attr-defined]
_READS_SAMPLES: Final = "wav2vec 2.0, HuBERT, WavLM, UniSpeech, data2vec-audio"


def reads_samples(config: Any) -> bool:
    """Whether a model reads samples of audio, as wav2vec 2.0, HuBERT and WavLM do."""
    return bool(getattr(config, "conv_kernel", None) and getattr(config, "conv_stride", None))


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
        if reads_samples(config) or has_parts:
            return None
        return (
            "reads spectrograms or codes; of audio models, those that read samples are known:"
            f" {_READS_SAMPLES}"
        )
    return reason

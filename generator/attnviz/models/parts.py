"""Which part of a model reports look into, and models that are refused before their weights are
loaded."""

from __future__ import annotations

from typing import Any, Final

import transformers
from transformers.models.auto import feature_extraction_auto

from attnviz.config import ModelSpec
from attnviz.errors import InputError

# Two towers in one: the one that sees images is what a corpus of images looks into.
_VISION_TOWERS: Final = {
    "clip": "CLIPVisionModel",
    "clip_vision_model": "CLIPVisionModel",
    "siglip": "SiglipVisionModel",
}


def visible_part(config: Any) -> tuple[Any, tuple[str, ...]]:
    """The configuration of the part of a model that reports look into, and what is left out of
    it."""
    if config.model_type in _VISION_TOWERS and getattr(config, "vision_config", None) is not None:
        config = config.vision_config
    if getattr(config, "vision_use_head", False):
        # Its only query is a learned one, and its attention comes averaged over heads.
        config.vision_use_head = False
        return config, ("the pooling head, a learned query over the patches",)
    return config, ()


def model_class(config: Any) -> Any:
    tower = _VISION_TOWERS.get(config.model_type, "")
    return getattr(transformers, tower) if tower else transformers.AutoModel


def hears(config: Any) -> bool:
    """Whether a model takes samples of sound, as wav2vec 2.0, HuBERT and WavLM do."""
    return bool(getattr(config, "conv_kernel", None) and getattr(config, "conv_stride", None))


def refuse_unknown(spec: ModelSpec, config: Any) -> None:
    """InputError for models whose way from input to tokens is known to be unlike any that is
    understood here."""
    kind = config.model_type
    reason = _UNLIKE.get(kind)
    both = any(getattr(config, part, None) is not None for part in ("text_config", "vision_config"))
    if reason is None and kind in _HEARS and not (hears(config) or both):
        reason = (
            "hears by spectrograms or codes; of models that hear, those that take samples are"
            " known: " + _HEARERS
        )
    if reason is not None:
        raise InputError(f"model {spec.name}: source: {kind} {reason}")


_HEARS: Final = feature_extraction_auto.FEATURE_EXTRACTOR_MAPPING_NAMES  # type: ignore[attr-defined]
_HEARERS: Final = "wav2vec 2.0, HuBERT, WavLM, UniSpeech, data2vec-audio"
_FILMS: Final = "of models of films, TimeSformer, VideoMAE and ViViT are known"
_UNLIKE: Final = {
    "vjepa2": f"prepares its films by torchvision; {_FILMS}",
    "vit_mae": (
        "shuffles and hides its patches anew in each pass; expected the same encoder as a ViT"
        " (model_type: vit)"
    ),
    "segformer": (
        "attends to summaries of several patches, which have no place of their own; expected a ViT"
        " or Swin"
    ),
    **dict.fromkeys(
        ("siglip2", "siglip2_vision_model"),
        "packs pictures of any shape into one row of patches; expected a checkpoint of fixed"
        " resolution",
    ),
}
"""Why models of these types are refused before their weights are loaded; their other parts could
not be shown alone."""

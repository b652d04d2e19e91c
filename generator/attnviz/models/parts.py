"""Which part of a model reports look into, and models that are refused before their weights are
loaded."""

from __future__ import annotations

from typing import Any

import transformers

from attnviz.architectures import architecture_of, refusal
from attnviz.config import ModelSpec
from attnviz.errors import InputError


def visible_part(config: Any) -> tuple[Any, tuple[str, ...]]:
    """The configuration of the part of a model that reports look into, and what is left out of
    it."""
    vision = config if architecture_of(config).towers is None else config.vision_config
    if getattr(vision, "vision_use_head", False):
        # Its only query is a learned one, and its attention comes averaged over heads.
        vision.vision_use_head = False
        return config, ("the pooling head, a learned query over the patches",)
    return config, ()


def model_class(config: Any) -> Any:
    """The class of transformers that loads the visible part."""
    known = architecture_of(config)
    return getattr(transformers, known.vision_tower or known.loaded_as or "AutoModel")


def refuse_unknown(spec: ModelSpec, config: Any) -> None:
    """Raises InputError if a model's way from input to tokens is known to be unlike any that is
    understood here."""
    reason = refusal(config)
    if reason is not None:
        raise InputError(f"model {spec.name}: source: {config.model_type} {reason}")

"""What of a model reports do not look into, and models that are refused before their weights are
loaded."""

from __future__ import annotations

from typing import Any

import transformers

from attnviz.architectures.known import architecture_of
from attnviz.architectures.recognising import refusal
from attnviz.config import ModelSpec
from attnviz.errors import InputError


def leave_out(config: Any) -> tuple[str, ...]:
    """Leave out of a model's configuration what reports do not look into; what that is, in
    words."""
    vision = config if architecture_of(config).towers is None else config.vision_config
    if getattr(vision, "vision_use_head", False):
        # Its only query is a learned one, and its attention comes averaged over heads.
        vision.vision_use_head = False
        return ("the pooling head, a learned query over the patches",)
    return ()


def model_class(config: Any) -> Any:
    """The class of transformers that loads the model."""
    known = architecture_of(config)
    return getattr(transformers, known.vision_tower or known.loaded_as or "AutoModel")


def refuse_unknown(spec: ModelSpec, config: Any) -> None:
    """Raises InputError if a model's way from input to tokens is known to be unlike any that is
    understood here."""
    reason = refusal(config)
    if reason is not None:
        raise InputError(f"model {spec.name}: source: {config.model_type} {reason}")

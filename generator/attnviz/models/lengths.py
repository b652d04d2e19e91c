"""How many tokens of a document a model takes."""

from __future__ import annotations

import re
from typing import Any, Final

from torch import nn

from attnviz.architectures.alike_lengths import longest_filled_up
from attnviz.architectures.recognising import writes_what_it_hears
from attnviz.config import ModelSpec
from attnviz.documents import Notice
from attnviz.errors import InputError

_TABLE: Final = re.compile(
    r"(^|[._])(wpe|positions?|pos_emb\w*|position\w*)([._]|$)", re.IGNORECASE
)

_TARGETS: Final = ("max_decoder_position_embeddings", "max_target_positions")
"""What configurations call the positions of a decoder alone."""
_LIMITS: Final = ("max_position_embeddings", "n_positions", "max_encoder_position_embeddings")


def longest_input(spec: ModelSpec, model: Any) -> tuple[int | None, tuple[Notice, ...]]:
    """Most tokens of a document, None where nothing limits it, and what is to be said of that.

    The corpus may ask for less than the architecture takes, and for more where positions are
    rotary, which go on without an end. Raises InputError if it asks for more elsewhere.
    """
    limit = _architecture_limit(model)
    if limit is not None:
        limit = _filled_up(spec, model, limit)
    if spec.max_length is None or limit is None or spec.max_length <= limit:
        return (limit if spec.max_length is None else spec.max_length), ()
    if not _is_rotary(model, limit):
        raise InputError(
            f"model {spec.name}: max_length: {spec.max_length:,} is more than the {limit:,}"
            f" positions of {type(model).__name__}; expected at most {limit:,}: longer texts are"
            " shown as windows"
        )
    message = (
        f"{spec.name} is given up to {spec.max_length:,} tokens, as max_length says; its"
        f" configuration has {limit:,}: its rotary positions go on beyond that"
    )
    figures = {"limit": spec.max_length, "positions": limit}
    return spec.max_length, (Notice("max-length", message, None, spec.name, figures),)


def longest_target(spec: ModelSpec, model: Any) -> int | None:
    """Most tokens of what a decoder writes, where it has positions of its own; else None."""
    names = (*_TARGETS, *_LIMITS) if writes_what_it_hears(model.config) else _TARGETS
    known = (getattr(model.config, name, None) for name in names)
    positions = next((value for value in known if value), None)
    limits = [limit for limit in (positions, spec.max_length) if limit is not None]
    return None if positions is None else min(limits)


def _filled_up(spec: ModelSpec, model: Any, positions: int) -> int:
    """The limit of a model that fills its texts up to whole windows or blocks. Raises InputError if
    it has fewer positions than one window."""
    limit = longest_filled_up(model.config, positions)
    if limit == 0:
        raise InputError(
            f"model {spec.name}: {type(model).__name__} fills each text up to whole windows"
            f" (attention_window in config.json: {model.config.attention_window}) and has"
            f" {positions:,} positions, so that it reads none; expected windows that are not larger"
        )
    return limit


def _architecture_limit(model: Any) -> int | None:
    """Tokens the architecture takes; None where nothing limits it. A tokenizer's own setting does
    not count."""
    limit = min(_positions(model.config), default=None)
    # Positions of what hears are the decoder's; its frames have none, or a number of their own.
    if limit is None or writes_what_it_hears(model.config):
        return None
    for name, module in model.named_modules():
        # RoBERTa counts positions from its padding index up.
        if (
            name.endswith("position_embeddings")
            and getattr(module, "padding_idx", None) is not None
        ):
            return limit - int(module.padding_idx) - 1
    return limit


def _positions(config: Any) -> list[int]:
    """The positions that a configuration has, or each of its two parts, where two models are one:
    what the shorter takes, both do."""
    parts: list[Any] = [getattr(config, name, None) for name in ("encoder", "decoder")]
    configs = parts if all(hasattr(part, "to_dict") for part in parts) else [config]
    limits = []
    for text in (part.get_text_config() for part in configs):
        limit = next((value for name in _LIMITS if (value := getattr(text, name, None))), None)
        if isinstance(limit, int) and limit > 0:
            limits.append(limit)
    return limits


def _is_rotary(model: Any, limit: int) -> bool:
    """Whether positions are rotary alone: there is no table of them that a longer text would
    leave."""
    rotary = any("rotary" in type(module).__name__.lower() for module in model.modules())
    tables = [
        *((name, m.weight) for name, m in model.named_modules() if isinstance(m, nn.Embedding)),
        *model.named_buffers(),
    ]
    return rotary and not any(
        _TABLE.search(name) and limit in values.shape for name, values in tables
    )

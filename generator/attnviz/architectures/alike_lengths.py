"""At which lengths a model reads differently, from its configuration."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from attnviz.architectures.known import architecture_of
from attnviz.architectures.lengths import Lengths


def lengths_of(config: Any) -> Lengths:
    """At which lengths models of a configuration read differently."""
    long_above, scaled_above = set(), set()
    for part, settings in _rotary_settings(config):
        kind = settings.get("rope_type", settings.get("type")) or ""
        limit = getattr(part, "max_position_embeddings", None) or 0
        if kind in ("longrope", "su"):
            original = settings.get("original_max_position_embeddings")
            original = original or getattr(part, "original_max_position_embeddings", None)
            long_above.add(int(original or limit))
        elif "dynamic" in kind:
            scaled_above.add(int(limit))
    block, blocks_above = 1, 0
    if getattr(config, "attention_type", None) == "block_sparse":
        block = int(config.block_size)
        blocks_above = (5 + 2 * int(config.num_random_blocks)) * block
    return Lengths(
        long_above=tuple(sorted(long_above)),
        scaled_above=tuple(sorted(scaled_above)),
        block=block,
        blocks_above=blocks_above,
        mixes=architecture_of(config).mixes_neighbours,
    )


def longest_filled_up(config: Any, positions: int) -> int:
    """How many tokens a text may have where the model fills texts up to whole windows or blocks,
    whose positions count too; 0 where a single one is longer than the model has `positions`.

    >>> from types import SimpleNamespace
    >>> longest_filled_up(SimpleNamespace(model_type="led", attention_window=[8, 64]), 200)
    192
    """
    if config.model_type == "led":
        window = config.attention_window
        window = window if isinstance(window, int) else max(window)
        return positions // window * window
    lengths = lengths_of(config)
    if lengths.block > 1 and positions > lengths.blocks_above:
        return max(positions // lengths.block * lengths.block, lengths.blocks_above)
    return positions


def _rotary_settings(config: Any) -> Iterator[tuple[Any, Mapping[str, Any]]]:
    """The settings of rotary embedding of a configuration and its parts, each with the part that
    has them; those that differ by kind of layer one by one."""
    for part in (config, *_parts(config)):
        for name in ("rope_parameters", "rope_scaling"):
            settings = getattr(part, name, None)
            if not isinstance(settings, Mapping):
                continue
            nested = [each for each in settings.values() if isinstance(each, Mapping)]
            for each in nested or [settings]:
                yield part, each


def _parts(config: Any) -> Iterator[Any]:
    for name in getattr(config, "sub_configs", {}):
        part = getattr(config, name, None)
        if part is not None:
            yield part
            yield from _parts(part)

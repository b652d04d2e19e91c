"""Activations as plain dictionaries of arrays, by the names that TransformerLens, nnsight and
nnterp give them: `blocks.3.attn.hook_pattern`, `layers.3.self_attn.attention_probabilities`.

A name has one number, that of the layer, and ends in what it is of. TransformerLens has queries and
keys as ([batch,] tokens, heads, channels), others as ([batch,] heads, tokens, channels).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, Final, NamedTuple

import numpy as np

from attnviz.errors import InputError
from attnviz.importers.arrays import rule_of, stacks_of
from attnviz.importers.assembling import Gift
from attnviz.importers.checking import as_array
from attnviz.score import Array

_ATTENTION: Final = (
    "hook_pattern",
    "attention_probabilities",
    "attention_probs",
    "attention_weights",
    "attn_weights",
    "attn_probs",
)
_QUERIES: Final = ("hook_rot_q", "hook_q", "queries", "query_states", "q")
_KEYS: Final = ("hook_rot_k", "hook_k", "keys", "key_states", "k")
_NUMBER: Final = re.compile(r"(?<![^._\[])(\d+)(?![^._\]])")


class Activations(NamedTuple):
    """Layers in order of their numbers; queries and keys where every layer has them."""

    layers: list[int]
    attention: list[Array] | None
    queries: list[Array] | None
    keys: list[Array] | None


def is_activations(mapping: Any) -> bool:
    """Whether a mapping has attention, or queries and keys, by names of layers."""
    if not isinstance(mapping, Mapping):
        return False
    return any(_kind(str(name)) is not None for name in mapping)


def read_activations(mapping: Mapping[Any, Any], where: str = "attention") -> Activations:
    """What a dictionary has of each layer; activations of other kinds are passed over. Raises
    InputError if it has neither attention, nor queries and keys, of every layer."""
    kinds: dict[str, dict[int, Array]] = defaultdict(dict)
    for name, value in mapping.items():
        kind = _kind(str(name))
        if kind is None:
            continue
        place, layer = kind
        a = as_array(value, f"{where}: {name}")
        if place in (*_QUERIES, *_KEYS) and place.startswith("hook_"):
            a = np.swapaxes(a, -2, -3)  # (…, heads, tokens, channels)
        kinds[place][layer] = a
    attention = _first(kinds, _ATTENTION)
    queries, keys = _first(kinds, _QUERIES), _first(kinds, _KEYS)
    layers = sorted(attention or queries or {})
    complete = bool(queries and keys) and set(queries or {}) == set(keys or {}) == set(layers)
    if not layers or (not attention and not complete):
        raise InputError(
            f"{where}: has {', '.join(list(map(str, mapping))[:4])} …; expected attention of each"
            " layer, such as blocks.0.attn.hook_pattern, or its queries and keys"
        )
    return Activations(
        layers,
        [attention[layer] for layer in layers] if attention else None,
        [queries[layer] for layer in layers] if complete and queries else None,
        [keys[layer] for layer in layers] if complete and keys else None,
    )


def _first(
    kinds: Mapping[str, dict[int, Array]], places: tuple[str, ...]
) -> dict[int, Array] | None:
    """The layers of the first of these kinds that there are."""
    return next((kinds[place] for place in places if place in kinds), None)


def _kind(name: str) -> tuple[str, int] | None:
    """What an activation is of, and its layer; None for those of other kinds.

    >>> _kind("blocks.3.attn.hook_pattern"), _kind("attention_probabilities.7"), _kind("ln_final")
    (('hook_pattern', 3), ('attention_probabilities', 7), None)
    """
    numbers = _NUMBER.findall(name)
    if len(numbers) != 1:
        return None
    words = [word for word in re.split(r"[.\[\]]+", name) if word and not word.isdigit()]
    place = words[-1] if words else ""
    known = place in (*_ATTENTION, *_QUERIES, *_KEYS)
    return (place, int(numbers[0])) if known else None


def gift_of_arrays(
    *,
    by: str,
    tokens: Any,
    attention: Any = None,
    queries: Any = None,
    keys: Any = None,
    rule: Mapping[str, Any] | None = None,
    layers: Sequence[int] | None = None,
    missing: bool = False,
) -> Gift:
    """What arrays give, in any of the forms that `attnviz.build` takes. Raises InputError for what
    is none of them."""
    gift = Gift(by=by, tokens=tokens, rule=rule_of(rule), layers=layers, missing=missing)
    if not is_activations(attention):
        return replace(gift, attention=stacks_of(attention), queries=queries, keys=keys)
    read = read_activations(attention)
    return replace(
        gift,
        attention={} if read.attention is None else {"": tuple(read.attention)},
        queries=None if read.queries is None else tuple(read.queries),
        keys=None if read.keys is None else tuple(read.keys),
        layers=read.layers,
        lenient=rule is None,
    )

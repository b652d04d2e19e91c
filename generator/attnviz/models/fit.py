"""Whether a folder's weights are those of its architecture, by transformers' own loading report.

transformers replaces what is missing by random numbers. A model that depends on them is nobody's.
Weights within numbered layers are refused here; of all others it is observed what depends on them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import torch
from transformers import PreTrainedModel

from attnviz.architectures.known import architecture_of
from attnviz.config import ModelSpec
from attnviz.documents import Notice
from attnviz.errors import InputError

_NUMBERED: Final = re.compile(r"\.\d+\.")
"""Stands in the names of weights within layers, on which attention depends whatever is observed: an
expert may be left aside by a sample and taken by a document."""

_NAMES: Final = 3
"""So many names stand in a message."""


@dataclass(frozen=True)
class Misfit:
    """Weights that a folder lacks or has in another shape, and what is to be said if the model
    depends on them."""

    names: tuple[str, ...]
    refusal: str


def misfit_of(
    spec: ModelSpec, folder: Path, model: Any, report: Mapping[str, Any]
) -> Misfit | None:
    """The weights of `model` that are not the folder's, where what depends on them has to be
    observed; None where there are none.

    `report` is what transformers says of loading `model`. Raises InputError if some are within a
    layer. Whole numbers, such as tables of places, are computed and not learned: they count as
    there.
    """
    learned = {name for name, weight in model.state_dict().items() if weight.is_floating_point()}
    mismatched = sorted(entry for entry in report["mismatched_keys"] if entry[0] in learned)
    missing = sorted(learned & set(report["missing_keys"]))
    if not mismatched and not missing:
        return None
    names = (*(name for name, *_ in mismatched), *missing)
    start = f"model {spec.name}: source: {folder}: its weights do not fit {type(model).__name__}: "
    text = start + (_unlike(mismatched) if mismatched else _lacking(model, missing, report))
    if any(map(_NUMBERED.search, names)):
        raise InputError(text)
    return Misfit(names, text)


def _unlike(mismatched: Sequence[tuple[str, Any, Any]]) -> str:
    """What is to be said of weights of other shapes."""
    name, stored, expected = mismatched[0]
    others = f" (and {len(mismatched) - 1} more are unlike)" if len(mismatched) > 1 else ""
    return (
        f"{name} is {tuple(stored)}, and its config.json asks for {tuple(expected)}{others};"
        " expected weights and config.json of one model, as save_pretrained writes them"
    )


def _lacking(model: Any, missing: Sequence[str], report: Mapping[str, Any]) -> str:
    """What is to be said of weights that are missing."""
    unexpected = sorted(report["unexpected_keys"])
    known = f", and it has {_listed(unexpected)} that no part is called by" if unexpected else ""
    return (
        f"it lacks {_listed(missing)} of {len(model.state_dict())}{known}; transformers would put"
        f" random numbers there; {_mend(missing, unexpected, model.base_model_prefix)}"
    )


def unneeded_in_words(model: str, names: Sequence[str]) -> str:
    """What is said of weights that are missing and not needed.

    >>> unneeded_in_words("tiny", ["pooler.bias"])
    'tiny: no attention depends on 1 (pooler.bias) of its weights, which its checkpoint lacks'
    """
    return (
        f"{model}: no attention depends on {_listed(names)} of its weights, which its checkpoint"
        " lacks"
    )


@contextmanager
def undefined(model: Any, misfit: Misfit) -> Iterator[None]:
    """While it lasts, the weights that are not the folder's are NaN: what depends on them is too.
    Raises InputError if they are kept where they cannot be written to."""
    state = model.state_dict(keep_vars=True)
    weights = [state[name].data for name in misfit.names]
    if any(weight.is_meta for weight in weights):
        raise InputError(misfit.refusal)
    values = [weight.clone() for weight in weights]
    try:
        for weight in weights:
            weight.fill_(torch.nan)
        yield
    finally:
        for weight, value in zip(weights, values, strict=True):
            weight.copy_(value)


def unused_notices(
    spec: ModelSpec, model: Any, report: Mapping[str, Any], left_out: Sequence[str] = ()
) -> tuple[Notice, ...]:
    """What is to be said of weights that the model does not use.

    Nothing of heads, where config.json says that the model was saved with one, nothing of the other
    tower, where one of two is looked into, and nothing of parts that are `left_out`, which is said.
    """
    config = model.config
    saved_whole = type(model).__name__ in (config.architectures or [type(model).__name__])
    known = not saved_whole or left_out or architecture_of(config).vision_tower is not None
    unused = sorted(
        name for name in report["unexpected_keys"] if not (known and _is_beside(name, model))
    )
    if not unused:
        return ()
    message = (
        f"{spec.name} does not use {_listed(unused)} of its weights: config.json has no such part"
    )
    return (Notice("weights", message, None, spec.name, {"weights": len(unused)}),)


def _is_beside(name: str, model: Any) -> bool:
    """Whether a weight that a model lacks would stand beside its parts, or beside those of a model
    in it, as heads do, and not within them, as layers do."""
    module = model
    for part in name.removeprefix(f"{model.base_model_prefix}.").split("."):
        child = module._modules.get(part)
        if child is None:
            break
        module = child
    return isinstance(module, PreTrainedModel)


def _listed(names: Sequence[str]) -> str:
    """How many names, and the first of them.

    >>> _listed(["a", "b", "c", "d"])
    '4 (a, b, c, …)'
    """
    more = ", …" if len(names) > _NAMES else ""
    return f"{len(names)} ({', '.join(names[:_NAMES])}{more})"


def _mend(missing: Sequence[str], unexpected: Sequence[str], base: str) -> str:
    """What to do about weights that are missing."""
    prefix = common_prefix(missing, unexpected, base)
    if prefix is not None:
        return (
            f"names begin with “{prefix}”, as wrappers of training leave them: set strip_prefix:"
            f" {prefix} in the corpus"
        )
    if "state_dict" in unexpected:
        return (
            "the weights lie under “state_dict” of a training checkpoint: expected that part alone"
            " (torch.load, then model.load_state_dict and model.save_pretrained)"
        )
    if infix := next((part for part in _WITHIN if any(part in name for name in unexpected)), None):
        return (
            f"names hold “{infix}”, as wrappers of single layers leave it in training: expected the"
            " model without them (accelerate's get_state_dict, or torch's StateDictType"
            ".FULL_STATE_DICT, then model.save_pretrained)"
        )
    return (
        "expected all weights of the model that config.json describes, as save_pretrained writes"
        " them"
    )


_WITHIN: Final = ("_fsdp_wrapped_module.", "_checkpoint_wrapped_module.", "_orig_mod.", "module.")
"""What wrappers of training leave within names."""


def common_prefix(missing: Collection[str], unexpected: Collection[str], base: str) -> str | None:
    """What stands before most names that are missing; None where it is nothing. `base` is what
    models with heads call the model in them; its names are known with it.

    >>> common_prefix({"layer.weight", "layer.bias"}, {"module.layer.weight"}, "bert")
    'module.'
    """
    known = {*missing, *(name.removeprefix(f"{base}.") for name in missing)}
    prefixes = Counter(
        prefix for name in unexpected if (prefix := _prefix_of(name, known)) is not None
    )
    if not prefixes:
        return None
    prefix = min(prefixes, key=lambda each: (-prefixes[each], each))
    outer = prefix.removesuffix(f"{base}.") if base else prefix
    return outer or prefix


def _prefix_of(name: str, missing: Collection[str]) -> str | None:
    """What stands before a name that is missing, the longest there is."""
    places = (match.end() for match in re.finditer(r"\.", name))
    return next((name[:place] for place in places if name[place:] in missing), None)

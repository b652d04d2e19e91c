"""Whether a folder's weights are those of its architecture, by transformers' own loading report.

transformers replaces what is missing by random numbers. Attention of such a model is nobody's, so
it is refused here; what attention does not pass through may be missing.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from transformers import PreTrainedModel

from attnviz.architectures import architecture_of
from attnviz.config import ModelSpec
from attnviz.documents import Notice
from attnviz.errors import InputError

_PASSED_BY: Final = re.compile(
    r"(\w+\.)?pooler\.|contact_head\.|(.*\.)?(mask_token|masked_spec_embed|num_batches_tracked)$"
)
"""Weights that no captured attention depends on: poolers and heads, which run after all attention,
and what stands for hidden inputs in training. Checkpoints often lack them."""

_NAMES: Final = 3
"""So many names stand in a message."""


def refuse_misfit(spec: ModelSpec, folder: Path, model: Any, report: Mapping[str, Any]) -> None:
    """Raises InputError if attention depends on weights that the folder lacks, or has in another
    shape. `report` is what transformers says of loading `model`."""
    start = f"model {spec.name}: source: {folder}: its weights do not fit {type(model).__name__}: "
    mismatched = sorted(
        (name, tuple(stored), tuple(expected))
        for name, stored, expected in report["mismatched_keys"]
        if not _PASSED_BY.match(name)
    )
    if mismatched:
        name, stored, expected = mismatched[0]
        others = f" (and {len(mismatched) - 1} more are unlike)" if len(mismatched) > 1 else ""
        raise InputError(
            f"{start}{name} is {stored}, and its config.json asks for {expected}{others}; expected"
            " weights and config.json of one model, as save_pretrained writes them"
        )
    missing = missing_weights(report)
    if missing:
        total, unexpected = len(model.state_dict()), sorted(report["unexpected_keys"])
        known = (
            f", and it has {_listed(unexpected)} that no part is called by" if unexpected else ""
        )
        raise InputError(
            f"{start}it lacks {_listed(missing)} of {total}{known}; transformers would put random"
            f" numbers there; {_mend(missing, unexpected, model.base_model_prefix)}"
        )


def missing_weights(report: Mapping[str, Any]) -> list[str]:
    """The names of weights that attention depends on and the folder lacks."""
    return sorted(name for name in report["missing_keys"] if not _PASSED_BY.match(name))


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
    return (Notice("weights", message, None, spec.name),)


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
    return (
        "expected all weights of the model that config.json describes, as save_pretrained writes"
        " them"
    )


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

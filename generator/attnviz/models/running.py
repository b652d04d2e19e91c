"""A model that runs already, as an object of somebody's: used as it is, and left as it was."""

from __future__ import annotations

import copy
import hashlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, Final

import torch
from transformers import PreTrainedModel

from attnviz.config import ModelSpec
from attnviz.errors import InputError
from attnviz.models.foreign import foreign_work
from attnviz.models.lengths import longest_input, longest_target
from attnviz.models.loaded import LoadedModel
from attnviz.models.parts import refuse_unknown

SOURCE: Final = "in memory"
"""Stands before where a model says that it came from."""
_HOOKS: Final = tuple(
    name
    for name, value in vars(torch.nn.Module()).items()
    if isinstance(value, dict) and name not in ("_parameters", "_buffers", "_modules")
)
"""Where torch keeps a module's hooks."""
_NOTED: Final = "_output_capturing_hooks_installed"
"""What transformers notes of hooks of its own."""


def unwrapped(model: Any) -> Any:
    """The model of transformers in what `torch.compile` makes of it. InputError if there is
    none."""
    inner = getattr(model, "_orig_mod", model)
    if not isinstance(inner, PreTrainedModel):
        raise InputError(
            f"model: is a {type(model).__name__}; expected a PreTrainedModel of transformers"
        )
    return inner


@contextmanager
def running_model(model: Any, tokenizer: Any, spec: ModelSpec) -> Iterator[LoadedModel]:
    """A model of transformers and its tokenizer, as other loaded models are; `spec` has its name.

    While this lasts it is in evaluation mode. After it, modes, hooks and configuration are as they
    were; passes put back what they change by themselves. Weights, their type and device are not
    touched, and nothing is read from disk. InputError where attnviz knows that it does not
    understand such a model.
    """
    refuse_unknown(spec, model.config)
    body = _body(model)
    limit, notices = longest_input(spec, body)
    with foreign_work(f"model {spec.name}: its tokenizer cannot be copied", _EXPECTED):
        own_tokenizer = copy.deepcopy(tokenizer)  # tokenizing sets how it pads and truncates
    with _as_it_was(model):
        model.eval()
        yield LoadedModel(
            name=spec.name,
            title=spec.title,
            source=f"{SOURCE}: {model.config.name_or_path or type(model).__name__}",
            revision=None,
            weights_sha256=_weights_hash(model),
            model=body,
            tokenizer=own_tokenizer,
            limit=limit,
            notices=notices,
            decoder_limit=longest_target(spec, body),
            with_heads=model,
        )


_EXPECTED: Final = "expected a tokenizer of transformers"


def _body(model: Any) -> Any:
    """The model without its heads, as a report from files has it, where it stands apart in it."""
    base = model.base_model
    return base if isinstance(base, PreTrainedModel) else model


@contextmanager
def _as_it_was(model: Any) -> Iterator[None]:
    """After this context modes and hooks of all modules are as they were."""
    with ExitStack() as stack:
        for module in model.modules():
            stack.callback(_restorer(module))
        yield


def _restorer(module: torch.nn.Module) -> Callable[[], None]:
    """Puts back a module's mode and hooks."""
    training, attributes = module.training, vars(module)
    hooks = {name: attributes[name].copy() for name in _HOOKS if attributes.get(name) is not None}
    noted = {_NOTED: attributes[_NOTED]} if _NOTED in attributes else {}

    def restore() -> None:
        module.training = training
        for name, before in hooks.items():
            attributes[name].clear()
            attributes[name].update(before)
        attributes.pop(_NOTED, None)
        attributes.update(noted)

    return restore


def _weights_hash(model: Any) -> str:
    """SHA-256 over names, types, shapes and bytes of all weights; empty where some are not here."""
    digest = hashlib.sha256()
    for name, weight in model.state_dict().items():
        if not isinstance(weight, torch.Tensor) or weight.is_meta:
            return ""
        digest.update(f"{name} {weight.dtype} {tuple(weight.shape)}\n".encode())
        flat = weight.detach().contiguous().cpu().reshape(-1)
        digest.update(flat.view(torch.uint8).numpy().data if flat.numel() else b"")
    return digest.hexdigest()

"""Adapters: found, and merged into the model they were trained on, by peft."""

from __future__ import annotations

import importlib.util
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import torch

from attnviz.config import ModelSpec
from attnviz.config.folders import ADAPTER_CONFIG as CONFIG
from attnviz.config.folders import ADAPTER_WEIGHTS
from attnviz.config.regular_files import read_json
from attnviz.errors import InputError
from attnviz.models.files import names_of_weights
from attnviz.models.folder import weights_hash
from attnviz.models.foreign import foreign_work
from attnviz.models.hub import Note, fetch

_WEIGHTS: Final = (ADAPTER_WEIGHTS, "adapter_model.bin")
_BEFORE: Final = "base_model.model."
"""What peft writes before the names of an adapter's weights."""


@dataclass(frozen=True)
class Adapter:
    """Weights that were trained beside a model's own: where they come from, the `method` by its
    name in peft, and SHA-256 over configuration and weights."""

    source: str
    folder: Path
    method: str
    sha256: str

    @property
    def has_head(self) -> bool:
        """Whether it changes the head for next tokens, as far as that can be seen without opening
        pickles."""
        names = names_of_weights(self.folder / _WEIGHTS[0])
        return not names or any("lm_head" in name or "embed_out" in name for name in names)

    def in_words(self, model: str) -> str:
        """What is said of it."""
        return (
            f"{model} is its base with the adapter {self.source} merged into it ({self.method},"
            f" SHA-256 {self.sha256})"
        )


def find_adapter(spec: ModelSpec, folder: Path, note: Note) -> Adapter | None:
    """The adapter that the corpus names, or that lies beside the weights in `folder`; None where
    there is none. `note` takes what is said while the hub is awaited.

    Raises InputError if there are two, if it cannot be read, or without peft.
    """
    beside = (folder / CONFIG).is_file()
    if spec.adapter is None and not beside:
        return None
    if spec.adapter is not None and beside:
        raise InputError(
            f"model {spec.name}: adapter: {folder} holds an adapter too ({CONFIG}); expected one:"
            " take one of them away, or merge the first (peft's merge_and_unload, then"
            " save_pretrained)"
        )
    place = folder if spec.adapter is None else spec.adapter_folder
    if place is None:
        of_hub = {"source": spec.adapter, "revision": None}
        place = fetch(spec.model_copy(update=of_hub), note)
    if importlib.util.find_spec("peft") is None:
        raise InputError(
            f"model {spec.name}: {place} holds an adapter ({CONFIG}), and peft, which merges it"
            " into its base, is not installed; pip install 'attnviz[adapters]', or leave it out"
        )
    weights = _weights(spec, place)
    return Adapter(
        source=spec.adapter or f"{CONFIG} in {spec.source}",
        folder=place,
        method=_method(spec, place / CONFIG),
        sha256=weights_hash(spec, [place / CONFIG, weights]),
    )


def _weights(spec: ModelSpec, folder: Path) -> Path:
    """The file of an adapter's weights. Raises InputError if there is none, or only one that the
    corpus does not allow."""
    safe, pickled = (folder / name for name in _WEIGHTS)
    if safe.is_file():
        return safe
    if pickled.is_file() and spec.allow_pickle:
        return pickled
    reason = "has no weights" if not pickled.is_file() else "has pickled weights only"
    raise InputError(
        f"model {spec.name}: adapter: {folder} {reason}; expected {safe.name} beside {CONFIG}, as"
        " save_pretrained writes it"
        + (", or allow_pickle: true if you trust their author" if pickled.is_file() else "")
    )


def _method(spec: ModelSpec, file: Path) -> str:
    """The name of the method by which an adapter was trained, such as LORA."""
    settings, fault = read_json(file)
    if fault is not None:
        raise InputError(f"model {spec.name}: adapter: {file} {fault}; copy or download it again")
    method = settings.get("peft_type") if isinstance(settings, dict) else None
    if not isinstance(method, str):
        raise InputError(
            f"model {spec.name}: adapter: {file} names no peft_type; expected an adapter as peft's"
            " save_pretrained writes it"
        )
    return method


def merge_adapter(spec: ModelSpec, adapter: Adapter, model: Any) -> Any:
    """The model with the adapter merged into its weights. What the adapter has for a head that the
    model is without is passed over, as heads themselves are.

    Raises InputError if the adapter's weights are not all merged: it was trained on another model,
    or is of a kind that changes no weights.
    """
    import peft

    start = f"model {spec.name}: adapter: {adapter.source}"
    failing = f"{start} ({adapter.method}) cannot be merged into {type(model).__name__}"
    with foreign_work(failing, "expected an adapter that was trained on this model"):
        settings = peft.PeftConfig.from_pretrained(str(adapter.folder))
        weights = peft.load_peft_weights(str(adapter.folder), device="cpu")
        prefix = _prefix(model, weights)
        holder = model if prefix is None else _Holder(prefix, model)
        settings.task_type, settings.inference_mode = None, True
        settings.base_model_name_or_path = None  # else said to differ from the model at hand
        if settings.is_prompt_learning:
            raise InputError(
                f"{start} is of virtual tokens ({adapter.method}), which are no weights to merge;"
                " expected LoRA or its kind"
            )
        within = {name for name in weights if _is_within(name, model, prefix)}
        wrapped = peft.get_peft_model(holder, settings)
        _refuse_other_base(start, wrapped, within)
        peft.set_peft_model_state_dict(wrapped, weights)
        merged = wrapped.merge_and_unload()
    return merged if prefix is None else merged.get_submodule(prefix)


class _Holder(torch.nn.Module):
    """A model in the place that it has in a model with a head, on which adapters are trained."""

    def __init__(self, name: str, model: Any) -> None:
        super().__init__()
        self.config = model.config
        self.add_module(name, model)


def _prefix(model: Any, weights: Collection[str]) -> str | None:
    """What the model is called in the model that the adapter was trained on; None where that is
    the same model."""
    prefix: str = model.base_model_prefix
    start = f"{_BEFORE}{prefix}."
    known = prefix and not hasattr(model, prefix)
    return prefix if known and any(name.startswith(start) for name in weights) else None


def _is_within(name: str, model: Any, prefix: str | None) -> bool:
    """Whether an adapter's weight is of the model's parts, and not of a head beside them."""
    path = name.removeprefix(_BEFORE)
    if prefix is not None:
        return path.startswith(f"{prefix}.")
    return path.split(".")[0] in model._modules


def _refuse_other_base(start: str, wrapped: Any, names: Collection[str]) -> None:
    """Raises InputError if the model has no place for some of the adapter's weights, or the adapter
    has none for some of its places."""
    import peft

    places = peft.get_peft_model_state_dict(wrapped, save_embedding_layers=False)
    foreign = sorted(set(names) - set(places) - set(wrapped.state_dict()))
    lacking = sorted(set(places) - set(names))
    if foreign or lacking:
        reason = (
            f"has {foreign[0]}, and the model no such part" if foreign else (f"lacks {lacking[0]}")
        )
        raise InputError(
            f"{start} does not fit: it {reason}; expected the model that the adapter was trained on"
        )

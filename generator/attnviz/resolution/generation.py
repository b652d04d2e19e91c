"""What a model writes after a prompt, as a step of the build."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any, Final

import torch
from transformers import GenerationConfig, GenerationMixin

from attnviz.config.options import ModelSpec
from attnviz.documents.document import Document
from attnviz.engine.step import step
from attnviz.errors import InputError
from attnviz.modalities.family import Family
from attnviz.modalities.model_input import Begin
from attnviz.models.fit import Misfit, undefined
from attnviz.models.foreign import foreign_work
from attnviz.models.loaded import LoadedModel, device_of
from attnviz.models.loading import load_writer, pick_device
from attnviz.models.state import restored
from attnviz.score import Array

_PLAIN: Final = {
    "num_beams": 1,
    "top_k": 0,
    "top_p": 1.0,
    "repetition_penalty": 1.0,
    "no_repeat_ngram_size": 0,
    "min_length": 0,
    "num_return_sequences": 1,
}
"""What a model's own settings would do beside temperature is left out: the tokens are those that it
finds likely."""


@dataclass(frozen=True)
class Options:
    """How a text is gone on with: at most so many new tokens, drawn at a temperature by a seed; the
    likeliest at 0."""

    max_new_tokens: int
    temperature: float
    seed: int


@dataclass(frozen=True)
class Prompt:
    """The model's input arrays, how to go on, and how a decoder of its own begins. The title stands
    in messages alone."""

    arrays: Mapping[str, Array]
    options: Options
    begin: Begin
    title: str = field(compare=False)


@dataclass(frozen=True)
class Writer:
    """A model that generates text; `loaded` is it without its weights."""

    loaded: LoadedModel
    spec: ModelSpec
    family: Family

    @property
    def identity(self) -> tuple[object, ...]:
        """What the tokens depend on that the model chooses."""
        described = self.loaded.model.config.to_dict(), dict(self.loaded.generation)
        settings = json.dumps(described, default=str)
        code, device = self.loaded.architecture, pick_device(self.spec)
        return (
            *self.loaded.weights_identity,
            code,
            self.spec.dtype,
            settings,
            device,
            self.family.head,
        )

    @property
    def has_target(self) -> bool:
        """Whether it writes into a sequence of its own, and not after the text that it reads."""
        return self.family.has_target

    @property
    def ends(self) -> tuple[int, ...]:
        """The tokens that end what it writes; () where it has none."""
        ends = self.loaded.generation.get("eos_token_id")
        if ends is None:
            ends = getattr(self.loaded.model.config, "eos_token_id", None)
        return tuple(ends) if isinstance(ends, list) else (() if ends is None else (ends,))

    def completes(self, document: Document) -> bool:
        """Whether documents of this kind are for it to complete."""
        return document.kind == self.family.completes


@dataclass(frozen=True)
class LazyModel:
    """A writer's model with its head, loaded when it is first asked for."""

    writer: Writer

    @cached_property
    def _loaded(self) -> tuple[Any, Misfit | None]:
        return load_writer(self.writer.loaded, self.writer.spec, self.writer.family.head)

    @property
    def model(self) -> Any:
        """The model."""
        return self._loaded[0]

    def refuse_needed(self, inputs: Mapping[str, torch.Tensor]) -> None:
        """Raises InputError if what follows the inputs depends on weights that are not in the
        checkpoint."""
        model, misfit = self._loaded
        if misfit is None:
            return
        if self.writer.has_target:
            start = model.config.decoder_start_token_id or 0
            inputs = {**inputs, "decoder_input_ids": torch.full((1, 1), start, device=model.device)}
        with undefined(model, misfit), torch.inference_mode():
            logits = model(**inputs).logits
        if not torch.isfinite(logits).all():
            raise InputError(misfit.refusal)


@step("completions")
def generate(lazy: LazyModel, prompt: Prompt) -> list[int]:
    """The tokens that the model chose: a prompt's with it, a target's from the decoder's start
    token on. Raises InputError if their probabilities are not numbers."""
    model, options = lazy.model, prompt.options
    inputs = {
        name: torch.from_numpy(array)[None].to(device_of(model))
        for name, array in prompt.arrays.items()
    }
    inputs.pop("token_type_ids", None)
    lazy.refuse_needed(inputs)
    begin = _begin(lazy, prompt.begin, inputs)
    drawn: dict[str, Any] = {"do_sample": False}
    if options.temperature > 0:
        drawn = {"do_sample": True, "temperature": options.temperature}
    settings = _PLAIN | drawn | {"max_new_tokens": options.max_new_tokens}
    if prompt.begin.start is not None:
        settings["decoder_start_token_id"] = prompt.begin.start
    if prompt.begin.forced is not None:
        settings["forced_bos_token_id"] = prompt.begin.forced
    if begin:
        inputs["decoder_input_ids"] = torch.tensor([begin], device=device_of(model))
    generation = GenerationConfig(**settings)  # type: ignore[no-untyped-call]
    # Whisper's own way cuts recordings into parts, and leaves the prompt out of what it gives.
    write: Any = partial(GenerationMixin.generate, model) if begin else model.generate
    failure = f"model {lazy.writer.loaded.name}: cannot go on with “{prompt.title}”"
    with (
        foreign_work(failure, "look whether model.generate works by itself"),
        restored(model),
        torch.random.fork_rng(),
        torch.inference_mode(),
    ):
        torch.manual_seed(options.seed)
        try:
            ids: list[int] = write(**inputs, generation_config=generation)[0].tolist()
        except RuntimeError as error:
            if "probability tensor" not in str(error):
                raise
            raise InputError(
                f"model {lazy.writer.loaded.name}: what follows “{prompt.title}” has probabilities"
                " that are not numbers: the temperature is too small, or its weights overflow; try"
                " temperature: 0, or dtype: float32"
            ) from error
    ends = model.generation_config.eos_token_id
    ends = ends if isinstance(ends, list) else [ends]
    if lazy.writer.has_target and len(ids) > 1 and ids[-1] in ends:
        return ids[:-1]  # nothing attends from the end: the decoder is not asked what follows it
    return ids


def _begin(lazy: LazyModel, begin: Begin, inputs: Mapping[str, torch.Tensor]) -> list[int]:
    """The tokens that a decoder is given to begin with; the likeliest of the choices after the
    first."""
    if not begin.after and not begin.choices:
        return []
    assert begin.start is not None
    if not begin.choices:
        return [begin.start, *begin.after]
    model = lazy.model
    first = torch.tensor([[begin.start]], device=device_of(model))
    with restored(model), torch.inference_mode():
        logits = model(**inputs, decoder_input_ids=first).logits[0, -1]
    choice = begin.choices[int(logits[list(begin.choices)].argmax())]
    return [begin.start, choice, *begin.after]

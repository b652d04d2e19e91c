"""A model whose heads are to be replaced, and what is read of its output."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Final, Literal, NamedTuple

import torch

from attnviz.config.options import ModelSpec
from attnviz.engine.travelling import once, travels_as
from attnviz.errors import InputError
from attnviz.models.loaded import LoadedModel
from attnviz.models.loading import load_classifier, load_writer
from attnviz.models.pixels import for_pixels

MeasureName = Literal["next token", "masked tokens", "target token", "class", "hidden state"]

_HEADS: Final[tuple[tuple[str, str, MeasureName], ...]] = (
    ("ForCausalLM", "AutoModelForCausalLM", "next token"),
    ("LMHeadModel", "AutoModelForCausalLM", "next token"),
    ("DoubleHeadsModel", "AutoModelForCausalLM", "next token"),
    ("ForMaskedLM", "AutoModelForMaskedLM", "masked tokens"),
    ("ForConditionalGeneration", "AutoModelForSeq2SeqLM", "target token"),
    ("ForSequenceClassification", "AutoModelForSequenceClassification", "class"),
    ("ForImageClassification", "AutoModelForImageClassification", "class"),
    ("ForAudioClassification", "AutoModelForAudioClassification", "class"),
    ("ForVideoClassification", "AutoModelForVideoClassification", "class"),
)
"""How the name of an architecture ends, the class of transformers that loads it, and what is read
of its output."""


class Network(NamedTuple):
    """What runs: `whole` with its head, `body` the part of it whose modules have the paths of the
    attention calls."""

    whole: Any
    body: Any
    measure: MeasureName


SMALL: Final = 2**27
"""Bytes of weights of a small model: products of larger ones keep all threads of a process busy,
and a copy of them in each of several processes would take much memory."""


@dataclass(frozen=True)
class MeasuredModel:
    """A loaded model and where it lies; which weights these are the loaded model says. `axes` are
    those of its documents."""

    loaded: LoadedModel
    axes: tuple[str, ...]
    spec: ModelSpec = field(compare=False)

    @cached_property
    def network(self) -> Network:
        """The model with the head that it was saved with, loaded when it is first asked for; by
        itself where it has none that is known here, or where the head's weights are not there."""
        head = self._head()
        if head is not None:
            if self.loaded.with_heads is not None:
                model = self.loaded.with_heads
            else:
                model = self._load(*head)
            if model is not None:
                return Network(model, model.base_model, head[1])
        return Network(self.loaded.model, self.loaded.model, "hidden state")

    @property
    def is_small(self) -> bool:
        """Whether it runs on the processor and its weights, without its head, are few: what is
        computed on one thread then, and is shared out to processes that have it, too."""
        weights = self.loaded.model.parameters()
        size: int = sum(each.numel() * each.element_size() for each in weights)
        return self.loaded.device.type == "cpu" and size <= SMALL

    @property
    def can_travel(self) -> bool:
        """Whether other processes can have it: it was not handed over as an object."""
        return self.loaded.origin is not None

    @property
    def predicts_next(self) -> bool:
        """Whether it has its head for next tokens; loaded only where its name says so."""
        head = self._head()
        return head is not None and head[1] == self.network.measure == "next token"

    def _head(self) -> tuple[str, MeasureName] | None:
        """The class of transformers that loads the model with its head, and what is read of it."""
        model = self.loaded.with_heads
        config = self.loaded.model.config
        names = [type(model).__name__] if model is not None else config.architectures or ()
        for name in names:
            for ending, head, measure in _HEADS:
                if name.endswith(ending) and self._measurable(measure, config):
                    return head, measure
        return None

    def _measurable(self, measure: MeasureName, config: Any) -> bool:
        """Whether documents are what such a head is trained on."""
        if measure == "class":
            single = getattr(config, "problem_type", None) in (
                None,
                "single_label_classification",
            )
            return single and getattr(config, "num_labels", 2) > 1
        if measure == "target token":
            return "target" in self.axes and len(self.axes) == 2
        if measure == "masked tokens":
            return getattr(self.loaded.tokenizer, "mask_token_id", None) is not None
        return self.axes == ("text",)

    def _load(self, head: str, measure: MeasureName) -> Any | None:
        try:
            if measure == "class":
                return load_classifier(self.loaded, self.spec, head)
            return load_writer(self.loaded, self.spec, head)[0]
        except InputError:  # saved without the weights of its head
            return None


def run(network: Network, loaded: LoadedModel, inputs: dict[str, torch.Tensor]) -> Any:
    """One pass without a cache."""
    options = {"use_cache": False} if hasattr(network.body.config, "use_cache") else {}
    if network.whole is loaded.model:
        return loaded.run(inputs, **options)
    return network.whole(**inputs, **options, **for_pixels(network.body, inputs))


def arrive(loaded: LoadedModel, axes: tuple[str, ...], spec: ModelSpec) -> MeasuredModel:
    """The model on a worker, which keeps a small one with its head for all of its jobs."""
    if not (model := MeasuredModel(loaded, axes, spec)).is_small:
        return model
    return once("small measured model", (repr(spec), loaded.identity, axes), lambda: model)


travels_as(MeasuredModel, lambda model: (arrive, (model.loaded, model.axes, model.spec)))

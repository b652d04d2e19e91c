"""A model ready to run, and what a report says of it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

import torch

from attnviz.architectures.known import architecture_of
from attnviz.config.options import ModelSpec
from attnviz.documents import Notice
from attnviz.format.manifest import AdapterEntry
from attnviz.models.about import ModelAbout
from attnviz.models.adapter import Adapter
from attnviz.models.fit import Misfit, unneeded_in_words
from attnviz.models.pixels import PIXELS, for_pixels
from attnviz.models.quantized import quantization_in_words


@dataclass(frozen=True)
class Origin:
    """Where attnviz had a model from, and whether with its weights or only looked at."""

    spec: ModelSpec
    weights: bool


@dataclass(frozen=True)
class LoadedModel:
    """A model ready to run, in evaluation mode on its device, and what a report says of it.

    `tokenizer` is None for models of no texts, `processor` (which prepares images, videos or audio)
    for models of texts alone; `limit` is the most tokens of a document, None where the architecture
    has no limit, `decoder_limit` that of what a decoder writes, where it is another;
    `left_out` says which parts of the weights' model are not in this one;
    `strip_prefix` is what was taken off the names of the weights; `notices` are of the weights;
    `misfit` are those that are not in the checkpoint; `adapter` is what was merged into them;
    `quantization` is the method by which they are stored in fewer bits;
    `generation` is what its generation_config.json says;
    `origin` is where it came from, None where it was handed over as an object;
    `with_heads` is the object that it was handed over as, None where attnviz loaded it;
    `languages` are the codes of sources and targets, where the corpus gives the model some.
    """

    name: str
    title: str
    source: str
    revision: str | None
    weights_sha256: str
    model: Any
    tokenizer: Any
    limit: int | None
    processor: Any = None
    left_out: tuple[str, ...] = ()
    strip_prefix: str | None = None
    notices: tuple[Notice, ...] = ()
    misfit: Misfit | None = None
    adapter: Adapter | None = None
    quantization: str | None = None
    languages: tuple[str | None, str | None] = (None, None)
    decoder_limit: int | None = None
    generation: Mapping[str, Any] = field(default_factory=dict)
    with_heads: Any = None
    origin: Origin | None = None

    @property
    def about(self) -> ModelAbout:
        """What a report says of it."""
        adapter = self.adapter
        return ModelAbout(
            name=self.name,
            title=self.title,
            source=self.source,
            revision=self.revision,
            weights_sha256=self.weights_sha256,
            architecture=self.architecture,
            dtype=self.dtype,
            parameters=self.parameters,
            adapter=None
            if adapter is None
            else AdapterEntry(source=adapter.source, method=adapter.method, sha256=adapter.sha256),
            quantization=self.quantization,
            unneeded=self.unneeded,
            separator=self.separator,
            device=self.device.type,
        )

    @property
    def target_limit(self) -> int | None:
        """The most tokens of what a decoder writes."""
        return self.limit if self.decoder_limit is None else self.decoder_limit

    @property
    def identity(self) -> tuple[str, ...]:
        """What the numbers depend on that the model computes: its weights and their names, code,
        precision, configuration, and the kind of device; not the folder that it lies in."""
        kind = type(self.model)
        settings = json.dumps(_without_places(self.model.config.to_dict()), default=str)
        code = f"{kind.__module__}.{kind.__qualname__}"
        return *self.weights_identity, code, self.dtype, settings, self.device.type

    @property
    def weights_identity(self) -> tuple[str, ...]:
        """Which weights they are: their files, their names, the adapter."""
        adapter = "" if self.adapter is None else self.adapter.sha256
        return self.weights_sha256, self.strip_prefix or "", adapter

    @property
    def remarks(self) -> tuple[str, ...]:
        """What is said of the weights that is no notice."""
        remarks = [] if self.adapter is None else [self.adapter.in_words(self.name)]
        if self.quantization is not None:
            unpacked = getattr(self.model, "hf_quantizer", None) is None
            remarks.append(
                quantization_in_words(self.name, self.quantization, self.dtype, unpacked)
            )
        if self.unneeded:
            remarks.append(unneeded_in_words(self.name, self.unneeded))
        return tuple(remarks)

    def run(self, inputs: Mapping[str, torch.Tensor], **options: Any) -> Any:
        """What the model makes of its input; of two towers, a list of what each makes of its own,
        as far as that is there."""
        towers = architecture_of(self.model.config).towers
        if towers is None:
            return self.model(**inputs, **options, **for_pixels(self.model, inputs))
        images = {name: array for name, array in inputs.items() if name == PIXELS}
        texts = {name: array for name, array in inputs.items() if name != PIXELS}
        parts = ((towers.vision, images), (towers.text, texts))
        return [
            module(**own, **options, **for_pixels(module, own))
            for module, own in ((getattr(self.model, part), own) for part, own in parts)
            if own
        ]

    @property
    def architecture(self) -> str:
        return type(self.model).__name__

    @property
    def dtype(self) -> str:
        return str(self.model.dtype).removeprefix("torch.")

    @property
    def device(self) -> torch.device:
        """Where the model's input goes, and most of its work is done."""
        return device_of(self.model)

    @property
    def parameters(self) -> int:
        return sum(parameter.numel() for parameter in self.model.parameters())

    @property
    def unneeded(self) -> tuple[str, ...]:
        """The weights that its checkpoint lacks, once it is known that nothing shown depends on
        them."""
        return () if self.misfit is None else self.misfit.names

    def embedded_tokens(self, as_target: bool = False) -> int | None:
        """How many token ids the model, or its decoder, has embeddings of; None where that is no
        table of ids."""
        try:
            part = self.model.get_decoder() if as_target else self.model
            embedding = part.get_input_embeddings()
        except (AttributeError, NotImplementedError, TypeError):
            return None
        return embedding.num_embeddings if isinstance(embedding, torch.nn.Embedding) else None

    @property
    def separator(self) -> int | None:
        """The token id that separates segments, for encoders that have one."""
        separator = getattr(self.tokenizer, "sep_token_id", None)
        return None if separator is None else int(separator)


def device_of(model: Any) -> torch.device:
    """Where a model runs; of one that is spread over devices, or kept on disk in part, the first
    that computes.

    accelerate brings inputs to each part's device; weights that wait elsewhere have none.
    """
    device_map = getattr(model, "hf_device_map", None)
    if not device_map:
        return torch.device(model.device)
    first = next((device for device in device_map.values() if device not in _KEPT), "cpu")
    return torch.device("cuda", first) if isinstance(first, int) else torch.device(first)


_KEPT: Final = ("cpu", "disk")
"""Where weights wait that are computed with elsewhere."""


def _without_places(settings: Any) -> Any:
    """A configuration and those inside it, without where each was loaded from."""
    if not isinstance(settings, dict):
        return settings
    return {name: _without_places(v) for name, v in settings.items() if name != "_name_or_path"}

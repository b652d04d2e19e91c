"""A corpus's model, loaded, and its documents as the model takes them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from attnviz.capture.assembly import assemble
from attnviz.capture.batches import Batch, plan_batches
from attnviz.capture.calls import CapturedBatch
from attnviz.capture.result import Capture
from attnviz.capture.runner import model_inputs, write_batch
from attnviz.config import Config
from attnviz.modalities.family import Family
from attnviz.modalities.model_input import ModelInput
from attnviz.modalities.preparing import prepare
from attnviz.modalities.reading import read_corpus
from attnviz.modalities.registry import family_of
from attnviz.models.loaded import LoadedModel
from attnviz.models.loading import load_model


@dataclass(frozen=True)
class Ready:
    """What a forward pass needs."""

    loaded: LoadedModel
    family: Family
    documents: list[ModelInput | None]
    batches: list[Batch]

    @classmethod
    def of(cls, config: Config) -> Ready:
        loaded = load_model(config.models[0])
        family = family_of(loaded)
        documents, _ = prepare(
            loaded, family, read_corpus(config.documents, config.label).documents, refuse=False
        )
        return cls(loaded, family, documents, plan_batches(documents, config.batch_tokens))

    def forward(self, implementation: str, **options: Any) -> Iterator[Any]:
        """The model's output for each batch, by an attention implementation of transformers'
        own."""
        self.loaded.model.set_attn_implementation(implementation)
        for batch in self.batches:
            with torch.inference_mode():
                yield self.loaded.model(
                    **model_inputs(self.loaded, self.family, batch, self.documents), **options
                )

    def capture(self, folder: Path) -> Capture:
        """All batches, captured into a folder."""
        captured = []
        for number, batch in enumerate(self.batches):
            batch_folder = folder / str(number)
            batch_folder.mkdir(exist_ok=True)
            write_batch(self.loaded, self.family, batch, self.documents, folder=batch_folder)
            captured.append(CapturedBatch(batch, batch_folder))
        return assemble(captured)

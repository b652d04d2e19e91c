"""One batch captured into a folder, as a step of the build."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from attnviz.capture.batches import make_batch
from attnviz.capture.finite import refuse_unfinite
from attnviz.capture.runner import run_batch
from attnviz.engine.step import folder_step
from attnviz.modalities.family import Family
from attnviz.modalities.model_input import ModelInput
from attnviz.models.loaded import LoadedModel


@dataclass(frozen=True)
class BatchInputs:
    """The input of documents that run together. Their numbers in the corpus stand in messages, and
    do not count for the result."""

    members: tuple[ModelInput, ...]
    documents: tuple[int, ...] = field(compare=False)


@folder_step("capture")
def capture_batch(
    into: Path, loaded: LoadedModel, family: Family, inputs: BatchInputs
) -> list[str]:
    """Forward a batch and write every attention call of it; returns the paths of what the pass
    changed of the model, and was put back. Raises InputError that names what cannot be captured."""
    batch = make_batch(tuple(range(len(inputs.members))), inputs.members, family.lengths)
    recorded = run_batch(loaded, family, batch, inputs.members)
    refuse_unfinite(loaded, recorded, batch, inputs.documents)
    recorded.save(into)
    return recorded.put_back

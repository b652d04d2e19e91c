"""One batch's queries and keys before rotary embedding, as a step of the build."""

from __future__ import annotations

from pathlib import Path

from attnviz.capture.axes import by_number
from attnviz.capture.calls import CapturedBatch
from attnviz.capture.rotary import write_pre_rotary
from attnviz.engine.step import folder_step
from attnviz.modalities.family import Family
from attnviz.modalities.model_input import ModelInput
from attnviz.models.loaded import LoadedModel


@folder_step("rotary")
def capture_pre_rotary(
    into: Path,
    loaded: LoadedModel,
    family: Family,
    captured: CapturedBatch,
    members: tuple[ModelInput, ...],
) -> None:
    """Run a captured batch once more, and write `q<call>.npy` and `k<call>.npy` of the calls that
    embed theirs."""
    write_pre_rotary(loaded, family, captured, by_number(captured.batch, members), folder=into)

"""Run a model over a batch, keep every attention call, and refuse what cannot be kept."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import torch

from attnviz.capture.batches import Batch, members_of
from attnviz.capture.calls import DENSE, Recorded
from attnviz.capture.collating import collate
from attnviz.capture.finite import refuse_unfinite
from attnviz.capture.interface import recording
from attnviz.capture.masks import NotARule
from attnviz.capture.modules import attention_like, watching, without_record
from attnviz.capture.numbering import number_layers
from attnviz.capture.recorder import BatchRecorder
from attnviz.capture.returned import longest_input, returned_weights
from attnviz.capture.tracer import tracing
from attnviz.errors import InputError
from attnviz.modalities.family import Family
from attnviz.modalities.model_input import ModelInput
from attnviz.models.changes import Changes
from attnviz.models.foreign import foreign_work
from attnviz.models.loaded import LoadedModel
from attnviz.models.state import restored


def model_inputs(
    loaded: LoadedModel, family: Family, batch: Batch, prepared: Sequence[ModelInput | None]
) -> dict[str, torch.Tensor]:
    """The batch as the model takes it."""
    members = members_of(batch.documents, prepared)
    device, dtype = loaded.device, loaded.model.dtype
    return collate(members, family.padding, device, dtype, family.lengths)


class Pass(NamedTuple):
    """The output of a forward pass, and what it changed of the model."""

    output: Any
    changes: Changes


def run_pass(loaded: LoadedModel, inputs: Mapping[str, torch.Tensor], **options: Any) -> Pass:
    """One forward pass without gradients and without a cache; afterwards the model is as it was.

    Raises InputError if the model fails.
    """
    if hasattr(loaded.model.config, "use_cache"):
        options["use_cache"] = False
    try:
        with restored(loaded.model) as changes, torch.inference_mode():
            output = loaded.run(inputs, **options)
    except (RuntimeError, ValueError, IndexError) as error:
        if isinstance(error, torch.OutOfMemoryError):
            raise
        raise failing(loaded, inputs, error) from error
    return Pass(output, changes)


def forward(loaded: LoadedModel, inputs: Mapping[str, torch.Tensor], **options: Any) -> Any:
    """The output of one pass, as `run_pass`."""
    return run_pass(loaded, inputs, **options).output


def failing(
    loaded: LoadedModel, inputs: Mapping[str, torch.Tensor], error: BaseException
) -> InputError:
    """The error for a model that cannot run on its input."""
    shapes = ", ".join(f"{name} {tuple(array.shape)}" for name, array in inputs.items())
    reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
    return InputError(
        f"model {loaded.name}: {loaded.architecture} fails on its input ({shapes}): {reason}; "
        "look whether the model runs on such input by itself, or set max_length"
    )


def last_states(output: Any, batch: Batch) -> list[torch.Tensor]:
    """The last hidden states of a batch's documents, float32, without padding where its length is
    an axis's; of two towers one tower after the other."""
    documents = []
    for part in output if isinstance(output, list) else [output]:
        states = part[0].float()
        length = states.shape[1]
        axis = next((axis for axis in batch.padded if batch.padded[axis] == length), None)
        documents += [
            states[row, : length if axis is None else batch.lengths[axis][row]]
            for row in range(len(batch.documents))
        ]
    return documents


def run_batch(
    loaded: LoadedModel, family: Family, batch: Batch, prepared: Sequence[ModelInput | None]
) -> Recorded:
    """Forward one batch and record every attention call.

    Raises InputError that names each module that could not be captured, and why.
    """
    recorded = record_batch(loaded, family, batch, prepared)
    if recorded.problems or not recorded.calls:
        raise uncaptured(loaded, recorded.problems)
    return recorded


def recorder_of(loaded: LoadedModel, family: Family, batch: Batch) -> BatchRecorder:
    """A recorder for one pass over a batch."""
    return BatchRecorder(
        {id(module): path for path, module in loaded.model.named_modules()}, batch, family
    )


def record_batch(
    loaded: LoadedModel, family: Family, batch: Batch, prepared: Sequence[ModelInput | None]
) -> Recorded:
    """Forward one batch and record the attention calls that can be; `problems` names the others.

    Calls through the attention interface and softmaxes that the tracer follows are recorded in one
    pass; modules that left no record there are asked for their weights in a second pass.
    """
    model = loaded.model
    recorder = recorder_of(loaded, family, batch)
    inputs = model_inputs(loaded, family, batch, prepared)
    like = attention_like(model)
    failure = f"model {loaded.name}: {loaded.architecture} cannot be captured"
    with (
        foreign_work(failure, "look whether the model runs on its input by itself"),
        watching(like) as ran,
        recording(model, recorder),
        tracing(like, len(batch.documents), recorder.record_traced),
    ):
        recorder.recorded.output, changes = run_pass(loaded, inputs)
    missing = without_record(ran, _recorded_paths(recorder.recorded))
    if missing:
        _ask_for_weights(loaded, inputs, {path: like[path] for path in missing}, recorder)
        missing = without_record(ran, _recorded_paths(recorder.recorded))
    recorder.recorded.problems += [f"{path}: ran without a record" for path in missing]
    recorder.recorded.note_changes(changes)
    recorder.recorded.calls = number_layers(model, recorder.recorded.calls)
    return recorder.recorded


def _recorded_paths(recorded: Recorded) -> set[str]:
    return {call.module for call in recorded.calls} | {
        problem.split(":")[0] for problem in recorded.problems
    }


def _ask_for_weights(
    loaded: LoadedModel,
    inputs: Mapping[str, torch.Tensor],
    modules: Mapping[str, Any],
    recorder: BatchRecorder,
) -> None:
    """Record the attention weights that modules return if asked: the third line of capture."""

    def keep(path: str, weights: torch.Tensor) -> None:
        try:
            recorder.keep_attention(path, weights, DENSE, "it gives attention weights only")
        except NotARule as reason:
            recorder.recorded.problems.append(f"{path}: {reason}")

    innermost = {
        path: module
        for path, module in modules.items()
        if not any(other.startswith(path + ".") for other in modules)
    }
    with returned_weights(loaded.model.config, innermost, longest_input(inputs), keep):
        forward(loaded, inputs, output_attentions=True)


def uncaptured(loaded: LoadedModel, reasons: Sequence[str]) -> InputError:
    """The error for a model that cannot be captured, with each module and its reason."""
    distinct = list(dict.fromkeys(reasons)) or ["it has no attention that attnviz sees"]
    head = (
        f"model {loaded.name}: {loaded.architecture} cannot be captured, so nothing of it is shown:"
    )
    return InputError("\n".join([head, *(f"  {reason}" for reason in distinct)]))


def write_batch(
    loaded: LoadedModel,
    family: Family,
    batch: Batch,
    prepared: Sequence[ModelInput | None],
    *,
    folder: Path,
) -> None:
    """Capture one batch into an empty folder. Raises InputError if a call cannot be captured or a
    number is not finite."""
    recorded = run_batch(loaded, family, batch, prepared)
    refuse_unfinite(loaded, recorded, batch, batch.documents)
    recorded.save(folder)

"""Capture: a model's queries, keys and score rules, taken as it runs.

Three lines: `attention` (the attention interface), `tracer` (softmaxes followed back to q·kᵀ), and
weights that modules return when asked. `runner` runs batches and `recorder` keeps what they leave;
`result` puts the batches together; `written` reads what heads write; `selfcheck` compares with the
model's own attention (`eager`) before anything is believed.
"""

from attnviz.capture.batches import Batch, plan_batches
from attnviz.capture.calls import CapturedBatch
from attnviz.capture.eager import visit_eager_attention
from attnviz.capture.result import Capture, Layer, LayerDocument, assemble
from attnviz.capture.runner import model_inputs, write_batch
from attnviz.capture.selfcheck import Examination, SelfCheckResult, examine, self_check
from attnviz.capture.written import Written, read_writes

__all__ = [
    "Batch",
    "Capture",
    "CapturedBatch",
    "Examination",
    "Layer",
    "LayerDocument",
    "SelfCheckResult",
    "Written",
    "assemble",
    "examine",
    "model_inputs",
    "plan_batches",
    "read_writes",
    "self_check",
    "visit_eager_attention",
    "write_batch",
]

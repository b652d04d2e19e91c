"""Capture: a model's queries, keys and score rules, taken as it runs.

`runner` runs batches and keeps what passes `attention`; `result` puts the batches together; `selfcheck` compares
with the model's own eager attention before anything is believed.
"""

from attnviz.capture.batches import Batch, plan_batches
from attnviz.capture.eager import visit_eager_attention
from attnviz.capture.result import Capture, Layer, LayerDocument, assemble
from attnviz.capture.runner import CapturedBatch, model_inputs, write_batch
from attnviz.capture.selfcheck import SelfCheck, self_check

__all__ = [
    "Batch", "Capture", "CapturedBatch", "Layer", "LayerDocument", "SelfCheck", "assemble", "model_inputs",
    "plan_batches", "self_check", "visit_eager_attention", "write_batch",
]  # fmt: skip

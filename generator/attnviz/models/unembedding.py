"""The matrix that turns a hidden state into logits of tokens, of models that are saved with one."""

from __future__ import annotations

from typing import Any, Final

import torch
from safetensors import safe_open

from attnviz.config import ModelSpec
from attnviz.models.folder import locate, weight_files
from attnviz.models.loaded import LoadedModel
from attnviz.models.loading import load_writer

_WRITERS: Final = ("ForCausalLM", "LMHeadModel", "DoubleHeadsModel")
_NAMES: Final = ("lm_head.weight", "embed_out.weight", "output.weight")


def load_unembedding(loaded: LoadedModel, spec: ModelSpec) -> torch.Tensor | None:
    """(vocabulary, hidden size); None where the model is not saved with its head for next tokens.

    Only this one tensor is read, or the whole model where an adapter changes it. Where it is the
    input embedding's, as it is in tied models, nothing is.
    """
    if loaded.with_heads is not None:
        return _of_object(loaded.with_heads)
    config = loaded.model.config
    if not any(str(name).endswith(_WRITERS) for name in config.architectures or ()):
        return None
    if loaded.adapter is not None and loaded.adapter.has_head:
        writer, _ = load_writer(loaded, spec, "AutoModelForCausalLM")
        trained: torch.Tensor = writer.get_output_embeddings().weight.detach()
        return trained
    for file in weight_files(spec, locate(spec)):
        if file.suffix != ".safetensors":
            return None
        with safe_open(file, framework="pt") as stored:
            names = [f"{spec.strip_prefix or ''}{name}" for name in _NAMES]
            stored_names = set(stored.keys())
            name = next((name for name in names if name in stored_names), None)
            if name is not None:
                matrix: torch.Tensor = stored.get_tensor(name)
                return matrix
    if not getattr(config, "tie_word_embeddings", False):
        return None
    tied: torch.Tensor = loaded.model.get_input_embeddings().weight.detach()
    return tied


def predicts_next(model: Any) -> bool:
    """Whether a model in memory has its head for next tokens."""
    return type(model).__name__.endswith(_WRITERS)


def _of_object(model: Any) -> torch.Tensor | None:
    """That of a model in memory."""
    head = model.get_output_embeddings() if predicts_next(model) else None
    weight = getattr(head, "weight", None)
    return None if weight is None else weight.detach()

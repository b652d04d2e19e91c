"""Models: from the corpus's words to a loaded model and its tokenizer."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
import transformers

from attnviz.config import ModelSpec
from attnviz.errors import InputError


@dataclass(frozen=True)
class LoadedModel:
    """A model ready to run, in evaluation mode on its device, with its tokenizer and what a report says of it."""

    name: str
    title: str
    source: str
    revision: str | None
    weights_sha256: str
    model: Any
    tokenizer: Any
    limit: int | None

    @property
    def architecture(self) -> str:
        return type(self.model).__name__

    @property
    def dtype(self) -> str:
        return str(self.model.dtype).removeprefix("torch.")

    @property
    def parameters(self) -> int:
        return sum(parameter.numel() for parameter in self.model.parameters())

    @property
    def separator(self) -> int | None:
        """The token id that separates segments, for encoders that have one."""
        found = getattr(self.tokenizer, "sep_token_id", None)
        return None if found is None else int(found)


def locate(spec: ModelSpec) -> Path:
    """The folder that holds the model: an installed package's, one of the user's, or the hub's local copy."""
    return spec.folder if spec.folder is not None else _hub_folder(spec)


def _hub_folder(spec: ModelSpec) -> Path:
    from huggingface_hub import snapshot_download

    wanted = ["*.json", "*.safetensors", "*.txt", "*.model", "*.jinja"]
    try:
        return Path(snapshot_download(spec.source, revision=spec.revision, allow_patterns=wanted))
    except Exception as error:  # the hub's client raises many classes, none of them ours
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise InputError(
            f"model {spec.name}: source: cannot get {spec.source} from the Hugging Face hub ({reason}); "
            "check the name and the network, or give a folder that holds the model"
        ) from error


def load_model(spec: ModelSpec, device: str = "cpu") -> LoadedModel:
    """Load model and tokenizer. `InputError` where the folder is no model, or one that attnviz cannot read yet."""
    folder = locate(spec)
    config = _load_config(spec, folder)
    weights = sorted(folder.glob("*.safetensors"))
    if not weights:
        raise InputError(
            f"model {spec.name}: source: {folder} has no .safetensors weights; "
            "convert them (model.save_pretrained writes safetensors): attnviz does not open pickled weights"
        )
    tokenizer = _load_tokenizer(spec, folder)
    try:
        model = transformers.AutoModel.from_pretrained(
            folder,
            config=config,
            dtype=torch.float32,
            trust_remote_code=False,
            use_safetensors=True,
        )
    except (OSError, ValueError, KeyError, RuntimeError) as error:
        raise InputError(
            f"model {spec.name}: source: transformers cannot load {folder}: {_first_line(error)}"
        ) from error
    model.eval().to(device)
    limit = _longest_input(model)
    if spec.max_length is not None:
        limit = spec.max_length if limit is None else min(limit, spec.max_length)
    return LoadedModel(
        spec.name, spec.title, spec.source, spec.revision, weights_hash(weights), model, tokenizer, limit
    )


def _load_config(spec: ModelSpec, folder: Path) -> Any:
    try:
        config = transformers.AutoConfig.from_pretrained(folder, trust_remote_code=False)
    except (OSError, ValueError, KeyError) as error:
        raise InputError(
            f"model {spec.name}: source: {folder} is not a model that transformers knows: {_first_line(error)}"
        ) from error
    if getattr(config, "is_encoder_decoder", False):
        raise InputError(
            f"model {spec.name}: source: {config.model_type} is an encoder–decoder, which attnviz cannot capture yet"
        )
    return config


def _load_tokenizer(spec: ModelSpec, folder: Path) -> Any:
    try:
        return transformers.AutoTokenizer.from_pretrained(folder, trust_remote_code=False)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(
            f"model {spec.name}: source: {folder} has no tokenizer that can be loaded: {_first_line(error)}"
        ) from error


def _first_line(error: BaseException) -> str:
    text = str(error).strip()
    return text.splitlines()[0] if text else type(error).__name__


def weights_hash(files: list[Path]) -> str:
    """SHA-256 over the weight files in order of their names: which weights a report is of."""
    digest = hashlib.sha256()
    for file in files:
        with file.open("rb") as stream:
            while chunk := stream.read(1 << 22):
                digest.update(chunk)
    return digest.hexdigest()


def _longest_input(model: Any) -> int | None:
    """Tokens the architecture takes; None where nothing limits it. A tokenizer's own setting does not count."""
    limit = getattr(model.config, "max_position_embeddings", None) or getattr(model.config, "n_positions", None)
    if not isinstance(limit, int) or limit <= 0:
        return None
    for name, module in model.named_modules():
        # RoBERTa counts positions from its padding index up.
        if name.endswith("position_embeddings") and getattr(module, "padding_idx", None) is not None:
            return limit - int(module.padding_idx) - 1
    return limit

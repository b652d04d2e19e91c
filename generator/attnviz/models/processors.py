"""What prepares a model's input: its tokenizer, its image processor, its feature extractor."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

import transformers

from attnviz.architectures import reads_samples
from attnviz.config import ModelSpec
from attnviz.errors import InputError

TOKENIZER_FILES: Final = (
    "tokenizer.json",
    "tokenizer_config.json",
    "vocab.txt",
    "vocab.json",
    "tokenizer.model",
)


def load_processor(spec: ModelSpec, folder: Path, config: Any) -> Any:
    """What prepares images for the model, with their texts where it reads both; None for models of
    text.

    Pillow's way of resizing is taken whatever else is installed: others give other pixels.
    """
    if not any(
        (folder / name).is_file() for name in ("preprocessor_config.json", "processor_config.json")
    ):
        return None
    if reads_samples(config):
        return _load_ears(spec, folder)
    both = getattr(config, "text_config", None) is not None
    kind: Any = transformers.AutoProcessor if both else transformers.AutoImageProcessor
    try:
        return kind.from_pretrained(folder, trust_remote_code=spec.trust_remote_code, backend="pil")
    except (OSError, ValueError, KeyError, ImportError) as error:
        raise InputError(
            f"model {spec.name}: source: its image processor cannot be loaded: {first_line(error)}"
        ) from error


def _load_ears(spec: ModelSpec, folder: Path) -> Any:
    """What scales samples for the model."""
    kind: Any = transformers.AutoFeatureExtractor
    try:
        return kind.from_pretrained(folder, trust_remote_code=spec.trust_remote_code)
    except (OSError, ValueError, KeyError, ImportError) as error:
        raise InputError(
            f"model {spec.name}: source: its feature extractor cannot be loaded:"
            f" {first_line(error)}"
        ) from error


def load_tokenizer(spec: ModelSpec, folder: Path) -> Any:
    try:
        return transformers.AutoTokenizer.from_pretrained(
            folder, trust_remote_code=spec.trust_remote_code
        )
    except (OSError, ValueError, KeyError, TypeError, ImportError) as error:
        raise InputError(
            f"model {spec.name}: source: {folder} has no tokenizer that can be loaded:"
            f" {first_line(error)}"
        ) from error


def first_line(error: BaseException) -> str:
    text = str(error).strip()
    return text.splitlines()[0] if text else type(error).__name__

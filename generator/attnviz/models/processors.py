"""What prepares a model's input: its tokenizer, its image processor, its feature extractor."""

from __future__ import annotations

import re
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import transformers

from attnviz.architectures.known import architecture_of
from attnviz.architectures.recognising import reads_recordings
from attnviz.config import ModelSpec
from attnviz.errors import InputError
from attnviz.models.foreign import foreign_work

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
    if reads_recordings(config):
        return _load_ears(spec, folder)
    apart = architecture_of(config).towers is not None
    both = getattr(config, "text_config", None) is not None and not apart
    kind: Any = transformers.AutoProcessor if both else transformers.AutoImageProcessor
    start = f"model {spec.name}: source: its image processor cannot be loaded"
    try:
        with foreign_work(start, "expected preprocessor_config.json as save_pretrained writes it"):
            return kind.from_pretrained(
                folder, trust_remote_code=spec.trust_remote_code, backend="pil"
            )
    except InputError as error:
        if find_spec("torchvision") is None and _OF_TORCHVISION.search(str(error)):
            raise InputError(
                f"model {spec.name}: source: its processor prepares videos too, by torchvision,"
                " which is not installed: pip install torchvision; or, to read texts alone, take"
                " preprocessor_config.json out of the folder"
            ) from error
        raise


_OF_TORCHVISION: Final = re.compile(r"torchvision|video.?processor", re.IGNORECASE)
"""What errors speak of where a processor of videos cannot be made without torchvision."""


def _load_ears(spec: ModelSpec, folder: Path) -> Any:
    """What scales samples for the model."""
    kind: Any = transformers.AutoFeatureExtractor
    start = f"model {spec.name}: source: its feature extractor cannot be loaded"
    with foreign_work(start, "expected preprocessor_config.json as save_pretrained writes it"):
        return kind.from_pretrained(folder, trust_remote_code=spec.trust_remote_code)


def load_tokenizer(spec: ModelSpec, folder: Path, config: Any) -> Any:
    """The model's tokenizer. Raises InputError if it cannot be loaded, or if its vocabulary is not
    in the folder: transformers then makes one that knows no words."""
    has_files = any((folder / name).is_file() for name in (*TOKENIZER_FILES, *VOCABULARIES))
    start = f"model {spec.name}: source: {folder} has no tokenizer that can be loaded"
    try:
        with foreign_work(start, "expected tokenizer.json, as tokenizer.save_pretrained writes it"):
            tokenizer = transformers.AutoTokenizer.from_pretrained(
                folder, trust_remote_code=spec.trust_remote_code
            )
    except InputError as error:
        if has_files and (missing := _NEEDS.search(str(error))):
            package = missing[2].lower()
            raise InputError(
                f"model {spec.name}: source: its tokenizer, {missing[1]}, needs {package}, which"
                f" is not installed: pip install {package}"
            ) from error
        raise error if has_files else _without_vocabulary(spec, folder, config, ()) from error
    kinds: dict[str, str] = type(tokenizer).vocab_files_names
    files = [name for kind, name in kinds.items() if kind in _NEEDED]
    if files and not any((folder / name).is_file() for name in ("tokenizer.json", *files)):
        raise _without_vocabulary(spec, folder, config, files)
    return tokenizer


_NEEDS: Final = re.compile(r"(\w+) requires the (\w+) library")
"""What transformers says of a tokenizer whose package is not installed."""

_NEEDED: Final = ("vocab_file", "merges_file", "spm_file", "source_spm", "vocab")
"""What classes of tokenizers call the files of their vocabulary."""

VOCABULARIES: Final = ("spiece.model", "sentencepiece.bpe.model", "merges.txt", "tekken.json")
"""Files of vocabularies beside those that say whether there is a tokenizer at all."""


def _without_vocabulary(
    spec: ModelSpec, folder: Path, config: Any, files: Sequence[str]
) -> InputError:
    """The error for a folder without its tokenizer's files; `files` are those that its class
    reads."""
    vocabulary = " and ".join(files) or "a vocabulary"
    images = "" if hasattr(config, "vocab_size") else "; or, for images, preprocessor_config.json"
    return InputError(
        f"model {spec.name}: source: {folder} has no tokenizer: it has neither tokenizer.json nor"
        f" {vocabulary}; expected what tokenizer.save_pretrained writes, from the model that this"
        f" one was trained from{images}"
    )

"""A model's folder looked at before any library reads it: every file is one, its JSON is whole, and
the model that it describes is one that this machine can hold."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import torch
from safetensors import SafetensorError, safe_open

from attnviz.config import ModelSpec
from attnviz.config.regular_files import fault_of_file, read_json
from attnviz.engine.machine import machine_memory
from attnviz.errors import InputError
from attnviz.models.hub import Proof
from attnviz.models.processors import TOKENIZER_FILES, VOCABULARIES

_JSON: Final = (
    "config.json",
    "generation_config.json",
    "tokenizer.json",
    "tokenizer_config.json",
    "special_tokens_map.json",
    "added_tokens.json",
    "vocab.json",
    "preprocessor_config.json",
    "processor_config.json",
    "video_preprocessor_config.json",
    "chat_template.json",
    "adapter_config.json",
    "*.index.json",
)
"""The mappings that transformers reads of a folder."""

_OTHER: Final = (*TOKENIZER_FILES, *VOCABULARIES, "chat_template.jinja", "*.spm")
_WEIGHTS: Final = ("*.safetensors", "pytorch_model*.bin")
_INDEX: Final = ".index.json"


def refuse_damaged_files(spec: ModelSpec, folder: Path) -> None:
    """Raises InputError with every file that transformers would read and cannot: pipes, devices,
    folders, links in a circle, what may not be read, what is no mapping in JSON, and what is not
    the hub's. Weights are proved as they are hashed."""
    files = {file for pattern in _JSON for file in folder.glob(pattern)}
    others = {file for pattern in _OTHER for file in folder.glob(pattern)} - files
    weights = {file for pattern in _WEIGHTS for file in folder.glob(pattern)}
    _refuse(spec, folder, files | others | weights, fault_of_file)
    for file in sorted(files | others):
        proof = Proof(file)
        proof.update(file.read_bytes())
        proof.refuse_other(spec, file)
    _refuse(spec, folder, files, _fault_of_mapping)


def _refuse(
    spec: ModelSpec, folder: Path, files: Iterable[Path], fault_of: Callable[[Path], str | None]
) -> None:
    """Raises InputError with every file that has a fault."""
    faults = [(file.name, fault) for file in sorted(files) if (fault := fault_of(file))]
    start, mend = f"model {spec.name}: source: {folder}", "copy or download the model again"
    if faults:
        raise InputError([f"{start}: {name} {fault}; {mend}" for name, fault in faults])


def _fault_of_mapping(file: Path) -> str | None:
    """Why a file is no mapping in JSON, or no index of files beside it; None if it is."""
    content, fault = read_json(file)
    if fault is not None:
        return fault
    if not isinstance(content, dict):
        return f"holds {type(content).__name__}; expected a mapping in JSON"
    if file.name == "config.json" and not _are_names(content.get("architectures")):
        return "has no list of names for architectures"
    if file.name in _PROCESSORS:
        return _fault_of_sides(content) or _fault_of_spectrogram(content)
    return _fault_of_index(file, content) if file.name.endswith(_INDEX) else None


_PROCESSORS: Final = ("preprocessor_config.json", "processor_config.json")


def _fault_of_sides(content: dict[str, Any]) -> str | None:
    """Why a processor's images are larger than any model takes; None if they are not."""
    side = max(_sides(content), default=0)
    if side <= _LARGEST_SIDE:
        return None
    return f"asks for images of {side:,} pixels a side; at most {_LARGEST_SIDE:,} are made"


def _fault_of_spectrogram(content: dict[str, Any]) -> str | None:
    """Why a feature extractor's numbers make no spectrogram that a model takes; None if they do or
    it says none."""
    parts = [content, *(part for part in content.values() if isinstance(part, dict))]
    for part in parts:
        for name, (least, most) in _SPECTROGRAM.items():
            value = part.get(name)
            if isinstance(value, int | float) and not least <= value <= most:
                return f"says {name}: {value:,}; expected {least:,} to {most:,}"
    return None


_SPECTROGRAM: Final = {
    "chunk_length": (1, 3_600), "feature_size": (1, 4_096), "num_mel_bins": (1, 4_096),
    "hop_length": (1, 100_000), "n_fft": (1, 100_000), "sampling_rate": (1_000, 1_000_000),
}  # fmt: skip
"""The least and the most of the settings of spectrograms: seconds that are heard, rows, samples.
Models of the field hear 30 s in 128 rows."""
_LARGEST_SIDE: Final = 1 << 14
"""Pixels: an image of so many a side takes 3 GB of numbers. Models of the field take some 1,000."""


def _sides(content: dict[str, Any]) -> Iterator[int]:
    """Sides of images that a processor's settings ask for, in its parts too."""
    # Beside a longest edge both may be numbers of all pixels (Qwen2-VL).
    names = _SIDES if "longest_edge" in content else (*_SIDES, "shortest_edge")
    for name, value in content.items():
        if isinstance(value, dict):
            yield from _sides(value)
        elif name in names and isinstance(value, int):
            yield value


_SIDES: Final = ("height", "width", "size", "crop_size")
"""What processors call a side of an image, or both."""


def _are_names(value: object) -> bool:
    return value is None or (
        isinstance(value, list) and all(isinstance(name, str) for name in value)
    )


def _fault_of_index(file: Path, content: dict[str, Any]) -> str | None:
    """Why an index names no files of the folder; None if it does."""
    names = content.get("weight_map")
    if not isinstance(names, dict) or not isinstance(content.get("metadata", {}), dict):
        return "is no index of weights; expected weight_map, as save_pretrained writes it"
    for name in sorted({str(name) for name in names.values()}):
        fits = re.fullmatch(r"[^/\\\0]{1,255}", name) and name not in (".", "..")
        if not fits or not (file.parent / name).is_file():
            return f"names {name[:60]!a}, and there is no such file beside it"
    return None


def names_of_weights(file: Path) -> list[str]:
    """The names of the weights in a safetensors file; none if it is damaged."""
    try:
        with safe_open(file, framework="pt") as stored:
            return list(stored.keys())
    except (OSError, SafetensorError):  # said when the weights are loaded
        return []


_MANY: Final = 1000
"""More layers than this are looked for in the weights before the model is made: each takes
milliseconds."""


def refuse_too_deep(spec: ModelSpec, config: Any, weights: Sequence[Path]) -> None:
    """Raises InputError if config.json has so many layers that making them would take minutes, and
    its weights have fewer. Pickled weights are not looked into: they are taken to have few."""
    counts = [count for count in _layer_counts(config) if count > _MANY]
    if not counts:
        return
    names = [
        name for file in weights if file.suffix == ".safetensors" for name in names_of_weights(file)
    ]
    numbers = [int(number) for name in names for number in re.findall(r"\.(\d{1,9})\.", f".{name}")]
    stored = max(numbers, default=-1) + 1
    if stored < max(counts):
        raise InputError(
            f"model {spec.name}: source: its config.json has {max(counts):,} layers, and its"
            f" weights have {stored:,}; expected weights and config.json of one model, as"
            " save_pretrained writes them"
        )


def _layer_counts(config: Any) -> Iterator[int]:
    """The numbers of layers that a configuration names, in its parts too."""
    for name, value in config.to_dict().items():
        if isinstance(value, int) and re.search(r"layers?$", name):
            yield value
        elif isinstance(value, dict) and hasattr(getattr(config, name, None), "to_dict"):
            yield from _layer_counts(getattr(config, name))


_SIZES: Final = {"float32": 4, "bfloat16": 2, "float16": 2}


def refuse_too_large(spec: ModelSpec, model: torch.nn.Module) -> None:
    """Raises InputError if a model's weights take more memory than this machine has. `model` has
    shapes only. One that is spread over devices and disk may be larger."""
    memory = machine_memory()
    if memory is None or spec.device_map == "auto":
        return
    parts = [*model.parameters(), *model.buffers()]
    needed = sum(part.numel() * _SIZES.get(spec.dtype, part.element_size()) for part in parts)
    if needed > memory:
        raise InputError(
            f"model {spec.name}: its weights take {needed / 1e9:,.1f} GB of memory as"
            f" {spec.dtype}, and this machine has {memory / 1e9:,.1f} GB; set dtype: bfloat16 or"
            " device_map: auto, or build where there is more, if its config.json is right"
        )

"""Folders that hold something else than a model as transformers saves it, named for what they
are."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any, Final

from attnviz.config.regular_files import fault_of_file, read_json

ADAPTER_CONFIG: Final = "adapter_config.json"
ADAPTER_WEIGHTS: Final = "adapter_model.safetensors"


def fault_of_model(folder: Path) -> str | None:
    """What is wrong with a folder's config.json, to follow “holds no model”; None if it is there
    and names a model type."""
    file = folder / "config.json"
    if not os.path.lexists(file):
        return ""
    config, fault = read_json(file)
    if fault is not None:
        return f": config.json {fault}"
    fits = isinstance(config, dict) and isinstance(config.get("model_type"), str)
    return None if fits else ": config.json has no model_type"


def _settings(file: Path) -> dict[str, Any]:
    """A JSON file that holds a mapping; empty where it does not, or is not there."""
    settings, _ = read_json(file)
    return settings if isinstance(settings, dict) else {}


def no_model(folder: Path, source: str) -> str:
    """What a folder without a model of transformers is, and what to do, as what follows its name in
    a message."""
    if (folder / ADAPTER_CONFIG).is_file():
        base = _settings(folder / ADAPTER_CONFIG).get("base_model_name_or_path") or "its base"
        return (
            "holds an adapter and not the model that it belongs to; expected both: source: "
            f"{base}, and adapter: {source}"
        )
    if is_pointer(folder / "config.json"):
        return f"holds a git-LFS pointer as config.json; {PULL}"
    settings = _settings(folder / "config.json")
    if "architecture" in settings and ("pretrained_cfg" in settings or "num_features" in settings):
        return (
            f"holds a model of timm ({settings['architecture']}), whose config.json has no"
            " model_type; expected the architecture as transformers has it, such as"
            " google/vit-base-patch16-224"
        )
    if packed := sorted(folder.glob("*.gguf")):
        return f"holds a GGUF file ({packed[0].name}) and no config.json; {CONVERT}"
    return (
        f"holds no model{fault_of_model(folder) or ''}; expected a config.json with a model_type,"
        " as save_pretrained writes it"
    )


CONVERT: Final = (
    "expected .safetensors: the model that it was made of, or what transformers makes of it"
    " (from_pretrained with gguf_file, then save_pretrained)"
)
"""What to do about weights that are packed for llama.cpp."""

PULL: Final = "expected the file itself: run git lfs pull in the folder, or download it anew"


def is_pointer(file: Path) -> bool:
    """Whether a file is what git keeps in place of one that git-LFS holds."""
    if fault_of_file(file) is not None:  # a pipe would be waited for
        return False
    try:
        with file.open("rb") as stream:
            return stream.read(len(_POINTER)) == _POINTER
    except OSError:
        return False


_POINTER: Final = b"version https://git-lfs.github.com/spec/v1"

"""What the low bits of a result depend on beside its inputs."""

from __future__ import annotations

import platform
from importlib.metadata import version
from typing import Any, Final

import torch

PACKAGES: Final = ("torch", "transformers", "numpy", "pyarrow", "scikit-learn")


def versions() -> dict[str, str]:
    """The versions that a report's bytes depend on."""
    return {"python": platform.python_version()} | {name: version(name) for name in PACKAGES}


def environment(device: str) -> dict[str, Any]:
    """What the low bits of a result depend on beside its inputs."""
    return {
        "versions": versions(),
        "threads": torch.get_num_threads(),
        "platform": platform.machine(),
        "device": device,
    }

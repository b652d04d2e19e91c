"""What the low bits of a result depend on beside its inputs."""

from __future__ import annotations

import platform
from typing import Any

import torch

from attnviz.engine.versions import reported_versions


def environment(device: str) -> dict[str, Any]:
    """What the low bits of a result depend on beside its inputs."""
    return {
        "versions": reported_versions(),
        "threads": torch.get_num_threads(),
        "platform": platform.machine(),
        "device": device,
    }

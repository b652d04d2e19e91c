"""What a whole build depends on beside its inputs, as far as it can be seen before anything is
imported that computes: so a build that would make what is remembered need not import it.

The keys of steps (`keys`) say exactly what a change makes anew; premises say only that nothing
changed, and take in more than a step depends on: all sources of attnviz, all that is installed, and
how the machine and its settings look to the libraries.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from attnviz.engine.digests import file_digest

_PACKAGE: Final = Path(__file__).parents[1]

_SETTINGS: Final = (
    "ACCELERATE_", "ATEN_", "BLIS_", "CUBLAS_", "CUDA_", "CUDNN_", "DNNL_", "GOMP_", "GOTO_", "HF_",
    "HIP_", "HSA_", "HUGGINGFACE_", "KMP_", "LC_", "MKL_", "NUMBA_", "NUMEXPR_", "NVIDIA_", "OMP_",
    "ONEDNN_", "OPENBLAS_", "PEFT_", "PYTORCH_", "ROCR_", "SAFETENSORS_", "TOKENIZERS_",
    "TORCH", "TRANSFORMERS_", "USE_", "VECLIB_", "XLA_",
)  # fmt: skip
"""How environment variables begin that libraries take settings from."""
_NO_RESULTS: Final = {"OMP_WAIT_POLICY"}
"""Settings that no result depends on."""
_COMPUTES: Final = "torch"
"""Once this is imported nothing is saved, and whoever imported it may have set its threads."""
_ACCELERATORS: Final = ("nvidia[0-9]*", "kfd", "dri/renderD*", "accel/*")
"""Devices, in /dev, that models may run on."""


def premises(inputs: Any) -> str | None:
    """One number, 32 hexadecimal digits, of `inputs`, plain values that JSON can hold, and of what
    a build depends on beside them; None where this process has imported what computes."""
    if _COMPUTES in sys.modules:
        return None
    parts = {
        "inputs": inputs,
        "sources": _sources(),
        "installed": list(_installed()),
        "machine": _machine(),
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:32]


def _sources() -> dict[str, str]:
    """The SHA-256 of every source of attnviz, and of the data beside them."""
    files = [file for ending in ("*.py", "*.json") for file in sorted(_PACKAGE.rglob(ending))]
    return {file.relative_to(_PACKAGE).as_posix(): file_digest(file).hex() for file in files}


def _installed() -> Iterator[list[str]]:
    """The distributions in each folder that modules come from, with their versions, as the names
    of their folders have them."""
    for folder in sys.path:
        try:
            names = [path.name for path in Path(folder or ".").iterdir()]
        except OSError:  # a zip, or a folder that is not there
            continue
        yield sorted(name for name in names if name.endswith((".dist-info", ".egg-info")))


def _machine() -> dict[str, Any]:
    """What libraries ask the machine for: its kind, processors, accelerators and settings."""
    affinity = getattr(os, "sched_getaffinity", None)
    return {
        "python": platform.python_version(),
        "kind": [platform.system(), platform.machine()],
        "processors": [os.cpu_count(), None if affinity is None else len(affinity(0))],
        "accelerators": sorted(str(d) for name in _ACCELERATORS for d in Path("/dev").glob(name)),
        "settings": _settings(),
    }


def _settings() -> dict[str, str]:
    """Environment variables that libraries take settings from."""
    return {
        name: value
        for name, value in os.environ.items()
        if name.startswith(_SETTINGS) and name not in _NO_RESULTS
    }

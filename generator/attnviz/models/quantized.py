"""Weights of fewer bits: by which method, whether it runs here, and what is said of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import transformers
from safetensors import SafetensorError, safe_open
from transformers.quantizers.auto import AutoHfQuantizer

from attnviz.config import ModelSpec
from attnviz.errors import InputError
from attnviz.models.foreign import foreign_work

_UNPACKED: Final = "the model as it was before it was quantised"


def quantization_of(spec: ModelSpec, config: Any) -> str | None:
    """The method by which a model's weights are quantised, as its configuration calls it; None
    where they are not.

    Raises InputError if transformers does not know it, or if what it needs is not installed.
    """
    settings = _settings(config)
    if settings is None:
        return None
    method = str(settings.get("quant_method") or "bitsandbytes")
    start = f"model {spec.name}: source: config.json says that it is quantised by “{method}”, which"
    if not AutoHfQuantizer.supports_quant_method(settings):  # type: ignore[no-untyped-call]
        raise InputError(
            f"{start} transformers {transformers.__version__} does not know; expected {_UNPACKED}"
        )
    with foreign_work(f"{start} does not run here", f"expected that, or {_UNPACKED}"):
        quantizer = AutoHfQuantizer.from_config(dict(settings), pre_quantized=True)
        quantizer.validate_environment(device_map=None)
    return method


def _settings(config: Any) -> Mapping[str, Any] | None:
    """What a configuration says of quantisation."""
    settings = getattr(config, "quantization_config", None)
    if settings is None or isinstance(settings, Mapping):
        return settings
    mapping: Mapping[str, Any] = settings.to_dict()
    return mapping


def refuse_unsaid(spec: ModelSpec, files: Sequence[Path]) -> None:
    """Raises InputError if weights are integers or 8-bit numbers, of a model that is not said to be
    quantised: transformers would take them for what they stand for. Pickled ones are not looked
    into."""
    for file in files:
        if file.suffix == ".safetensors":
            name = _packed(file)
            if name is not None:
                raise InputError(
                    f"model {spec.name}: source: {file}: {name} is quantised, and config.json has"
                    f" no quantization_config that says how; expected both, or {_UNPACKED}"
                )


def _packed(file: Path) -> str | None:
    """The first weight of a file that is of integers or of 8-bit numbers; None if there is none."""
    try:
        with safe_open(file, framework="pt") as stored:
            for name in sorted(stored.keys()):
                if name.endswith("weight") and stored.get_slice(name).get_dtype() not in _PLAIN:
                    return str(name)
    except (OSError, SafetensorError):  # said when the weights are loaded
        pass
    return None


_PLAIN: Final = ("F16", "BF16", "F32", "F64")


def quantization_in_words(model: str, method: str, dtype: str, unpacked: bool) -> str:
    """What is said of a quantised model.

    >>> quantization_in_words("tiny", "fp8", "float32", unpacked=True)
    'tiny is quantised by fp8; its weights were unpacked, and it ran in float32'
    """
    if unpacked:
        return f"{model} is quantised by {method}; its weights were unpacked, and it ran in {dtype}"
    return f"{model} is quantised by {method}, and ran so"

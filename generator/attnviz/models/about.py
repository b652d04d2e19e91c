"""What a report says of a model, whether the model itself is here or only what was captured of
it."""

from __future__ import annotations

from dataclasses import dataclass

from attnviz.format.manifest import AdapterEntry


@dataclass(frozen=True, kw_only=True)
class ModelAbout:
    """A model's entry in the report, as far as it does not follow from what was captured.

    The fields are those of `format.manifest.Model`; `device` is the kind of device that it ran on.
    `attention_by` says by whom attention was given where no model ran, and is None otherwise.
    """

    name: str
    title: str
    source: str
    revision: str | None = None
    weights_sha256: str = ""
    architecture: str = ""
    dtype: str = "float32"
    parameters: int = 0
    adapter: AdapterEntry | None = None
    quantization: str | None = None
    unneeded: tuple[str, ...] = ()
    separator: int | None = None
    device: str = "cpu"
    attention_by: str | None = None

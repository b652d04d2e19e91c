"""Bytes that a report will take, said before its data are made."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from attnviz.capture.result import Capture, Layer
from attnviz.config import Config
from attnviz.score import Array
from attnviz.site.wording import size_in_words
from attnviz.writer.kept_documents import KeptDocuments

FOLDER: Final = {"anywhere": 2.2, "file": 1.2, "web": 1.0}
"""What data take in a report's folder, in units of themselves, by where it opens: a twin has its
bytes in base64, packed."""
_TWINS: Final = {"anywhere": " with the file:// twins", "file": " as scripts"}


def map_bytes(layer: Layer, points: Mapping[str, int], config: Config) -> int:
    """Two bytes a coordinate of each query and each key of the sample."""
    methods = [m for m in config.maps.methods if layer.vectors or m == "attention"]
    shown = points[layer.query_axis] + points[layer.key_axis]
    return layer.heads * shown * 2 * sum(config.maps.dimensions) * len(methods)


def size_estimate(
    captured: Capture, kept: KeptDocuments, samples: Mapping[str, Array], config: Config
) -> str:
    """About how many bytes of data the report will take, attention in the smallest encoding and
    maps, in words; and with their twins, where it has some."""
    points = {axis: len(sample) for axis, sample in samples.items()}
    data = kept.bytes + sum(map_bytes(layer, points, config) for layer in captured.layers)
    words = f"about {size_in_words(data)} of data to come"
    place = config.site.open
    if place in _TWINS:
        words += f", {size_in_words(data * FOLDER[place])}{_TWINS[place]}"
    return words

"""The manifest of a report's folder, read and checked."""

from __future__ import annotations

import json
import math
import os
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from attnviz.errors import ReportError
from attnviz.format.inside import read_inside
from attnviz.format.manifest import FORMAT, FORMAT_VERSION, Manifest
from attnviz.reader.references import reference_faults

LARGEST_MANIFEST: Final = 512_000_000
"""Bytes: a thousand times a manifest of 100 heads."""


def _finite(literal: str) -> float:
    """The number that JSON spells. ValueError where it is none, or beyond all numbers."""
    if not math.isfinite(number := float(literal)):
        raise ValueError(f"{literal[:20]} is no finite number")
    return number


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a report's folder. ReportError where there is none that this attnviz
    reads."""
    path = folder / "manifest.json"
    if not os.path.lexists(path):
        raise ReportError(
            f"{path}: there is no report here; expected a folder that attnviz build wrote"
        )
    try:
        content = json.loads(
            read_inside(folder, "manifest.json", LARGEST_MANIFEST),
            parse_constant=_finite,
            parse_float=_finite,
        )
    except (ValueError, RecursionError) as error:
        raise ReportError(
            f"{path}: cannot be read as JSON ({error}); build the report again"
        ) from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise ReportError(f"{path}: is not the manifest of an attnviz report")
    if content.get("format_version") != FORMAT_VERSION:
        raise ReportError(
            f"{path}: is of format version {content.get('format_version')!r}; this attnviz reads"
            f" {FORMAT_VERSION}: use a newer attnviz, or build the report again"
        )
    try:
        manifest = Manifest.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ReportError(
            f"{path}: {place}: {first['msg']} ({error.error_count()} faults); build the report"
            " again"
        ) from error
    if faults := [f"{path}: {fault}" for fault in reference_faults(manifest)]:
        raise ReportError(faults)
    return manifest

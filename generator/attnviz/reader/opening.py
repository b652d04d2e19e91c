"""The manifest of a report's folder, read and checked."""

from __future__ import annotations

import json
from pathlib import Path

from pydantic import ValidationError

from attnviz.errors import ReportError
from attnviz.format.manifest import FORMAT, FORMAT_VERSION, Manifest
from attnviz.reader.references import reference_faults


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a report's folder. ReportError where there is none that this attnviz
    reads."""
    path = folder / "manifest.json"
    try:
        content = json.loads(path.read_bytes())
    except FileNotFoundError as error:
        raise ReportError(
            f"{path}: there is no report here; expected a folder that attnviz build wrote"
        ) from error
    except (OSError, ValueError) as error:
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

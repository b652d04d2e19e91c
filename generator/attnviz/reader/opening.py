"""The manifest of a report's folder, read and checked."""

from __future__ import annotations

import json
import math
import os
from pathlib import Path
from typing import Final

from pydantic import ValidationError

from attnviz.engine.addresses import is_address
from attnviz.errors import ReportError
from attnviz.format.index import join
from attnviz.format.inside import read_inside
from attnviz.format.manifest import FORMAT, FORMAT_VERSIONS, Manifest
from attnviz.format.seal import seal_of, sha256
from attnviz.format.shards import read_shard
from attnviz.reader.check_files import LARGEST_FILE
from attnviz.reader.references import reference_faults

LARGEST_MANIFEST: Final = 512_000_000
"""Bytes: a thousand times a manifest of 100 heads."""
_LOOKS: Final = 3
"""How often manifest and index.html are read before they count as not of one build."""


def _finite(literal: str) -> float:
    """The number that JSON spells. ValueError where it is none, or beyond all numbers."""
    if not math.isfinite(number := float(literal)):
        raise ValueError(f"{literal[:20]} is no finite number")
    return number


def refuse_address(place: str | Path) -> None:
    """ReportError if a report is named by an address, as s3://bucket/report: it is read from a
    folder."""
    if is_address(place):
        raise ReportError(
            f"{place}: is an address; reports are read from a folder: copy it into one first, as"
            f" with python -c \"import fsspec; fsspec.url_to_fs('{place}')[0].get('{place}/',"
            " 'report/', recursive=True)\""
        )


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a report's folder, proved by its index.html, with what its tables say.
    ReportError where there is none that this attnviz reads."""
    path = folder / "manifest.json"
    if not os.path.lexists(path):
        raise ReportError(
            f"{path}: there is no report here; expected a folder that attnviz build wrote"
        )
    try:
        content = json.loads(_proved_bytes(folder), parse_constant=_finite, parse_float=_finite)
    except (ValueError, RecursionError) as error:
        raise ReportError(
            f"{path}: cannot be read as JSON ({error}); build the report again"
        ) from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise ReportError(f"{path}: is not the manifest of an attnviz report")
    version = content.get("format_version")
    if not isinstance(version, int) or version not in FORMAT_VERSIONS:
        raise ReportError(
            f"{path}: is of format version {version!r}; this attnviz reads"
            f" {' and '.join(map(str, FORMAT_VERSIONS))}: use a newer attnviz, or build the report"
            " again"
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
    of_twins = not manifest.site.with_shards
    manifest = join(manifest, lambda shard: read_shard(folder, shard, of_twins))
    if faults := [f"{path}: {fault}" for fault in reference_faults(manifest)]:
        raise ReportError(faults)
    return manifest


def _proved_bytes(folder: Path) -> bytes:
    """The manifest's bytes. ReportError where index.html names others: a report that is built anew
    just now is looked at again."""
    for _ in range(_LOOKS):
        seal = _seal(folder)
        content = read_inside(folder, "manifest.json", LARGEST_MANIFEST)
        if seal in (None, sha256(content)):
            return content
    raise ReportError(
        f"{folder / 'manifest.json'}: is not the manifest that index.html names: one of the two is"
        " damaged, or of another build; copy or build the report again"
    )


def _seal(folder: Path) -> str | None:
    """The SHA-256 that index.html says the manifest has; None where there is no index.html, as in a
    folder of data alone, or where it says none, as in reports of an earlier attnviz."""
    try:
        return seal_of(read_inside(folder, "index.html", LARGEST_FILE))
    except ReportError:
        return None

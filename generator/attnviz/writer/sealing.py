"""The files of a report that are no shards, with the hashes by which it proves itself."""

from __future__ import annotations

from collections.abc import Mapping

from attnviz.format.index import split
from attnviz.format.manifest import File, Manifest
from attnviz.format.seal import page_digest, sha256, with_seal
from attnviz.format.twins import twin, twin_path


def seal(manifest: Manifest, files: Mapping[str, bytes]) -> dict[str, bytes]:
    """All files of a report but the shards of its content, by path: `files` (index.html, pages and
    assets), the manifest and its tables, each as it is, as a twin, or both, as the report has them.
    The manifest and its tables name each of `files`, and index.html the manifest."""
    content = {**files, ".nojekyll": b""}
    page = content["index.html"]
    entries = {
        path: File(bytes=len(content[path]), sha256=sha256(content[path]))
        for path in sorted(content)
    }
    entries["index.html"] = File(bytes=len(page), sha256=page_digest(page))
    written = split(manifest.model_copy(update={"files": entries}))
    raw, tables = written.manifest, written.tables
    sealed = {"index.html": with_seal(page, sha256(raw)), "manifest.json": raw}
    if manifest.site.with_shards:
        sealed |= tables
    if manifest.site.with_twins:
        originals = {"manifest.json": raw, **tables}
        sealed |= {twin_path(path): twin(path, of_path) for path, of_path in originals.items()}
    return {**content, **sealed}

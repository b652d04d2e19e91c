"""The files of a report that are no shards, with the hashes by which it proves itself."""

from __future__ import annotations

from collections.abc import Mapping

from attnviz.format.manifest import File, Manifest
from attnviz.format.seal import page_digest, sha256, with_seal
from attnviz.format.twins import twin


def seal(manifest: Manifest, files: Mapping[str, bytes]) -> dict[str, bytes]:
    """All files of a report but its shards, by path: `files` (index.html, pages and assets) and
    the manifest, with its twin where the report has such. The manifest names each of `files`, and
    index.html the manifest."""
    content = {**files, ".nojekyll": b""}
    page = content["index.html"]
    entries = {
        path: File(bytes=len(content[path]), sha256=sha256(content[path]))
        for path in sorted(content)
    }
    entries["index.html"] = File(bytes=len(page), sha256=page_digest(page))
    raw = manifest.model_copy(update={"files": entries}).to_bytes()
    twins = {"manifest.js": twin("manifest.json", raw)} if manifest.site.with_twins else {}
    sealed = {"index.html": with_seal(page, sha256(raw)), "manifest.json": raw}
    return {**content, **sealed, **twins}

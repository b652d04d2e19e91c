"""Copies of a report, and what can happen to them on the way to a reader."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa

from attnviz.format.twins import twin
from tests.fixtures.spoiled import manifest_of, write_manifest


def copied(report: Path, folder: Path) -> Path:
    """A copy, made of links: its files are replaced, never written into."""
    return Path(shutil.copytree(report, folder, copy_function=os.link))


def path_of(report: Path, kind: str, *, of_head: int | None = None, **where: Any) -> str:
    """The path of the one shard of a kind, with this head where a layer has several; `where` are
    keys of the manifest's entries."""
    (path,) = (
        entry["path"]
        for entry in _entries(report).values()
        if _fits(entry, {"kind": kind} | where) and _has(entry, of_head)
    )
    return str(path)


def alter(report: Path, path: str, change: Callable[[bytes], bytes]) -> None:
    """Change a file of the report, and its twin alike."""
    content = change((report / path).read_bytes())
    beside = "manifest.js" if path == "manifest.json" else f"{path}.js"
    replace(report / path, content)
    replace(report / beside, twin(path, content))


def remove(report: Path, path: str) -> None:
    """Lose a file and its twin."""
    (report / path).unlink()
    (report / ("manifest.js" if path == "manifest.json" else f"{path}.js")).unlink()


def rewrite(report: Path, change: Callable[[dict[str, Any]], None]) -> None:
    """Change the manifest, and let index.html name it as it is then."""

    content = manifest_of(report)
    change(content)
    raw = write_manifest(report, content)
    replace(report / "manifest.js", twin("manifest.json", raw))


def flip(content: bytes) -> bytes:
    """One bit, in the middle."""
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 4]) + content[middle + 1 :]


def cut(content: bytes) -> bytes:
    return content[: len(content) * 2 // 3]


def make_future(report: Path, path: str) -> None:
    """Let a shard be of a format that nobody knows yet; its hash is as it should be."""

    def changed(content: bytes) -> bytes:
        table = pa.ipc.open_file(content).read_all()
        newer = table.replace_schema_metadata({**table.schema.metadata, b"format_version": b"7"})
        sink = pa.BufferOutputStream()
        with pa.ipc.new_file(sink, newer.schema) as writer:
            writer.write_table(newer)
        return bytes(sink.getvalue())

    alter(report, path, changed)
    content = (report / path).read_bytes()

    def change(manifest: dict[str, Any]) -> None:
        (entry,) = (entry for entry in manifest["shards"].values() if entry["path"] == path)
        entry |= {"bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}

    rewrite(report, change)


def _entries(report: Path) -> dict[str, dict[str, Any]]:
    entries: dict[str, dict[str, Any]] = manifest_of(report)["shards"]
    return entries


def _fits(entry: dict[str, Any], where: dict[str, Any]) -> bool:
    return all(entry.get(key) == value for key, value in where.items())


def _has(entry: dict[str, Any], head: int | None) -> bool:
    first, end = entry.get("heads") or entry.get("kv_heads") or (0, 0)
    return head is None or first <= head < end


def replace(file: Path, content: bytes) -> None:
    """Put a file in the place of another."""
    file.unlink()
    file.write_bytes(content)

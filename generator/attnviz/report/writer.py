"""Put a report in its place: hashed files first, manifest and index.html last by rename, then what is old goes.

A reader sees the old report or the new one; a build that fails leaves what was there before.
"""

from __future__ import annotations

import base64
import errno
import hashlib
import json
import os
import shutil
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

from attnviz.errors import InputError
from attnviz.report.schema import FORMAT, Shard

_LAST: Final = ("manifest.js", "manifest.json", "index.html")


def twin(path: str, content: bytes) -> bytes:
    """The same bytes as a classic script, for file://."""
    return f'attnvizShard({json.dumps(path)},"{base64.b64encode(content).decode()}")\n'.encode()


def refuse_foreign(out: Path) -> None:
    """InputError if `out` is a file, cannot be written, or holds something that is no report."""
    if out.exists() and not out.is_dir():
        raise InputError(f"--out {out}: is a file; expected a folder")
    if out.is_dir() and any(out.iterdir()):
        try:
            ours = json.loads((out / "manifest.json").read_bytes()).get("format") == FORMAT
        except (OSError, ValueError, AttributeError):
            ours = (out / ".attnviz").is_file()
        if not ours:
            raise InputError(f"--out {out}: holds files that are no attnviz report; name an empty or a new folder")
    try:
        out.mkdir(parents=True, exist_ok=True)
        probe = out / f".probe-{os.getpid()}"
        probe.touch()
        probe.unlink()
    except OSError as error:
        raise InputError(f"--out {out}: cannot be written ({error.strerror}); name another folder") from error


def publish(
    out: Path,
    shards: Iterable[tuple[Path, Shard]],
    pages: Mapping[str, bytes],
    assets: Mapping[str, bytes],
    manifest: bytes,
) -> int:
    """Write a whole report to `out`; returns its bytes, twins and pages included.

    `shards` are (folder that holds it, entry); `pages` and `assets` are contents by path. InputError if the disk is
    full: then everything that this call wrote is taken away again and the old report stands.
    """
    refuse_foreign(out)
    listed = list(shards)
    last = {
        "manifest.js": twin("manifest.json", manifest),
        "manifest.json": manifest,
        "index.html": pages["index.html"],
    }
    stable = {path: content for path, content in pages.items() if path not in last} | {
        ".nojekyll": b"",
        ".attnviz": b"",
    }
    stable |= assets
    written: list[Path] = []
    try:
        total = _write_shards(out, listed, written)
        for path, content in sorted(stable.items()):
            total += _put(out / path, content, written)
        for name in _LAST:
            total += _put(out / name, last[name], written)
    except OSError as error:
        for file in written:
            file.unlink(missing_ok=True)
        raise _explained(error, out) from error
    keep = {out / entry.path for _, entry in listed} | {out / f"{entry.path}.js" for _, entry in listed}
    _prune(out, keep | {out / path for path in (*stable, *last)})
    return total


def _write_shards(out: Path, shards: list[tuple[Path, Shard]], written: list[Path]) -> int:
    needed = sum(2 * entry.bytes + entry.bytes // 3 for _, entry in shards if not (out / entry.path).exists())
    free = shutil.disk_usage(out).free
    if needed > free:
        raise OSError(errno.ENOSPC, f"needs {needed / 1e6:.1f} MB, {free / 1e6:.1f} MB are free")
    total = 0
    for folder, entry in shards:
        content = (folder / entry.path).read_bytes()
        total += _put(out / entry.path, content, written)
        total += _put(out / f"{entry.path}.js", twin(entry.path, content), written)
    return total


def _put(path: Path, content: bytes, written: list[Path]) -> int:
    """Write by rename, unless the file already holds just this. Files that are new are noted in `written`."""
    new = not path.exists()
    if new or path.stat().st_size != len(content) or _digest(path.read_bytes()) != _digest(content):
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.name}.{os.getpid()}")
        try:
            temporary.write_bytes(content)
            temporary.replace(path)
        except BaseException:
            temporary.unlink(missing_ok=True)
            raise
        if new:
            written.append(path)
    return len(content)


def _digest(content: bytes) -> bytes:
    return hashlib.sha256(content).digest()


def _explained(error: OSError, out: Path) -> InputError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        detail = f" ({error.strerror})" if error.strerror else ""
        return InputError(
            f"--out {out}: the disk is full{detail}; what stood there before is intact: "
            "free some space and run the same command again"
        )
    place = error.filename or out
    return InputError(f"{place}: cannot be written ({error.strerror}); what stood there before is intact")


def _prune(out: Path, keep: set[Path]) -> None:
    """Remove what earlier builds wrote and this one does not name. Files of other kinds are left alone."""
    for pattern in ("data/*.arrow", "data/*.arrow.js", "assets/*", "heads/*/*.html", "**/.*.[0-9]*"):
        for path in out.glob(pattern):
            if path not in keep and path.is_file():
                path.unlink()
    for folder in sorted((out / "heads").glob("*"), reverse=True):
        if folder.is_dir() and not any(folder.iterdir()):
            folder.rmdir()

"""Twins: files of a report as classic scripts, which a page from file:// may run where it may not
fetch."""

from __future__ import annotations

import base64
import binascii
import gzip
import json
import re
import zlib
from typing import Final

_LEVEL: Final = 6
_GZIP: Final = 31
"""What zlib calls a gzip header."""
_SCRIPT: Final = re.compile(
    rb'attnvizShard\("([A-Za-z0-9._/-]+)","([A-Za-z0-9+/]*={0,2})"(,"gzip")?\)\n'
)


def twin(path: str, content: bytes) -> bytes:
    """The same bytes as a script, packed. The same bytes give the same script where zlib is the
    same."""
    return f'attnvizShard({json.dumps(path)},"{packed(content)}","gzip")\n'.encode()


def twin_path(path: str) -> str:
    """Where the twin of a file lies."""
    return "manifest.js" if path == "manifest.json" else f"{path}.js"


def packed(content: bytes) -> str:
    """Base64 of gzip, without a time. At level 9 codes are smaller by 0.03 % and take half as long
    again."""
    return base64.b64encode(gzip.compress(content, _LEVEL, mtime=0)).decode()


def is_twin(script: bytes, path: str, content: bytes) -> bool:
    """Whether a script is a twin of the file at this path with these bytes."""
    return content_of(script, path, len(content)) == content


def content_of(script: bytes, path: str, size: int) -> bytes | None:
    """The bytes, as many as `size`, of the file at this path out of its twin, which is packed or,
    in reports of an earlier attnviz, not. None where the script is no such twin."""
    parts = _SCRIPT.fullmatch(script)
    if not parts or parts[1].decode() != path:
        return None
    try:
        raw = base64.b64decode(parts[2], validate=True)
    except binascii.Error:
        return None
    return _unpacked(raw, size) if parts[3] else raw


def _unpacked(packed: bytes, size: int) -> bytes | None:
    """The bytes that were packed; None where they are damaged or not of this size: no more is
    unpacked than that."""
    unpacker = zlib.decompressobj(_GZIP)
    try:
        content = unpacker.decompress(packed, size + 1)
    except zlib.error:
        return None
    return content if unpacker.eof and not unpacker.unused_data else None

"""Whether an Arrow file is compressed, read from its metadata before any body is: a few bytes may
unpack to more than the memory."""

from __future__ import annotations

import struct
from typing import Final

_MAGIC: Final = b"ARROW1"
_BATCHES, _HEADER, _COMPRESSION = 10, 8, 10
"""Slots of the footer's batches, of a message's header, and of a batch's compression."""


def is_compressed(content: bytes) -> bool:
    """Whether a batch of an Arrow file says that its body is compressed. ValueError where the file
    does not lead to its batches.

    The metadata are FlatBuffers: a table has an offset back to a list of its fields' places, by
    slots; an offset leads from where it stands.
    """
    try:
        end = len(content) - len(_MAGIC) - 4
        footer = _follow(content, end - _int32(content, end))
        batches = _field(content, footer, _BATCHES)
        if not batches:
            return False
        base = _follow(content, batches)
        blocks = range(base + 4, base + 4 + 24 * _int32(content, base), 24)
        if blocks and blocks[-1] > len(content):
            raise ValueError("its list of batches is cut short")
        return any(_is_compressed(content, block) for block in blocks)
    except struct.error as error:
        raise ValueError("its metadata lead out of the file") from error


def _is_compressed(content: bytes, block: int) -> bool:
    """Whether the batch of a block of the footer is compressed."""
    (start,) = struct.unpack_from("<q", content, block)
    first = start + (8 if _int32(content, start) == -1 else 4)
    header = _field(content, _follow(content, first), _HEADER)
    return bool(header and _field(content, _follow(content, header), _COMPRESSION))


def _int32(content: bytes, at: int) -> int:
    if at < 0:
        raise ValueError("its metadata lead out of the file")
    (number,) = struct.unpack_from("<i", content, at)
    return int(number)


def _follow(content: bytes, at: int) -> int:
    return at + _int32(content, at)


def _field(content: bytes, table: int, slot: int) -> int:
    """The place of a table's field; 0 where it has none."""
    fields = table - _int32(content, table)
    if fields < 0:
        raise ValueError("its metadata lead out of the file")
    (size,) = struct.unpack_from("<H", content, fields)
    if slot >= size:
        return 0
    (offset,) = struct.unpack_from("<H", content, fields + slot)
    return table + int(offset) if offset else 0

"""The columns of every kind of shard, as Arrow schemas: docs/reference/report-format.md says what
they mean."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

import pyarrow as pa

from attnviz.format.manifest import FORMAT, FORMAT_VERSION


def _field(name: str, kind: pa.DataType, nullable: bool = False) -> pa.Field:
    return pa.field(name, kind, nullable=nullable)


_ROWS: Final = [
    _field("document", pa.uint32()),
    _field("start", pa.uint32()),
    _field("rows", pa.uint32()),
]


def _dense(code: pa.DataType) -> pa.Schema:
    codes = [_field("codes", pa.list_(code)), _field("mass", pa.list_(pa.float32()), True)]
    return pa.schema([_field("head", pa.uint16()), *_ROWS, *codes])


def _query_key(code: pa.DataType) -> pa.Schema:
    return pa.schema(
        [
            _field("side", pa.uint8()),
            _field("head", pa.uint16()),
            *_ROWS,
            _field("codes", pa.list_(code)),
            _field("scale", pa.list_(pa.float32()), True),
            _field("lse", pa.list_(pa.float64()), True),
            _field("mean", pa.list_(pa.float32()), True),
            _field("balance", pa.list_(pa.float32())),
        ]
    )


ATTENTION: Final[dict[str, pa.Schema]] = {
    "dense-uint8": _dense(pa.uint8()),
    "dense-uint16": _dense(pa.uint16()),
    "query-key-int8": _query_key(pa.int8()),
    "query-key-int16": _query_key(pa.int16()),
    "query-key-float32": _query_key(pa.float32()),
}

SCHEMAS: Final[dict[str, pa.Schema]] = {
    "documents": pa.schema(
        [
            _field("entry", pa.uint32()),
            _field("group", pa.uint16()),
            _field("title", pa.utf8()),
            _field("text", pa.utf8()),
        ]
    ),
    "lengths": pa.schema([_field("length", pa.uint32())]),
    "tokens": pa.schema(
        [
            _field("id", pa.int32()),
            _field("text", pa.utf8()),
            _field("start", pa.int32()),
            _field("end", pa.int32()),
            _field("special", pa.bool_()),
            _field("segment", pa.uint8()),
            _field("row", pa.int16()),
            _field("column", pa.int16()),
        ]
    ),
    "bias": pa.schema([_field("head", pa.uint16()), _field("values", pa.list_(pa.float32()))]),
    "image": pa.schema(
        [
            _field("document", pa.uint32()),
            _field("width", pa.uint32()),
            _field("height", pa.uint32()),
            _field("content", pa.binary()),
        ]
    ),
    "crop": pa.schema(
        [
            _field("document", pa.uint32()),
            *(_field(side, pa.float32()) for side in ("left", "top", "right", "bottom")),
        ]
    ),
    "places": pa.schema([_field("place", pa.uint16())]),
    "sample": pa.schema([_field("token", pa.uint32())]),
    "map": pa.schema(
        [
            _field("head", pa.uint16()),
            _field("queries", pa.list_(pa.uint16())),
            _field("keys", pa.list_(pa.uint16())),
            *(_field(name, pa.list_(pa.float64())) for name in ("lo", "hi", "view_lo", "view_hi")),
        ]
    ),
    "overview": pa.schema(
        [
            _field("stack", pa.utf8()),
            _field("layer", pa.uint16()),
            _field("head", pa.uint16()),
            _field("queries", pa.list_(pa.uint8())),
            _field("keys", pa.list_(pa.uint8())),
        ]
    ),
    "mask": pa.schema([_field("lo", pa.list_(pa.uint32())), _field("hi", pa.list_(pa.uint32()))]),
}


LABEL: Final = "label:"
"""What the name of a label's column begins with, in shards of documents and of tokens."""


def schema_of(kind: str, encoding: str | None = None, columns: Iterable[str] = ()) -> pa.Schema:
    """The Arrow schema of a kind of shard, with a column for each label among `columns`.

    KeyError for a kind or encoding that is not of format 1.
    """
    plain = ATTENTION[encoding or ""] if kind == "attention" else SCHEMAS[kind]
    labels = (
        [name for name in columns if name.startswith(LABEL)]
        if kind in ("documents", "tokens")
        else []
    )
    return pa.schema([*plain, *(_field(name, pa.utf8(), True) for name in labels)])


def metadata(kind: str, **keys: Any) -> dict[str, str]:
    """The schema metadata by which a shard introduces itself."""
    own = {
        name: str(value)
        for name, value in keys.items()
        if value is not None and not isinstance(value, tuple)
    }
    return {"format": FORMAT, "format_version": str(FORMAT_VERSION), "kind": kind} | own

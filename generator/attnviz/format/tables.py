"""Arrow files proved before use: their columns, their values' places in the file, their nulls."""

from __future__ import annotations

import pyarrow as pa

from attnviz.errors import ReportError
from attnviz.format.arrow_metadata import is_compressed
from attnviz.format.columns import schema_of, table_of
from attnviz.format.manifest import FORMAT, SHARD_VERSION, Shard


def read_table(content: bytes, shard: Shard) -> pa.Table:
    """The table of a shard's bytes. Columns of labels may be any.

    Arrow believes offsets and null counts as they are written, so all values are validated here:
    what is returned can be read without leaving its buffers. ReportError names the shard's file.
    """
    try:
        reader = pa.ipc.open_file(pa.BufferReader(content))
        introduction = _introduction(reader.schema)
    except (pa.ArrowException, OSError, MemoryError, ValueError) as error:
        raise ReportError(f"{shard.path}: is no Arrow file: {_line(error)}") from error
    _check_introduction(introduction, shard)
    _check_columns(reader.schema, shard)
    _refuse_compressed(content, shard)
    # A writer makes one batch; many could all point to the same bytes.
    if reader.num_record_batches > 1:
        raise ReportError(f"{shard.path}: has {reader.num_record_batches} record batches, not 1")
    try:
        table = reader.read_all()
        table.validate(full=True)
    except (pa.ArrowException, OSError, MemoryError, ValueError) as error:
        raise ReportError(
            f"{shard.path}: is damaged: {_line(error)}; build the report again"
        ) from error
    _check_nulls(table, shard)
    if table.num_rows != shard.rows:
        raise ReportError(
            f"{shard.path}: holds {table.num_rows} rows; the manifest says {shard.rows}"
        )
    return table


def _refuse_compressed(content: bytes, shard: Shard) -> None:
    try:
        compressed = is_compressed(content)
    except ValueError as error:
        raise ReportError(f"{shard.path}: is no Arrow file: {error}") from error
    if compressed:
        raise ReportError(f"{shard.path}: is compressed, which no shard is; build the report again")


def _line(error: BaseException) -> str:
    """The first line of what Arrow says."""
    return (str(error).splitlines() or [type(error).__name__])[0][:200]


def _introduction(schema: pa.Schema) -> dict[str, str]:
    """The metadata by which a shard introduces itself. ValueError for what is no UTF-8."""
    list(schema.names)
    return {key.decode(): value.decode() for key, value in (schema.metadata or {}).items()}


def _check_introduction(introduction: dict[str, str], shard: Shard) -> None:
    if introduction.get("format") != FORMAT or introduction.get("kind") != shard.kind:
        raise ReportError(
            f"{shard.path}: is not the {shard.kind} shard that the manifest says it is"
        )
    version = introduction.get("format_version")
    if version != str(SHARD_VERSION):
        raise ReportError(
            f"{shard.path}: is of format version {version}; this attnviz reads {SHARD_VERSION}:"
            " use a newer attnviz"
        )


def _check_columns(schema: pa.Schema, shard: Shard) -> None:
    try:
        if table_of(shard.kind, shard.encoding).part:
            return  # proved where its rows are read, by the part that they are
        expected = schema_of(shard.kind, shard.encoding, schema.names)
    except KeyError as error:
        raise ReportError(
            f"{shard.path}: is of kind {shard.kind} {shard.encoding or ''}, which the format does"
            " not have"
        ) from error
    if not schema.remove_metadata().equals(expected):
        raise ReportError(
            f"{shard.path}: its columns are {describe_columns(schema)}; expected"
            f" {describe_columns(expected)}"
        )


def describe_columns(schema: pa.Schema) -> str:
    """Names and types, for people."""
    return ", ".join(f"{field.name}: {field.type}" for field in schema)


def _check_nulls(table: pa.Table, shard: Shard) -> None:
    """Nulls stand only where the format has them, and never in a list."""
    for field in table.schema:
        column = table[field.name]
        if column.null_count and not field.nullable:
            row = column.is_null().to_pylist().index(True)
            raise ReportError(f"{shard.path}: has no {field.name} in row {row}")
        if pa.types.is_list(field.type):
            for chunk in column.chunks:
                if chunk.values.null_count:
                    raise ReportError(f"{shard.path}: has no value in a list of {field.name}")

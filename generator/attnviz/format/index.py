"""What of a manifest grows with heads, shards or pages lies in tables beside it.

In memory a manifest has all of it, whichever format its file is of. `split` parts it when it is
written, and `join` puts it together when it is read. Format 1 had everything in manifest.json.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Final

import pyarrow as pa

from attnviz.errors import ReportError
from attnviz.format.columns import INDEX_KEYS, KINDS, RANGE_KEYS, TEXT_KEYS, metadata
from attnviz.format.head import Head
from attnviz.format.lists import with_lists, without_lists
from attnviz.format.manifest import (
    FORMAT_VERSION,
    File,
    Manifest,
    Model,
    NoticeEntry,
    Shard,
)
from attnviz.format.part import DETAIL
from attnviz.format.records import record_table, records_of
from attnviz.format.shards import table_file

_DETAILS: Final = "head-details"
DETAILS: Final = tuple(
    key for key, info in Head.model_fields.items() if DETAIL in info.metadata
)  # fmt: skip
"""Keys of a head in the shards of details."""
MAIN: Final = tuple(key for key in Head.model_fields if key not in DETAILS)
_PAGES: Final = "heads/"
_NOTICE: Final = tuple(NoticeEntry.model_fields)
_MOST_NOTICES: Final = 200
"""Notices that the manifest has itself: some 40 kB."""
_MOST_ROWS: Final = 8192
"""Rows of one table of heads, shards or pages: some 4 MB."""


@dataclass(frozen=True)
class Written:
    """A manifest as it is written: the bytes of manifest.json, and of each table, by path."""

    manifest: bytes
    tables: Mapping[str, bytes]


def split(manifest: Manifest) -> Written:
    """The files of a manifest. One of format 1 is one file, as it was."""
    if manifest.format_version != FORMAT_VERSION:
        return Written(manifest.to_bytes(), {})
    tables = _Tables()
    for model in manifest.models:
        tables.add_heads(model)
    kept_notices = list(manifest.notices)
    if len(kept_notices) > _MOST_NOTICES:
        tables.add_notices(kept_notices)
        kept_notices = []
    tables.add("shards", "shards", _shard_rows(manifest.shards | tables.details))
    pages = {path: file for path, file in manifest.files.items() if path.startswith(_PAGES)}
    if pages:
        tables.add("pages", "pages", _page_rows(pages))
    changes = {
        "shards": {},
        "tables": tables.proved,
        "notices": kept_notices,
        "files": {path: file for path, file in manifest.files.items() if path not in pages},
    }
    short = without_lists(manifest)
    models = [model.model_copy(update={"heads": []}) for model in short.models]
    written = short.model_copy(update=changes | {"models": models})
    return Written(written.to_bytes(), tables.files)


def as_read(manifest: Manifest) -> Manifest:
    """The manifest with the figures of heads as readers will have them: what pages say is made from
    these, so that they say the same when they are made anew."""
    tables = _Tables()
    for model in manifest.models:
        tables.add_heads(model)

    def read(shard: Shard) -> pa.Table:
        return pa.ipc.open_file(tables.files[shard.path]).read_all()

    proved = tables.proved | tables.details
    models = [_with_heads(model, proved, read) for model in manifest.models]
    return manifest.model_copy(update={"models": models})


def join(manifest: Manifest, read: Callable[[Shard], pa.Table]) -> Manifest:
    """The manifest with what its tables say. `read` gives the table of a shard, proved. ReportError
    names a file whose values are not as the format says."""
    if manifest.format_version != FORMAT_VERSION:
        return manifest
    shards: dict[str, Shard] = {}
    for entry in _of_kind(manifest.tables, "shards"):
        with _reading(entry):
            shards |= _shards_of(read(entry))
    details = {name: shard for name, shard in shards.items() if shard.kind == _DETAILS}
    files = dict(manifest.files)
    for entry in _of_kind(manifest.tables, "pages"):
        with _reading(entry):
            files |= _pages_of(read(entry))
    tables = manifest.tables | details
    models = [_with_heads(model, tables, read) for model in manifest.models]
    notices = list(manifest.notices)
    for entry in _of_kind(manifest.tables, "notices"):
        with _reading(entry):
            notices += [_notice(row) for row in records_of("NoticeEntry", read(entry), _NOTICE)]
    changes = {
        "notices": notices,
        "shards": {name: shard for name, shard in shards.items() if name not in details},
        "tables": tables,
        "files": files,
        "models": models,
    }
    return with_lists(manifest.model_copy(update=changes))


@dataclass
class _Tables:
    """The tables of a manifest as they are made."""

    files: dict[str, bytes] = field(default_factory=dict)
    proved: dict[str, Shard] = field(default_factory=dict)
    details: dict[str, Shard] = field(default_factory=dict)

    def add_heads(self, model: Model) -> None:
        """The figures of all heads, and for each layer the details of its heads."""
        records = [head.model_dump(mode="json") for head in model.heads]
        for name, rows in _in_parts(f"heads-{model.name}", records):
            table = record_table("Head", rows, MAIN)
            self.proved[name] = self._put(name, "heads", table, model=model.name)
        places = [(head.stack, head.layer) for head in model.heads]
        for stack, layer in dict.fromkeys(places):
            name = f"head-details-{model.name}-{stack}-{layer}"
            rows = [r for r, place in zip(records, places, strict=True) if place == (stack, layer)]
            table = record_table("Head", rows, DETAILS)
            keys = {"model": model.name, "stack": stack, "layer": layer}
            self.details[name] = self._put(name, _DETAILS, table, **keys)

    def add_notices(self, notices: Sequence[NoticeEntry]) -> None:
        """Notices of which there are many, as where each document has one."""
        records = [notice.model_dump(mode="json") for notice in notices]
        for name, rows in _in_parts("notices", records):
            table = record_table("NoticeEntry", rows, _NOTICE)
            self.proved[name] = self._put(name, "notices", table)

    def add(self, name: str, kind: str, rows: Sequence[Mapping[str, Any]]) -> None:
        for part, some in _in_parts(name, rows):
            table = pa.Table.from_pylist(list(some), schema=KINDS[kind].schema)
            self.proved[part] = self._put(part, kind, table)

    def _put(self, name: str, kind: str, table: pa.Table, **keys: Any) -> Shard:
        introduction = metadata(kind, **keys)
        content = table_file(
            table.replace_schema_metadata({**(table.schema.metadata or {}), **introduction})
        )
        digest = hashlib.sha256(content).hexdigest()
        path = _path(name, digest)
        self.files[path] = content
        return Shard(
            path=path, bytes=len(content), sha256=digest, rows=table.num_rows, kind=kind, **keys
        )


def _in_parts(name: str, rows: Sequence[Any]) -> Iterator[tuple[str, Sequence[Any]]]:
    """Rows under a name, or where they are very many, in parts whose names have a number."""
    if len(rows) <= _MOST_ROWS:
        yield name, rows
        return
    for number, first in enumerate(range(0, len(rows), _MOST_ROWS)):
        yield f"{name}.{number}", rows[first : first + _MOST_ROWS]


def _path(name: str, digest: str) -> str:
    return f"data/{name}-{digest[:16]}.arrow"


def _shard_rows(shards: Mapping[str, Shard]) -> list[dict[str, Any]]:
    rows = []
    for name, shard in shards.items():
        if shard.path != _path(name, shard.sha256):
            raise ReportError(
                f"{shard.path}: is not where shard {name} lies; build the report again"
            )
        rows.append(
            {"id": name, "bytes": shard.bytes, "sha256": bytes.fromhex(shard.sha256)}
            | {"rows": shard.rows}
            | {key: getattr(shard, key) or "" for key in TEXT_KEYS}
            | {key: -1 if (at := getattr(shard, key)) is None else at for key in INDEX_KEYS}
            | {key: list(getattr(shard, key) or ()) for key in RANGE_KEYS}
        )
    return rows


def _shards_of(table: pa.Table) -> dict[str, Shard]:
    shards = {}
    for row in table.to_pylist():
        name, digest = row.pop("id"), row.pop("sha256").hex()
        keys = {key: value for key, value in row.items() if value not in ("", -1, [])}
        if name in shards:
            raise ValueError(f"it has two shards {name}")
        shards[name] = Shard.model_validate(
            keys | {"path": _path(name, digest), "sha256": digest}
            | {"bytes": row["bytes"], "rows": row["rows"]}
        )  # fmt: skip
    return shards


def _notice(row: dict[str, Any]) -> NoticeEntry:
    """A notice, whose whole numbers are integers again."""
    figures = {
        name: int(value) if value.is_integer() else value
        for name, value in (row.get("figures") or {}).items()
    }
    return NoticeEntry.model_validate(row | {"figures": figures or None})


def _page_rows(pages: Mapping[str, File]) -> list[dict[str, Any]]:
    return [
        {"path": path, "bytes": file.bytes, "sha256": bytes.fromhex(file.sha256)}
        for path, file in pages.items()
    ]


def _pages_of(table: pa.Table) -> dict[str, File]:
    return {
        row["path"]: File(bytes=row["bytes"], sha256=row["sha256"].hex())
        for row in table.to_pylist()
    }


def _of_kind(shards: Mapping[str, Shard], kind: str, **keys: Any) -> list[Shard]:
    return [
        shard
        for shard in shards.values()
        if shard.kind == kind and all(getattr(shard, key) == value for key, value in keys.items())
    ]


def _with_heads(
    model: Model, tables: Mapping[str, Shard], read: Callable[[Shard], pa.Table]
) -> Model:
    """A model with its heads, their details among them."""
    heads: list[dict[str, Any]] = []
    for entry in _of_kind(tables, "heads", model=model.name):
        with _reading(entry):
            heads += records_of("Head", read(entry), MAIN)
    layers: dict[Any, list[dict[str, Any]]] = {}
    for head in heads:
        layers.setdefault((head.get("stack"), head.get("layer")), []).append(head)
    for entry in _of_kind(tables, _DETAILS, model=model.name):
        of_layer = layers.get((entry.stack, entry.layer), [])
        with _reading(entry):
            details = records_of("Head", read(entry), DETAILS)
            if len(details) != len(of_layer):
                raise ValueError(f"it has {len(details)} heads, its layer has {len(of_layer)}")
            for head, more in zip(of_layer, details, strict=True):
                head |= more
    first, *_ = (*_of_kind(tables, "heads", model=model.name), None)
    with _reading(first):
        return model.model_copy(update={"heads": [Head.model_validate(head) for head in heads]})


@contextmanager
def _reading(entry: Shard | None) -> Iterator[None]:
    """Where what is raised is of the values of a shard."""
    try:
        yield
    except (ValueError, TypeError, KeyError, OverflowError) as error:
        path = entry.path if entry else "manifest.json"
        fault = " ".join(str(error).split())[:300]
        raise ReportError(
            f"{path}: does not follow the report format: {fault}; build the report again"
        ) from error

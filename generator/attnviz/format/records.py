"""Parts of the manifest as rows of a table, a column for each thing that is said of them.

A key's column has its name, and within another part both names with a dot: `certificate.top1`,
`statistics.entropy`, `maps.pca-2d.rank`. What a list holds is in lists: `labels.score` has one
score for each label of the row. Keys that no row has are no columns.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, Final

import pyarrow as pa

from attnviz.format.shapes import Kind, parts

WORDS: Final = "words"
"""The key of the schema's metadata that lists the texts, in JSON: rows have their indices."""

DIGITS: Final = 7
"""To which numbers of 32 bits are read."""
_EXACT: Final = ("sink", "certificate", "figures")
"""Keys whose numbers have 64 bits: attention is decoded with the first, bounds are held to the
second, and notices state the third."""

_TYPES: Final = {
    "text": pa.uint16(), "integer": pa.uint32(), "number": pa.float32(), "flag": pa.bool_(),
}  # fmt: skip

Columns = dict[str, tuple[pa.DataType, list[Any]]]
Record = Mapping[str, Any]


def record_table(part: str, records: Sequence[Record], keys: Iterable[str]) -> pa.Table:
    """The table of some keys of parts of one kind. ValueError for more than 65,536 texts."""
    writer = _Writer()
    of_part = fields_of(part)
    for key in keys:
        writer.add(key, of_part[key], [record.get(key) for record in records])
    fields = [pa.field(name, kind) for name, (kind, _) in writer.columns.items()]
    arrays = [pa.array(values, kind) for kind, values in writer.columns.values()]
    schema = pa.schema(fields, {WORDS: json.dumps(list(writer.words), ensure_ascii=False)})
    return pa.Table.from_arrays(arrays, schema=schema)


def records_of(part: str, table: pa.Table, keys: Iterable[str]) -> list[dict[str, Any]]:
    """The parts again, as the manifest would have them. ValueError where columns or values are not
    as the format says."""
    reader = _Reader(table)
    of_part = fields_of(part)
    columns = {key: reader.values(key, of_part[key]) for key in keys}
    if unknown := set(table.column_names) - reader.paths:
        raise ValueError(f"it has columns that the format has not: {', '.join(sorted(unknown))}")
    return list(_rows(part, columns, table.num_rows))


def fields_of(part: str) -> dict[str, Kind]:
    """The keys of a part, and what each is."""
    return {key.removesuffix("?"): kind for key, kind in parts()[part].items()}


def _may_be_null(kind: Kind) -> bool:
    return kind[0] == "any" and "null" in kind


def _plain(kind: Kind) -> Kind:
    """A kind but for null, and an integer or number as a number."""
    if kind[0] != "any":
        return kind
    kinds = [one for one in kind[1:] if one != "null"]
    return kinds[-1]


def _type(path: str, kind: str) -> pa.DataType:
    exact = kind == "number" and path.partition(".")[0] in _EXACT
    return pa.float64() if exact else _TYPES[kind]


def _rounded(cell: float | None) -> float | None:
    """A number of 32 bits as it is read; None for one that is none."""
    if cell is None or math.isnan(cell):
        return None
    scale, rest = 10.0**DIGITS, abs(cell)
    while 1 <= rest < math.inf:
        rest, scale = rest / 10, scale / 10
    return math.floor(cell * scale + 0.5) / scale


def _at(part: Record | None, key: str) -> Any:
    """What a part has at a key; None where either is missing."""
    return None if part is None else part.get(key)


def _is_list(column: pa.ChunkedArray) -> bool:
    return bool(pa.types.is_list(column.type))


class _Writer:
    def __init__(self) -> None:
        self.columns: Columns = {}
        self.words: dict[str, int] = {}

    def add(self, path: str, kind: Kind, values: list[Any]) -> None:
        """The columns of a key, whose value in each row this is; None where it has none."""
        kind = _plain(kind)
        if isinstance(kind, str) and kind not in _TYPES:
            for key, inner in fields_of(kind).items():
                self.add(f"{path}.{key}", inner, [_at(v, key) for v in values])
        elif isinstance(kind, str):
            self._put(path, _type(path, kind), [self._cell(v, kind, path) for v in values])
        elif kind[0] == "map":
            self._add_map(path, kind[1], values)
        else:
            self._add_list(path, _plain(kind[1]), values)

    def _add_map(self, path: str, kind: Kind, values: list[Any]) -> None:
        if _plain(kind) not in _TYPES:  # a part, whose values may all be null
            self.add(path, ["list", "text"], [None if v is None else list(v) for v in values])
        for name in dict.fromkeys(name for value in values for name in value or ()):
            self.add(f"{path}.{name}", kind, [_at(v, name) for v in values])
            if _plain(kind) in _TYPES:  # a name of which nothing is known is a name
                cells = self.columns.pop(f"{path}.{name}", (None, [None] * len(values)))[1]
                self.columns[f"{path}.{name}"] = _type(path, str(_plain(kind))), cells

    def _add_list(self, path: str, kind: Kind, values: list[Any]) -> None:
        if isinstance(kind, str) and kind not in _TYPES:
            for key, inner in fields_of(kind).items():
                items = [v and [item.get(key) for item in v] for v in values]
                if any(item is not None for value in items for item in value or ()):
                    self.add(f"{path}.{key}", ["list", inner], items)
            return
        cells = [
            None if v is None else [self._item(item, str(kind), path) for item in v] for v in values
        ]
        self._put(path, pa.list_(_TYPES[str(kind)]), cells)

    def _put(self, path: str, kind: pa.DataType, cells: list[Any]) -> None:
        if any(cell is not None and cell != [] for cell in cells):
            self.columns[path] = kind, cells

    def _cell(self, value: Any, kind: str, path: str) -> Any:
        if value is None or kind != "text":
            return _rounded(value) if _type(path, kind) == pa.float32() else value
        number = self.words.setdefault(value, len(self.words))
        if number > 65_535:
            raise ValueError("it would have more than 65,536 texts")
        return number

    def _item(self, value: Any, kind: str, path: str) -> Any:
        """A value in a list, where no null may stand."""
        return math.nan if value is None else self._cell(value, kind, path)


class _Reader:
    def __init__(self, table: pa.Table) -> None:
        self.table = table
        self.paths: set[str] = set()
        words = json.loads((table.schema.metadata or {}).get(WORDS.encode(), b"[]"))
        if not (isinstance(words, list) and all(isinstance(word, str) for word in words)):
            raise ValueError("its words are no list of texts")
        self.words: list[str] = words

    def values(self, path: str, kind: Kind) -> list[Any]:
        """The value of a key in each row; None where it has none."""
        nullable, kind = _may_be_null(kind), _plain(kind)
        if isinstance(kind, str) and kind not in _TYPES:
            return self._parts(path, kind)
        if isinstance(kind, str):
            return self._cells(path, kind)
        if kind[0] == "map":
            return self._map(path, kind[1])
        if isinstance(inner := _plain(kind[1]), str) and inner not in _TYPES:
            return self._part_lists(path, inner)
        cells = self._cells(path, str(inner), of_lists=True)
        return cells if nullable else [cell or [] for cell in cells]

    def _parts(self, path: str, part: str) -> list[Any]:
        of_part = {key: self.values(f"{path}.{key}", k) for key, k in fields_of(part).items()}
        return list(_rows(part, of_part, self.table.num_rows))

    def _part_lists(self, path: str, part: str) -> list[Any]:
        of_part = {
            key: self.values(f"{path}.{key}", ["list", kind])
            for key, kind in fields_of(part).items()
        }
        present = {key: lists for key, lists in of_part.items() if f"{path}.{key}" in self.paths}
        rows = []
        for row in range(self.table.num_rows):
            lists = {key: values[row] for key, values in present.items()}
            count = max(map(len, lists.values()), default=0)
            if any(len(items) not in (0, count) for items in lists.values()):
                raise ValueError(f"row {row} has lists of {path} of several lengths")
            lists = {key: items or [None] * count for key, items in lists.items()}
            rows.append(list(_rows(part, lists, count)))
        return rows

    def _map(self, path: str, kind: Kind) -> list[Any]:
        names = self._names(f"{path}.")
        if _plain(kind) in _TYPES:
            columns = {name: self.values(f"{path}.{name}", kind) for name in names}
            keep: Callable[[Any], bool] = lambda v: _may_be_null(kind) or v is not None  # noqa: E731
            return [
                {name: values[row] for name, values in columns.items() if keep(values[row])}
                for row in range(self.table.num_rows)
            ]
        names_of_rows = self.values(path, ["list", "text"])
        known = {name: self.values(f"{path}.{name}", kind) for name in _distinct(names_of_rows)}
        return [
            {name: known[name][row] for name in names} for row, names in enumerate(names_of_rows)
        ]

    def _names(self, stem: str) -> list[str]:
        return [n.removeprefix(stem) for n in self.table.column_names if n.startswith(stem)]

    def _cells(self, path: str, kind: str, of_lists: bool = False) -> list[Any]:
        if path not in self.table.column_names:
            return [None] * self.table.num_rows
        self.paths.add(path)
        column = self.table[path]
        of_items = column.type.value_type if of_lists and _is_list(column) else column.type
        expected = [_TYPES[kind], *([pa.float64()] if kind == "number" else [])]
        if of_items not in expected or _is_list(column) != of_lists:
            raise ValueError(f"column {path} is {column.type}, not of type {kind}")
        value = _rounded if of_items == pa.float32() else partial(self._value, kind)
        cells = column.to_pylist()
        if not of_lists:
            return [value(cell) for cell in cells]
        return [None if cell is None else [value(item) for item in cell] for cell in cells]

    def _value(self, kind: str, cell: Any) -> Any:
        if cell is None or (kind == "number" and math.isnan(cell)):
            return None
        if kind != "text":
            return cell
        if cell >= len(self.words):
            raise ValueError(f"it names text {cell} of {len(self.words)}")
        return self.words[cell]


def _rows(part: str, columns: Mapping[str, Sequence[Any]], count: int) -> Iterator[dict[str, Any]]:
    """Parts out of lists of their keys' values. Keys that may be absent but not null are absent
    where they have none."""
    may_be_null = {key for key, kind in fields_of(part).items() if _may_be_null(kind)}
    for row in range(count):
        yield {
            key: values[row]
            for key, values in columns.items()
            if values[row] is not None or key in may_be_null
        }


def _distinct(lists: Iterable[Iterable[str]]) -> list[str]:
    return list(dict.fromkeys(name for names in lists for name in names))

"""The Python API of a built report: `attnviz.open_report(folder)`."""

from __future__ import annotations

import json
from collections import OrderedDict
from collections.abc import Iterable, Iterator
from functools import cached_property
from pathlib import Path
from typing import Any, Final

import numpy as np
import pyarrow as pa
from pydantic import ValidationError

from attnviz.aggregates import mean_by_position, mean_of, rollout
from attnviz.encoding import DENSE_TYPES, QueryKeyCodes
from attnviz.errors import InputError, ReportError
from attnviz.format.columns import KEYS, LABEL, QUERIES
from attnviz.format.manifest import FORMAT, FORMAT_VERSION, Axis, Certificate, Head, Manifest, Model
from attnviz.format.shards import read_shard
from attnviz.reader.decode import AttentionTable, decode_head, gather, query_key_head
from attnviz.reader.documents import AxisTokens, Document, Documents
from attnviz.reader.selecting import choose_heads, layers_up_to, stack_name, stack_of
from attnviz.score import Array, Bias, Intervals, Mask, ScoreRule, mask_intervals

_CACHED_TABLES: Final = 64


def read_manifest(folder: Path) -> Manifest:
    """The manifest of a report's folder. ReportError where there is none that this attnviz
    reads."""
    path = folder / "manifest.json"
    try:
        content = json.loads(path.read_bytes())
    except FileNotFoundError as error:
        raise ReportError(
            f"{path}: there is no report here; expected a folder that attnviz build wrote"
        ) from error
    except (OSError, ValueError) as error:
        raise ReportError(
            f"{path}: cannot be read as JSON ({error}); build the report again"
        ) from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise ReportError(f"{path}: is not the manifest of an attnviz report")
    if content.get("format_version") != FORMAT_VERSION:
        raise ReportError(
            f"{path}: is of format version {content.get('format_version')!r}; this attnviz reads"
            f" {FORMAT_VERSION}: use a newer attnviz, or build the report again"
        )
    try:
        return Manifest.model_validate(content)
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        raise ReportError(
            f"{path}: {place}: {first['msg']} ({error.error_count()} faults); build the report"
            " again"
        ) from error


class Report:
    """A built report. All indices count from zero; `model` and `stack` may be left out where there
    is one.

    Every shard is proved against its SHA-256 before use; ReportError names a file that is missing
    or damaged.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.manifest = read_manifest(folder)
        self._tables: OrderedDict[str, Any] = OrderedDict()

    @property
    def index(self) -> Path:
        """The page to open."""
        return self.folder / "index.html"

    @cached_property
    def heads(self) -> pa.Table:
        """One row a head: model, stack, layer, head, labels (names, the strongest first), and a
        column a statistic.

        Statistics are in nats, tokens and shares, or null.
        """
        rows: list[dict[str, Any]] = []
        for model in self.manifest.models:
            rows += [
                {
                    "model": model.name,
                    "stack": h.stack,
                    "layer": h.layer,
                    "head": h.head,
                    "labels": [label.name for label in h.labels],
                }
                | h.statistics
                for h in model.heads
            ]
        return pa.Table.from_pylist(rows)

    @property
    def documents(self) -> Documents:
        """The documents, with the tokens of the report's first model; see `documents_of` for
        another's."""
        return self._documents(self.manifest.models[0])

    def documents_of(self, model: str) -> Documents:
        return self._documents(self._model(model))

    def _documents(self, model: Model) -> Documents:
        return Documents(
            self.manifest.documents.count, lambda number: self._document(model, number)
        )

    def attention(
        self,
        layer: int,
        head: int,
        document: int,
        *,
        stack: str | None = None,
        model: str | None = None,
    ) -> Array:
        """Attention (queries, keys), float32, of one head on one document, as it is stored.

        Keys that the mask forbids are 0; rows that may see nothing are NaN. How far it may be from
        the model's own is what `certificate` says.
        """
        own_model, entry, intervals = self._find(layer, head, document, stack, model)
        if not len(intervals.lo):
            raise InputError(
                f"document {document}: {own_model.name} does not take it, so there is no attention"
                " to it"
            )
        encoding = self._encoding(entry, document)
        tables = self._attention_tables(own_model, entry, document, encoding)
        rule = self._rule(own_model, entry)
        try:
            bias = self._bias(own_model, entry)
            decoded = decode_head(
                tables, encoding, head, entry.kv_head, document, rule, intervals, bias
            )
        except LookupError as error:
            raise ReportError(f"{self.folder}: {error}") from error
        return decoded.astype(np.float32)

    def mean_attention(
        self,
        document: int,
        *,
        layers: Iterable[int] | None = None,
        heads: Iterable[int] | None = None,
        stack: str | None = None,
        model: str | None = None,
    ) -> Array:
        """The mean (queries, keys), float64, over heads and layers of a stack on one document: all,
        or those given.

        Every head counts alike, and those that the report leaves out do not. A row is NaN where any
        head's is.
        """
        own = self._model(model)
        chosen = choose_heads(own, layers, heads, stack)
        return mean_of(
            self.attention(h.layer, h.head, document, stack=h.stack, model=own.name) for h in chosen
        )

    def attention_by_position(
        self,
        layer: int,
        head: int,
        positions: int = 64,
        *,
        stack: str | None = None,
        model: str | None = None,
    ) -> Array:
        """Mean attention (positions, positions), float64, from position i to position j, over all
        documents in which row i may see key j; NaN where there is none."""
        own, entry = self._head(layer, head, stack, model)

        def documents() -> Iterator[tuple[Array, Intervals]]:
            for number in range(len(self.documents)):
                intervals = self._intervals(own, entry, number)
                if len(intervals.lo):
                    yield (
                        self.attention(layer, head, number, stack=entry.stack, model=own.name),
                        intervals,
                    )

        return mean_by_position(documents(), positions)

    def rollout(
        self,
        document: int,
        *,
        residual: float = 0.5,
        discard: float = 0.0,
        layer: int | None = None,
        stack: str | None = None,
        model: str | None = None,
    ) -> Array:
        """Attention rollout (tokens, tokens), float64, up to a layer or through all: see
        `attnviz.aggregates.rollout`.

        `residual` is the share that the residual connection lets by, `discard` the share of least
        entries that is dropped. InputError where the report lacks a layer on the way, and for
        stacks whose layers do not follow each other on the same tokens.
        """
        own = self._model(model)
        way = layers_up_to(own, layer, stack)

        def follow() -> Iterator[tuple[Array, Intervals]]:
            for head in (heads[0] for heads in way):
                mean = self.mean_attention(
                    document, layers=[head.layer], stack=head.stack, model=own.name
                )
                yield mean, self._intervals(own, head, document)

        try:
            return rollout(follow(), residual, discard)
        except ValueError as error:
            raise InputError(f"rollout: {error}") from error

    def queries(
        self,
        layer: int,
        head: int,
        document: int,
        *,
        stack: str | None = None,
        model: str | None = None,
    ) -> Array:
        """Query vectors (tokens, head size), float32; InputError where the report holds attention
        only."""
        return self._vectors(layer, head, document, stack, model)[0]

    def keys(
        self,
        layer: int,
        head: int,
        document: int,
        *,
        stack: str | None = None,
        model: str | None = None,
    ) -> Array:
        """Key vectors (tokens, head size), float32; InputError where the report holds attention
        only."""
        return self._vectors(layer, head, document, stack, model)[1]

    def map(
        self, layer: int, head: int, method: str = "attention", dimensions: int = 2,
        *, stack: str | None = None, model: str | None = None,
    ) -> tuple[Array, Array]:  # fmt: skip
        """Map coordinates of queries and of keys, each (tokens, dimensions) in corpus order; NaN
        where not sampled."""
        own_model, entry = self._head(layer, head, stack, model)
        wanted = f"{method}-{dimensions}d"
        if wanted not in entry.maps:
            raise InputError(f"this report has no map {wanted}; it has {', '.join(entry.maps)}")
        for name, shard in self.manifest.shards.items():
            place = (shard.kind, shard.model, shard.stack, shard.layer, shard.map)
            if (
                place == ("map", own_model.name, entry.stack, layer, wanted)
                and shard.heads
                and head in range(*shard.heads)
            ):
                table = self._table(name)
                row = table.slice(table["head"].to_pylist().index(head), 1).to_pylist()[0]
                own_stack = stack_of(own_model, entry)
                queries = self._placed(own_model, row, "queries", own_stack.query_axis, dimensions)
                return queries, self._placed(own_model, row, "keys", own_stack.key_axis, dimensions)
        raise ReportError(
            f"the manifest names no shard for map {wanted} of layer {layer}, head {head}"
        )

    def certificate(
        self, layer: int, head: int, *, stack: str | None = None, model: str | None = None
    ) -> Certificate:
        """The measured error of the head's stored attention against the model's own."""
        return self._head(layer, head, stack, model)[1].certificate

    def _placed(
        self, model: Model, row: dict[str, Any], side: str, name: str, dimensions: int
    ) -> Array:
        axis = next(axis for axis in model.axes if axis.name == name)
        lo, hi = np.array(row["lo"]), np.array(row["hi"])
        codes = np.array(row[side], np.float64).reshape(-1, dimensions)
        placed = np.full((axis.tokens, dimensions), np.nan)
        placed[self._table(axis.sample.shard)["token"].to_numpy()] = lo + codes / 65535 * (hi - lo)
        return placed

    def _model(self, name: str | None) -> Model:
        models = {model.name: model for model in self.manifest.models}
        if name is None and len(models) == 1:
            return self.manifest.models[0]
        if name not in models:
            raise InputError(f"model={name!r}: this report has the models {', '.join(models)}")
        return models[name]

    def _head(
        self, layer: int, head: int, stack: str | None, model: str | None
    ) -> tuple[Model, Head]:
        own = self._model(model)
        stack = stack_name(own, stack)
        for entry in own.heads:
            if (entry.stack, entry.layer, entry.head) == (stack, layer, head):
                return own, entry
        raise InputError(
            f"model {own.name} has no head L{layer}H{head} in {stack}; indices count from zero"
        )

    def _find(
        self, layer: int, head: int, document: int, stack: str | None, model: str | None
    ) -> tuple[Model, Head, Intervals]:
        own, entry = self._head(layer, head, stack, model)
        if not 0 <= document < self.manifest.documents.count:
            raise InputError(
                f"document {document}: this report has {self.manifest.documents.count}, counted"
                " from zero"
            )
        return own, entry, self._intervals(own, entry, document)

    def _intervals(self, model: Model, entry: Head, document: int) -> Intervals:
        stack = stack_of(model, entry)
        queries = self._length(model, stack.query_axis, document)
        keys = self._length(model, stack.key_axis, document)
        mask = model.rules[entry.rule].mask
        if mask.kind != "intervals":
            return mask_intervals(Mask(mask.kind, mask.before or 0, mask.after or 0), queries, keys)
        for name in mask.shards or []:
            first, end = self.manifest.shards[name].documents or (0, 0)
            if first <= document < end:
                row = self._table(name).slice(document - first, 1).to_pylist()[0]
                return Intervals(np.array(row["lo"], np.int64), np.array(row["hi"], np.int64), keys)
        raise ReportError(f"the manifest names no mask shard for document {document}")

    def _rule(self, model: Model, entry: Head) -> ScoreRule:
        rule = model.rules[entry.rule]
        return ScoreRule(rule.scaling, Mask("intervals"), rule.softcap)

    def _bias(self, model: Model, entry: Head) -> Bias | None:
        if entry.bias is None:
            return None
        table = model.biases[entry.bias]
        rows = self._table(table.shard)
        values = rows["values"][rows["head"].to_pylist().index(entry.head)].as_py()
        width = (table.size, table.size) if table.kind == "table" else (table.size,)
        name = stack_of(model, entry).query_axis
        shard = next(axis.places for axis in model.axes if axis.name == name)
        places = self._table(shard)["place"].to_numpy() if shard and table.kind == "table" else None
        return Bias(table.kind, np.array(values, np.float32).reshape(1, *width), places)

    def _encoding(self, entry: Head, document: int) -> str:
        return entry.encodings[int(self._column("documents", "group")[document])]

    def _attention_tables(
        self, model: Model, entry: Head, document: int, encoding: str
    ) -> list[AttentionTable]:
        found = []
        for name, shard in self.manifest.shards.items():
            place = (shard.kind, shard.model, shard.stack, shard.layer, shard.encoding)
            if place != ("attention", model.name, entry.stack, entry.layer, encoding):
                continue
            if entry.kv_head in range(*(shard.kv_heads or (0, 0))) and document in range(
                *(shard.documents or (0, 0))
            ):
                found.append(self._opened(name, encoding))
        return found

    def _codes(
        self, model: Model, entry: Head, document: int, intervals: Intervals
    ) -> QueryKeyCodes:
        encoding = self._encoding(entry, document)
        tables = self._attention_tables(model, entry, document, encoding)
        queries = self._gather(tables, QUERIES, entry.head, document, len(intervals.lo))
        return query_key_head(
            queries, self._gather(tables, KEYS, entry.kv_head, document, intervals.keys)
        )

    def _gather(
        self, tables: list[AttentionTable], side: int, head: int, document: int, tokens: int
    ) -> list[Any]:
        try:
            return gather(tables, side, head, document, tokens)
        except LookupError as error:
            raise ReportError(f"{self.folder}: {error}") from error

    def _vectors(
        self, layer: int, head: int, document: int, stack: str | None, model: str | None
    ) -> tuple[Array, Array]:
        own, entry, intervals = self._find(layer, head, document, stack, model)
        if self._encoding(entry, document) in DENSE_TYPES:
            raise InputError(
                f"document {document} is stored as attention in L{layer}H{head}, which is smaller"
                " for a short text; its queries and keys are not in this report"
            )
        q, k = self._codes(own, entry, document, intervals).vectors()
        return q[0].astype(np.float32), k[0].astype(np.float32)

    def _length(self, model: Model, axis: str, document: int) -> int:
        own = next(a for a in model.axes if a.name == axis)
        return int(self._column(own.lengths, "length")[document])

    def _document(self, model: Model, index: int) -> Document:
        title, text = (
            str(self._column("documents", column)[index]) for column in ("title", "text")
        )
        entry, group = (
            int(self._column("documents", column)[index]) for column in ("entry", "group")
        )
        axes = {axis.name: self._tokens(axis, index) for axis in model.axes}
        labels = {
            n: self._column("documents", LABEL + n)[index] for n in self.manifest.documents.labels
        }
        return Document(index, entry, group, title, text, axes, labels)

    def _tokens(self, axis: Axis, index: int) -> AxisTokens:
        lengths = self._column(axis.lengths, "length")
        name = next(
            n for n in axis.shards if index in range(*(self.manifest.shards[n].documents or (0, 0)))
        )
        first = (self.manifest.shards[name].documents or (0, 0))[0]
        own = self._table(name).slice(int(lengths[first:index].sum()), int(lengths[index]))
        names = {"ids": "id"} | {
            n: n for n in ("start", "end", "special", "segment", "row", "column")
        }
        arrays: dict[str, Any] = {name: own[column].to_numpy() for name, column in names.items()}
        labels = {label: tuple(own[LABEL + label].to_pylist()) for label in axis.labels}
        return AxisTokens(
            texts=tuple(own["text"].to_pylist()),
            labels=labels,
            crop=self._crop(axis, index),
            **arrays,
        )

    def _crop(self, axis: Axis, index: int) -> tuple[float, float, float, float] | None:
        if axis.crops is None:
            return None
        rows = {row["document"]: row for row in self._table(axis.crops).to_pylist()}
        row = rows.get(index)
        return None if row is None else (row["left"], row["top"], row["right"], row["bottom"])

    def _table(self, name: str) -> pa.Table:
        table: pa.Table = self._cached(
            name, lambda: read_shard(self.folder, self.manifest.shards[name])
        )
        return table

    def _opened(self, name: str, encoding: str) -> AttentionTable:
        opened: AttentionTable = self._cached(
            f"{name} opened",
            lambda: AttentionTable(encoding, read_shard(self.folder, self.manifest.shards[name])),
        )
        return opened

    def _column(self, shard: str, column: str) -> Array:
        """A whole column as NumPy; `documents` stands for all its shards."""
        names = self.manifest.documents.shards if shard == "documents" else [shard]

        def read() -> Array:
            joined = pa.concat_tables(
                [read_shard(self.folder, self.manifest.shards[n]) for n in names]
            )
            array: Array = joined[column].to_numpy()
            return array

        whole: Array = self._cached(f"{shard}.{column}", read)
        return whole

    def _cached(self, key: str, read: Any) -> Any:
        if key not in self._tables:
            self._tables[key] = read()
            while len(self._tables) > _CACHED_TABLES:
                self._tables.popitem(last=False)
        self._tables.move_to_end(key)
        return self._tables[key]


def open_report(path: str | Path) -> Report:
    """Open a report's folder, or any file in it such as its index.html.

    ReportError where there is none, or of a format version that this attnviz does not read.
    """
    given = Path(path)
    return Report(given.parent if given.is_file() else given)

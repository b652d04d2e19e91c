"""The attention of one head on one document, and its queries and keys, out of a report's shards."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from attnviz.encoding import DENSE_TYPES, QueryKeyCodes
from attnviz.errors import InputError
from attnviz.format.columns import KEYS, QUERIES
from attnviz.format.manifest import Head, Model
from attnviz.reader.decode import gather, open_head, query_key_head
from attnviz.reader.selecting import axis_of, stack_of
from attnviz.reader.store import ShardStore
from attnviz.reader.unfit import naming
from attnviz.score import Array, Bias, Intervals, Mask, ScoreRule, mask_intervals


@dataclass(frozen=True)
class HeadDocument:
    """One document in one head, as its shards have it: any block of its rows can be decoded.

    `dense` is its attention (T, K), or `codes` are its queries and keys.
    """

    intervals: Intervals
    rule: ScoreRule
    bias: Bias | None
    dense: Array | None
    codes: QueryKeyCodes | None

    def attention(self, rows: slice = slice(None)) -> Array:
        """Attention (rows, K), float64: 0 where the mask forbids, NaN in rows that see no key."""
        if self.codes is None:
            assert self.dense is not None
            return self.dense[rows]
        decoded: Array = self.codes.rows(rows).attention(
            self.rule, self.intervals.rows(rows), self.bias
        )[0]
        return decoded

    def scores(self, rows: slice = slice(None)) -> Array:
        """What attention is monotone in, (rows, K): scores before the mask, or attention itself
        where the report holds that alone."""
        if self.codes is None:
            return self.attention(rows)
        scores: Array = self.codes.rows(rows).scores(self.rule)[0]
        return (
            scores if self.bias is None else scores + self.bias.rows(self.intervals.rows(rows))[0]
        )


class StoredAttention:
    """Finds and decodes what a report holds of a head on a document.

    ReportError where rows are missing or do not fit, or the manifest names no shard for them.
    """

    def __init__(self, store: ShardStore) -> None:
        self._store = store

    def intervals(self, model: Model, head: Head, document: int) -> Intervals:
        """Which keys each query row of a document may see; no rows if the model does not take it.

        Raises InputError if the report has no such document.
        """
        count = self._store.manifest.documents.count
        if not 0 <= document < count:
            raise InputError(f"document {document}: this report has {count}, counted from zero")
        stack = stack_of(model, head)
        queries = self._length(model, stack.query_axis, document)
        keys = self._length(model, stack.key_axis, document)
        mask = model.rules[head.rule].mask
        if mask.kind != "intervals":
            return mask_intervals(Mask(mask.kind, mask.before or 0, mask.after or 0), queries, keys)
        shard, first = self._store.covering("mask", mask.shards or [], document)
        with naming(self._store.manifest, [shard]):
            row = self._store.table(shard).slice(document - first, 1).to_pylist()[0]
            lo, hi = np.array(row["lo"], np.int64), np.array(row["hi"], np.int64)
            if not (len(lo) == len(hi) == queries and (lo <= hi).all() and (hi <= keys).all()):
                raise ValueError(f"the intervals of document {document} leave its tokens")
        return Intervals(lo, hi, keys)

    def decode(self, model: Model, head: Head, document: int, intervals: Intervals) -> Array:
        """Attention (queries, keys), float64: 0 where the mask forbids, NaN in rows that may see
        nothing."""
        self.refuse_unkept(model, document)
        shards = self._shards(model, head, document, self.encoding(head, document))
        with naming(self._store.manifest, shards):
            return self.open(model, head, document, intervals).attention()

    def open(self, model: Model, head: Head, document: int, intervals: Intervals) -> HeadDocument:
        """What the report holds of a head on a document, to decode a part of it."""
        self.refuse_unkept(model, document)
        encoding = self.encoding(head, document)
        rule = model.rules[head.rule]
        shards = self._shards(model, head, document, encoding)
        bias = self.bias(model, head)
        with naming(self._store.manifest, shards):
            dense, codes = open_head(
                [self._store.attention(name) for name in shards],
                encoding,
                head=head.head,
                kv_head=head.kv_head,
                document=document,
                intervals=intervals,
            )
        plain = ScoreRule(rule.scaling, Mask("intervals"), rule.softcap)
        return HeadDocument(intervals, plain, bias, dense, codes)

    def vectors(self, model: Model, head: Head, document: int) -> tuple[Array, Array]:
        """Queries (T, head size) and keys (K, head size), float32. Raises InputError if the report
        holds attention only."""
        intervals = self.intervals(model, head, document)
        self.refuse_unkept(model, document)
        encoding = self.encoding(head, document)
        if encoding in DENSE_TYPES:
            raise InputError(
                f"document {document} is stored as attention in L{head.layer}H{head.head}, which is"
                " smaller for a short text, or all that is known of the layer; its queries and"
                " keys are not in this report: `vectors: true` in the corpus keeps them where they"
                " are known"
            )
        shards = self._shards(model, head, document, encoding)
        with naming(self._store.manifest, shards):
            tables = [self._store.attention(name) for name in shards]
            queries = gather(
                tables, QUERIES, head=head.head, document=document, tokens=len(intervals.lo)
            )
            keys = gather(tables, KEYS, head=head.kv_head, document=document, tokens=intervals.keys)
            q, k = query_key_head(queries, keys).vectors()  # (1, T, channel)
        return q[0].astype(np.float32), k[0].astype(np.float32)

    def refuse_unkept(self, model: Model, document: int) -> None:
        """Raises InputError if the attention of a document is not stored."""
        kept = self._store.kept(model)
        if kept is not None and document not in kept:
            raise InputError(
                f"document {document}: its attention is not in this report, which stores that of"
                f" {len(kept):,} documents of {model.name} (report.kept_documents() has their"
                " numbers); statistics are of all. keep: all in the corpus, or keep: {documents:"
                f" [{document}]}}, stores it"
            )

    def encoding(self, head: Head, document: int) -> str:
        """How the head's rows of a document are stored."""
        shards = self._store.manifest.documents.shards
        with naming(self._store.manifest, shards):
            return head.encodings[int(self._store.column(shards, "group")[document])]

    def _shards(self, model: Model, head: Head, document: int, encoding: str) -> list[str]:
        """Ids of the shards whose ranges hold the head and the document in this encoding."""
        place = ("attention", model.name, head.stack, head.layer, encoding)
        return [
            name
            for name, shard in self._store.manifest.shards.items()
            if (shard.kind, shard.model, shard.stack, shard.layer, shard.encoding) == place
            and head.kv_head in range(*(shard.kv_heads or (0, 0)))
            and document in range(*(shard.documents or (0, 0)))
        ]

    def bias(self, model: Model, head: Head) -> Bias | None:
        """What the head adds to its scores: values (1, 2R + 1), or (1, n, n) by places."""
        if head.bias is None:
            return None
        entry = model.biases[head.bias]
        shard = axis_of(model, stack_of(model, head).query_axis).places
        with naming(self._store.manifest, [entry.shard]):
            rows = self._store.table(entry.shard)
            values = rows["values"][rows["head"].to_pylist().index(head.head)].as_py()
            if entry.kind == "relative":
                return Bias(entry.kind, np.array(values, np.float32).reshape(1, entry.size))
            table = np.array(values, np.float32).reshape(1, entry.size, entry.size)
        places = self._store.column([shard], "place") if shard else None
        return Bias(entry.kind, table, places)

    def _length(self, model: Model, axis: str, document: int) -> int:
        return int(self._store.lengths(axis_of(model, axis))[document])

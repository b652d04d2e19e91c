"""What parts of a model add to the logits of next tokens, as a report holds it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import pyarrow as pa

from attnviz.errors import InputError
from attnviz.format.columns import LOGIT_MEANINGS
from attnviz.format.manifest import Attribution, Head, Model
from attnviz.logit_codes import LogitCodes
from attnviz.reader.store import ShardStore
from attnviz.reader.stored_attention import StoredAttention
from attnviz.reader.unfit import naming
from attnviz.score import Array, Intervals

_BY_TOKEN: Final = ("logits", "embedding", "last_bias", "between")


@dataclass(frozen=True)
class DocumentAttribution:
    """Of one document, at each of the tokens that one follows, in logits, float64: `heads`
    (tokens, heads), NaN where not known; parts that a token has one of, (tokens,), by name; and
    those of layers, (tokens, layers)."""

    heads: Array
    by_token: dict[str, Array]
    by_layer: dict[str, Array]


def attribution_entry(model: Model) -> Attribution:
    """What the manifest says. Raises InputError where the corpus did not ask for it, or nothing is
    known."""
    entry = None if model.writes is None else model.writes.attribution
    if entry is None:
        raise InputError(
            f"{model.name}: this report does not say what heads add to logits: build with"
            " writes: true"
        )
    if not entry.shards:
        why = "; ".join(entry.missing) or "no document has two tokens"
        raise InputError(f"{model.name}: {why}")
    return entry


def document_attribution(store: ShardStore, model: Model, document: int) -> DocumentAttribution:
    """One document. Raises InputError where nothing is known of it; ReportError where a shard does
    not fit."""
    entry = attribution_entry(model)
    count = store.manifest.documents.count
    if not 0 <= document < count:
        raise InputError(f"document {document}: this report has {count}, counted from zero")
    names = [
        name
        for name in entry.shards
        if document in range(*(store.manifest.shards[name].documents or (0, 0)))
    ]
    with naming(store.manifest, names):
        parts = [_of_shard(store.table(name), document) for name in names]
        rows = sorted((row for part in parts for row in part), key=lambda row: row["start"])
        if not rows:
            raise InputError(
                f"document {document}: it is not stored what heads of {model.name} add to its"
                " logits: it has one token, or its attention is not stored"
            )
        return _joined(rows, len(model.heads), len(layers_of(model)))


def head_attribution(store: ShardStore, model: Model, head: Head, document: int) -> Array:
    """What one head adds, (tokens − 1,). Raises as `document_attribution` does, and InputError of a
    head that is not told apart."""
    logits = document_attribution(store, model, document).heads[:, model.heads.index(head)]
    if np.isnan(logits).any():
        why = "; ".join(attribution_entry(model).missing)
        raise InputError(f"{model.name} {model.head_id(head)}: {why}")
    return logits


def head_pairs(
    store: ShardStore, stored: StoredAttention, model: Model, head: Head, document: int
) -> Array:
    """What one head adds by each pair, (tokens − 1, tokens); 0 of pairs that the mask forbids.
    Raises as `head_attribution` does, and InputError where pairs are not stored."""
    entry = attribution_entry(model)
    added = head_attribution(store, model, head, document)
    if not entry.pairs:
        raise InputError(
            f"{model.name}: this report does not say what pairs of tokens add to logits: build with"
            " writes: {pairs: true}"
        )
    pairs = stored_pairs(store, stored, model, head, document, len(added))
    if pairs is None:
        why = f": {'; '.join(entry.missing)}" if entry.missing else ""
        raise InputError(
            f"{model.name} {model.head_id(head)}: document {document}: what its pairs add to"
            f" logits is not stored{why}"
        )
    return pairs


def stored_pairs(
    store: ShardStore,
    stored: StoredAttention,
    model: Model,
    head: Head,
    document: int,
    count: int,
) -> Array | None:
    """The same of a document of which `count` tokens are followed by one, (count, tokens); None
    where no pairs of the head and the document are stored. Raises InputError as `attribution_entry`
    does, and ReportError where a shard does not fit."""
    entry = attribution_entry(model)
    names = [name for name in entry.pairs if _holds(store, name, head, document)]
    with naming(store.manifest, names):
        rows = [
            row
            for name in names
            for row in _of_shard(store.table(name), document)
            if row["head"] == head.head
        ]
        if not rows:
            return None
        intervals = stored.intervals(model, head, document)
        pairs = np.zeros((count, intervals.keys))
        for row in rows:
            _fill(pairs, row, intervals)
        return pairs


def _holds(store: ShardStore, name: str, head: Head, document: int) -> bool:
    """Whether a shard has rows of a head and a document."""
    shard = store.manifest.shards[name]
    return (
        (shard.stack, shard.layer) == (head.stack, head.layer)
        and head.head in range(*(shard.heads or (0, 0)))
        and document in range(*(shard.documents or (0, 0)))
    )


def _fill(pairs: Array, row: dict[str, Any], intervals: Intervals) -> None:
    """Put a range of tokens into the table of pairs; raises ValueError where it does not fit."""
    queries = slice(row["start"], row["start"] + row["rows"])
    lo, hi = intervals.lo[queries], intervals.hi[queries]
    ends = np.cumsum(hi - lo)
    if len(lo) != row["rows"] or ends[-1] != len(row["codes"]):
        raise ValueError(f"{len(row['codes'])} codes of {row['rows']} tokens")
    values = row["codes"] * np.repeat(row["scales"].astype(np.float64), hi - lo)
    for place, of_query in enumerate(np.split(values, ends[:-1])):
        pairs[queries.start + place, lo[place] : hi[place]] = of_query


def logit_table(store: ShardStore, model: Model, document: int, token: int) -> pa.Table:
    """The parts of the logit of the token that follows one. Raises as `document_attribution` does,
    and InputError where no token follows."""
    parts = document_attribution(store, model, document)
    if not 0 <= token < len(parts.heads):
        raise InputError(
            f"document {document}: token {token}: expected one that another follows, 0 to"
            f" {len(parts.heads) - 1}"
        )
    rows: list[tuple[str, str | None, int | None, int | None, float]] = [
        ("embedding", None, None, None, parts.by_token["embedding"][token])
    ]
    for head, value in zip(model.heads, parts.heads[token], strict=True):
        if not np.isnan(value):
            rows.append(("head", head.stack, head.layer, head.head, value))
    for name in LOGIT_MEANINGS:
        for (stack, layer), value in zip(
            layers_of(model), parts.by_layer[name][token], strict=True
        ):
            if value:
                rows.append((name, stack, layer, None, value))
    for name in ("last_bias", "between"):
        if parts.by_token[name][token]:
            rows.append((name, None, None, None, parts.by_token[name][token]))
    kinds = {
        "part": pa.utf8(), "stack": pa.utf8(), "layer": pa.uint16(), "head": pa.uint16(),
        "value": pa.float64(),
    }  # fmt: skip
    columns = zip(*rows, strict=True)
    return pa.table(
        {name: pa.array(of, kind) for (name, kind), of in zip(kinds.items(), columns, strict=True)}
    )


def layers_of(model: Model) -> list[tuple[str, int]]:
    """The stacks and indices of the layers that have heads, in their order."""
    return list(dict.fromkeys((head.stack, head.layer) for head in model.heads))


def _of_shard(table: pa.Table, document: int) -> list[dict[str, Any]]:
    numbers = np.flatnonzero(table["document"].to_numpy() == document).tolist()
    return [{name: _value(table[name][row]) for name in table.column_names} for row in numbers]


def _value(value: pa.Scalar) -> Any:
    if not isinstance(value, pa.ListScalar):
        return value.as_py()
    return value.values.to_numpy() if value.is_valid else None


def _joined(rows: Sequence[dict[str, Any]], heads: int, layers: int) -> DocumentAttribution:
    """Ranges of tokens one after another; raises LookupError where they do not follow on."""
    covered = 0
    for row in rows:
        if row["start"] != covered:
            raise LookupError(f"token {row['start']} follows token {covered}")
        covered += row["rows"]

    def joined(name: str, width: int) -> Array:
        parts = [np.zeros(row["rows"] * width) if row[name] is None else row[name] for row in rows]
        return np.concatenate(parts).reshape(covered, width)

    codes = LogitCodes(joined("codes", heads), joined("scales", 1)[:, 0])
    return DocumentAttribution(
        codes.logits(),
        {name: joined(name, 1)[:, 0].astype(np.float64) for name in _BY_TOKEN},
        {name: joined(name, layers).astype(np.float64) for name in LOGIT_MEANINGS},
    )

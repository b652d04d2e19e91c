"""What the scores of a layer's heads are made of, found and written, as a step of the build."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from attnviz.components.certificate import ScoredVectors, TotalVariation, rows_off, summarised
from attnviz.components.layer_vectors import DocumentVectors, LayerVectors
from attnviz.components.moments import merged
from attnviz.components.names import LoadingSums, LoadingTokens
from attnviz.documents import Tokens
from attnviz.engine.step import folder_step
from attnviz.format.columns import KEYS, QUERIES
from attnviz.format.manifest import Shard
from attnviz.format.shards import TARGET, ShardFolder, cut
from attnviz.heads.pairs import Types
from attnviz.interactions import Spectrum, spectrum
from attnviz.score import Array

Row = dict[str, Any]

_BESIDE: Final = 32
"""Bytes of a row of vectors beside them, about."""


@dataclass(frozen=True)
class StoredComponents:
    """A layer's shards by id, and the columns of each of its heads, (heads,)."""

    shards: dict[str, Shard]
    statistics: list[dict[str, float | None]]


@folder_step("components")
def write_components(
    into: Path,
    vectors: LayerVectors,
    number: int,
    moments: tuple[Path, ...],
    tokens: tuple[Sequence[Tokens | None], Sequence[Tokens | None]],
    types: tuple[Types, Types],
    stored: frozenset[int] | None,
    rank: int,
    contrast: bool,
    model: str,
) -> StoredComponents:
    """What is stored of one layer. `number` is the layer's in the files of `moments`; `tokens` are
    the documents' on the axes of queries and of keys, with their frequent `types`; vectors of the
    documents that are `stored` are written, None for all; `contrast` says whether there is one."""
    layer = vectors.layer.layer
    spectra = [spectrum(of, rank) for of in merged(moments, number).of_heads(layer.heads)]
    sides = [[LoadingSums(of) for of in types] for _ in spectra]
    rows: list[Row] = []
    off: list[Array] = []
    for document in vectors.documents():
        _add_loadings(document, spectra, sides, tokens, types)
        if stored is None or document.captured.document in stored:
            off.append(rows_off(scored_vectors(document), [of.interaction for of in spectra]))
            rows += _vector_rows(document, layer.numbers, layer.kv_numbers)
    variation = summarised(off)
    shards = ShardFolder(into)
    keys = {"model": model, "stack": layer.stack, "layer": layer.layer}
    name = f"{model}-{layer.stack}-L{layer.layer}"
    scaling = vectors.layer.rule.scaling
    table = _interactions(layer.numbers, spectra, variation, scaling, contrast)
    shards.add(f"interactions-{name}", "interactions", table, **keys)
    components = list(_components(layer.numbers, spectra, sides, scaling if contrast else None))
    for part, (first, end) in enumerate(cut([_component_size(row) for row in components])):
        here = components[first:end]
        shards.add(
            f"components-{name}-{part}",
            "components",
            {column: [row[column] for row in here] for column in here[0]},
            heads=(here[0]["head"], here[-1]["head"] + 1),
            **keys,
        )
    rows.sort(key=lambda row: row["document"])
    group = layer.group
    for part, (first, end) in enumerate(cut([_size(row) for row in rows])):
        here = rows[first:end]
        kv_heads = [row["head"] // (group if row["side"] == QUERIES else 1) for row in here]
        documents = here[0]["document"], here[-1]["document"] + 1
        shards.add(
            f"vectors-{name}-{part}",
            "vectors",
            {column: [row[column] for row in here] for column in here[0]},
            kv_heads=(min(kv_heads), max(kv_heads) + 1),
            documents=documents,
            **keys,
        )
    return StoredComponents(shards.shards, list(component_statistics(spectra, variation)))


def component_statistics(
    spectra: Sequence[Spectrum], variation: TotalVariation
) -> Iterator[dict[str, float | None]]:
    """The columns of each head by name; None where it has no component, or no row was measured."""
    for of, mean in zip(spectra, variation.mean, strict=True):
        yield {
            "first_component": of.first_share,
            "components_variation": float(mean) if variation.rows else None,
        }


def scored_vectors(document: DocumentVectors) -> ScoredVectors:
    """A document as its attention is made from it."""
    of = document.captured
    return ScoredVectors(
        q=of.q,
        k=of.k,
        before=(document.q, document.k),
        rule=of.rule,
        intervals=of.intervals,
        sinks=of.sinks,
        bias=of.bias,
    )


def _add_loadings(
    document: DocumentVectors,
    spectra: Sequence[Spectrum],
    sides: Sequence[Sequence[LoadingSums]],
    tokens: tuple[Sequence[Tokens | None], Sequence[Tokens | None]],
    types: tuple[Types, Types],
) -> None:
    """Add the loadings of a document's tokens by their types, head by head."""
    number = document.captured.document
    of_sides = [of[number] for of in tokens]
    numbers = [
        None if of_side is None else of_types.of(of_side.ids)
        for of_side, of_types in zip(of_sides, types, strict=True)
    ]
    group = len(document.q) // len(document.k)
    for head, (of, sums) in enumerate(zip(spectra, sides, strict=True)):
        loadings = (
            of.interaction.query_loadings(document.q[head]),
            of.interaction.key_loadings(document.k[head // group]),
        )
        for of_side, of_tokens, into in zip(loadings, numbers, sums, strict=True):
            if of_tokens is not None:
                into.add(of_side, of_tokens)


def _interactions(
    heads: Sequence[int],
    spectra: Sequence[Spectrum],
    off: TotalVariation,
    scaling: float,
    contrast: bool,
) -> dict[str, Any]:
    known = off.rows > 0
    return {
        "head": list(heads),
        "dimensions": [of.dimensions for of in spectra],
        "deviation": [scaling * of.deviation for of in spectra],
        "key_deviation": [scaling * of.key_deviation for of in spectra],
        "query_deviation": [scaling * of.query_deviation for of in spectra],
        "total_variation": off.mean.tolist() if known else [None] * len(heads),
        "total_variation_90": off.worst.tolist() if known else [None] * len(heads),
        "rows": [off.rows] * len(heads),
        "mean_query": [of.interaction.mean_query for of in spectra],
        "mean_key": [of.interaction.mean_key for of in spectra],
    } | (
        {"contrast": [None if of.contrast is None else scaling * of.contrast for of in spectra]}
        if contrast
        else {}
    )


def _components(
    heads: Sequence[int],
    spectra: Sequence[Spectrum],
    sides: Sequence[Sequence[LoadingSums]],
    scaling: float | None,
) -> Iterator[Row]:
    """A row for each; with what each brings of a contrast where the `scaling` of that is given."""
    for head, of, (queries, keys) in zip(heads, spectra, sides, strict=True):
        interaction = of.interaction
        for number, (share, strength) in enumerate(
            zip(of.shares, interaction.strengths, strict=True)
        ):
            row = {
                "head": head,
                "share": share,
                "strength": strength,
                "query_weights": interaction.query_weights[number],
                "key_weights": interaction.key_weights[number],
            }
            if scaling is not None:
                here = number < len(of.differences)
                row["contrast"] = scaling * of.differences[number] if here else None
            yield row | _named("query", queries.named(number)) | _named("key", keys.named(number))


def _component_size(row: Row) -> int:
    """Bytes of a row of a component, about."""
    texts = [*row["query_tokens"], *row["key_tokens"]]
    weights = len(row["query_weights"]) + len(row["key_weights"])
    return 64 + 4 * weights + sum(16 + len(text.encode()) for text in texts)


def _named(side: str, tokens: LoadingTokens) -> Row:
    return {
        f"{side}_tokens": tokens.texts,
        f"{side}_loadings": tokens.loadings,
        f"{side}_counts": tokens.counts,
    }


def _vector_rows(
    document: DocumentVectors, heads: Sequence[int], kv_heads: Sequence[int]
) -> Iterator[Row]:
    """The vectors of a document: of each kv head the queries of its group, then its keys."""
    group = len(heads) // len(kv_heads)
    after = document.captured.q, document.captured.k
    for kv, kv_head in enumerate(kv_heads):
        of_group = range(kv * group, (kv + 1) * group)
        places = [(QUERIES, heads[n], document.q[n], after[0][n]) for n in of_group]
        places.append((KEYS, kv_head, document.k[kv], after[1][kv]))
        for side, head, values, turned in places:
            for first, end in _ranges(values):
                yield {
                    "side": side,
                    "head": head,
                    "document": document.captured.document,
                    "start": first,
                    "rows": end - first,
                    "values": values[first:end].ravel(),
                    "turned": turned[first:end].ravel() if document.turned else None,
                }


def _ranges(values: Array) -> Iterator[tuple[int, int]]:
    """Ranges of tokens of at most about 150 kB of vectors each."""
    step = max(1, TARGET // 2 // (4 * values.shape[1]))
    for first in range(0, len(values), step):
        yield first, min(first + step, len(values))


def _size(row: Row) -> int:
    turned = 0 if row["turned"] is None else np.asarray(row["turned"]).nbytes
    return int(_BESIDE + row["values"].nbytes + turned)

"""Which encoding each group of documents gets: the smallest that is within the corpus's bounds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from attnviz.capture.result import Layer, LayerDocument
from attnviz.encoding import (
    DENSE_TYPES,
    ENCODINGS,
    PACKED,
    QUERY_KEY_TYPES,
    Errors,
    QueryKeyCodes,
    bits_of,
    dense_round_trip,
    encode_query_key,
)
from attnviz.errors import InputError
from attnviz.sampling import measured_rows, measured_share
from attnviz.score import Array, Intervals
from attnviz.writer.coding import Coding, CodingSearch

# The certificate is measured against eager attention, the choice against our own float32 attention,
# which differs from it by some 1e-6: the choice keeps this much away from the bound.
_MARGIN: Final = 0.99


def encodings_of(layer: Layer, with_vectors: bool = False) -> tuple[str, ...]:
    """What a layer's attention can be stored as: attention without queries and keys only as it is,
    and where these are to be kept (`with_vectors`), as them alone."""
    if not layer.vectors:
        return tuple(DENSE_TYPES)
    return tuple(QUERY_KEY_TYPES) if with_vectors else ENCODINGS


def begin_search(
    costs: Mapping[str, int], values: int, kv_heads: int, bounds: tuple[float, float]
) -> CodingSearch:
    """A search among encodings of these costs, of so many values of queries and keys a kv head, a
    little within the bounds."""
    return CodingSearch(costs, values, kv_heads, (bounds[0] * _MARGIN, bounds[1] * _MARGIN))


def end_search(
    layer: Layer, search: CodingSearch, bounds: tuple[float, float], name: str
) -> list[Coding]:
    """The coding of each kv head; `name` is the layer's in messages. Raises InputError if nothing
    is within the bounds."""
    missing = [head for head, coding in enumerate(search.chosen) if coding is None]
    if missing:
        head, (variation, error) = missing[0], search.figures
        raise InputError(
            f"{name}, kv head {layer.kv_numbers[head]}: no encoding is within the"
            f" corpus's fidelity bound: total variation {variation[head]:.2g} (bound"
            f" {bounds[0]:g}), largest error {error[head]:.2g} (bound {bounds[1]:g}); set"
            " fidelity.total_variation and fidelity.max_error higher"
        )
    return [coding for coding in search.chosen if coding is not None]


def measure_encoding(
    document: LayerDocument, layer: Layer, encoding: str, noise: Array | None
) -> tuple[Errors, Array]:
    """Errors of one document in this encoding, packed codes at the `noise` (kv heads,), on all its
    rows or on the sample of a long one; and the bits of its values, (kv heads,), if they are
    packed."""
    errors = []
    blocks = measured_rows(document.intervals, layer.heads)
    codes = None if encoding in DENSE_TYPES else query_key_codes(document, encoding, noise, blocks)
    for rows in blocks:
        visible, a = document.intervals.rows(rows), document.attention(rows)  # (head, row, key)
        if codes is None:
            decoded = dense_round_trip(a, visible, document.sinks is not None, encoding)
        else:
            decoded = codes.rows(rows).attention(document.rule, visible, document.bias)
        errors.append(errors_of(a, decoded, visible.defined))
    is_packed = codes is not None and encoding == PACKED
    bits = bits_of(codes) if codes is not None and is_packed else np.zeros(layer.kv_heads)
    return together(errors, document.intervals), bits


def errors_of(truth: Array, decoded: Array, defined: Array) -> Errors:
    """The errors of one block of rows, (heads, rows, K) each; see `Errors.add`."""
    errors = Errors.none(len(truth))
    errors.add(truth, decoded, defined)
    return errors


def together(blocks: Sequence[Errors], intervals: Intervals) -> Errors:
    """The errors of a document from those of the blocks of `measured_rows`."""
    return Errors.of_sample(blocks, int(intervals.defined.sum()), measured_share(intervals))


def query_key_codes(
    document: LayerDocument,
    encoding: str,
    noise: Array | None,
    rows: Sequence[slice] | None = None,
) -> QueryKeyCodes:
    """A document's queries and keys in this encoding, packed codes at the `noise` (kv heads,); with
    `rows`, lse of those alone."""
    return encode_query_key(
        document.q,
        document.k,
        document.rule,
        document.intervals,
        encoding=encoding,
        noise=noise,
        sinks=document.sinks,
        bias=document.bias,
        rows=rows,
    )

"""Which encoding each group of documents gets: the smallest that is within the corpus's bounds."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from attnviz.capture import Layer, LayerDocument
from attnviz.encoding import (
    DENSE_TYPES,
    ENCODINGS,
    QUERY_KEY_TYPES,
    EncodingChoice,
    Errors,
    QueryKeyCodes,
    dense_round_trip,
    encode_query_key,
)
from attnviz.errors import InputError
from attnviz.sampling import measured_rows, measured_share
from attnviz.score import Array, Intervals

# The certificate is measured against eager attention, the choice against our own float32 attention,
# which differs from it by some 1e-6: the choice keeps this much away from the bound.
_MARGIN: Final = 0.99


def encodings_of(layer: Layer, with_vectors: bool = False) -> tuple[str, ...]:
    """What a layer's attention can be stored as: attention without queries and keys only as it is,
    and where these are to be kept (`with_vectors`), as them alone."""
    if not layer.vectors:
        return tuple(DENSE_TYPES)
    return tuple(QUERY_KEY_TYPES) if with_vectors else ENCODINGS


def begin_choice(
    costs: dict[str, int], kv_heads: int, bounds: tuple[float, float]
) -> EncodingChoice:
    """A choice among encodings of these costs, a little within the bounds."""
    return EncodingChoice(costs, kv_heads, (bounds[0] * _MARGIN, bounds[1] * _MARGIN))


def end_choice(
    layer: Layer, choice: EncodingChoice, bounds: tuple[float, float], name: str
) -> list[str]:
    """The encoding of each kv head; `name` is the layer's in messages. Raises InputError if nothing
    is within the bounds."""
    missing = [head for head, encoding in enumerate(choice.cheapest) if encoding is None]
    if missing:
        head, (variation, error) = missing[0], choice.figures
        raise InputError(
            f"{name}, kv head {layer.kv_numbers[head]}: no encoding is within the"
            f" corpus's fidelity bound: total variation {variation[head]:.2g} (bound"
            f" {bounds[0]:g}), largest error {error[head]:.2g} (bound {bounds[1]:g}); set"
            " fidelity.total_variation and fidelity.max_error higher"
        )
    return [encoding or "" for encoding in choice.cheapest]


def measure_encoding(document: LayerDocument, heads: int, encoding: str) -> Errors:
    """Errors of one document in this encoding, on all its rows or on the sample of a long one."""
    errors = []
    blocks = measured_rows(document.intervals, heads)
    codes = None if encoding in DENSE_TYPES else query_key_codes(document, encoding, blocks)
    for rows in blocks:
        visible, a = document.intervals.rows(rows), document.attention(rows)  # (head, row, key)
        if codes is None:
            decoded = dense_round_trip(a, visible, document.sinks is not None, encoding)
        else:
            decoded = codes.rows(rows).attention(document.rule, visible, document.bias)
        errors.append(errors_of(a, decoded, visible.defined))
    return together(errors, document.intervals)


def errors_of(truth: Array, decoded: Array, defined: Array) -> Errors:
    """The errors of one block of rows, (heads, rows, K) each; see `Errors.add`."""
    errors = Errors.none(len(truth))
    errors.add(truth, decoded, defined)
    return errors


def together(blocks: Sequence[Errors], intervals: Intervals) -> Errors:
    """The errors of a document from those of the blocks of `measured_rows`."""
    return Errors.of_sample(blocks, int(intervals.defined.sum()), measured_share(intervals))


def query_key_codes(
    document: LayerDocument, encoding: str, rows: Sequence[slice] | None = None
) -> QueryKeyCodes:
    """A document's queries and keys in this encoding; with `rows`, lse of those alone."""
    return encode_query_key(
        document.q,
        document.k,
        document.rule,
        document.intervals,
        encoding=encoding,
        sinks=document.sinks,
        bias=document.bias,
        rows=rows,
    )

"""Which encoding each group of documents gets: the smallest that is within the corpus's bounds."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
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
    stored_bytes,
)
from attnviz.errors import InputError
from attnviz.sampling import measured_rows, measured_share
from attnviz.score import Array, Intervals

# The certificate is measured against eager attention, the choice against our own float32 attention,
# which differs from it by some 1e-6: the choice keeps this much away from the bound.
_MARGIN: Final = 0.99


@dataclass(frozen=True)
class LayerSource:
    """A captured layer as the encoder needs it. `documents` streams the documents, as often as it
    is called; `with_vectors` are the document groups whose queries and keys are kept."""

    name: str
    layer: Layer
    documents: Callable[[], Iterable[LayerDocument]]
    with_vectors: frozenset[int] = frozenset()

    def encodings(self, group: int) -> tuple[str, ...]:
        """What a document group can be stored as: attention without queries and keys only as it
        is, and where these are to be kept, as them alone."""
        if not self.layer.vectors:
            return tuple(DENSE_TYPES)
        return tuple(QUERY_KEY_TYPES) if group in self.with_vectors else ENCODINGS


def choose(source: LayerSource, groups: Array, bounds: tuple[float, float]) -> list[list[str]]:
    """The encoding of each document group (outer) and kv head (inner); the first that fits for
    groups without tokens.

    The documents are streamed once for their sizes and once for each encoding that is tried, for
    all groups together. Raises InputError if nothing is within the bounds.
    """
    nearer = (bounds[0] * _MARGIN, bounds[1] * _MARGIN)
    kv_heads = source.layer.kv_heads
    choices = [EncodingChoice(costs, kv_heads, nearer) for costs in _costs(source, groups)]
    while any(choice.encoding for choice in choices):
        _try_next(source, groups, choices)
    return [_chosen(source, choice, bounds) for choice in choices]


def _costs(source: LayerSource, groups: Array) -> list[dict[str, int]]:
    """The bytes of each encoding, for each group."""
    layer = source.layer
    count = int(groups.max()) + 1 if len(groups) else 0
    costs = [dict.fromkeys(source.encodings(group), 0) for group in range(count)]
    for document in source.documents():
        of_group = costs[groups[document.document]]
        for encoding in of_group:
            of_group[encoding] += stored_bytes(
                encoding, document.intervals, layer.group, layer.head_size
            )
    return costs


def _try_next(source: LayerSource, groups: Array, choices: Sequence[EncodingChoice]) -> None:
    """The next encoding of each group that has still to choose, measured on its documents."""
    layer = source.layer
    errors = {
        group: Errors.none(layer.heads) for group, choice in enumerate(choices) if choice.encoding
    }
    for document in source.documents():
        group = int(groups[document.document])
        if encoding := choices[group].encoding:
            errors[group].merge(_measure(document, layer.heads, encoding))
    for group, of_group in errors.items():
        choices[group].take(*of_group.by_group(layer.group))


def _chosen(source: LayerSource, choice: EncodingChoice, bounds: tuple[float, float]) -> list[str]:
    """The encoding of each kv head. Raises InputError if nothing is within the bounds."""
    missing = [head for head, encoding in enumerate(choice.cheapest) if encoding is None]
    if missing:
        head, (variation, error) = missing[0], choice.figures
        raise InputError(
            f"{source.name}, kv head {source.layer.kv_numbers[head]}: no encoding is within the"
            f" corpus's fidelity bound: total variation {variation[head]:.2g} (bound"
            f" {bounds[0]:g}), largest error {error[head]:.2g} (bound {bounds[1]:g}); set"
            " fidelity.total_variation and fidelity.max_error higher"
        )
    return [encoding or "" for encoding in choice.cheapest]


def _measure(document: LayerDocument, heads: int, encoding: str) -> Errors:
    """Errors of one document in this encoding, on all its rows or on the sample of a long one."""
    errors = []
    blocks = measured_rows(document.document, document.intervals, heads)
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

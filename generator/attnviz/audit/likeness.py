"""Distances between heads, recomputed in the same rows, and how far the picture of heads may be
believed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

import numpy as np

from attnviz.audit.findings import Findings
from attnviz.audit.maps import of_errors
from attnviz.audit.statistics import TokensOf
from attnviz.audit.stored_layer import StoredLayer
from attnviz.format.manifest import Head, Layout
from attnviz.heads.compared_rows import content_number, sample_rows, telling_rows
from attnviz.heads.likeness import Divergences, PictureFigures, measure, row_groups
from attnviz.maps.row_sample import runs
from attnviz.sampling import RowSample
from attnviz.score import Array

_PLACES: Final = 0.02
"""What stress and rank may be off by places that are stored with six digits and distances that are
recomputed from stored attention."""

_SAMPLES: Final = "likeness of heads, in rows as attnviz drew them before distances had an error"


def compare_likeness(
    layers: Sequence[StoredLayer],
    layout: Layout,
    tokens: TokensOf,
    seed: int,
    findings: Findings,
) -> None:
    """Hold the distances of heads in a layout against those in stored attention; `tokens` gives
    those of a document on an axis."""
    members = [layer for layer in layers if layer.stack.name in layout.stacks]
    heads = [(layer, head) for layer in members for head in layer.heads]
    if layout.sampled is None:
        findings.skip(_SAMPLES, sum(len(head.alike) for _, head in heads) + 3)
        return
    queries, keys = members[0].lengths
    axis = members[0].stack.query_axis
    contents = [
        content_number(tokens(axis, number) if length else None, number)
        for number, length in enumerate(queries.tolist())
    ]
    sample = sample_rows(queries, keys, contents, heads=len(heads), seed=seed)
    divergences = Divergences(len(heads))
    for document, rows in sample.rows.items():
        attention, telling = _attention(members, document, rows)
        divergences.add(attention[:, telling], row_groups(contents[document], rows)[telling])
    place = f"{members[0].model.name}, layout of {', '.join(layout.stacks)}"
    for name, stated, again in (
        ("sampled", layout.sampled, sample.share < 1),
        ("documents", layout.documents, len(sample.rows)),
        ("rows", layout.rows, divergences.rows),
    ):
        findings.compare(place, name, stated=stated, recomputed=again)
    _compare_heads(heads, divergences, sample, findings)
    _compare_picture(heads, layout, divergences.distances(), place, findings)
    _compare_errors(heads, layout, divergences, sample, place=place, findings=findings)


def _attention(layers: Sequence[StoredLayer], document: int, rows: Array) -> tuple[Array, Array]:
    """All heads' attention in these rows of a document, (heads, rows, K), and which of them can
    tell heads apart, (rows,)."""
    parts, keys = [], np.zeros(len(rows), np.int64)
    for layer in layers:
        stored = layer.document(document)
        blocks = [
            stored.attention(slice(int(run[0]), int(run[-1]) + 1))[:, run - run[0]]
            for run in runs(rows, 256)
        ]
        parts.append(np.concatenate(blocks, 1))
        keys = np.maximum(keys, (stored.intervals.hi - stored.intervals.lo)[rows])
    attention = np.concatenate(parts)
    return attention, telling_rows(attention, keys)


def _compare_heads(
    heads: Sequence[tuple[StoredLayer, Head]],
    divergences: Divergences,
    sample: RowSample,
    findings: Findings,
) -> None:
    names = {layer.model.head_id(head): number for number, (layer, head) in enumerate(heads)}
    distances = divergences.distances()
    for number, (layer, head) in enumerate(heads):
        place = layer.place(head)
        for likeness in head.alike:
            other = names.get(likeness.head)
            if other is None:
                findings.compare(place, "most alike", stated=likeness.head, recomputed=None)
                continue
            allowed = _allowed(head, heads[other][1])
            findings.compare(
                place,
                f"distance from {likeness.head}",
                stated=likeness.distance,
                recomputed=float(distances[number, other]),
                allowed=allowed,
            )
            error = divergences.error(number, other, sample.share)
            if error is None and (likeness.standard_error or 0) <= allowed:
                continue  # heads alike but for what their codes may be off have no distance
            findings.compare(
                place,
                f"standard error of the distance from {likeness.head}",
                stated=likeness.standard_error,
                recomputed=error,
                allowed=of_errors(error),
            )
        _compare_order(number, heads, names, distances, findings)


def _compare_order(
    number: int,
    heads: Sequence[tuple[StoredLayer, Head]],
    names: Mapping[str, int],
    distances: Array,
    findings: Findings,
) -> None:
    """No head that is left out is nearer than one that is named."""
    layer, head = heads[number]
    named = {names[likeness.head] for likeness in head.alike if likeness.head in names}
    farthest = max((likeness.distance for likeness in head.alike), default=0.0)
    nearer = [
        other
        for other in range(len(heads))
        if other not in named
        and other != number
        and distances[number, other] < farthest - _allowed(head, heads[other][1])
    ]
    first = layer.model.head_id(heads[nearer[0]][1]) if nearer else None
    findings.compare(layer.place(head), "a head left out is nearer", stated=None, recomputed=first)


def _allowed(head: Head, other: Head) -> float:
    """How far a distance may be off. The Jensen–Shannon distance is a metric, and that of a row
    from its stored one is at most √t, t the total variation, and far less where t is spread."""
    return (
        0.1 * sum(float(np.sqrt(each.certificate.total_variation)) for each in (head, other)) + 2e-3
    )


def _compare_picture(
    heads: Sequence[tuple[StoredLayer, Head]],
    layout: Layout,
    distances: Array,
    place: str,
    findings: Findings,
) -> None:
    """Stress and rank, from the places as they are stored."""
    places = np.array([head.position for _, head in heads], float)  # (head, 2)
    # Heads that are all alike have no picture to believe, whatever their codes add to distances.
    nothing = PictureFigures(None, None)
    again = nothing if layout.stress is None else measure(places, distances)
    for name, stated, recomputed in (
        ("stress", layout.stress, again.stress),
        ("rank", layout.rank, again.rank),
    ):
        findings.compare(place, name, stated=stated, recomputed=recomputed, allowed=_PLACES)


def _compare_errors(
    heads: Sequence[tuple[StoredLayer, Head]],
    layout: Layout,
    divergences: Divergences,
    sample: RowSample,
    *,
    place: str,
    findings: Findings,
) -> None:
    """The standard errors of stress and rank, where they are stated."""
    places = np.array([head.position for _, head in heads], float)  # (head, 2)
    errors = divergences.errors_of(places, sample.share)
    for name, stated, again in (
        ("standard error of the stress", layout.stress_standard_error, errors.stress),
        ("standard error of the rank", layout.rank_standard_error, errors.rank),
    ):
        if stated is not None:
            findings.compare(place, name, stated=stated, recomputed=again, allowed=of_errors(again))

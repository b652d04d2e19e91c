"""What a report says of figures that were measured on a sample of queries: which, on how many, and
how far they may be off."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from attnviz.documents.document import Notice
from attnviz.format.manifest import Head, MapFigures, Model, SpaceFigures

_Figures = MapFigures | SpaceFigures

KIND: Final = "sampled"


def sampled_notices(model: Model) -> list[Notice]:
    """One each for maps, spaces, trustworthiness, certificates and distances between heads, as far
    as they were measured on a sample; [] where every figure is exact."""
    heads = model.heads
    notices = [
        *_of_truth("maps", [head.maps for head in heads]),
        *_of_truth("spaces", [head.spaces for head in heads]),
        *_of_trustworthiness(heads),
        *_of_certificates(heads),
        *_of_likeness(model),
    ]
    return [
        Notice(KIND, f"{model.name}: {message}", None, model.name, figures)
        for message, figures in notices
    ]


_Words = tuple[str, dict[str, float]]
"""A message and the figures in it."""


def _of_truth(what: str, of_heads: Sequence[Mapping[str, _Figures]]) -> Iterator[_Words]:
    figures = [each for head in of_heads for each in head.values() if each.sampled]
    if not figures:
        return
    rows = max(each.rows or 0 for each in figures)
    mass = max((each.top3_mass_standard_error or 0.0 for each in figures), default=0.0)
    rank = max((each.rank_standard_error or 0.0 for each in figures), default=0.0)
    message = (
        f"top-3 mass and rank of {what} were measured on a sample of {rows:,} queries a head, drawn"
        f" evenly; standard error at most {mass:.2g} and {rank:.2g}"
    )
    yield (
        message,
        {
            f"rows_of_{what}": rows,
            f"top3_mass_standard_error_of_{what}": mass,
            f"rank_standard_error_of_{what}": rank,
        },
    )


def _of_trustworthiness(heads: Sequence[Head]) -> Iterator[_Words]:
    errors = [
        figures.trustworthiness_standard_error
        for head in heads
        for figures in head.maps.values()
        if figures.trustworthiness_standard_error is not None
    ]
    if errors:
        message = (
            "trustworthiness of maps was measured on a sample of their points, drawn evenly;"
            f" standard error at most {max(errors):.2g}"
        )
        yield message, {"trustworthiness_standard_error": max(errors)}


def _of_certificates(heads: Sequence[Head]) -> Iterator[_Words]:
    certificates = [head.certificate for head in heads if head.certificate.sampled]
    if certificates:
        rows = max(certificate.rows for certificate in certificates)
        error = max(each.total_variation_standard_error or 0.0 for each in certificates)
        message = (
            f"certificates were measured on {rows:,} queries a head, a sample of long documents'"
            f" rows drawn evenly; standard error of total variation at most {error:.2g}"
        )
        yield message, {"rows_of_certificates": rows, "total_variation_standard_error": error}


def _of_likeness(model: Model) -> Iterator[_Words]:
    rows = max((layout.rows for layout in model.layouts if layout.sampled), default=None)
    if rows is None:
        return
    alike = [likeness for head in model.heads for likeness in head.alike]
    error = max((likeness.standard_error or 0.0 for likeness in alike), default=0.0)
    message = (
        f"distances between heads were measured on a sample of {rows:,} queries a head, drawn"
        f" evenly; standard error at most {error:.2g}"
    )
    yield message, {"rows_of_distances": rows, "distance_standard_error": error}

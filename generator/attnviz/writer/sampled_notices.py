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
    """One each for maps, spaces, trustworthiness and certificates that were measured on a sample;
    [] where every figure is exact."""
    kinds = (
        ("maps", [head.maps for head in model.heads]),
        ("spaces", [head.spaces for head in model.heads]),
    )
    return [
        Notice(KIND, f"{model.name}: {message}", None, model.name)
        for what, of_heads in kinds
        for message in _messages(what, of_heads)
    ] + [
        Notice(KIND, f"{model.name}: {message}", None, model.name)
        for message in (*_trustworthiness(model.heads), *_certificates(model.heads))
    ]


def _messages(what: str, of_heads: Sequence[Mapping[str, _Figures]]) -> Iterator[str]:
    figures = [each for head in of_heads for each in head.values() if each.sampled]
    if not figures:
        return
    rows = max(each.rows or 0 for each in figures)
    mass = max((each.top3_mass_standard_error or 0.0 for each in figures), default=0.0)
    rank = max((each.rank_standard_error or 0.0 for each in figures), default=0.0)
    yield (
        f"top-3 mass and rank of {what} were measured on a sample of {rows:,} queries a head, drawn"
        f" evenly; standard error at most {mass:.2g} and {rank:.2g}"
    )


def _trustworthiness(heads: Sequence[Head]) -> Iterator[str]:
    errors = [
        figures.trustworthiness_standard_error
        for head in heads
        for figures in head.maps.values()
        if figures.trustworthiness_standard_error is not None
    ]
    if errors:
        yield (
            "trustworthiness of maps was measured on a sample of their points, drawn evenly;"
            f" standard error at most {max(errors):.2g}"
        )


def _certificates(heads: Sequence[Head]) -> Iterator[str]:
    certificates = [head.certificate for head in heads if head.certificate.sampled]
    if certificates:
        rows = max(certificate.rows for certificate in certificates)
        error = max(each.total_variation_standard_error or 0.0 for each in certificates)
        yield (
            f"certificates were measured on {rows:,} queries a head, a sample of long documents'"
            f" rows drawn evenly; standard error of total variation at most {error:.2g}"
        )

"""What a head's page says of its maps and of the spaces they are made from: how far each may be
believed."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from attnviz.format.manifest import Head, MapFigures, Model, SpaceFigures
from attnviz.site.contexts import MapRow
from attnviz.site.wording import number, percent, plus_minus

SPACES: Final = {
    "translated-cosine": "All channels, as in AttentionViz, cosine",
    "translated-euclidean": "All channels, as in AttentionViz, Euclidean",
    "lifted": "All channels, keys on one sphere",
}
_EXACT: Final = 1e-6
_NONE: Final = "–"


def map_rows(model: Model, head: Head) -> Iterator[MapRow]:
    """The head's maps, then its full spaces."""
    titles = {kind.id: kind.title for kind in model.maps}
    for name, figures in head.maps.items():
        trust = _NONE if figures.trustworthiness is None else number(figures.trustworthiness)
        yield MapRow(
            titles[name],
            *_truth(figures),
            trust + plus_minus(figures.trustworthiness_standard_error),
            number(figures.quantisation_error),
        )
    for name, space in head.spaces.items():
        scale = "" if space.scale is None else f", c = {number(space.scale)}"
        yield MapRow(f"{SPACES.get(name, name)}{scale}", *_truth(space), _NONE, _NONE)


def _truth(figures: MapFigures | SpaceFigures) -> tuple[str, str]:
    """Top-3 mass and rank, each with its standard error if it is of a sample."""
    mass, rank = figures.top3_mass, figures.rank
    mass_error = figures.top3_mass_standard_error
    return (
        _NONE if mass is None else percent(mass) + plus_minus(mass_error and 100 * mass_error),
        _NONE if rank is None else number(rank) + plus_minus(figures.rank_standard_error),
    )


def map_sentences(model: Model, head: Head) -> Iterator[str]:
    """Whether distance can tell this head's attention at all, and of which tokens the maps are."""
    sphere = head.spaces.get("lifted")
    if head.limits:
        yield (
            "No space of its queries and keys shows all of this head's attention:"
            f" {'; '.join(head.limits)}."
        )
    elif sphere is not None and sphere.rank is not None and sphere.rank < _EXACT - 1:
        yield (
            "With keys on one sphere distance tells this head's scores exactly: the nearer, the"
            " higher."
        )
    elif sphere is None:
        yield "Only the attention itself was captured, so there is no space of queries and keys."
    stack = next(stack for stack in model.stacks if stack.name == head.stack)
    for axis in model.axes:
        if axis.name in (stack.query_axis, stack.key_axis) and axis.sample.count < axis.tokens:
            yield (
                f"Maps show {axis.sample.count:,} of the {axis.tokens:,} tokens ({axis.name}):"
                " whole documents, drawn at random by the report's seed."
            )
    yield from _starts(model, head)
    yield from _samples(head)


def _starts(model: Model, head: Head) -> Iterator[str]:
    """Which of the head's maps do not follow from the corpus alone."""
    started = [kind for kind in model.maps if kind.start is not None and kind.id in head.maps]
    for start in {kind.start for kind in started}:
        if start is not None:
            titles = [kind.title for kind in started if kind.start == start]
            yield (
                f"{' and '.join(titles)}: started from the positions of an earlier build, which had"
                f" {start.documents:,} of these {start.of:,} documents; their points stand where"
                " they stood."
            )


def _samples(head: Head) -> Iterator[str]:
    """On how many queries the figures are measured, and whether they are exact."""
    for what, figures in (("Maps", head.maps), ("Spaces", head.spaces)):
        measured = [each for each in figures.values() if each.sampled is not None]
        rows = max((each.rows or 0 for each in measured), default=0)
        if any(each.sampled for each in measured):
            yield (
                f"{what} were measured on a seeded sample of {rows:,} queries, in which each has"
                " the same chance; ± is the standard error."
            )
        elif measured:
            yield f"{what} were measured on all {rows:,} queries, so top-3 mass and rank are exact."

"""How truly distance tells attention in the full spaces of a layer's heads, as a step of the
build."""

from __future__ import annotations

from attnviz.engine.step import step
from attnviz.engine.threads import one_thread
from attnviz.format.manifest import SpaceFigures
from attnviz.maps.full_spaces import SPACE_PAIRS, SPACES, full_spaces
from attnviz.maps.layer_job import LayerJob
from attnviz.maps.quality import Truth, measure


@step("spaces")
def measure_spaces(job: LayerJob) -> list[dict[str, SpaceFigures]]:
    """How truly distance tells attention in each full space, head by head; [] if there are no
    queries and keys.

    The Euclidean space takes the scale c that correlates best on at most 384 queries and keys.
    """
    with one_thread():
        points, documents = job.points(), job.rows()
        if points.q is None or points.k is None or min(points.sizes) == 0:
            return []
        spaces, scales = full_spaces(points.q, points.k, job.seed)
        measured = measure(spaces, documents, job.seed, SPACE_PAIRS)
        truths = {name: measured.truths(name) for name in SPACES}
        return [
            {
                name: _figures(
                    truths[name][head], scales[head] if name == "translated-euclidean" else None
                )
                for name in SPACES
            }
            for head in range(points.heads)
        ]


def _figures(truth: Truth, scale: float | None) -> SpaceFigures:
    return SpaceFigures(
        top3_mass=truth.top3_mass.value,
        top3_mass_standard_error=truth.top3_mass.error,
        rank=truth.rank.value,
        rank_standard_error=truth.rank.error,
        scale=scale,
        rows=truth.rows,
        sampled=truth.sampled,
    )

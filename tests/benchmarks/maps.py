"""How true maps are, what they cost, and UMAP beside umap-learn.

All heads of the quickstart, by every method; t-SNE, which takes about a minute a head in the plane
and several in space, of three heads in the plane, with the attention map of the same ones. What is
said of a map is what the report says, measured at the stored coordinates.
"""

from __future__ import annotations

import tempfile
from statistics import mean
from typing import Any

from attnviz.maps.variants import TITLES
from tests.benchmarks.figures import Cell, Figure, Result
from tests.benchmarks.processes import Run, run
from tests.benchmarks.stages import CORES, QUICKSTART

KINDS = tuple((method, size) for method in ("attention", "pca", "umap") for size in (2, 3))
FEW = {"layers": [0, 2, 4], "heads": [3]}
MASS, WORST, MASS_IN_SPACE = 0.90, 0.75, 0.95
LIMIT = 240.0

TOKENS = 5050
"""Half as many as points: from 10,000 points on, umap-learn halves its epochs."""
EVERY = 7
UMAP_HEADS, UMAP_LIMIT = 144, 300.0
FASTER, AS_TRUE = 1.5, 0.01

SPACES = {
    "translated-cosine": "AttentionViz, cosine",
    "translated-euclidean": "AttentionViz, Euclidean",
    "lifted": "sphere",
}
COLUMNS = (
    "",
    "heads",
    "top-3 mass",
    "worst",
    "rank",
    "worst",
    "trustworthiness",
    "seconds",
    "processor s",
)


def measure() -> Result:
    """the quickstart's 72 heads by every method, and UMAP of 10,000 points against umap-learn's
    defaults"""
    rows: list[tuple[Cell, ...]] = []
    figures = []
    with tempfile.TemporaryDirectory() as folder:
        for method, size in KINDS:
            measured = run(
                "map_figures", corpus=str(QUICKSTART), folder=folder, method=method, dimensions=size
            )
            rows.append(row(method, size, measured))
            if method == "attention":
                figures += asked(size, measured)
        rows[:0] = of_spaces(measured.result["heads"])
    with tempfile.TemporaryDirectory() as folder:
        for method in ("attention", "tsne"):
            measured = run(
                "map_figures",
                corpus=str(QUICKSTART),
                folder=folder,
                method=method,
                dimensions=2,
                **FEW,
            )
            rows.append(row(method, 2, measured))
    more, compared = against_umap_learn()
    return Result(COLUMNS, rows + more, figures + compared)


def row(method: str, size: int, measured: Run) -> tuple[Cell, ...]:
    """What the report says of one kind of maps, and what they cost with their measurement."""
    heads = list(measured.result["heads"].values())
    stage = measured.stages[f"{TITLES[method]} minilm"]
    return (
        f"{TITLES[method]}, {size}-D",
        len(heads),
        *truths([head["map"] for head in heads]),
        stage.seconds,
        stage.processor,
    )


def truths(entries: list[dict[str, Any]]) -> tuple[Cell, ...]:
    """Means and worst of top-3 mass and rank, and the mean trustworthiness, over heads."""
    masses, ranks = ([entry[name] for entry in entries] for name in ("top3_mass", "rank"))
    trusted = [entry.get("trustworthiness") for entry in entries]
    return (
        mean(masses),
        min(masses),
        mean(ranks),
        max(ranks),
        None if None in trusted else mean(trusted),
    )


def of_spaces(heads: dict[str, Any]) -> list[tuple[Cell, ...]]:
    """The full spaces that maps are made from."""
    return [
        (
            f"space: {title}",
            len(heads),
            *truths([head["spaces"][name] for head in heads.values()]),
            None,
            None,
        )
        for name, title in SPACES.items()
    ]


def asked(size: int, measured: Run) -> list[Figure]:
    """What attention maps are to be."""
    masses = [head["map"]["top3_mass"] for head in measured.result["heads"].values()]
    stage = measured.stages[f"{TITLES['attention']} minilm"]
    if size == 3:
        return [
            Figure(
                "attention, 3-D, top-3 mass",
                mean(masses),
                "",
                "asked",
                MASS_IN_SPACE,
                1,
                at_least=True,
            )
        ]
    return [
        Figure("attention, 2-D, top-3 mass", mean(masses), "", "asked", MASS, 1, at_least=True),
        Figure("attention, 2-D, worst head", min(masses), "", "asked", WORST, 1, at_least=True),
        Figure(f"attention, 2-D, {len(masses)} heads", stage.seconds, "s", "limit", LIMIT, 1),
        Figure(
            f"the same, of {CORES} processors", stage.processor / CORES, "s each", "limit", LIMIT, 1
        ),
    ]


def against_umap_learn() -> tuple[list[tuple[Cell, ...]], list[Figure]]:
    """All heads by ours in a build, and every seventh by both."""
    with tempfile.TemporaryDirectory() as folder:
        built = run(
            "map_figures",
            corpus=str(QUICKSTART),
            folder=folder,
            method="umap",
            dimensions=2,
            tokens=TOKENS,
        )
        measured = run(
            "umap_heads", corpus=str(QUICKSTART), folder=folder, tokens=TOKENS, every=EVERY
        )
    heads, points = measured.result["heads"], measured.result["points"]
    rows: list[tuple[Cell, ...]] = []
    for name in ("ours", "umap-learn"):
        stage = measured.stages[name]
        trust = mean(head[f"{name}, trustworthiness"] for head in heads.values())
        rows.append(
            (
                f"{points:,} points: {name}",
                len(heads),
                None,
                None,
                None,
                None,
                trust,
                stage.seconds,
                stage.processor,
            )
        )
    for name, head in heads.items():
        rows.append(
            (
                f"  {name}, {head['parts']} parts: ours",
                1,
                *4 * (None,),
                head["ours, trustworthiness"],
                head["ours"],
                None,
            )
        )
        rows.append((f"  {name}: umap-learn", 1, *4 * (None,), head["umap-learn, trustworthiness"],
                     head["umap-learn"], None))  # fmt: skip
    all_heads = built.stages["UMAP minilm"]
    count = len(built.result["heads"])
    rows.append(
        (
            f"{2 * built.result['tokens']:,} points: a build",
            count,
            *4 * (None,),
            mean(head["map"]["trustworthiness"] for head in built.result["heads"].values()),
            all_heads.seconds,
            all_heads.processor,
        )
    )
    ours, theirs = measured.stages["ours"], measured.stages["umap-learn"]
    apart = [
        abs(head["ours, trustworthiness"] - head["umap-learn, trustworthiness"])
        for head in heads.values()
    ]
    signed = [
        head["umap-learn, trustworthiness"] - head["ours, trustworthiness"]
        for head in heads.values()
    ]
    return rows, [
        Figure(
            f"umap-learn, {len(heads)} heads",
            theirs.seconds,
            "s",
            "ours",
            ours.seconds,
            FASTER,
            at_least=True,
        ),
        Figure(
            "the same, processor",
            theirs.processor,
            "s",
            "ours",
            ours.processor,
            FASTER,
            at_least=True,
        ),
        Figure("trustworthiness that ours lacks, mean", mean(signed), "", "limit", AS_TRUE, 1),
        Figure("trustworthiness apart, most", max(apart), "", "limit", AS_TRUE, 1),
        Figure(
            f"UMAP, {UMAP_HEADS} heads",
            all_heads.seconds * UMAP_HEADS / count,
            "s",
            "limit",
            UMAP_LIMIT,
            1,
        ),
        Figure(
            f"the same, of {CORES} processors",
            all_heads.processor * UMAP_HEADS / count / CORES,
            "s each",
            "limit",
            UMAP_LIMIT,
            1,
        ),
    ]

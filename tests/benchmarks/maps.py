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
NAMES = ("ours", "umap-learn")
PARTS = ("attention", "pca")
SHARE_OF_UMAP, SHARE_OF_MAKING, SHARE_OF_PCA = 0.1, 0.15, 0.35

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
    parts, of_parts = made_and_measured(more[1])
    return Result(COLUMNS, rows + more + parts, figures + compared + of_parts)


def made_and_measured(theirs: tuple[Cell, ...]) -> tuple[list[tuple[Cell, ...]], list[Figure]]:
    """What a layer's maps cost to make and to measure, and attention maps beside umap-learn's, of
    which there is a row."""
    with tempfile.TemporaryDirectory() as folder:
        measured = run("layer_parts", corpus=str(QUICKSTART), folder=folder, methods=PARTS)
    heads, stages = measured.result["heads"], measured.stages
    parts = [f"{work} {method}" for method in PARTS for work in ("making", "measuring")]
    rows: list[tuple[Cell, ...]] = [
        (f"a layer: {name}", heads, *5 * (None,), stages[name].seconds, stages[name].processor)
        for name in parts
    ]
    making, measuring, _, of_pca = (stages[name].processor for name in parts)
    of_umap = float(theirs[-1] or 0) / float(theirs[1] or 1)
    return rows, [
        Figure("attention map, a head", making / heads, "s", "umap-learn", of_umap, SHARE_OF_UMAP),
        Figure("measuring attention maps", measuring, "s", "making", making, SHARE_OF_MAKING),
        Figure("measuring PCA maps", of_pca, "s", "making attention maps", making, SHARE_OF_PCA),
    ]


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
    options: dict[str, Any] = {"corpus": str(QUICKSTART), "tokens": TOKENS}
    with tempfile.TemporaryDirectory() as folder:
        built = run("map_figures", **options, folder=folder, method="umap", dimensions=2)
        measured = run("umap_heads", **options, folder=folder, every=EVERY)
    rows = [*of_both(measured), *of_each_head(measured.result["heads"]), of_build(built)]
    return rows, [*beside_umap_learn(measured), *of_umap_heads(built)]


def of_trust(
    title: str, heads: int, trust: float, seconds: float, processor: float | None
) -> tuple[Cell, ...]:
    """A row of maps of which trustworthiness and costs alone are measured."""
    return (title, heads, *4 * (None,), trust, seconds, processor)


def of_both(measured: Run) -> list[tuple[Cell, ...]]:
    """Ours and umap-learn's, over the heads that both made."""
    heads, points = measured.result["heads"], measured.result["points"]
    return [
        of_trust(
            f"{points:,} points: {name}",
            len(heads),
            mean(head[f"{name}, trustworthiness"] for head in heads.values()),
            measured.stages[name].seconds,
            measured.stages[name].processor,
        )
        for name in NAMES
    ]


def of_each_head(heads: dict[str, Any]) -> list[tuple[Cell, ...]]:
    """Ours and umap-learn's, head by head."""
    return [
        of_trust(title, 1, head[f"{name}, trustworthiness"], head[name], None)
        for label, head in heads.items()
        for name, title in zip(
            NAMES,
            (f"  {label}, {head['parts']} parts: ours", f"  {label}: umap-learn"),
            strict=True,
        )
    ]


def of_build(built: Run) -> tuple[Cell, ...]:
    """All heads, made by a build."""
    heads, stage = built.result["heads"].values(), built.stages["UMAP minilm"]
    trust = mean(head["map"]["trustworthiness"] for head in heads)
    title = f"{2 * built.result['tokens']:,} points: a build"
    return of_trust(title, len(heads), trust, stage.seconds, stage.processor)


def beside_umap_learn(measured: Run) -> list[Figure]:
    """How much faster ours is, and how far its trustworthiness is from umap-learn's."""
    heads = measured.result["heads"].values()
    ours, theirs = (measured.stages[name] for name in NAMES)
    lacking = [
        head["umap-learn, trustworthiness"] - head["ours, trustworthiness"] for head in heads
    ]
    faster = (FASTER, True)
    apart = max(abs(value) for value in lacking)
    return [
        Figure(
            f"umap-learn, {len(heads)} heads", theirs.seconds, "s", "ours", ours.seconds, *faster
        ),
        Figure("the same, processor", theirs.processor, "s", "ours", ours.processor, *faster),
        Figure("trustworthiness that ours lacks, mean", mean(lacking), "", "limit", AS_TRUE, 1),
        Figure("trustworthiness apart, most", apart, "", "limit", AS_TRUE, 1),
    ]


def of_umap_heads(built: Run) -> list[Figure]:
    """What UMAP of so many heads would take."""
    stage, share = built.stages["UMAP minilm"], UMAP_HEADS / len(built.result["heads"])
    each = stage.processor * share / CORES
    return [
        Figure(f"UMAP, {UMAP_HEADS} heads", stage.seconds * share, "s", "limit", UMAP_LIMIT, 1),
        Figure(f"the same, of {CORES} processors", each, "s each", "limit", UMAP_LIMIT, 1),
    ]

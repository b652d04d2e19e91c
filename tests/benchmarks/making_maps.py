"""Maps in the measured process: what a report says of them, and UMAP by ours and by umap-learn's
own."""

from __future__ import annotations

import time
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import joblib
import numpy as np
from ruamel.yaml import YAML
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from attnviz.building import build
from attnviz.capture.captured_layer import captured_layers
from attnviz.capture.result import Capture
from attnviz.config import Config, parse_config
from attnviz.engine.engine import Engine
from attnviz.engine.threads import one_thread
from attnviz.maps import sample_documents
from attnviz.maps.attention_making import make_attention_maps
from attnviz.maps.document_rows import DocumentRows
from attnviz.maps.embedding import nearest
from attnviz.maps.layer_job import LayerJob, Points
from attnviz.maps.making import HeadMap, LayerPoints, make, vectors_of
from attnviz.maps.quality import MapPositions, measure, trustworthiness
from attnviz.maps.variants import Method
from attnviz.score import Array
from tests.benchmarks.events import REST, EventProgress, emit
from tests.benchmarks.ready import Ready

MORE = [{"file": str(Path(__file__).parents[2] / "LICENSE"), "split": "paragraph"}]
"""More to read, where a corpus has too little."""

WARM = 4200
"""Points from which umap-learn looks for neighbours as it does among many, so that all of it is
compiled before."""


def corpus_of(
    corpus: str, more: Sequence[dict[str, Any]] = (), maps: Any = None, **model: Any
) -> Config:
    """A corpus file with other options for its one model and its maps, and with more documents."""
    file = Path(corpus)
    values = YAML(typ="safe").load(file.read_text("utf-8"))
    values["models"][0] |= model
    values["documents"] += more
    return parse_config(values | {"maps": maps or {}}, file.parent, file.stem)


def map_figures(
    corpus: str, folder: str, method: str, dimensions: int, tokens: int | None = None, **model: Any
) -> dict[str, Any]:
    """Build a report with one kind of maps: what it says of each head's map and spaces, and its
    tokens on maps.

    For maps of more `tokens` than the corpus has, the model reads the licence too.
    """
    maps = {"methods": [method], "dimensions": [dimensions]} | (
        {"points": tokens} if tokens else {}
    )
    config = corpus_of(corpus, MORE if tokens else (), maps, **model)
    engine = Engine(Path(folder, "cache"), EventProgress())
    report = build(config, Path(folder, "report"), engine).report
    entry = report.manifest.models[0]
    return {
        "tokens": sum(axis.sample.count for axis in entry.axes),
        "heads": {
            entry.head_id(head): {
                "map": head.maps[f"{method}-{dimensions}d"].model_dump(),
                "spaces": {name: space.model_dump() for name, space in head.spaces.items()},
            }
            for head in entry.heads
        },
    }


def umap_heads(corpus: str, folder: str, tokens: int, every: int) -> dict[str, Any]:
    """UMAP in the plane of every so many heads, by ours, several at once, and by umap-learn's
    defaults, one by one.

    The model reads the corpus and the licence; `tokens` at most are on the map, in whole documents.
    """
    ready = Ready.of(corpus_of(corpus, MORE))
    heads = _heads(ready.capture(Path(folder)), tokens, every)
    with joblib.Parallel(n_jobs=-1) as run:
        first = next(iter(heads.values()))
        run(joblib.delayed(_ours)(_first(first, WARM // 2)) for _ in range(joblib.cpu_count()))
        emit(stage="ours")
        ours = run(joblib.delayed(_ours)(points) for points in heads.values())
    emit(stage=REST)
    vectors = [_vectors(points) for points in heads.values()]
    _theirs(vectors[0][:WARM])
    emit(stage="umap-learn")
    theirs = [_theirs(of_head) for of_head in vectors]
    emit(stage=REST)
    return {
        "points": len(vectors[0]),
        "heads": {
            name: {
                "ours": ours[i][1], "umap-learn": theirs[i][1], "parts": _parts(of_head),
                "ours, trustworthiness": trustworthiness(of_head, ours[i][0], 0).value,
                "umap-learn, trustworthiness": trustworthiness(of_head, theirs[i][0], 0).value,
            }
            for i, (name, of_head) in enumerate(zip(heads, vectors, strict=True))
        },
    }  # fmt: skip


def layer_parts(corpus: str, folder: str, methods: Sequence[Method]) -> dict[str, Any]:
    """The maps of a corpus's first layer in the plane, made and measured, which are a stage each;
    all is warm by then. Their heads."""
    layer = captured_layers(Ready.of(corpus_of(corpus)).capture(Path(folder)))[0]
    lengths = {document.document: document.q.shape[1] for document in layer.documents()}
    start = np.cumsum([0, *(lengths[number] for number in sorted(lengths))])
    points = Points(np.arange(start[-1]), start, int(start[-1]))
    signs = np.ones((layer.layer.heads, 3))
    job = LayerJob(layer, points, points, space="translated", seed=0, signs=signs)
    with one_thread():
        documents = job.rows()
        for method in methods:
            _measure(job, method, _made(job, method, documents[:2]), documents[:2])
            emit(stage=f"making {method}")
            maps = _made(job, method, documents)
            emit(stage=f"measuring {method}")
            _measure(job, method, maps, documents)
            emit(stage=REST)
    return {"heads": layer.layer.heads}


def _measure(
    job: LayerJob, method: Method, maps: Sequence[HeadMap], documents: Sequence[DocumentRows]
) -> None:
    """What a build measures of maps by one method."""
    queries, keys = (
        np.stack([each.queries for each in maps]),
        np.stack([each.keys for each in maps]),
    )
    measure({"map": MapPositions(queries, keys)}, documents, 0)
    if method != "attention":
        points = job.points()
        for head, each in enumerate(maps):
            trustworthiness(vectors_of(points, head, method), each.positions, 0)


def _heads(captured: Capture, tokens: int, every: int) -> dict[str, LayerPoints]:
    """Heads, each as a layer of its own, by name."""
    heads: dict[str, LayerPoints] = {}
    number = 0
    for layer in captured.layers:
        documents = list(captured.documents(layer))
        places = [np.arange(document.q.shape[1]) for document in documents]
        sample = sample_documents(places, tokens, 0)
        q, k = (
            np.concatenate([getattr(document, side) for document in documents], 1)[:, sample]
            for side in "qk"
        )
        for head in range(layer.heads):
            if number % every == 0:
                only = slice(head, head + 1)
                heads[f"L{layer.layer}H{head}"] = _points(
                    q[only], k[only], captured.rules[layer.rule].scaling
                )
            number += 1
    return heads


def _points(q: Array, k: Array, scaling: float) -> LayerPoints:
    """One head's queries and keys, (1, points, d) each, as a layer of its own."""
    return LayerPoints(
        heads=1,
        sizes=(q.shape[1], k.shape[1]),
        q=q,
        k=k,
        scaling=scaling,
        softcap=None,
        signs=np.ones((1, 3)),
        space="translated",
        seed=0,
    )


def _first(points: LayerPoints, count: int) -> LayerPoints:
    """The same of so many points."""
    assert points.q is not None
    assert points.k is not None
    return _points(points.q[:, :count], points.k[:, :count], points.scaling)


def _made(job: LayerJob, method: Method, documents: Sequence[DocumentRows]) -> list[HeadMap]:
    if method == "attention":
        return make_attention_maps(job.points(), [2], documents, "cpu")[2]
    return make(job.points(), method, [2])[2]


def _vectors(points: LayerPoints) -> Array:
    return np.concatenate(points.space_of(0, "cosine").vectors()).astype(np.float32)


def _ours(points: LayerPoints) -> tuple[Array, float]:
    """A head's map, and the seconds that it took among others."""
    since = time.perf_counter()
    with one_thread():
        head_map = make(points, "umap", [2])[2][0]
    return head_map.positions, time.perf_counter() - since


def _theirs(vectors: Array) -> tuple[Array, float]:
    """A head's map by umap-learn's defaults, with all cores and another seed each time, and the
    seconds it took."""
    from umap import UMAP

    since = time.perf_counter()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        points = UMAP(metric="cosine").fit_transform(vectors)
    return points, time.perf_counter() - since


def _parts(vectors: Array) -> int:
    """How many parts the graph of nearest neighbours falls into, of which UMAP makes its own."""
    index, _ = nearest(vectors)
    rows = np.repeat(np.arange(len(index)), index.shape[1])
    graph = csr_array((np.ones(index.size), (rows, index.ravel())), (len(index),) * 2)
    return int(connected_components(graph, directed=False)[0])

"""Attention of which only the strongest weights of each row were given: the rest is missing, in
every place that says where attention goes, and no sink."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

import attnviz
from attnviz.reader.check import inspect

KEPT = 8
TOKENS = [f"t{number}" for number in range(24)]


@pytest.fixture(scope="module")
def strongest(tmp_path_factory: pytest.TempPathFactory) -> attnviz.Report:
    """A report of the eight strongest weights of each row of two causal heads."""
    folder = tmp_path_factory.mktemp("missing")
    scores = np.random.default_rng(3).normal(size=(1, 2, len(TOKENS), len(TOKENS)))
    weights = np.tril(np.exp(scores))
    weights /= weights.sum(-1, keepdims=True)
    kept = np.where(weights >= np.sort(weights, -1)[..., -KEPT, None], weights, 0)
    return attnviz.build(
        attention=kept, tokens=TOKENS, missing=True, by="a script",
        out=folder / "report", cache=folder / "cache", options={"maps": {"methods": []}},
    )  # fmt: skip


def test_the_report_is_whole_and_its_statistic_is_called_missing(strongest: Any) -> None:
    assert not inspect(strongest.folder).faults
    (statistic,) = [s for s in strongest.manifest.models[0].statistics if s.name == "sink"]
    assert statistic.title == "Missing"
    stored = strongest.attention(0, 1, 0, sink=True)
    mean = strongest.heads.to_pylist()[1]["sink"]
    assert abs(stored[:, -1].mean() - mean) < 0.01


def test_a_heads_page_says_missing_and_names_no_sink(strongest: Any) -> None:
    page = (Path(strongest.folder) / "heads" / "given" / "L0H1.html").read_text("utf-8")
    assert "what rows lack was not given: it is missing, and on no token" in page
    assert "<dt>Missing" in page or ">Missing<" in page
    assert "sink" not in page.lower()


@pytest.mark.parametrize("view", ["document", "head"])
def test_beside_the_shares_of_a_token_the_rest_is_missing(
    visit: Any, strongest: Any, view: str
) -> None:
    rest = float(strongest.attention(0, 1, 0, sink=True)[20, -1])
    there = visit(strongest.folder).open(view=view, head="L0H1", doc=0, token=20)
    there.says(".sink-share", "missing")
    (share,) = there.texts(".sink-share")[:1]
    assert abs(float(share.replace("%", "").split()[-1]) - 100 * rest) < 1
    assert "learned sink" not in there.page.locator("main").inner_text()


def test_the_inspector_says_missing_and_names_no_sink(visit: Any, strongest: Any) -> None:
    there = visit(strongest.folder).open(view="document", head="L0H1", doc=0)
    there.find("summary", has_text="How it was captured").click()
    card = there.text("details.more[open]")
    assert "what rows lack was not given" in card
    assert "Sink" not in card

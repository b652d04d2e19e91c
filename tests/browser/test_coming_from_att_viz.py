"""The table of att_viz's classes, options and flags in the docs: each row is run on a small model,
its links in a browser."""

from __future__ import annotations

import re
import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl

import numpy as np
import pytest
import yaml

import attnviz
from attnviz.reader.check import inspect
from tests.contract.test_docs_run import blocks
from tests.fixtures.text_models import save_gpt2

PAGE: Final = Path(__file__).parents[2] / "docs" / "how-to" / "coming-from-att-viz.md"
PUBLIC: Final = (
    "SelfAttentionModel load_model generate_text max_new_tokens save_prefix prompt_template"
    " generation_kwargs Experiment basic_experiment aggr_method save_completions prompts"
    " save_prefixes process_saved_completions render_config aggregation_method prettify_tokens"
    " zero_first_attention Renderer render tokens prompt_length attention_matrix render_in_chunks"
    " RenderConfig y_margin line_length num_chars_block token_width min_token_width token_height"
    " x_margin matrix_width AttentionAggregationMethod NONE HEADWISE_AVERAGING AttentionMatrix"
    " format cutoff corrfactor firstignored"
).split()
"""What att_viz's modules and its script offer."""
SMALL: Final = {"maps": {"methods": []}}


def _rows() -> list[tuple[str, str]]:
    """What att_viz has, and what is run here."""
    return re.findall(r"^\| (.+) \| `(.+)` \|$", PAGE.read_text("utf-8"), re.MULTILINE)


ROWS: Final = _rows()


def _that(begins: Callable[[str], bool]) -> list[Any]:
    return [pytest.param(run, id=name) for name, run in ROWS if begins(run)]


LINKS: Final = _that(lambda run: run.startswith("#"))
COMMANDS: Final = _that(lambda run: run.startswith("attnviz "))
CALLS: Final = _that(lambda run: run.startswith("attnviz."))
ENTRIES: Final = _that(lambda run: run.startswith(("models:", "documents:")))


def _corpus() -> dict[str, Any]:
    """The corpus that the page's rows share."""
    (block,) = blocks(PAGE, "yaml")
    return yaml.safe_load(block)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the model, the corpus, its capture and its report."""
    from attnviz.config import load_config
    from attnviz.engine.engine import Engine
    from attnviz.pipeline import extract_capture

    folder = tmp_path_factory.mktemp("att-viz")
    (folder / "writer").mkdir()
    save_gpt2(folder / "writer", positions=64)
    (folder / "corpus.yaml").write_text(yaml.safe_dump(_corpus() | SMALL), "utf-8")
    attnviz.build(folder / "corpus.yaml", folder / "report", folder / "build" / ".cache")
    config = load_config(folder / "corpus.yaml")
    extract_capture(config, folder / "capture", Engine(folder / "build" / ".cache"))
    return folder


@pytest.fixture
def here(place: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(place)
    return place


def test_each_row_is_of_a_kind_that_is_run() -> None:
    assert len(ROWS) == len(LINKS) + len(COMMANDS) + len(CALLS) + len(ENTRIES)
    assert len(ROWS) == len(re.findall(r"^\| .* \|$", PAGE.read_text("utf-8"), re.MULTILINE)) - 1


def test_everything_that_att_viz_offers_has_a_row() -> None:
    words = {word for name, _ in ROWS for word in re.findall(r"\w+", name)}
    assert [name for name in PUBLIC if name not in words] == []


@pytest.mark.parametrize("entry", ENTRIES)
def test_entries_of_a_corpus(here: Path, tmp_path: Path, entry: str) -> None:
    corpus = _corpus() | SMALL | yaml.safe_load(entry)
    report = attnviz.build(corpus, tmp_path / "report", here / "build" / ".cache")
    assert not inspect(report.folder).faults
    (spec,) = corpus["documents"]
    most = spec.get("generate", {}).get("max_new_tokens", 40)
    for document, prompt in zip(report.documents, spec["prompts"], strict=True):
        segments = document.axes["text"].segment
        assert document.text.startswith(
            spec.get("template", "{prompt}").replace("{prompt}", prompt)
        )
        assert 1 <= int(np.sum(segments)) <= most


@pytest.mark.parametrize("command", COMMANDS)
def test_commands(here: Path, attnviz_command: Any, command: str) -> None:
    code, _, err = attnviz_command(*shlex.split(command)[1:])
    assert code == 0, err


@pytest.mark.parametrize("call", CALLS)
def test_calls(here: Path, call: str) -> None:
    tokens = ["the", "cat", "sat"]
    attention = np.tril(np.ones((2, 4, 3, 3))) / np.arange(1, 4)[:, None]
    value = eval(call, {"attnviz": attnviz, "attention": attention, "tokens": tokens})
    assert len(getattr(value, "documents", value))


@pytest.mark.parametrize("link", LINKS)
def test_links(visit: Any, place: Path, link: str) -> None:
    asked = dict(parse_qsl(link.removeprefix("#")))
    there = visit(place / "report").open(**asked)
    state = there.state
    assert {key: str(state[key]) for key in asked} == asked
    assert not there.find(".status.problem").count()
    for width in (360, 1280):
        there.page.set_viewport_size({"width": width, "height": 800})
        assert there.page.evaluate("document.documentElement.scrollWidth") <= width

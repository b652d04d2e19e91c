"""What a whole build depends on, seen before anything that computes is imported."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from attnviz.config import Config, parse_config
from attnviz.config.inputs import content_inputs
from attnviz.engine import premises as premises_module
from attnviz.engine.premises import premises


@pytest.fixture(autouse=True)
def _nothing_computes(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever other tests have imported."""
    monkeypatch.setattr(premises_module, "_COMPUTES", "no.such.package")


def test_the_same_is_the_same_and_other_inputs_are_not() -> None:
    assert premises({"seed": 0}) == premises({"seed": 0})
    assert premises({"seed": 0}) != premises({"seed": 1})


def test_they_are_not_known_once_something_that_computes_is_there(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(premises_module, "_COMPUTES", "json")
    assert premises({}) is None


def test_a_changed_source_changes_them(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    before = premises({})
    ignore = shutil.ignore_patterns("__pycache__")
    package = Path(shutil.copytree(premises_module._PACKAGE, tmp_path / "attnviz", ignore=ignore))
    monkeypatch.setattr(premises_module, "_PACKAGE", package)
    assert premises({}) == before
    with (package / "score.py").open("a", encoding="utf-8") as stream:
        stream.write("\n# changed\n")
    assert premises({}) != before


def test_a_package_of_another_version_changes_them(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "torch-2.13.0.dist-info").mkdir()
    monkeypatch.setattr(sys, "path", [str(tmp_path)])
    before = premises({})
    (tmp_path / "torch-2.13.0.dist-info").rename(tmp_path / "torch-2.13.1.dist-info")
    assert premises({}) != before


@pytest.mark.parametrize("name", ["OMP_NUM_THREADS", "CUDA_VISIBLE_DEVICES", "HF_HUB_OFFLINE"])
def test_a_setting_of_libraries_changes_them(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.delenv(name, raising=False)
    before = premises({})
    monkeypatch.setenv(name, "7")
    assert premises({}) != before
    monkeypatch.setenv("EDITOR", "7")
    monkeypatch.delenv(name)
    assert premises({}) == before


@pytest.fixture
def config(tmp_path: Path) -> Callable[..., Config]:
    """`config(**options)`: that of a corpus of a model's folder and a text file."""
    model = tmp_path / "model"
    model.mkdir()
    (model / "config.json").write_text('{"model_type": "bert"}', "utf-8")
    (model / "model.safetensors").write_bytes(b"weights")
    (tmp_path / "texts.txt").write_text("A cat.\n", "utf-8")
    (tmp_path / "story.md").write_text("# Cats\n", "utf-8")

    def of(**options: object) -> Config:
        corpus = {"models": [{"source": "./model"}], "documents": [{"file": "texts.txt"}]}
        return parse_config(corpus | options, tmp_path, "cats")

    return of


def test_how_a_report_is_shown_is_no_input_of_its_content(config: Callable[..., Config]) -> None:
    shown = {"title": "Cats", "site": {"theme": "dark", "url": "https://example.org/"}}
    assert content_inputs(config(**shown, story="story.md")) == content_inputs(config())


@pytest.mark.parametrize(
    "options",
    [
        {"seed": 1},
        {"maps": {"methods": ["pca"]}},
        {"probes": False},
        {"documents": [{"file": "texts.txt", "split": "line"}]},
        {"models": [{"source": "./model", "title": "Another"}]},
    ],
)
def test_all_else_of_a_corpus_is(config: Callable[..., Config], options: dict[str, object]) -> None:
    assert content_inputs(config(**options)) != content_inputs(config())


@pytest.mark.parametrize("name", ["texts.txt", "model/config.json", "model/model.safetensors"])
def test_so_is_every_file(config: Callable[..., Config], tmp_path: Path, name: str) -> None:
    before = content_inputs(config())
    assert before is not None
    content = (tmp_path / name).read_bytes()
    (tmp_path / name).write_bytes(content + b" ")
    assert content_inputs(config()) != before
    (tmp_path / name).write_bytes(content)
    assert content_inputs(config()) == before
    (tmp_path / "model" / "added_tokens.json").write_text("{}", "utf-8")
    assert content_inputs(config()) != before


@pytest.mark.parametrize(
    "options",
    [
        {"models": [{"source": "bert-base-uncased"}]},
        {"models": [{"source": "./model", "trust_remote_code": True}]},
        {"documents": [{"hf": "stanfordnlp/imdb"}]},
        {"documents": [{"jsonl": "s3://bucket/rows.jsonl"}]},
    ],
)
def test_what_lies_elsewhere_is_not_known(
    config: Callable[..., Config], options: dict[str, object]
) -> None:
    assert content_inputs(config(**options)) is None

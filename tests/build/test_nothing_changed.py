"""A build whose content is remembered runs and imports no model, is as true as any other, and says
where nothing has changed at all."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

import attnviz
from attnviz.site import templates_folder
from tests.fixtures.models import sentences

RUNNING = {"torch", "transformers", "scipy", "sklearn", "numba", "umap", "joblib"}
SAME = "nothing has changed"
RUN = """
import json, sys
from attnviz.cli import main
try:
    main()
except SystemExit as end:
    code = end.code or 0
else:
    code = 0
print(json.dumps([code, sorted({name.partition(".")[0] for name in sys.modules})]))
"""
ALL_THE_WAY = "import torch\n"
"""Whoever has imported torch already saves nothing, and is never spared anything."""


@dataclass
class Built:
    """What a build said, which packages it imported, and what it left in the cache."""

    said: str
    packages: set[str]
    steps: set[str]

    @property
    def light(self) -> bool:
        return not self.packages & RUNNING


class Place:
    """A copy of attnviz, a corpus of a file and a tiny model, a cache and a report."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.package = folder, folder / "copy" / "attnviz"
        self.out, self.cache = folder / "out", folder / "cache"

    def write(self, title: str = "First", text: str | None = None) -> None:
        corpus = {
            "title": title,
            "models": [{"name": "tiny", "source": str(self.folder / "model")}],
            "documents": [{"file": "texts.txt", "split": "line"}],
            "maps": {"methods": ["pca"]},
        }
        (self.folder / "corpus.yaml").write_text(json.dumps(corpus), "utf-8")
        if text is not None:
            (self.folder / "texts.txt").write_text(text, "utf-8")

    def build(self, *options: str, before: str = "", out: Path | None = None) -> Built:
        kept = set(self.cache.glob("*/*"))
        environment = os.environ | {"PYTHONPATH": str(self.package.parent), "OMP_NUM_THREADS": "1"}
        command = [sys.executable, "-c", before + RUN, "build", str(self.folder / "corpus.yaml")]
        command += ["--out", str(out or self.out), "--cache", str(self.cache), *options]
        run = subprocess.run(command, capture_output=True, text=True, check=True, env=environment)
        code, packages = json.loads(run.stdout.splitlines()[-1])
        assert code == 0, run.stderr
        steps = {path.parent.name for path in set(self.cache.glob("*/*")) - kept}
        return Built(run.stderr, set(packages), steps - {"content", "report"})


def files_of(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


@pytest.fixture(scope="module")
def first(tmp_path_factory: pytest.TempPathFactory, tiny_model: Callable[[str], Path]) -> Place:
    """Built once, and to be copied."""
    place = Place(tmp_path_factory.mktemp("first"))
    ignore = shutil.ignore_patterns("__pycache__", "node_modules", "src")
    shutil.copytree(Path(attnviz.__file__).parent, place.package, ignore=ignore)
    shutil.copytree(templates_folder(), place.package / "site_templates", ignore=ignore)
    shutil.copytree(tiny_model("llama"), place.folder / "model")
    place.write(text="\n".join(sentences(3, [4, 9])))
    built = place.build()
    assert not built.light
    assert {"capture", "statistics"} <= built.steps
    return place


@pytest.fixture
def place(first: Place) -> Place:
    """The first place, with its report and its cache as the first build left them."""
    for name in ("out", "cache"):
        kept = first.folder / f"{name}-kept"
        if not kept.is_dir():
            shutil.copytree(first.folder / name, kept)
        shutil.rmtree(first.folder / name)
        shutil.copytree(kept, first.folder / name)
    first.write(text="\n".join(sentences(3, [4, 9])))
    return first


def test_the_same_build_again_changes_nothing_and_imports_no_model(place: Place) -> None:
    before = files_of(place.out)
    again = place.build()
    assert again.light
    assert SAME in again.said
    assert files_of(place.out) == before


def test_a_title_is_changed_without_a_model_and_as_a_whole_build_would(place: Place) -> None:
    place.write(title="Second")
    changed = place.build()
    assert changed.light
    assert changed.steps == set()
    assert SAME not in changed.said
    assert "Second" in (place.out / "index.html").read_text("utf-8")
    whole = place.build(before=ALL_THE_WAY, out=place.folder / "whole")
    assert not whole.light
    assert files_of(place.folder / "whole") == files_of(place.out)
    assert "about" in changed.said  # how large it gets, as any build says


def test_a_new_style_needs_no_model(place: Place) -> None:
    style = place.package / "site_templates" / "critical.css"
    text = style.read_text("utf-8")
    style.write_text(f"{text}\n.new-style {{ color: red }}\n", "utf-8")
    try:
        changed = place.build()
    finally:
        style.write_text(text, "utf-8")
    assert changed.light
    assert ".new-style" in (place.out / "index.html").read_text("utf-8")


def test_a_damaged_report_is_mended(place: Place) -> None:
    before = files_of(place.out)
    shard = next((place.out / "data").glob("*.arrow"))
    shard.unlink()  # it may be a link
    shard.write_bytes(before[f"data/{shard.name}"][:-1] + b"?")
    page = next((place.out / "heads").rglob("*.html"))
    page.unlink()
    mended = place.build()
    assert mended.light
    assert SAME not in mended.said
    assert files_of(place.out) == before


def test_a_lost_result_is_made_again(place: Place) -> None:
    place.write(title="Second")
    shards = next(place.cache.glob("*/*/data"))
    shutil.rmtree(shards.parents[1])
    assert not place.build().light


def test_a_changed_text_runs_the_model(place: Place) -> None:
    place.write(text="\n".join(sentences(3, [4, 10])))
    changed = place.build()
    assert not changed.light
    assert "capture" in changed.steps

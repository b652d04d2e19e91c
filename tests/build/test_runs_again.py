"""What a build does again after a change of its sources, counted in the cache."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

import attnviz
from attnviz.site import templates_folder
from tests.fixtures.command import write_corpus
from tests.fixtures.models import sentences


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the package that a test may change."""
    package, leave_out = Path(attnviz.__file__).parent, shutil.ignore_patterns("__pycache__")
    return Path(shutil.copytree(package, tmp_path / "copy" / "attnviz", ignore=leave_out))


@pytest.fixture
def new_results(
    copy: Path, tiny_model: Callable[[str], Path], tmp_path: Path
) -> Callable[[], set[str]]:
    """`new_results()`: build with the copy, and tell which steps made results that were not
    there."""
    cache, out = tmp_path / "cache", tmp_path / "out"
    maps = {"methods": ["pca"], "dimensions": [2]}
    corpus = write_corpus(
        tmp_path / "corpus.yaml", tiny_model("llama"), *sentences(3, [4, 9]), maps=maps
    )
    templates = copy / "site_templates"
    shutil.copytree(templates_folder(), templates, ignore=_node_modules)
    command = ["-m", "attnviz.cli", "build", corpus, "--out", out, "--cache", cache, "--quiet"]

    def build() -> set[str]:
        before = set(cache.glob("*/*"))
        environment = os.environ | {"PYTHONPATH": str(copy.parent), "OMP_NUM_THREADS": "1"}
        subprocess.run([sys.executable, *map(str, command)], check=True, env=environment)
        made = {path.parent.name for path in set(cache.glob("*/*")) - before}
        return made - {"content", "report"}  # what is remembered of the build as a whole

    return build


def _node_modules(folder: str, names: list[str]) -> set[str]:
    return {"node_modules"} & set(names)


def test_what_a_build_does_again_after_a_change(
    copy: Path, new_results: Callable[[], set[str]]
) -> None:
    def change(*path: str) -> None:
        with copy.joinpath(*path).open("a", encoding="utf-8") as stream:
            stream.write("\n# changed\n")

    first = new_results()
    assert {"capture", "certificates", "self-check", "statistics"} <= first
    change("capture", "eager.py")
    assert new_results() == {"self-check", "certificates"}
    change("heads", "likeness.py")
    assert new_results() == {"likeness in a batch", "layout"}


def test_a_model_in_another_folder_is_not_run_again(
    tiny_model: Callable[[str], Path], tmp_path: Path
) -> None:
    first = tiny_model("llama")
    second = Path(shutil.copytree(first, tmp_path / "elsewhere" / "model"))
    cache = tmp_path / "cache"

    def build(model: Path) -> set[Path]:
        before = set(cache.glob("*/*"))
        attnviz.build(
            {
                "models": [{"name": "tiny", "source": str(model)}],
                "documents": [{"text": sentences(3, [4, 9])}],
                "maps": {"methods": ["pca"], "dimensions": [2]},
            },
            out=tmp_path / "out",
            cache=cache,
        )
        return set(cache.glob("*/*")) - before

    assert {"capture", "maps"} <= {path.parent.name for path in build(first)}
    assert {path.parent.name for path in build(second)} <= {"layout"}

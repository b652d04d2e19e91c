"""What runs again after a change of a source: just the steps that can reach it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import attnviz
import attnviz.pipeline  # defines every step
from attnviz.engine.sources import Sources
from attnviz.engine.step import STEPS
from tests.fixtures.imports import Bytecode

PACKAGE = Path(attnviz.__file__).parent
MODULES = {
    name: step.__module__ for name, step in STEPS.items() if step.__module__.startswith("attnviz.")
}
"""The module of the function of each step, but for steps of other tests."""


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of the package that a test may change."""
    leave_out = shutil.ignore_patterns("__pycache__")
    return Path(shutil.copytree(PACKAGE, tmp_path / "copy" / "attnviz", ignore=leave_out))


def digests(package: Path) -> dict[str, str]:
    """The digest of the sources of each step."""
    sources = Sources(package, "attnviz")
    return {name: sources.digest(module) for name, module in MODULES.items()}


@pytest.fixture(scope="module")
def reached() -> dict[str, set[str]]:
    """The modules that each step reaches, by their bytecode."""
    bytecode = Bytecode(PACKAGE)
    return {name: bytecode.reachable(module) for name, module in MODULES.items()}


def test_steps_reach_what_their_bytecode_does(reached: dict[str, set[str]]) -> None:
    sources = Sources(PACKAGE, "attnviz")
    assert {name: sources.reach(module).modules for name, module in MODULES.items()} == reached


def test_a_change_of_any_source_changes_the_keys_of_just_the_steps_that_reach_it(
    copy: Path, reached: dict[str, set[str]]
) -> None:
    before = digests(copy)
    for file in sorted(copy.rglob("*.py")):
        path = file.relative_to(copy.parent).with_suffix("")
        module = ".".join(path.parts).removesuffix(".__init__")
        text = file.read_bytes()
        file.write_bytes(text + b"\n# changed\n")
        after = digests(copy)
        file.write_bytes(text)
        changed = {name for name in MODULES if after[name] != before[name]}
        assert changed == {name for name in MODULES if module in reached[name]}, module


def test_the_truth_that_certificates_are_measured_against_is_reached() -> None:
    sources = Sources(PACKAGE, "attnviz")
    for step in ("certificates", "self-check"):
        assert "attnviz.capture.eager" in sources.reach(MODULES[step]).modules
    assert "attnviz.capture.eager" not in sources.reach(MODULES["capture"]).modules


def test_no_step_reaches_the_engine_that_runs_it_or_the_pages() -> None:
    sources = Sources(PACKAGE, "attnviz")
    for module in MODULES.values():
        modules = sources.reach(module).modules
        assert not modules & {"attnviz.engine.engine", "attnviz.engine.memory", "attnviz.pipeline"}
        assert not any(name.startswith("attnviz.site") for name in modules)

"""What pyproject.toml, constraints.txt and the imports promise each other."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "generator" / "attnviz"

MODULE_OF = {
    "ghp-import": "ghp_import",
    "markdown-it-py": "markdown_it",
    "pillow": "PIL",
    "scikit-learn": "sklearn",
    "ruamel.yaml": "ruamel",
    "umap-learn": "umap",
}
"""Where the module is not named as the package."""

COMES_WITH = {
    "annotated_types": "pydantic",
    "huggingface_hub": "transformers",
    "llvmlite": "numba",
    "markupsafe": "jinja2",
    "pydantic_core": "pydantic",
    "tokenizers": "transformers",
    "safetensors": "transformers",
    "click": "typer",
}
"""Modules that a declared package requires and hands on as part of its own interface."""


@pytest.fixture(scope="module")
def project() -> dict[str, Any]:
    return tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def name(requirement: str) -> str:
    """The package of a requirement: "torch>=2" is torch."""
    match = re.match(r"[A-Za-z0-9._-]+", requirement)
    assert match, requirement
    return match.group().lower()


def imports() -> Iterator[str]:
    """Top-level modules that the package imports, its own and the standard library's left out."""
    for file in PACKAGE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and not node.level and node.module:
                names = [node.module]
            else:
                names = []
            tops = {full.split(".")[0] for full in names}
            yield from tops - {"attnviz"} - sys.stdlib_module_names


def test_declared_dependencies_are_the_imported_ones(project: dict[str, Any]) -> None:
    extras = project["project"]["optional-dependencies"]
    run_with = ("adapters", "cluster", "datasets", "plot", "publish", "ray")
    optional = [requirement for extra in run_with for requirement in extras[extra]]
    required = [*project["project"]["dependencies"], *optional]
    declared = {name(requirement) for requirement in required}
    modules = {MODULE_OF.get(package, package) for package in declared}
    assert (
        set(imports()) - modules - {m for m, package in COMES_WITH.items() if package in declared}
        == set()
    )
    assert modules - set(imports()) == set()


def test_every_direct_dependency_is_pinned_as_tested(project: dict[str, Any]) -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pinned = {name(line) for line in lines if "==" in line}
    extras = [
        requirement
        for extra in project["project"]["optional-dependencies"].values()
        for requirement in extra
    ]
    dependencies = {
        name(r)
        for r in [
            *project["project"]["dependencies"],
            *extras,
            *project["build-system"]["requires"],
        ]
    }
    assert dependencies - {"attnviz"} <= pinned


def test_torch_is_left_to_the_user_and_pinned_for_make(project: dict[str, Any]) -> None:
    assert "torch" in project["project"]["dependencies"]
    assert "torch==2.13.0" in (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()


def test_each_dependency_has_its_reason(project: dict[str, Any]) -> None:
    reasons = (ROOT / "docs" / "decisions" / "dependencies.md").read_text(encoding="utf-8")
    extras = [
        requirement
        for extra in project["project"]["optional-dependencies"].values()
        for requirement in extra
    ]
    for requirement in [*project["project"]["dependencies"], *extras]:
        assert name(requirement) in reasons or name(requirement) == "attnviz"

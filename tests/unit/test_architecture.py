"""The direction of DESIGN: no Python module imports a later stage, and foundations are imported by
who may."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parents[2] / "generator" / "attnviz"

ORDER = (
    "errors",
    "_version",
    "engine",
    "score",
    "interactions",
    "aggregates",
    "sampling",
    "rice",
    "encoding",
    "value_lengths",
    "logit_codes",
    "format",
    "site",
    "reader",
    "config",
    "documents",
    "architectures",
    "models",
    "modalities",
    "resolution",
    "capture",
    "importers",
    "probe",
    "effects",
    "series",
    "heads",
    "writes",
    "components",
    "geometry",
    "maps",
    "writer",
    "audit",
    "exporters",
    "serve",
    "publish",
    "forecast",
    "pipeline",
    "building",
    "notebook",
    "terminal",
    "commands",
    "cli",
)

ONLY_IN = {
    "pipeline": {"building", "commands"},
    "building": {"cli", "notebook", ""},
    "cli": {"__main__"},
}
"""Stages with few importers; the empty name is the package itself, whose face is the Python API."""


def stage(module: tuple[str, ...]) -> str:
    """The stage of a module's path below the package: ("report", "writer") is report, the package
    itself is ""."""
    return module[0] if module else ""


def imported(
    tree: ast.AST, module: tuple[str, ...], is_package: bool
) -> Iterator[tuple[int, tuple[str, ...]]]:
    """Line and path below the package of everything that a module imports from it, inside functions
    too."""
    here = module if is_package else module[:-1]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for name in node.names:
                parts = name.name.split(".")
                if parts[0] == "attnviz":
                    yield node.lineno, tuple(parts[1:])
        elif isinstance(node, ast.ImportFrom):
            parts = (node.module or "").split(".") if node.module else []
            if node.level:
                base = here[: len(here) - node.level + 1] + tuple(parts)
            elif parts[0] == "attnviz":
                base = tuple(parts[1:])
            else:
                continue
            for name in node.names:
                yield node.lineno, base if base else (name.name,)


def violations(package: Path) -> list[str]:
    """Every import of a package that points to a later stage, as file:line: what is wrong."""
    problems = []
    for file in sorted(package.rglob("*.py")):
        path = file.relative_to(package)
        is_package = path.name == "__init__.py"
        module = path.parent.parts if is_package else path.with_suffix("").parts
        mine = stage(module)
        for line, target in imported(
            ast.parse(file.read_text(encoding="utf-8")), module, is_package
        ):
            theirs = stage(target)
            if theirs == mine:
                continue
            if theirs not in ORDER:
                problems.append(
                    f"{path}:{line}: {mine or 'attnviz'} imports attnviz's own face, or a stage"
                    " without a place"
                )
            elif mine in ORDER and ORDER.index(theirs) > ORDER.index(mine):
                problems.append(f"{path}:{line}: {mine} imports {theirs}, a later stage")
            elif theirs in ONLY_IN and mine not in ONLY_IN[theirs]:
                problems.append(
                    f"{path}:{line}: {mine} imports {theirs}, which only"
                    f" {sorted(ONLY_IN[theirs])} may"
                )
    return problems


def test_no_module_imports_a_later_stage() -> None:
    assert violations(PACKAGE) == []


def test_every_module_has_its_place() -> None:
    stages = {path.stem for path in PACKAGE.glob("*.py")} | {
        path.parent.name for path in PACKAGE.glob("*/__init__.py")
    }
    assert stages - set(ORDER) <= {"__init__", "__main__", "attnviz"}


@pytest.mark.parametrize(
    ("file", "code"),
    [
        ("score.py", "import attnviz.encoding"),
        ("score.py", "from attnviz import cli"),
        ("score.py", "from . import cli"),
        ("score.py", "import attnviz"),
        ("maps.py", "from attnviz import open_report"),
        ("config/tree.py", "from ..pipeline import build"),
        ("config/__init__.py", "def later():\n    from attnviz.writer.publication import Writer"),
        ("writer/maps.py", "from attnviz.building import build"),
        ("heads.py", "from attnviz.cli.main import app"),
    ],
)
def test_a_planted_violation_is_found(tmp_path: Path, file: str, code: str) -> None:
    planted = tmp_path / file
    planted.parent.mkdir(exist_ok=True)
    planted.write_text(code, encoding="utf-8")
    assert len(violations(tmp_path)) == 1
    assert violations(tmp_path)[0].startswith(f"{file}:")


@pytest.mark.parametrize(
    ("file", "code"),
    [
        ("encoding.py", "from attnviz.score import attention\nimport numpy"),
        ("pipeline.py", "from attnviz import engine, writer"),
        ("format/shards.py", "from .manifest import Shard\nfrom ..errors import ReportError"),
        ("__init__.py", "from attnviz.building import build"),
    ],
)
def test_imports_that_point_upwards_pass(tmp_path: Path, file: str, code: str) -> None:
    planted = tmp_path / file
    planted.parent.mkdir(exist_ok=True)
    planted.write_text(code, encoding="utf-8")
    assert violations(tmp_path) == []

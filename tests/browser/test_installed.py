"""attnviz as pip installs it from its wheel, into an environment that has nothing else of this
repository: commands run, a report is built and opens."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import tomllib
import zipfile
from importlib.metadata import PathDistribution
from pathlib import Path
from typing import Any, Final

import numpy as np
import pytest

import attnviz
from tests.fixtures.truth import ROUNDING

ROOT: Final = Path(__file__).parents[2]


def run(*command: object, cwd: Path, **more: Any) -> subprocess.CompletedProcess[str]:
    """A command without anything of this repository on its path."""
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    environment |= {"OMP_NUM_THREADS": "1"}
    return subprocess.run(
        [str(word) for word in command],
        cwd=cwd, env=environment, check=True, capture_output=True, text=True, **more,
    )  # fmt: skip


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel"]
    subprocess.run([*build, "--directory", folder], cwd=ROOT, check=True, capture_output=True)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The commands' folder of an environment of its own with the wheel in it. What attnviz requires
    comes from the present environment, so that nothing is downloaded."""
    folder = tmp_path_factory.mktemp("clean")
    run(sys.executable, "-m", "venv", "--without-pip", folder / "env", cwd=folder)
    bin_folder = folder / "env" / ("Scripts" if os.name == "nt" else "bin")
    pip = [sys.executable, "-m", "pip", "--python", bin_folder / "python", "install", "--quiet"]
    run(*pip, "--no-deps", "--no-index", wheel, cwd=folder)
    where = "import sysconfig; print(sysconfig.get_path('purelib'))"
    packages = Path(run(bin_folder / "python", "-c", where, cwd=folder).stdout.strip())
    # Folders that a .pth names have no .pth files read: this repository is not among them.
    (packages / "required.pth").write_text(sysconfig.get_path("purelib"), "utf-8")
    return bin_folder


def test_it_is_the_wheels_attnviz_that_runs(installed: Path, tmp_path: Path) -> None:
    say = "import attnviz; print(attnviz.__file__, attnviz.__version__)"
    file, version = run(installed / "python", "-c", say, cwd=tmp_path).stdout.split()
    assert Path(file).is_relative_to(installed.parent)
    assert version == attnviz.__version__
    assert "build" in run(installed / "attnviz", "--help", cwd=tmp_path).stdout


def test_its_extras_have_the_names_that_the_readme_says(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        (name,) = {path.split("/")[0] for path in archive.namelist() if ".dist-info/" in path}
        extras = PathDistribution(zipfile.Path(archive, f"{name}/")).metadata.get_all(
            "Provides-Extra"
        )
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert set(extras or ()) == set(project["optional-dependencies"])
    readme = (ROOT / "README.md").read_text("utf-8")
    for extra in set(project["optional-dependencies"]) - {"docs", "bench", "test"}:
        assert f"| `{extra}` |" in readme


def test_it_builds_a_report_that_opens(
    installed: Path, tiny_model: Any, tmp_path: Path, visit: Any
) -> None:
    text = "the cat sat on a mat"
    run(
        installed / "attnviz", "build", "--model", tiny_model("bert"), "--text", text,
        "--out", "report", "--one-file", cwd=tmp_path,
    )  # fmt: skip
    report = attnviz.open_report(tmp_path / "report")
    there = visit(tmp_path / "report").open(view="document", head="L1H2", doc=0)
    row = there.page.evaluate("async () => [...await attnviz.attention(1, 2, 0, 1)]")
    assert np.abs(np.array(row) - report.attention(1, 2, 0)[1]).max() < ROUNDING
    assert (tmp_path / "report.html").is_file()

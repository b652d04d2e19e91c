"""Everything that `make` installs has its version, and its files their hashes."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator
from importlib.metadata import distribution, version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

ROOT = Path(__file__).parents[2]
SETS = sorted((ROOT / "generator" / "locked").glob("*.txt"))
OF_TORCH = re.compile(r"torch|triton|cuda-.*|nvidia-.*")
"""What comes in the build that a machine's owner chooses."""


def pins(text: str) -> Iterator[Requirement]:
    """The requirements of a file, whichever platform they are for."""
    for line in text.replace("\\\n", " ").splitlines():
        requirement, *_ = re.split(r"\s+(?=--hash|#)", line)
        if requirement and not requirement.startswith("#"):
            yield Requirement(requirement)


def pinned() -> dict[str, str]:
    """Package → version in constraints.txt, here."""
    return {
        canonicalize_name(pin.name): str(pin.specifier).removeprefix("==")
        for pin in pins((ROOT / "constraints.txt").read_text(encoding="utf-8"))
        if pin.marker is None or pin.marker.evaluate()
    }


def run_of(*extras: str) -> set[str]:
    """Every package that attnviz with these extras brings along, here, attnviz itself left out."""
    visited: set[tuple[str, str]] = set()
    waiting = [("attnviz", extra) for extra in ("", *extras)]
    while waiting:
        package, extra = item = waiting.pop()
        if item in visited:
            continue
        visited.add(item)
        for line in distribution(package).requires or ():
            requirement = Requirement(line)
            if requirement.marker is None or requirement.marker.evaluate({"extra": extra}):
                name = canonicalize_name(requirement.name)
                waiting += [(name, part) for part in ("", *requirement.extras)]
    return {package for package, _ in visited} - {"attnviz"}


def test_every_package_of_a_run_is_pinned_in_the_version_that_runs():
    versions = {name: str(Version(version(name)).public) for name in run_of("quickstart", "test")}
    assert len(versions) > 50
    known = pinned()
    assert {name: known.get(name) for name in versions} == versions


def test_build_requirements_are_pinned():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    names = {canonicalize_name(Requirement(r).name) for r in project["build-system"]["requires"]}
    assert names <= set(pinned())


@pytest.mark.parametrize("file", SETS, ids=lambda file: file.stem)
def test_a_set_has_the_pinned_versions_each_with_hashes(file):
    text = file.read_text(encoding="utf-8")
    blocks = re.split(r"^(?=\S)", text, flags=re.MULTILINE)[1:]
    assert blocks
    known = {str(pin) for pin in pins((ROOT / "constraints.txt").read_text(encoding="utf-8"))}
    direct = {pin.partition(";")[0].strip() for pin in known}
    for block, pin in zip(blocks, pins(text), strict=True):
        name = str(pin).partition(";")[0].replace("ruamel-yaml", "ruamel.yaml").strip()
        assert str(pin) in known or name in direct
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", block), pin.name
        assert "://" not in block


def test_what_has_no_hash_is_torch_and_what_its_build_brings_along():
    hashed = {
        canonicalize_name(pin.name)
        for file in SETS
        for pin in pins(file.read_text(encoding="utf-8"))
    }
    rest = {name for name in pinned() if name not in hashed and not OF_TORCH.fullmatch(name)}
    assert rest == set()
    assert not {name for name in hashed if OF_TORCH.fullmatch(name)}


def test_make_installs_wheels_by_their_hash_and_everything_else_by_its_version():
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    lines = [line for line in makefile.splitlines() if "pip install" in line or "$(PIP)" in line]
    for line in lines[1:]:
        assert "--require-hashes --only-binary :all:" in line or "--constraint" in line, line
    assert len(lines) == 3

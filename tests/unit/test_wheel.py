"""What the wheel carries: the package, its pages and bundle, their licences, a bill of it all."""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path
from typing import Any

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from attnviz import __version__

ROOT = Path(__file__).parents[2]
TEMPLATES = "attnviz/site_templates"


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The wheel's files; what stands in .dist-info is told by that name alone."""
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel"]
    subprocess.run([*build, "--directory", str(folder)], cwd=ROOT, check=True, capture_output=True)
    with zipfile.ZipFile(next(folder.glob("*.whl"))) as archive:
        names = {
            name.replace(f"attnviz-{__version__}.dist-info", "info"): name
            for name in archive.namelist()
        }
        return {short: archive.read(name) for short, name in names.items()}


@pytest.fixture(scope="module")
def bill(wheel: dict[str, bytes]) -> dict[str, Any]:
    return json.loads(wheel["info/sboms/attnviz.cdx.json"])


def components(bill: dict[str, Any], start: str) -> dict[str, dict[str, Any]]:
    """The bill's components whose references start so, by reference."""
    return {
        part["bom-ref"]: part for part in bill["components"] if part["bom-ref"].startswith(start)
    }


def test_it_carries_pages_and_bundle_and_nothing_they_are_made_from(wheel):
    files = {name for name in wheel if not name.startswith("info/")}
    templates = {name.removeprefix(f"{TEMPLATES}/") for name in files if TEMPLATES in name}
    assert {"dist/boot.js", "dist/viewer.js", "dist/viewer.css", "dist/page.css"} <= templates
    assert {path.name for path in (ROOT / "site_templates").glob("*.j2")} <= templates
    assert all(file.startswith("dist/") or file.endswith((".j2", ".css")) for file in templates)
    start = {f"attnviz/publish/start/{name}" for name in ("corpus.yaml", "workflow.yml")}
    data = {"attnviz/py.typed", "attnviz/format/words.json", *start}
    assert data <= files
    assert all(name.endswith(".py") or name in data for name in files if TEMPLATES not in name)


def test_it_carries_the_licences_of_what_it_carries(wheel):
    assert wheel["info/licenses/LICENSE"] == (ROOT / "LICENSE").read_bytes()
    licences = (ROOT / "site_templates" / "licences.txt").read_bytes()
    assert wheel["info/licenses/site_templates/licences.txt"] == licences
    assert wheel[f"{TEMPLATES}/dist/licences.txt"] == licences


def test_its_bundle_has_the_bytes_that_its_digests_name(wheel):
    lines = wheel[f"{TEMPLATES}/dist/SHA256SUMS"].decode().splitlines()
    sums = {name: digest for digest, name in (line.split("  ") for line in lines)}
    parts = {name for name in sums if name.startswith("part-")}
    assert set(sums) - parts == {
        *("boot.js", "viewer.js", "offline.js", "viewer.css", "page.css", "licences.txt")
    }
    assert any(name.startswith("part-head-") for name in parts)
    for name, digest in sums.items():
        assert hashlib.sha256(wheel[f"{TEMPLATES}/dist/{name}"]).hexdigest() == digest


def test_its_bill_is_cyclonedx(wheel):
    validator = JsonStrictValidator(SchemaVersion.V1_6)
    text = wheel["info/sboms/attnviz.cdx.json"].decode()
    assert validator.validate_str(text) is None
    assert validator.validate_str(text.replace("SHA-512", "SHA512")) is not None


def test_its_bill_is_of_this_wheel_and_depends_on_every_part(bill):
    itself = bill["metadata"]["component"]
    assert (itself["name"], itself["version"]) == ("attnviz", __version__)
    assert itself["licenses"] == [{"expression": "Apache-2.0"}]
    (dependency,) = bill["dependencies"]
    assert dependency["ref"] == itself["bom-ref"]
    assert dependency["dependsOn"] == [part["bom-ref"] for part in bill["components"]]


def test_its_bill_names_each_file_of_the_bundle_with_its_digest(wheel, bill):
    files = components(bill, TEMPLATES)
    sources = {f"{TEMPLATES}/dist/{name}" for name in ("SHA256SUMS", "sources.sha256")}
    assert set(files) == {name for name in wheel if f"{TEMPLATES}/dist/" in name} - sources
    for path, part in files.items():
        digest = hashlib.sha256(wheel[path]).hexdigest()
        assert part["hashes"] == [{"alg": "SHA-256", "content": digest}]


def test_its_bill_names_each_package_in_the_bundle_with_version_licence_and_hash(wheel, bill):
    lock = json.loads((ROOT / "site_templates" / "package-lock.json").read_text(encoding="utf-8"))
    package = json.loads((ROOT / "site_templates" / "package.json").read_text(encoding="utf-8"))
    parts = {part["name"]: part for part in components(bill, "pkg:npm/").values()}
    assert set(parts) == set(package["dependencies"])
    for name, part in parts.items():
        entry = lock["packages"][f"node_modules/{name}"]
        digest = base64.b64decode(entry["integrity"].removeprefix("sha512-")).hex()
        assert part["hashes"] == [{"alg": "SHA-512", "content": digest}]
        assert part["licenses"] == [{"expression": entry["license"]}]
        assert part["version"] == package["dependencies"][name]
        assert f"\n{name} {part['version']}: ".encode() in wheel[f"{TEMPLATES}/dist/licences.txt"]


def test_its_bill_names_each_python_package_that_it_asks_for(bill):
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = project["optional-dependencies"].values()
    required = {canonicalize_name(Requirement(text).name) for text in project["dependencies"]}
    optional = {canonicalize_name(Requirement(text).name) for texts in extras for text in texts}
    parts = {part["name"]: part["scope"] for part in components(bill, "pkg:pypi/").values()}
    assert {name for name, scope in parts.items() if scope == "required"} == required
    assert set(parts) == required | optional - {"attnviz"}

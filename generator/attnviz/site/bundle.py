"""The templates and the viewer's bundle: where they are, in an installed wheel or in a checkout."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from attnviz.errors import InputError

BUNDLE = ("boot.js", "viewer.js", "viewer.css", "page.css", "licences.txt")
"""What every bundle has; beside these it has the viewer's parts, which are loaded when they are
first needed."""
PART = re.compile(r"part-[a-z-]+-[0-9a-f]{16}\.js")
"""The name of a part, which the viewer's script knows."""
WORKER = "offline.js"
"""What a published report has of the bundle beside its index.html."""
DIGESTS = "SHA256SUMS"
"""The SHA-256 of each file of the bundle, written where it is made."""


@dataclass(frozen=True)
class Assets:
    """The files of a report's `assets/`, by path in the report; `script` and `style` are the
    viewer's paths."""

    files: dict[str, bytes]
    script: str
    style: str


def templates_folder() -> Path:
    """`site_templates`: inside the installed package, else beside `generator` in an editable
    checkout."""
    package = Path(__file__).resolve().parents[1]
    places = (package / "site_templates", package.parents[1] / "site_templates")
    for place in places:
        if (place / "head.html.j2").is_file():
            return place
    raise InputError(f"{places[0]}: the page templates are not there; install attnviz again")


def assets(templates: Path) -> Assets:
    """The viewer's bundle by path in a report. Names of the viewer's script and style have their
    hash.

    Raises InputError where a file of the bundle is missing or has not the bytes it was made with.
    """
    folder = templates / "dist"
    bundle = _read_whole(folder, [*BUNDLE, *filter(PART.fullmatch, sorted(_digests(folder)))])
    script, style = bundle.pop("viewer.js"), bundle.pop("viewer.css")
    script_path = f"assets/viewer-{_hash(script)}.js"
    style_path = f"assets/viewer-{_hash(style)}.css"
    files = {f"assets/{name}": content for name, content in bundle.items()}
    return Assets(files | {script_path: script, style_path: style}, script_path, style_path)


def worker(templates: Path) -> bytes:
    """The script of the bundle that lets a published report work without a network.

    Raises InputError where it is missing or has not the bytes it was made with.
    """
    return _read_whole(templates / "dist", [WORKER])[WORKER]


def _read_whole(folder: Path, names: Sequence[str]) -> dict[str, bytes]:
    """Files of the bundle by name, each proved by its digest."""
    digests = _digests(folder)
    missing = [name for name in (*names, DIGESTS) if not (folder / name).is_file()]
    if missing:
        raise InputError(_broken(folder, f"is not complete ({', '.join(missing)} missing)"))
    contents = {name: (folder / name).read_bytes() for name in names}
    damaged = [
        name
        for name, content in contents.items()
        if hashlib.sha256(content).hexdigest() != digests.get(name)
    ]
    if damaged:
        text = f"is damaged ({', '.join(damaged)}: not the bytes that {DIGESTS} names)"
        raise InputError(_broken(folder, text))
    return contents


def _digests(folder: Path) -> dict[str, str]:
    """The SHA-256 of each file of the bundle, by its name; empty where none can be read."""
    try:
        lines = (folder / DIGESTS).read_text(encoding="ascii").splitlines()
    except (OSError, UnicodeDecodeError):
        return {}
    return {name: digest for digest, _, name in (line.partition("  ") for line in lines)}


def _broken(folder: Path, problem: str) -> str:
    return (
        f"{folder}: the viewer's bundle {problem}; in a checkout, run `make bundle`; otherwise"
        " install attnviz again"
    )


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]

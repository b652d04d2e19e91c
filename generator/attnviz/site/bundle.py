"""The templates and the viewer's bundle: where they are, in an installed wheel or in a checkout."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from pathlib import Path

from attnviz.errors import InputError

BUNDLE = ("boot.js", "viewer.js", "viewer.css", "page.css", "licences.txt")
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
    boot, script, style, page, licences = _read_whole(templates / "dist")
    script_path = f"assets/viewer-{_hash(script)}.js"
    style_path = f"assets/viewer-{_hash(style)}.css"
    files = {
        "assets/boot.js": boot,
        script_path: script,
        style_path: style,
        "assets/page.css": page,
        "assets/licences.txt": licences,
    }
    return Assets(files, script_path, style_path)


def _read_whole(folder: Path) -> list[bytes]:
    """The bundle's files, each proved by its digest."""
    missing = [name for name in (*BUNDLE, DIGESTS) if not (folder / name).is_file()]
    if missing:
        raise InputError(_broken(folder, f"is not complete ({', '.join(missing)} missing)"))
    sums = (folder / DIGESTS).read_bytes().splitlines()
    contents = [(folder / name).read_bytes() for name in BUNDLE]
    damaged = [
        name
        for name, content in zip(BUNDLE, contents, strict=True)
        if f"{hashlib.sha256(content).hexdigest()}  {name}".encode() not in sums
    ]
    if damaged:
        text = f"is damaged ({', '.join(damaged)}: not the bytes that {DIGESTS} names)"
        raise InputError(_broken(folder, text))
    return contents


def _broken(folder: Path, problem: str) -> str:
    return (
        f"{folder}: the viewer's bundle {problem}; in a checkout, run `make bundle`; otherwise"
        " install attnviz again"
    )


def _hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]

"""Where the templates and the viewer's bundle lie: in an installed wheel, or in a checkout."""

from __future__ import annotations

from pathlib import Path

from attnviz.errors import InputError

BUNDLE = ("boot.js", "viewer.js", "viewer.css", "page.css")


def templates_folder() -> Path:
    """`site_templates`: inside the installed package, else beside `generator` in an editable checkout."""
    package = Path(__file__).resolve().parents[1]
    places = (package / "site_templates", package.parents[1] / "site_templates")
    for place in places:
        if (place / "index.html.j2").is_file():
            return place
    raise InputError(f"{places[0]}: the page templates are not there; install attnviz again")


def assets(templates: Path) -> dict[str, bytes]:
    """The viewer's bundle by file name: boot.js, viewer.js, viewer.css, page.css."""
    folder = templates / "dist"
    missing = [name for name in BUNDLE if not (folder / name).is_file()]
    if missing:
        raise InputError(
            f"{folder}: the viewer's bundle is not complete ({', '.join(missing)} missing); "
            "in a checkout, run `make bundle`; otherwise install attnviz again"
        )
    return {name: (folder / name).read_bytes() for name in BUNDLE}

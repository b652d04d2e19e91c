"""A report in one page: its files, the viewer's script and style inside one HTML, after a summary
that is read without scripts, and, where a policy forbids them, without styles too."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from markupsafe import Markup

from attnviz.errors import InputError
from attnviz.format.index import split
from attnviz.format.manifest import File, Manifest, Viewer
from attnviz.format.seal import sha256
from attnviz.format.twins import packed
from attnviz.site.bundle import assets, templates_folder
from attnviz.site.contexts import Carried, OnePage
from attnviz.site.pages import CRITICAL_CSS, describe
from attnviz.site.policy import one_page_policy
from attnviz.site.summary import Pictures, summaries
from attnviz.site.templates import template

STYLE: Final = "one.css"
_LEFT_OUT: Final = ("assets/boot.js", "assets/page.css", "assets/licences.txt")
"""Of the viewer's files: boot.js stands in the page as it is, the others belong to other pages."""


def one_page(
    manifest: Manifest,
    shards: Mapping[str, bytes],
    pictures: Pictures,
    start: str = "",
    story: Markup | None = None,
) -> str:
    """The page. `shards` are the contents of the content's shards by path, `pictures` thumbnails of
    heads by model and head; `start` is the link's hash, such as `#view=lines`, that it opens at;
    `story` is the article that the report has, if any.

    The same input gives the same bytes.
    """
    templates = templates_folder()
    bundle = assets(templates)
    boot = _inline(bundle.files["assets/boot.js"], "assets/boot.js")
    viewer = {path: content for path, content in bundle.files.items() if path not in _LEFT_OUT}
    written = split(_with_viewer(manifest, viewer, bundle.script, bundle.style))
    sealed = written.manifest
    css = _critical_css(templates)
    page = OnePage(
        title=manifest.title,
        description=describe(manifest),
        csp=one_page_policy(
            scripts=[boot, *(_text(viewer, path) for path in viewer if path.endswith(".js"))],
            styles=[css, *(_text(viewer, path) for path in viewer if path.endswith(".css"))],
        ),
        critical_css=Markup(css),  # ours, and free of markup
        theme=manifest.site.theme,
        seal=sha256(sealed),
        start=start,
        story=story,
        models=tuple(summaries(manifest, pictures)),
        licences=bundle.files["assets/licences.txt"].decode(),
        files=tuple(
            Carried(path, packed(content))
            for path, content in {
                "manifest.json": sealed,
                **viewer,
                **written.tables,
                **shards,
            }.items()
        ),
        boot=Markup(boot),  # ours, and free of what would end a script
    )
    html = template(templates, "one.html.j2").render(vars(page))
    return html.encode("utf-8", "replace").decode()


def _with_viewer(
    manifest: Manifest, viewer: Mapping[str, bytes], script: str, style: str
) -> Manifest:
    """The manifest as the page carries it: with this attnviz's viewer, and no other files than
    there are."""
    files = {
        path: File(bytes=len(content), sha256=sha256(content)) for path, content in viewer.items()
    }
    changes = {"viewer": Viewer(script=script, style=style), "files": files}
    return manifest.model_copy(update=changes)


def _critical_css(templates: Path) -> str:
    return "".join((templates / name).read_text("utf-8") for name in (CRITICAL_CSS, STYLE))


def _text(files: Mapping[str, bytes], path: str) -> str:
    return files[path].decode()


def _inline(script: bytes, path: str) -> str:
    """A script as it may stand in a page. InputError where something in it would end it there."""
    text = script.decode()
    if "</script" in text.lower() or "<!--" in text:
        raise InputError(f"{path}: cannot stand in a page; install attnviz again")
    return text

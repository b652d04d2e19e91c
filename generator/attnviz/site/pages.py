"""index.html, one page per head, and the index of heads by label. The same manifest and pictures
give the same bytes."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from jinja2 import Template
from markupsafe import Markup

from attnviz.format.manifest import Manifest
from attnviz.format.seal import BLANK
from attnviz.site.contexts import HeadPage, HeadsPage, IndexPage, StoryPage
from attnviz.site.head_pages import HeadPictures, head_page, head_path
from attnviz.site.heads_index import models_of
from attnviz.site.policy import page_policy, viewer_policy
from attnviz.site.previews import REPORT, preview_address
from attnviz.site.story import STORY
from attnviz.site.templates import template
from attnviz.site.wording import count_of

CRITICAL_CSS = "critical.css"
HEADS = "heads.html"


def render_pages(
    manifest: Mapping[str, Any],
    templates: Path,
    pictures: HeadPictures | None = None,
    story: StoryPage | None = None,
) -> dict[str, bytes]:
    """HTML by path: `index.html`, which does not name the manifest yet, `story.html` where there is
    a story, `heads.html`, and `heads/<model>/<head>.html`, UTF-8. `pictures` are what heads' pages
    show of the shards."""
    report = Manifest.model_validate(manifest)
    pages = {
        "index.html": _render(template(templates, "index.html.j2"), index_page(report, templates)),
        HEADS: _render(template(templates, "heads.html.j2"), heads_page(report, story is not None)),
    }
    if story is not None:
        pages[STORY] = _render(template(templates, "story.html.j2"), story)
    of_head = template(templates, "head.html.j2")
    for model in report.models:
        for head in model.heads:
            picture = (pictures or {}).get((model.name, model.head_id(head)))
            page = head_page(report, model, head, picture, with_story=story is not None)
            pages[head_path(model, head)] = _render(of_head, page)
    return pages


def _render(of_page: Template, page: IndexPage | HeadPage | HeadsPage | StoryPage) -> bytes:
    return of_page.render(vars(page)).encode("utf-8", "replace")


def heads_page(report: Manifest, with_story: bool) -> HeadsPage:
    """The context of the index of heads by label."""
    return HeadsPage(
        title=report.title,
        description=describe(report),
        csp=page_policy(),
        theme=report.site.theme,
        address=None
        if report.site.url is None
        else f"{report.site.url.rstrip('/')}/{quote(HEADS)}",
        preview=preview_address(report, REPORT),
        story=STORY if with_story else None,
        models=tuple(models_of(report)),
    )


def index_page(report: Manifest, templates: Path) -> IndexPage:
    """The context of index.html, which is shown before the viewer starts."""
    critical = (templates / CRITICAL_CSS).read_text("utf-8")
    return IndexPage(
        title=report.title,
        description=describe(report),
        csp=viewer_policy(critical),
        critical_css=Markup(critical),  # ours, and free of markup
        theme=report.site.theme,
        address=report.site.url,
        preview=preview_address(report, REPORT),
        seal=BLANK,
    )


def describe(report: Manifest) -> str:
    """What a report shows, in one sentence."""
    models = ", ".join(model.title for model in report.models)
    documents = count_of(report.documents.count, "document")
    return f"Every attention head of {models}, reading {documents}."

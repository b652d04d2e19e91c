"""A story: an article in Markdown whose links lead into the report, and whose pictures are its
views, alive."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import Final
from urllib.parse import parse_qsl, urlencode, urlsplit

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markupsafe import Markup, escape

from attnviz.errors import InputError
from attnviz.format.manifest import Manifest
from attnviz.site.contexts import StoryPage
from attnviz.site.policy import story_policy
from attnviz.site.previews import REPORT as PREVIEW
from attnviz.site.previews import preview_address
from attnviz.site.story_links import LinkCheck

STORY: Final = "story.html"
SOURCE: Final = "story.md"
"""The story as it was written, which the report keeps to make the page anew."""
_VIEWER: Final = "index.html"
_ELSEWHERE: Final = ("http", "https", "mailto")


@dataclass(frozen=True)
class Story:
    """A story as it was written."""

    name: str
    """What messages call its file."""
    text: str
    """Markdown."""

    @cached_property
    def tokens(self) -> list[Token]:
        """Its parts. HTML in it is text like any other."""
        return _markdown().parse(self.text)


def story_page(story: Story, report: Manifest, check: LinkCheck, pages: Sequence[str]) -> StoryPage:
    """The context of the story's page; `pages` are the paths of pages that it may link to.

    Raises InputError with all links to what is not there, each with its line.
    """
    problems = [
        f"{story.name}:{line}: {fault}"
        for line, place in _places(story.tokens)
        for fault in _faults(place, check, pages)
    ]
    if problems:
        raise InputError(problems)
    title = _title(story.tokens) or report.title
    url = report.site.url
    return StoryPage(
        title=report.title,
        heading=title,
        description=_first_words(story.tokens),
        csp=story_policy(),
        theme=report.site.theme,
        address=None if url is None else f"{url.rstrip('/')}/{STORY}",
        preview=preview_address(report, PREVIEW),
        article=Markup(_html(story.tokens)),  # of a renderer that lets no HTML through
    )


def carried_article(story: Story, pages: Mapping[str, str]) -> Markup:
    """The article within a page that is the viewer itself: links lead to its views, `pages` are
    those in place of a report's pages, by path. A figure is its caption, with the way to the
    view."""
    return Markup(_html(story.tokens, _Surroundings("", pages, alive=False)))


@dataclass(frozen=True)
class _Surroundings:
    """Where an article stands: the viewer's page, what is linked to in place of other pages, and
    whether views are alive in it."""

    viewer: str = _VIEWER
    instead: Mapping[str, str] = field(default_factory=dict)
    alive: bool = True

    def address(self, href: str) -> str:
        """Where a link of the story leads from there."""
        if href.startswith("#"):
            return f"{self.viewer}{href}"
        path, _, fragment = href.partition("#")
        if path not in self.instead:
            return href
        return f"#{fragment}" if path == _VIEWER and fragment else self.instead[path]


def _markdown() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": False}).enable("table")


@dataclass(frozen=True)
class _Place:
    """A link or a picture, and whether it is alone in its paragraph."""

    address: str
    is_picture: bool
    is_alone: bool


def _places(tokens: Sequence[Token]) -> Iterator[tuple[int, _Place]]:
    """Links and pictures, each with its line, counted from 1."""
    for token in tokens:
        if token.type != "inline" or token.children is None:
            continue
        line = 1 + (token.map or [0])[0]
        for child in token.children:
            if child.type in ("softbreak", "hardbreak"):
                line += 1
            elif child.type == "link_open":
                yield line, _Place(str(child.attrGet("href")), False, False)
            elif child.type == "image":
                yield line, _Place(str(child.attrGet("src")), True, len(token.children) == 1)


def _faults(place: _Place, check: LinkCheck, pages: Sequence[str]) -> Iterator[str]:
    if place.address.startswith("#"):
        yield from check.faults(place.address[1:])
        if place.is_picture and not place.is_alone:
            yield (
                f"the figure “{place.address}” stands in a line of text; expected it in a paragraph"
                " of its own"
            )
    elif place.is_picture:
        yield (
            f"the picture “{place.address}” is no view; expected a link as the viewer gives it:"
            " #view=…"
        )
    elif (parts := urlsplit(place.address)).scheme not in _ELSEWHERE and parts.path not in pages:
        yield (
            f"the link “{place.address}” leads nowhere; expected #view=…, a page of the report, or"
            " an address with https://"
        )


def _html(tokens: Sequence[Token], around: _Surroundings = _Surroundings()) -> str:
    """The article's markup. Links into the viewer name its page, and a paragraph that is a picture
    is a figure."""
    markdown = _markdown()
    parts: list[str] = []
    run: list[Token] = []
    at = 0
    while at < len(tokens):
        figure = _figure(tokens[at : at + 3], around)
        if figure is None:
            run.append(_with_addresses(tokens[at], around))
            at += 1
            continue
        parts += [markdown.renderer.render(run, markdown.options, {}), figure]
        run, at = [], at + 3
    return "".join([*parts, markdown.renderer.render(run, markdown.options, {})])


def _figure(paragraph: Sequence[Token], around: _Surroundings) -> str | None:
    """The markup of a paragraph that holds a picture alone; None for any other."""
    if len(paragraph) < 3 or paragraph[0].type != "paragraph_open":
        return None
    children = paragraph[1].children or []
    if [child.type for child in children] != ["image"]:
        return None
    markdown, image = _markdown(), children[0]
    caption = [_with_addresses(child, around) for child in image.children or []]
    link = dict(parse_qsl(str(image.attrGet("src"))[1:], keep_blank_values=True))
    alone = f"{around.viewer}#{urlencode(link | {'embed': '1'})}"
    title = RendererHTML().renderInlineAsText(caption, markdown.options, {})
    frame = f'<iframe src="{escape(alone)}" title="{escape(title)}" loading="lazy"></iframe>'
    link.pop("embed", None)
    view = f"{around.viewer}#{urlencode(link)}"
    return (
        f'<figure class="live view-{escape(link.get("view", "atlas"))}">'
        f"{frame if around.alive else ''}"
        f"<figcaption>{RendererHTML().renderInline(caption, markdown.options, {})}"
        f' <a class="open" href="{escape(view)}">Open in the viewer</a>'
        "</figcaption></figure>\n"
    )


def _with_addresses(token: Token, around: _Surroundings) -> Token:
    """A part whose links lead where they should from there."""
    if token.type == "link_open":
        href = around.address(str(token.attrGet("href")))
        return token.copy(attrs={**token.attrs, "href": href})
    if token.children:
        return token.copy(children=[_with_addresses(child, around) for child in token.children])
    return token


def _title(tokens: Sequence[Token]) -> str:
    """The text of a heading that the story begins with; empty where it has none."""
    if len(tokens) > 1 and (tokens[0].type, tokens[0].tag) == ("heading_open", "h1"):
        return _words(tokens[1])
    return ""


def _first_words(tokens: Sequence[Token]) -> str:
    """The first paragraph, for those who say what is behind a link."""
    for before, token in pairwise(tokens):
        if before.type == "paragraph_open" and (words := _words(token)):
            return words if len(words) <= 200 else f"{words[:200].rsplit(' ', 1)[0]} …"
    return ""


def _words(token: Token) -> str:
    children = token.children or []
    kinds = ("text", "code_inline", "softbreak")
    return "".join(child.content or " " for child in children if child.type in kinds)

"""`attnviz publish`: a report where people look."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from attnviz.terminal import say, say_object

PUBLISH = (
    "Examples:  attnviz publish build/quickstart --to gh-pages   ·   attnviz publish"
    " build/quickstart --to public --base-url https://example.org/minilm/   ·   attnviz publish"
    " build/quickstart --to quickstart.zip   ·   attnviz publish build/quickstart --to"
    " space:ada/minilm"
)


def publish(
    report: Annotated[Path, typer.Argument(help="The report's folder.")],
    to: Annotated[
        str,
        typer.Option(
            metavar="PLACE",
            help="gh-pages, the branch that GitHub Pages serves; space:USER/NAME, a static"
            " Space of the Hugging Face hub; a folder for a web server; or FILE.zip, to be sent and"
            " opened by double-click.",
        ),
    ],
    base_url: Annotated[
        str | None,
        typer.Option(
            "--base-url",
            metavar="URL",
            help="The address that the report gets, for links of preview cards, sitemap and 404"
            " page.  [default: site.url of the corpus]",
        ),
    ] = None,
    remote: Annotated[
        str,
        typer.Option(metavar="NAME", help="The Git remote that the branch gh-pages is pushed to."),
    ] = "origin",
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Say what would be done, and do nothing.")
    ] = False,
    quiet: Annotated[bool, typer.Option("--quiet", "-q", help="Say nothing but errors.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object on standard output, for machines.")
    ] = False,
) -> None:
    """Publish a report: on GitHub Pages, as a Hugging Face Space, as a folder, or as a zip.

    Pages and viewer are made anew by this attnviz; data stay as they are. On the web a report does
    without the twins of its data, which only a double-click needs; a zip has them. What was
    published there before is replaced; nothing else ever is.
    """
    from attnviz.publish.places import place_of, publish_to

    def note(sentence: str) -> None:
        if not quiet:
            say(sentence, err=True)

    published = publish_to(report, place_of(to, remote), base_url, note, dry_run=dry_run)
    if as_json:
        say_object(published.to_dict())
    elif not quiet:
        say(*published.sentences())

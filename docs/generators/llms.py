"""llms.txt of the documentation: its pages for programs and agents, after how a report is read."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from ruamel.yaml import YAML

CONFIG: Final = Path(__file__).parents[2] / "mkdocs.yml"

_REPORTS: Final = """\
Every report has its own `llms.txt`, which says what is in it and what its heads do, and
`manifest.schema.json`, the JSON Schema of its manifest. In short: `attnviz.open_report(FOLDER)` in
Python gives heads as an Arrow table and attention as NumPy arrays;
`attnviz query FOLDER 'heads where induction > 0.5' --json` asks from a shell; without the package,
statistics and labels of heads are in `manifest.json`."""


def llms() -> str:
    """The file, from the site's own list of pages."""
    config = YAML(typ="safe").load(CONFIG)
    title, description = config["site_name"], config["site_description"]
    parts = [f"# {title}\n", f"> {description}\n", f"{_REPORTS}\n", *_sections(config["nav"])]
    return "\n".join(parts)


def _sections(nav: list[Any]) -> Iterator[str]:
    """A heading with links for each section; pages that stand in none come first."""
    alone = [entry for entry in nav if isinstance(next(iter(entry.values())), str)]
    for title, entries in [("Start", alone), *_named(nav)]:
        links = [f"- [{name}]({_page(path)})" for entry in entries for name, path in entry.items()]
        yield "\n".join([f"## {title}", "", *links, ""])


def _named(nav: list[Any]) -> Iterator[tuple[str, list[Any]]]:
    for entry in nav:
        for title, entries in entry.items():
            if isinstance(entries, list):
                yield title, [each if isinstance(each, dict) else _titled(each) for each in entries]


def _titled(path: str) -> dict[str, str]:
    """A page that the list does not name, by its own title."""
    first = (CONFIG.parent / "docs" / path).read_text("utf-8").partition("\n")[0]
    return {first.removeprefix("# "): path}


def _page(path: str) -> str:
    """Where the site has a page."""
    return path.removesuffix(".md") + ".html" if path.endswith(".md") else path

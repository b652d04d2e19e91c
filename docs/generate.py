"""Writes what follows from the code: the references of corpus.yaml, the command line, the Python
API and heads' statistics, the report format for its page and for the viewer, and the site's
colours.

python docs/generate.py            # writes them
python docs/generate.py --check    # exit code 1, naming those that are out of date

To add a page, add its module to docs/generators and its line to PAGES.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from generators.command_line import cli
from generators.corpus_yaml import corpus_yaml
from generators.head_statistics import head_statistics
from generators.llms import llms
from generators.python_api import python_api
from generators.report_format import (
    manifest_schema,
    manifest_types,
    report_format,
    viewer_columns,
    viewer_shapes,
    viewer_words,
)
from generators.scale import billion_tokens
from generators.tokens import tokens_css

DOCS: Final = Path(__file__).parent

PAGES: Final[dict[str, Callable[[], str]]] = {
    "reference/corpus-yaml.md": corpus_yaml,
    "reference/cli.md": cli,
    "reference/python-api.md": python_api,
    "reference/head-statistics.md": head_statistics,
    "reference/report-format.md": report_format,
    "reference/manifest.schema.json": manifest_schema,
    "../site_templates/src/format/manifest.d.ts": manifest_types,
    "../site_templates/src/format/columns.js": viewer_columns,
    "../site_templates/src/format/parts.js": viewer_shapes,
    "../site_templates/src/format/words.js": viewer_words,
    "explanation/billion-tokens.md": billion_tokens,
    "llms.txt": llms,
    "stylesheets/tokens.css": tokens_css,
}


def main(check: bool) -> int:
    """Write the pages, or only compare them. Returns the exit code."""
    stale = []
    for name, page in PAGES.items():
        path, text = DOCS / name, page()
        if check and not (path.is_file() and path.read_text("utf-8") == text):
            stale.append(name)
        elif not check:
            path.write_text(text, "utf-8")
    if stale:
        print(
            f"docs: {', '.join(stale)} out of date; run python docs/generate.py",
            file=sys.stderr,
        )
    return int(bool(stale))


if __name__ == "__main__":
    sys.exit(main("--check" in sys.argv[1:]))

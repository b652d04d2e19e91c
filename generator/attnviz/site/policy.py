"""The content security policies: nothing remote, no inline script, no eval. `file:` allows reports
that are opened by a double click."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence

_NO_SOURCE = "'none'"
_NOTHING_ELSE = "base-uri 'none'; form-action 'none'; object-src 'none'; frame-src 'none'"


def viewer_policy(critical_css: str) -> str:
    """For index.html: scripts and data of the report, and the inline style block with this text."""
    return (
        "default-src 'none'; script-src 'self' file:;"
        f" style-src 'self' file: {_hash(critical_css)}; "
        "img-src 'self' file: data: blob:; font-src 'self' file: data:; worker-src 'self' blob:; "
        f"media-src blob:; connect-src 'self' data: blob:; {_NOTHING_ELSE}"
    )


def one_page_policy(scripts: Sequence[str], styles: Sequence[str]) -> str:
    """For a report in one page: these scripts and styles, by their texts, and what the page itself
    carries."""
    return (
        f"default-src 'none'; script-src {' '.join(map(_hash, scripts)) or _NO_SOURCE};"
        f" style-src {' '.join(map(_hash, styles))}; img-src data: blob:; font-src data:;"
        f" worker-src blob:; media-src blob:; connect-src data: blob:; {_NOTHING_ELSE}"
    )


def page_policy() -> str:
    """For pages without scripts: styles and images of the report."""
    return (
        f"default-src 'none'; style-src 'self' file:; img-src 'self' file: data:; {_NOTHING_ELSE}"
    )


def style_policy(css: str) -> str:
    """For a page that carries its style, this text, and asks for nothing else."""
    return f"default-src 'none'; style-src {_hash(css)}; img-src data:; {_NOTHING_ELSE}"


def story_policy() -> str:
    """For the story: the same, and views of the report in frames."""
    return page_policy().replace("frame-src 'none'", "frame-src 'self' file:")


def _hash(text: str) -> str:
    """The source that allows an inline script or style with this text."""
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"

"""The content security policies: nothing remote, no inline script, no eval. `file:` allows reports
that are opened by a double click."""

from __future__ import annotations

import base64
import hashlib

_NOTHING_ELSE = "base-uri 'none'; form-action 'none'; object-src 'none'; frame-src 'none'"


def viewer_policy(critical_css: str) -> str:
    """For index.html: scripts and data of the report, and the inline style block with this text."""
    digest = base64.b64encode(hashlib.sha256(critical_css.encode()).digest()).decode()
    return (
        f"default-src 'none'; script-src 'self' file:; style-src 'self' file: 'sha256-{digest}'; "
        "img-src 'self' file: data: blob:; font-src 'self' file: data:; worker-src blob:; "
        f"connect-src 'self' data: blob:; {_NOTHING_ELSE}"
    )


def page_policy() -> str:
    """For pages without scripts: styles and images of the report."""
    return (
        f"default-src 'none'; style-src 'self' file:; img-src 'self' file: data:; {_NOTHING_ELSE}"
    )

"""The viewer's colours and type, for the site."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

TOKENS: Final = Path(__file__).parents[2] / "site_templates" / "src" / "styles" / "tokens.css"


def tokens_css() -> str:
    """The viewer's colours and type, under the names of the site's two schemes."""
    tokens = TOKENS.read_text("utf-8")
    light, dark = (
        re.search(rf"^{re.escape(selector)} (\{{.*?^\}})", tokens, re.M | re.S)
        for selector in (":root", ':root[data-theme="dark"]')
    )
    if not light or not dark:
        raise ValueError("tokens.css names no colours for light and dark")
    return (
        "/* Written by docs/generate.py from site_templates/src/styles/tokens.css. */\n"
        f'[data-md-color-scheme="default"] {light[1]}\n'
        f'[data-md-color-scheme="slate"] {dark[1]}\n'
    )
